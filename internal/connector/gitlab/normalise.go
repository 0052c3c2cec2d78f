package gitlab

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Normalise makes a record of what was read. Reading ends in it, and so does
// mapping the kept raw records again after the mapping has changed: it depends
// on nothing but its arguments.
func Normalise(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
	record := rampforge.Record{Stream: stream, ResourceID: resourceID, Raw: raw}
	var err error
	switch stream {
	case rampforge.StreamWorkItems:
		err = workItem(&record)
	case rampforge.StreamSprints:
		err = sprint(&record)
	case rampforge.StreamPullRequests:
		err = pullRequest(&record)
	case rampforge.StreamCommits:
		err = vendorCommit(&record)
	case rampforge.StreamPipelineRuns:
		err = pipelineRun(&record)
	case rampforge.StreamDeployments:
		err = vendorDeployment(&record)
	case rampforge.StreamDocuments:
		err = document(&record)
	default:
		return rampforge.Record{}, unsupported()
	}
	if err != nil || record.ID == "" || record.UpdatedAt.IsZero() {
		return rampforge.Record{}, malformed()
	}
	return record, nil
}

type rawIssue struct {
	Issue           issue            `json:"issue"`
	StateEvents     []resourceEvent  `json:"state_events"`
	LabelEvents     []resourceEvent  `json:"label_events"`
	IterationEvents []resourceEvent  `json:"iteration_events"`
	WeightEvents    []resourceEvent  `json:"weight_events"`
	Notes           []note           `json:"notes"`
	Accounts        map[string]facts `json:"accounts"`
}

// workItem maps an issue. Milestones are kept raw and not mapped: an issue's
// milestone is often a release, and to count it as a sprint would spoil what
// is computed of sprints. An epic is no issue, so it is no parent.
func workItem(record *rampforge.Record) error {
	var raw rawIssue
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	is := raw.Issue
	record.ID, record.UpdatedAt = string(is.ID), is.UpdatedAt.Time
	item := &rampforge.WorkItem{
		Key: cmp.Or(is.References.Short, "#"+string(is.IID)), Type: cmp.Or(strings.ToLower(is.Type), "issue"),
		Title: is.Title, Body: text(is.Body), URL: is.URL,
		Status: is.State, StatusID: is.State, StatusCategory: category(is.State),
		Labels: nonNil(is.Labels), Reporter: account(is.Author, raw.Accounts), Assignees: accountsOf(is.Assignees, raw.Accounts),
		Estimate: is.Weight, SprintIDs: []string{}, Links: []rampforge.WorkItemLink{},
		CreatedAt: is.CreatedAt.Time, UpdatedAt: is.UpdatedAt.Time,
		Events: []rampforge.WorkItemEvent{}, Comments: comments(raw.Notes, "", raw.Accounts),
	}
	if is.Iteration != nil && is.Iteration.ID != "" {
		item.SprintIDs = append(item.SprintIDs, string(is.Iteration.ID))
	}
	if item.StatusCategory == rampforge.StatusDone {
		item.ClosedAt = orLast(is.ClosedAt, raw.StateEvents, is.State)
	}
	switch {
	case is.MovedTo != "":
		// GitLab closes an issue that moves and opens a new one elsewhere.
		item.Resolution = "moved"
		item.Links = append(item.Links, rampforge.WorkItemLink{Kind: "moved_to", ID: string(is.MovedTo)})
	case is.Links.DuplicateOf != "":
		item.Resolution = "duplicate"
	}
	item.Events = slices.Concat(item.Events, stateEvents(raw), labelEvents(raw), iterationEvents(raw), weightEvents(raw), assigneeEvents(raw))
	slices.SortStableFunc(item.Events, func(a, b rampforge.WorkItemEvent) int { return a.At.Compare(b.At) })
	// What was read by tools has no list of them at all.
	item.HistoryIncomplete = raw.StateEvents == nil || lacksHistory(is.State, raw.StateEvents)
	record.WorkItem = item
	return nil
}

// category is what GitLab's two states say. It does not tell whether an open
// issue is being worked on.
func category(state string) rampforge.StatusCategory {
	switch state {
	case "opened", "reopened":
		return rampforge.StatusToDo
	case "closed":
		return rampforge.StatusDone
	default:
		return rampforge.StatusUnknown
	}
}

func stateName(state string) string {
	if state == "reopened" {
		return "opened"
	}
	return state
}

// lacksHistory reports whether the last event does not lead to the state: the
// issue is older than GitLab's events of state, or was imported.
func lacksHistory(state string, events []resourceEvent) bool {
	last := "opened"
	if ordered := inOrder(events); len(ordered) > 0 {
		last = stateName(ordered[len(ordered)-1].State)
	}
	return last != stateName(state)
}

func inOrder(events []resourceEvent) []resourceEvent {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b resourceEvent) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	return sorted
}

func event(kind string, e resourceEvent, field rampforge.WorkItemField, known map[string]facts) rampforge.WorkItemEvent {
	return rampforge.WorkItemEvent{ID: kind + "-" + string(e.ID), Field: field, At: e.CreatedAt.Time, Actor: account(e.User, known)}
}

func stateEvents(raw rawIssue) []rampforge.WorkItemEvent {
	var out []rampforge.WorkItemEvent
	state := "opened"
	for _, e := range inOrder(raw.StateEvents) {
		ev := event("state", e, rampforge.FieldStatus, raw.Accounts)
		ev.From, ev.FromID = state, state
		state = stateName(e.State)
		ev.To, ev.ToID = state, state
		out = append(out, ev)
	}
	return out
}

// labelEvents leaves out the labels that were deleted since: GitLab then tells
// no more than that there was one.
func labelEvents(raw rawIssue) []rampforge.WorkItemEvent {
	var out []rampforge.WorkItemEvent
	for _, e := range raw.LabelEvents {
		if e.Label == nil {
			continue
		}
		out = append(out, added(event("label", e, rampforge.FieldLabel, raw.Accounts), e.Action, e.Label.Name, e.Label.ID))
	}
	return out
}

func iterationEvents(raw rawIssue) []rampforge.WorkItemEvent {
	var out []rampforge.WorkItemEvent
	for _, e := range raw.IterationEvents {
		if e.Iteration == nil {
			continue
		}
		ev := event("iteration", e, rampforge.FieldSprint, raw.Accounts)
		out = append(out, added(ev, e.Action, iterationName(e.Iteration.Title, e.Iteration.StartDate, e.Iteration.DueDate), e.Iteration.ID))
	}
	return out
}

func added(ev rampforge.WorkItemEvent, action, name string, key id) rampforge.WorkItemEvent {
	if action == "remove" {
		ev.From, ev.FromID = name, string(key)
	} else {
		ev.To, ev.ToID = name, string(key)
	}
	return ev
}

func weightEvents(raw rawIssue) []rampforge.WorkItemEvent {
	var out []rampforge.WorkItemEvent
	weight := ""
	for _, e := range inOrder(raw.WeightEvents) {
		ev := event("weight", e, rampforge.FieldEstimate, raw.Accounts)
		ev.From = weight
		if weight = ""; e.Weight != nil {
			weight = strconv.FormatFloat(*e.Weight, 'f', -1, 64)
		}
		ev.To = weight
		out = append(out, ev)
	}
	return out
}

// The two halves of GitLab's note on a change of assignees. System notes are
// written in English whatever the language of the server, and by nobody else:
// the whole note has to match, or it is left alone.
var (
	mentions    = `@[\w.-]*\w(?:, @[\w.-]*\w)*(?:,? and @[\w.-]*\w)?`
	assigneeRE  = regexp.MustCompile(`^(?:assigned to (` + mentions + `))?(?: and )?(?:unassigned (` + mentions + `))?$`)
	mentionedRE = regexp.MustCompile(`@[\w.-]*\w`)
)

// assigneeEvents reads changes of assignees from system notes: GitLab has no
// events of them. A login is tied to an account only when the record itself
// names that account, for a login may have changed hands.
func assigneeEvents(raw rawIssue) []rampforge.WorkItemEvent {
	ids := map[string]string{}
	for _, u := range raw.Issue.Assignees {
		ids[u.Username] = string(u.ID)
	}
	for _, n := range raw.Notes {
		if n.Author != nil {
			ids[n.Author.Username] = string(n.Author.ID)
		}
	}
	var out []rampforge.WorkItemEvent
	for _, n := range raw.Notes {
		found := assigneeRE.FindStringSubmatch(n.Body)
		if !n.System || found == nil || n.Body == "" {
			continue
		}
		before := len(out)
		for half, action := range map[int]string{1: "add", 2: "remove"} {
			for _, mention := range mentionedRE.FindAllString(found[half], -1) {
				login := mention[1:]
				ev := rampforge.WorkItemEvent{
					ID: "assignee-" + string(n.ID) + "-" + action + "-" + login, Field: rampforge.FieldAssignee,
					At: n.CreatedAt.Time, Actor: account(n.Author, raw.Accounts),
				}
				out = append(out, added(ev, action, login, id(ids[login])))
			}
		}
		slices.SortFunc(out[before:], func(a, b rampforge.WorkItemEvent) int { return cmp.Compare(a.ID, b.ID) })
	}
	return out
}

// comments returns what people wrote, without what the system notes.
func comments(notes []note, replyTo string, known map[string]facts) []rampforge.Comment {
	out := []rampforge.Comment{}
	for _, n := range notes {
		if n.System {
			continue
		}
		comment := rampforge.Comment{
			ID: string(n.ID), Author: account(n.Author, known), Body: n.Body, ReplyTo: replyTo,
			CreatedAt: n.CreatedAt.Time, UpdatedAt: n.UpdatedAt.Time,
		}
		if p := n.Position; p != nil {
			comment.Path = cmp.Or(p.NewPath, p.OldPath)
			switch {
			case p.NewLine != nil:
				comment.Line = *p.NewLine
			case p.OldLine != nil: // on a line that was taken out
				comment.Line, comment.Path = *p.OldLine, cmp.Or(p.OldPath, p.NewPath)
			}
		}
		out = append(out, comment)
	}
	slices.SortStableFunc(out, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

func accountsOf(users []user, known map[string]facts) []rampforge.Account {
	out := []rampforge.Account{}
	for i := range users {
		if a := account(&users[i], known); a != nil {
			out = append(out, *a)
		}
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// day returns the beginning of a date; GitLab's dates have no zone.
func day(date string) *time.Time {
	t, err := time.ParseInLocation(time.DateOnly, date, time.UTC)
	if err != nil {
		return nil
	}
	return &t
}

// iterationName is what GitLab shows of an iteration: those that a cadence
// makes have no title.
func iterationName(title, start, due string) string {
	return cmp.Or(title, strings.Trim(start+" – "+due, " –"))
}
