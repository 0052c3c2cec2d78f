package exchange

import (
	"strconv"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// caseType is the type of work items that are cases of an event log.
const caseType = "case"

func recordOf(id string, w *rampforge.WorkItem) rampforge.Record {
	return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: id, UpdatedAt: w.UpdatedAt, WorkItem: w}
}

// workItemOfCase makes a work item of a case that has events.
func workItemOfCase(c *eventlog.Case) *rampforge.WorkItem {
	first, last := c.Events[0], c.Events[len(c.Events)-1]
	w := &rampforge.WorkItem{
		Key: c.ID, Type: caseType, Title: c.ID, Status: last.Activity, Labels: []string{}, Assignees: []rampforge.Account{}, SprintIDs: []string{}, Links: []rampforge.WorkItemLink{},
		CreatedAt: first.At, UpdatedAt: last.At, Events: make([]rampforge.WorkItemEvent, len(c.Events)), Comments: []rampforge.Comment{}, EventLog: true,
	}
	accounts := map[string]*rampforge.Account{}
	for i := range c.Events {
		e := &c.Events[i]
		w.Events[i] = rampforge.WorkItemEvent{Field: rampforge.FieldStatus, To: e.Activity, At: e.At, Lifecycle: e.Lifecycle}
		if e.Resource == "" {
			continue
		}
		if accounts[e.Resource] == nil {
			accounts[e.Resource] = &rampforge.Account{ID: e.Resource, Name: e.Resource}
		}
		w.Events[i].Actor = accounts[e.Resource]
	}
	return w
}

// workItemOf makes a work item of a line of JSON. An address in it is nobody's
// word: whoever writes a file would say who somebody is.
func workItemOf(item *eventlog.Item) *rampforge.WorkItem {
	w := &rampforge.WorkItem{
		Key: item.Key, Type: item.Type, Title: item.Title, URL: item.URL, Status: item.Status, StatusID: item.StatusID, StatusCategory: item.StatusCategory,
		Resolution: item.Resolution, Priority: item.Priority, Labels: orEmpty(item.Labels), Reporter: account(item.Reporter), Assignees: []rampforge.Account{},
		Estimate: item.Estimate, SprintIDs: orEmpty(item.SprintIDs), ParentID: item.ParentID, Links: orEmpty(item.Links), Flagged: item.Flagged,
		CreatedAt: item.CreatedAt, UpdatedAt: item.UpdatedAt, ClosedAt: item.ClosedAt, Events: make([]rampforge.WorkItemEvent, len(item.History)),
		Comments: []rampforge.Comment{}, HistoryIncomplete: item.HistoryIncomplete, EventLog: item.EventLog,
	}
	for i := range item.Assignees {
		w.Assignees = append(w.Assignees, *account(&item.Assignees[i]))
	}
	for i := range item.History {
		c := &item.History[i]
		w.Events[i] = rampforge.WorkItemEvent{
			ID: strconv.Itoa(i + 1), Field: c.Field, From: c.From, To: c.To, FromID: c.FromID, ToID: c.ToID, At: c.At, Actor: account(c.Actor), Lifecycle: c.Lifecycle,
		}
	}
	return w
}

// The bytes that an item, an event and an entry of a list have besides their
// texts when they are written, roughly.
const (
	itemSize  = 800
	eventSize = 200
	entrySize = 60
)

// sizeOf is of how many bytes a work item is when it is written, roughly.
func sizeOf(w *rampforge.WorkItem) int {
	n := itemSize + len(w.Title) + len(w.URL)
	for _, list := range [][]string{w.Labels, w.SprintIDs} {
		for _, s := range list {
			n += entrySize + len(s)
		}
	}
	for i := range w.Links {
		n += entrySize + len(w.Links[i].ID) + len(w.Links[i].Key)
	}
	for i := range w.Assignees {
		n += accountSize(&w.Assignees[i])
	}
	for i := range w.Events {
		e := &w.Events[i]
		n += eventSize + len(e.From) + len(e.To) + len(e.FromID) + len(e.ToID) + accountSize(e.Actor)
	}
	return n
}

func accountSize(a *rampforge.Account) int {
	if a == nil {
		return 0
	}
	return entrySize + len(a.ID) + len(a.Login) + len(a.Name)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// account makes an account of somebody in a file; one without an id is known by
// login or name.
func account(s *eventlog.Somebody) *rampforge.Account {
	if s == nil {
		return nil
	}
	id := s.ID
	for _, other := range []string{s.Login, s.Name} {
		if id == "" {
			id = other
		}
	}
	return &rampforge.Account{ID: id, Login: s.Login, Name: s.Name, Bot: s.Bot}
}

// itemOf makes what a file has of a work item: without the texts that people
// wrote on it, which stay with the vendor, and without addresses.
func itemOf(id string, w *rampforge.WorkItem) *eventlog.Item {
	item := &eventlog.Item{
		ID: id, Key: w.Key, Type: w.Type, Title: w.Title, URL: w.URL, Status: w.Status, StatusID: w.StatusID, StatusCategory: w.StatusCategory,
		Resolution: w.Resolution, Priority: w.Priority, Labels: w.Labels, Reporter: somebody(w.Reporter), Estimate: w.Estimate, SprintIDs: w.SprintIDs,
		ParentID: w.ParentID, Links: w.Links, Flagged: w.Flagged, CreatedAt: w.CreatedAt.UTC(), UpdatedAt: w.UpdatedAt.UTC(), ClosedAt: w.ClosedAt,
		HistoryIncomplete: w.HistoryIncomplete, EventLog: w.EventLog,
	}
	for i := range w.Assignees {
		item.Assignees = append(item.Assignees, *somebody(&w.Assignees[i]))
	}
	for i := range w.Events {
		e := &w.Events[i]
		from, to := e.From, e.To
		fromID, toID := e.FromID, e.ToID
		if e.Field == rampforge.FieldAssignee { // people again, by whatever the vendor calls them
			from, to, fromID, toID = identity.WithoutAddress(from), identity.WithoutAddress(to), identity.WithoutAddress(fromID), identity.WithoutAddress(toID)
		}
		item.History = append(item.History, eventlog.Change{
			Field: e.Field, From: from, To: to, FromID: fromID, ToID: toID, At: e.At.UTC(), Actor: somebody(e.Actor), Lifecycle: e.Lifecycle,
		})
	}
	return item
}

// somebody is an account without addresses. Of one whose id is an address the
// part before the @ is left, by which people call it anyway.
func somebody(a *rampforge.Account) *eventlog.Somebody {
	if a == nil {
		return nil
	}
	return &eventlog.Somebody{ID: identity.WithoutAddress(a.ID), Login: identity.WithoutAddress(a.Login), Name: identity.WithoutAddress(a.Name), Bot: a.Bot}
}
