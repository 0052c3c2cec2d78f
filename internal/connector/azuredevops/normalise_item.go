package azuredevops

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/webapi"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/workitemtracking"

	"github.com/rampforgeai/rampforge"
)

const (
	fieldIterationID = "System.IterationId"
	fieldChangedDate = "System.ChangedDate"
	fieldChangedBy   = "System.ChangedBy"
	fieldAssignedTo  = "System.AssignedTo"
	fieldBlocked     = "Microsoft.VSTS.CMMI.Blocked"
)

// estimates are the fields that hold an estimate: Agile, Scrum and CMMI call
// it differently, and a work item has one of them.
var estimates = []string{"Microsoft.VSTS.Scheduling.StoryPoints", "Microsoft.VSTS.Scheduling.Effort", "Microsoft.VSTS.Scheduling.Size"}

// tracked are the fields of a revision that events are made of.
var tracked = func() map[string]bool {
	all := map[string]bool{fieldChangedDate: true, fieldChangedBy: true, fieldIterationID: true, "System.IterationPath": true, fieldAssignedTo: true}
	for name := range plainFields {
		all[name] = true
	}
	for _, name := range estimates {
		all[name] = true
	}
	return all
}()

// plainFields are those whose value is a text or a number.
var plainFields = map[string]rampforge.WorkItemField{
	"System.State":                   rampforge.FieldStatus,
	"System.TeamProject":             rampforge.FieldResource,
	"System.WorkItemType":            rampforge.FieldType,
	"Microsoft.VSTS.Common.Priority": rampforge.FieldPriority,
	"System.Tags":                    rampforge.FieldLabel,
	"System.Parent":                  rampforge.FieldParent,
	fieldBlocked:                     rampforge.FieldFlag,
}

// fields reads the fields of a revision.
type fields map[string]json.RawMessage

// plain is a text, or a number as people write it.
func (f fields) plain(name string) string {
	var s string
	raw := f[name]
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if n, err := strconv.ParseFloat(string(raw), 64); err == nil {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strings.Trim(string(raw), `"`) // true, false
}

func (f fields) time(name string) *time.Time {
	var t azuredevops.Time
	if len(f[name]) == 0 || json.Unmarshal(f[name], &t) != nil {
		return nil
	}
	return moment(&t)
}

// account reads an identity. Some of them come as a text: "Name <unique>".
func (f fields) account(name string) *rampforge.Account {
	var ref webapi.IdentityRef
	raw := f[name]
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if json.Unmarshal(raw, &ref) == nil {
		return account(&ref)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || s == "" {
		return nil
	}
	display, unique, found := strings.Cut(strings.TrimSuffix(s, ">"), " <")
	if !found {
		unique = display
	}
	return account(&webapi.IdentityRef{DisplayName: &display, UniqueName: &unique})
}

// assignee is the name and the id of whoever a work item is assigned to. An
// MCP server may tell the name alone.
func (f fields) assignee() (name, id string) {
	if a := f.account(fieldAssignedTo); a != nil {
		return a.Name, a.ID
	}
	var ref webapi.IdentityRef
	_ = json.Unmarshal(f[fieldAssignedTo], &ref) // what is no identity has no name
	return text(ref.DisplayName), ""
}

func (f fields) estimate() *float64 {
	for _, name := range estimates {
		if n, err := strconv.ParseFloat(f.plain(name), 64); err == nil {
			return &n
		}
	}
	return nil
}

func (f fields) estimateText() string {
	if n := f.estimate(); n != nil {
		return strconv.FormatFloat(*n, 'f', -1, 64)
	}
	return ""
}

// sprint is the iteration of a revision: its path and the id of the sprint.
// The root of the tree is no sprint.
func (f fields) sprint(iterations map[string]string) (path, id string) {
	number := string(f[fieldIterationID])
	id, known := iterations[number]
	switch {
	case number == "", known && id == "":
		return "", ""
	case !known: // deleted at the vendor
		id = number
	}
	return f.plain("System.IterationPath"), id
}

func (f fields) flagged() bool { return strings.EqualFold(f.plain(fieldBlocked), "Yes") }

func labels(tags string) []string {
	all := []string{}
	for tag := range strings.SplitSeq(tags, ";") {
		if tag = strings.TrimSpace(tag); tag != "" {
			all = append(all, tag)
		}
	}
	return all
}

func workItem(r *rampforge.Record) error {
	var parts itemParts
	var in struct {
		ID        int                                  `json:"id"`
		Rev       int                                  `json:"rev"`
		URL       string                               `json:"url"`
		Links     any                                  `json:"_links"`
		Relations *[]workitemtracking.WorkItemRelation `json:"relations"`
		Fields    fields                               `json:"fields"`
	}
	if json.Unmarshal(r.Raw, &parts) != nil || json.Unmarshal(parts.Item, &in) != nil || in.ID == 0 {
		return malformed()
	}
	f := in.Fields
	item := &rampforge.WorkItem{
		Key: "#" + strconv.Itoa(in.ID), Type: f.plain("System.WorkItemType"), Title: f.plain("System.Title"), Body: f.plain("System.Description"),
		URL: href(in.Links, "html"), Status: f.plain("System.State"), StatusID: f.plain("System.State"), Priority: f.plain("Microsoft.VSTS.Common.Priority"),
		Labels: labels(f.plain("System.Tags")), Reporter: f.account("System.CreatedBy"), Assignees: []rampforge.Account{}, Estimate: f.estimate(),
		SprintIDs: []string{}, ParentID: f.plain("System.Parent"), Links: []rampforge.WorkItemLink{}, Flagged: f.flagged(),
		Comments: []rampforge.Comment{}, HistoryIncomplete: parts.Incomplete || in.Rev > 1 && len(parts.Revisions) < in.Rev,
	}
	if item.Body == "" { // bugs keep their text there
		item.Body = f.plain("Microsoft.VSTS.TCM.ReproSteps")
	}
	if item.URL == "" {
		item.URL = strings.Replace(in.URL, "/_apis/wit/workItems/", "/_workitems/edit/", 1)
	}
	if a := f.account(fieldAssignedTo); a != nil {
		item.Assignees = append(item.Assignees, *a)
	}
	if _, id := f.sprint(parts.Iterations); id != "" {
		item.SprintIDs = append(item.SprintIDs, id)
	}
	created, changed := f.time("System.CreatedDate"), f.time(fieldChangedDate)
	if created == nil || changed == nil {
		return malformed()
	}
	item.CreatedAt, item.UpdatedAt = *created, *changed
	placeStatus(item, parts.States, f)
	relate(item, in.Relations)
	item.Events = events(parts)
	if err := comments(item, parts.Comments); err != nil {
		return err
	}
	r.ID, r.UpdatedAt, r.WorkItem = strconv.Itoa(in.ID), item.UpdatedAt, item
	return nil
}

// placeStatus sets what the status means, by the process of the work item's
// type.
func placeStatus(item *rampforge.WorkItem, states []workitemtracking.WorkItemStateColor, f fields) {
	for _, s := range states {
		if text(s.Name) != item.Status {
			continue
		}
		item.StatusCategory = statusCategory(text(s.Category))
		switch text(s.Category) {
		case "Completed":
			item.Resolution = f.plain("System.Reason")
		case "Removed":
			item.Resolution = "removed"
		}
	}
	if item.StatusCategory != rampforge.StatusDone {
		return
	}
	for _, name := range []string{"Microsoft.VSTS.Common.ClosedDate", "Microsoft.VSTS.Common.StateChangeDate"} {
		if item.ClosedAt = f.time(name); item.ClosedAt != nil {
			return
		}
	}
}

// relate adds the relations. A relation to something outside, as a commit or a
// page, is none of a work item.
func relate(item *rampforge.WorkItem, relations *[]workitemtracking.WorkItemRelation) {
	kinds := map[string]string{
		"System.LinkTypes.Hierarchy-Reverse": "parent", "System.LinkTypes.Hierarchy-Forward": "child", "System.LinkTypes.Related": "relates",
		"System.LinkTypes.Dependency-Forward": "blocks", "System.LinkTypes.Dependency-Reverse": "blocked_by",
		"System.LinkTypes.Duplicate-Forward": "duplicated_by", "System.LinkTypes.Duplicate-Reverse": "duplicates",
	}
	if relations == nil {
		return
	}
	for _, rel := range *relations {
		address := text(rel.Url)
		id := address[strings.LastIndexByte(address, '/')+1:]
		if _, err := strconv.Atoi(id); err != nil || !strings.Contains(strings.ToLower(address), "/_apis/wit/workitems/") {
			continue
		}
		kind := kinds[text(rel.Rel)]
		if kind == "" {
			kind = text(rel.Rel)
		}
		item.Links = append(item.Links, rampforge.WorkItemLink{Kind: kind, ID: id, Key: "#" + id})
		if kind == "parent" && item.ParentID == "" {
			item.ParentID = id
		}
	}
}

func comments(item *rampforge.WorkItem, raws []json.RawMessage) error {
	for _, raw := range raws {
		var c workitemtracking.Comment
		if json.Unmarshal(raw, &c) != nil || c.Id == nil {
			return malformed()
		}
		if c.IsDeleted != nil && *c.IsDeleted {
			continue
		}
		item.Comments = append(item.Comments, rampforge.Comment{
			ID: strconv.Itoa(*c.Id), Author: account(c.CreatedBy), Body: text(c.Text), CreatedAt: at(c.CreatedDate), UpdatedAt: latest(at(c.ModifiedDate), at(c.CreatedDate)),
		})
	}
	slices.SortStableFunc(item.Comments, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return nil
}

// events are the differences between one revision and the next.
func events(parts itemParts) []rampforge.WorkItemEvent {
	revisions := slices.Clone(parts.Revisions)
	slices.SortStableFunc(revisions, func(a, b revision) int { return a.Rev - b.Rev })
	all := []rampforge.WorkItemEvent{}
	for i := 1; i < len(revisions); i++ {
		before, after := fields(revisions[i-1].Fields), fields(revisions[i].Fields)
		changed := after.time(fieldChangedDate)
		if revisions[i].Rev == revisions[i-1].Rev || changed == nil {
			continue
		}
		actor := after.account(fieldChangedBy)
		for _, e := range differences(before, after, parts.Iterations) {
			e.ID, e.At, e.Actor = strconv.Itoa(revisions[i].Rev)+"."+string(e.Field), *changed, actor
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b rampforge.WorkItemEvent) int { return a.At.Compare(b.At) })
	return all
}

func differences(before, after fields, iterations map[string]string) []rampforge.WorkItemEvent {
	var all []rampforge.WorkItemEvent
	add := func(e rampforge.WorkItemEvent) {
		if e.From != e.To || e.FromID != e.ToID {
			all = append(all, e)
		}
	}
	for name, field := range plainFields {
		e := rampforge.WorkItemEvent{Field: field, From: before.plain(name), To: after.plain(name)}
		switch field {
		case rampforge.FieldStatus, rampforge.FieldParent:
			e.FromID, e.ToID = e.From, e.To
		default:
		}
		add(e)
	}
	add(rampforge.WorkItemEvent{Field: rampforge.FieldEstimate, From: before.estimateText(), To: after.estimateText()})
	sprint := rampforge.WorkItemEvent{Field: rampforge.FieldSprint}
	sprint.From, sprint.FromID = before.sprint(iterations)
	sprint.To, sprint.ToID = after.sprint(iterations)
	if sprint.FromID != sprint.ToID { // an iteration with a new name is the same one
		add(sprint)
	}
	assignee := rampforge.WorkItemEvent{Field: rampforge.FieldAssignee}
	assignee.From, assignee.FromID = before.assignee()
	assignee.To, assignee.ToID = after.assignee()
	if assignee.FromID != assignee.ToID || assignee.FromID == "" { // somebody with a new name is the same one
		add(assignee)
	}
	slices.SortFunc(all, func(a, b rampforge.WorkItemEvent) int { return strings.Compare(string(a.Field), string(b.Field)) })
	return all
}
