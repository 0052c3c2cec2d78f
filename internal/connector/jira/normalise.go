package jira

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// rawItem is what is kept of a work item: the vendor's JSON with the parts
// that were fetched apart, and what of the server is needed to read it. The
// issue has no embedded changelog and comments, which may be truncated.
type rawItem struct {
	Issue          wireIssue     `json:"issue"`
	Changelog      []wireHistory `json:"changelog"`
	ChangelogTotal int           `json:"changelog_total"`
	HistoryUnread  bool          `json:"history_unread"` // the history could not be read, and nobody says how long it is
	Comments       []wireComment `json:"comments"`
	Fields         fieldIDs      `json:"fields"`
	StatusCategory string        `json:"status_category"` // by the list of statuses; "" when it is not there
	ParentID       string        `json:"parent_id"`       // of an epic that the issue names by its key
	Site           string        `json:"site"`            // for addresses of pages
}

// rawSprint is what is kept of a sprint.
type rawSprint struct {
	Sprint  json.RawMessage `json:"sprint"`
	BoardID string          `json:"board_id"` // the board that it was found on
}

// Normalise makes a record of what was kept as its Raw. Reading uses it too, so
// that a mapping that is run again differs only by what the mapping does.
func Normalise(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
	record := rampforge.Record{Stream: stream, ResourceID: resourceID, Raw: raw}
	var err error
	switch stream {
	case rampforge.StreamWorkItems:
		err = normaliseItem(&record)
	case rampforge.StreamSprints:
		err = normaliseSprint(&record)
	default:
		return rampforge.Record{}, unsupported(stream)
	}
	if err != nil {
		return rampforge.Record{}, malformed(err)
	}
	return record, nil
}

type wireIssue struct {
	ID     string                     `json:"id"`
	Key    string                     `json:"key"`
	Fields map[string]json.RawMessage `json:"fields"`
}

// normaliseItem reads field by field: a field that is not what Jira documents
// is an error, one that is absent or null is empty.
func normaliseItem(record *rampforge.Record) error {
	var raw rawItem
	if err := json.Unmarshal(record.Raw, &raw); err != nil {
		return err
	}
	issue := raw.Issue
	if issue.ID == "" || issue.Key == "" {
		return fault("an issue has no id or no key")
	}
	item := &rampforge.WorkItem{Key: issue.Key, URL: browseURL(raw.Site, issue.Key), Labels: []string{}, Assignees: []rampforge.Account{}}
	r := &fieldReader{fields: issue.Fields}
	r.plain(item)
	r.people(item)
	r.state(item, raw.StatusCategory)
	r.custom(item, raw.Fields)
	r.relations(item, raw.ParentID)
	if r.err != nil {
		return r.err
	}
	events, err := eventsOf(raw.Changelog, raw.Fields)
	if err != nil {
		return err
	}
	comments, err := commentsOf(raw.Comments)
	if err != nil {
		return err
	}
	item.Events, item.Comments = events, comments
	item.HistoryIncomplete = raw.HistoryUnread || len(raw.Changelog) < raw.ChangelogTotal
	item.ClosedAt = closedAt(item, r)
	if r.err != nil {
		return r.err
	}
	record.ID, record.UpdatedAt, record.WorkItem = issue.ID, item.UpdatedAt, item
	return nil
}

// fieldReader reads the fields of one issue and keeps the first fault.
type fieldReader struct {
	fields map[string]json.RawMessage
	err    error
}

// into decodes a field and says whether it is there.
func (r *fieldReader) into(name string, v any) bool {
	raw := r.fields[name]
	if len(raw) == 0 || string(raw) == "null" || r.err != nil {
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		r.err = fault("a field of another shape than documented")
		return false
	}
	return true
}

func (r *fieldReader) time(name string) *time.Time {
	var s string
	if !r.into(name, &s) || s == "" {
		return nil
	}
	t, err := parseTime(s)
	if err != nil {
		r.err = fault("a field of another shape than documented")
		return nil
	}
	return &t
}

func (r *fieldReader) plain(item *rampforge.WorkItem) {
	r.into("summary", &item.Title)
	r.into("labels", &item.Labels)
	if item.Labels == nil {
		item.Labels = []string{}
	}
	var named wireNamed
	if r.into("issuetype", &named) {
		item.Type = named.Name
	}
	named = wireNamed{}
	if r.into("priority", &named) {
		item.Priority = named.Name
	}
	item.Body = bodyText(r.fields["description"])
	created, updated := r.time("created"), r.time("updated")
	if r.err == nil && (created == nil || updated == nil) {
		r.err = fault("an issue has no time of creation or update")
	}
	if r.err == nil {
		item.CreatedAt, item.UpdatedAt = *created, *updated
	}
}

func (r *fieldReader) people(item *rampforge.WorkItem) {
	var reporter, assignee wireUser
	if r.into("reporter", &reporter) {
		item.Reporter = reporter.account()
	}
	if r.into("assignee", &assignee) {
		if a := assignee.account(); a != nil {
			item.Assignees = append(item.Assignees, *a)
		}
	}
}

func (r *fieldReader) state(item *rampforge.WorkItem, category string) {
	var status, resolution wireNamed
	if r.into("status", &status) {
		item.Status, item.StatusID = status.Name, status.ID
	}
	if r.into("resolution", &resolution) {
		item.Resolution = resolution.Name
	}
	item.StatusCategory = statusCategory(category)
}

func (r *fieldReader) custom(item *rampforge.WorkItem, ids fieldIDs) {
	for _, f := range ids.Points {
		var points float64
		if item.Estimate == nil && r.into(f.ID, &points) {
			item.Estimate = &points
		}
	}
	item.SprintIDs = []string{}
	for _, f := range ids.Sprint {
		var sprints []json.RawMessage
		if !r.into(f.ID, &sprints) {
			continue
		}
		for _, s := range sprints {
			if id := sprintID(s); id != "" {
				item.SprintIDs = append(item.SprintIDs, id)
			}
		}
	}
	for _, f := range ids.Flag {
		var values []json.RawMessage
		if r.into(f.ID, &values) && len(values) > 0 {
			item.Flagged = true
		}
	}
}

func (r *fieldReader) relations(item *rampforge.WorkItem, epicID string) {
	var parent wireLinked
	if r.into("parent", &parent) {
		item.ParentID = parent.ID
	}
	item.ParentID = cmp.Or(item.ParentID, epicID)
	item.Links = []rampforge.WorkItemLink{}
	var links []wireLink
	r.into("issuelinks", &links)
	for _, l := range links {
		switch {
		case l.Outward != nil:
			item.Links = append(item.Links, rampforge.WorkItemLink{Kind: linkKind(l.Type.Outward), ID: l.Outward.ID, Key: l.Outward.Key})
		case l.Inward != nil:
			item.Links = append(item.Links, rampforge.WorkItemLink{Kind: linkKind(l.Type.Inward), ID: l.Inward.ID, Key: l.Inward.Key})
		}
	}
}

type (
	wireNamed struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	wireLinked struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	}
	wireLink struct {
		Type struct {
			Inward  string `json:"inward"`
			Outward string `json:"outward"`
		} `json:"type"`
		Inward  *wireLinked `json:"inwardIssue"`
		Outward *wireLinked `json:"outwardIssue"`
	}
)

// closedAt is when the item was resolved. Projects without a screen for
// resolutions close items by their status alone: there it is the entry into
// the category or, where the server does not say that, into the status.
func closedAt(item *rampforge.WorkItem, r *fieldReader) *time.Time {
	if t := r.time("resolutiondate"); t != nil {
		return t
	}
	if item.StatusCategory != rampforge.StatusDone {
		return nil
	}
	if t := r.time("statuscategorychangedate"); t != nil {
		return t
	}
	for _, e := range slices.Backward(item.Events) {
		if e.Field == rampforge.FieldStatus && e.ToID == item.StatusID {
			return &e.At
		}
	}
	return nil
}

// statusCategory knows the keys of the categories, which have the same spelling
// in every language. What else a server has is unknown.
func statusCategory(key string) rampforge.StatusCategory {
	switch key {
	case "new":
		return rampforge.StatusToDo
	case "indeterminate":
		return rampforge.StatusInProgress
	case "done":
		return rampforge.StatusDone
	default:
		return rampforge.StatusUnknown
	}
}

// linkKind makes "is blocked by" blocked_by. Words of other languages and of a
// company's own link types are kept in the same way.
func linkKind(phrase string) string {
	kind := strings.Join(strings.Fields(strings.TrimPrefix(strings.ToLower(phrase), "is ")), "_")
	if kind == "relates_to" {
		return "relates"
	}
	return kind
}

// oldSprint finds the id in what older Data Center servers write for a sprint:
// com.atlassian.greenhopper.service.sprint.Sprint@1f[id=12,rapidViewId=3,…].
var oldSprint = regexp.MustCompile(`[\[,]id=(\d+)`)

func sprintID(raw json.RawMessage) string {
	var sprint struct {
		ID json.Number `json:"id"`
	}
	if json.Unmarshal(raw, &sprint) == nil {
		return sprint.ID.String()
	}
	if id := (json.Number)(""); json.Unmarshal(raw, &id) == nil {
		return id.String()
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	if m := oldSprint.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// wireUser is a user of either flavour: Cloud has account ids, Data Center
// keys and names.
type wireUser struct {
	AccountID   string `json:"accountId"`
	AccountType string `json:"accountType"`
	Key         string `json:"key"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	Email       string `json:"emailAddress"`
}

// account is nil for somebody who is not there: no user, or one whose account
// is deleted so that only the word for it is left.
func (u *wireUser) account() *rampforge.Account {
	if u == nil {
		return nil
	}
	id := cmp.Or(u.AccountID, u.Key, u.Name)
	if id == "" || u.AccountID == "unknown" {
		return nil
	}
	return &rampforge.Account{ID: id, Login: u.Name, Name: u.DisplayName, Email: u.Email, Bot: u.AccountType == "app"}
}

type wireComment struct {
	ID      string          `json:"id"`
	Author  *wireUser       `json:"author"`
	Body    json.RawMessage `json:"body"`
	Created string          `json:"created"`
	Updated string          `json:"updated"`
}

func commentsOf(wires []wireComment) ([]rampforge.Comment, error) {
	comments := []rampforge.Comment{}
	for _, wire := range wires {
		created, err := parseTime(wire.Created)
		if err != nil {
			return nil, err
		}
		updated, err := parseTime(cmp.Or(wire.Updated, wire.Created))
		if err != nil {
			return nil, err
		}
		comments = append(comments, rampforge.Comment{
			ID: wire.ID, Author: wire.Author.account(), Body: bodyText(wire.Body), CreatedAt: created, UpdatedAt: updated,
		})
	}
	slices.SortStableFunc(comments, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return comments, nil
}

func normaliseSprint(record *rampforge.Record) error {
	var raw rawSprint
	if err := json.Unmarshal(record.Raw, &raw); err != nil {
		return err
	}
	var wire struct {
		ID        json.Number `json:"id"`
		Board     json.Number `json:"originBoardId"`
		Name      string      `json:"name"`
		Goal      string      `json:"goal"`
		State     string      `json:"state"`
		Created   string      `json:"createdDate"`
		Start     string      `json:"startDate"`
		End       string      `json:"endDate"`
		Completed string      `json:"completeDate"`
	}
	if err := json.Unmarshal(raw.Sprint, &wire); err != nil {
		return err
	}
	if wire.ID == "" {
		return fault("a sprint has no id")
	}
	times := map[string]*time.Time{}
	// Jira does not say when a sprint changed. What is known to have happened
	// stands for it; a sprint that was only planned has the beginning of time.
	updated := time.Unix(0, 0).UTC()
	for _, s := range []string{wire.Created, wire.Start, wire.End, wire.Completed} {
		if s == "" {
			continue
		}
		t, err := parseTime(s)
		if err != nil {
			return err
		}
		times[s] = &t
		if s != wire.End && t.After(updated) {
			updated = t
		}
	}
	record.ID, record.UpdatedAt = wire.ID.String(), updated
	record.Sprint = &rampforge.Sprint{
		BoardID: cmp.Or(wire.Board.String(), raw.BoardID), Name: wire.Name, Goal: wire.Goal, State: strings.ToLower(wire.State),
		StartAt: times[wire.Start], EndAt: times[wire.End], CompletedAt: times[wire.Completed],
	}
	return nil
}

// parseTime reads Jira's times, whose offset has no colon on issues and one, or
// a Z, on sprints.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05Z0700", s)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		return time.Time{}, fault("a time is not as documented")
	}
	return t.UTC(), nil
}
