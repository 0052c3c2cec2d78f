package builder

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// scratch is what the making of one item after another uses again.
type scratch struct {
	assignees, sprints presence
	before, after      []facts.Symbol
}

// history is an item while its facts are made.
type history struct {
	*Builder

	is     *workItem
	item   *facts.Item
	latest facts.Time // when what is so now is known to be so
}

func (b *Builder) workItem(r Record, w *workItem) {
	slices.SortStableFunc(w.Events, func(x, y event) int { return x.At.Compare(y.At) })
	item := facts.Item{
		Source: b.source(r), ID: r.ID, Key: w.Key, Type: b.symbol(w.Type), Priority: b.symbol(w.Priority), Resolution: b.symbol(w.Resolution),
		Category: b.symbol(string(w.StatusCategory)), Labels: b.symbols(w.Labels), Parent: w.ParentID,
		Created: created(w), Updated: facts.At(w.UpdatedAt), SyncedAt: facts.At(r.SyncedAt), Reporter: b.actor(w.Reporter),
		Comments: b.remarks(w.Comments), Incomplete: w.HistoryIncomplete, Imported: w.EventLog,
	}
	h := history{Builder: b, is: w, item: &item}
	h.latest = item.Created
	if item.Updated != 0 {
		h.latest = max(item.Updated, item.Created)
	}
	if n := len(w.Events); n > 0 {
		h.latest = max(h.latest, facts.At(w.Events[n-1].At))
	}
	if w.EventLog {
		h.activities()
	} else {
		h.visits()
	}
	h.assignees()
	h.sprints()
	h.flags()
	h.estimates()
	for _, l := range w.Links {
		if l.Kind == "blocked_by" && l.Key != "" {
			item.BlockedBy = append(item.BlockedBy, l.Key)
		}
	}
	b.log.Items = append(b.log.Items, item)
}

// created is when an item began to be: as it says, or else when it is first
// heard of.
func created(w *workItem) facts.Time {
	at := facts.At(w.CreatedAt)
	for i := range w.Events {
		if at == 0 {
			at = facts.At(w.Events[i].At)
		}
	}
	if at == 0 {
		at = facts.At(w.UpdatedAt)
	}
	return at
}

// at is when an event was: not before the item was created, whatever the clock
// of a server says.
func (h *history) at(e *event) facts.Time { return max(facts.At(e.At), h.item.Created) }

// activities makes a visit of every event of an imported log.
func (h *history) activities() {
	for i := range h.is.Events {
		if e := &h.is.Events[i]; e.Field == rampforge.FieldStatus {
			h.item.Visits = append(h.item.Visits, facts.Visit{Status: h.statusOf(e.ToID, e.To), Name: h.symbol(e.To), At: h.at(e), Actor: h.actor(e.Actor)})
		}
	}
	if len(h.item.Visits) == 0 {
		h.enter(h.is.StatusID, h.is.Status, h.item.Created, nil)
	}
}

// visits makes the stays in statuses: the first in what the first change was
// from, each further one from a change, and the last in the status of now.
func (h *history) visits() {
	w, n := h.is, 0
	for i := range w.Events {
		if w.Events[i].Field == rampforge.FieldStatus {
			n++
		}
	}
	h.item.Visits = make([]facts.Visit, 0, n+1)
	for i := range w.Events {
		e := &w.Events[i]
		if e.Field != rampforge.FieldStatus {
			continue
		}
		if len(h.item.Visits) == 0 {
			h.enter(h.idOf(e.FromID, e.From), e.From, h.item.Created, w.Reporter)
		}
		h.enter(h.idOf(e.ToID, e.To), e.To, h.at(e), e.Actor)
	}
	closed := facts.AtPointer(w.ClosedAt)
	if len(h.item.Visits) == 0 {
		if w.StatusCategory == rampforge.StatusDone && closed != 0 && closed > h.item.Created {
			// It was closed later than it was created, and nobody tells what it was before.
			h.item.Visits, h.item.Incomplete = append(h.item.Visits, facts.Visit{At: h.item.Created}), true
			h.enter(w.StatusID, w.Status, closed, nil)
			return
		}
		h.enter(w.StatusID, w.Status, h.item.Created, w.Reporter)
		return
	}
	h.present(closed)
}

// present mends a history that does not lead to the status of now.
func (h *history) present(closed facts.Time) {
	last := &h.item.Visits[len(h.item.Visits)-1]
	now := h.statusOf(h.is.StatusID, h.is.Status)
	if last.Status == now || now == 0 {
		last.Name = cmp.Or(h.symbol(h.is.Status), last.Name)
		return
	}
	at := h.latest
	if h.is.StatusCategory == rampforge.StatusDone && closed != 0 && closed > last.At {
		at = closed
	}
	h.item.Incomplete = true
	h.enter(h.is.StatusID, h.is.Status, at, nil)
}

// idOf is the id of a status that an event has only the name of.
func (h *history) idOf(id, name string) string {
	if id == "" && name != "" && name == h.is.Status {
		return h.is.StatusID
	}
	return id
}

// enter adds a visit. A change that changes nothing is none, and of two at the
// same moment each counts: it passed through the first.
func (h *history) enter(id, name string, at facts.Time, by *account) {
	status := h.statusOf(id, name)
	if n := len(h.item.Visits); n > 0 && h.item.Visits[n-1].Status == status {
		return
	}
	h.item.Visits = append(h.item.Visits, facts.Visit{Status: status, Name: h.symbol(name), At: at, Actor: h.actor(by)})
}

// assignees follows who had the item. Some vendors tell who came and who went,
// others who had it before and after: both say who is out and who is in.
func (h *history) assignees() {
	p := &h.scratch.assignees
	p.begin(h.item.Created)
	for i := range h.is.Events {
		e := &h.is.Events[i]
		if e.Field != rampforge.FieldAssignee {
			continue
		}
		h.scratch.before = h.accountsIn(h.scratch.before[:0], e.FromID)
		h.scratch.after = h.accountsIn(h.scratch.after[:0], e.ToID)
		p.change(h.scratch.before, h.scratch.after, h.at(e))
	}
	now := h.scratch.after[:0]
	for i := range h.is.Assignees {
		if s := h.accountOf(h.is.Assignees[i].ID); s != 0 {
			now = append(now, s)
		}
	}
	p.end(now, h.latest)
	h.scratch.after = now
	for _, s := range p.stays {
		h.item.Assignees = append(h.item.Assignees, facts.Assignment{Account: s.of, Span: s.span})
	}
}

func (h *history) accountsIn(list []facts.Symbol, ids string) []facts.Symbol {
	if id := strings.TrimSpace(ids); id != "" {
		list = append(list, h.accountOf(id))
	}
	return list
}

// sprints follows the sprints that the item was in. Jira tells all of them
// before and after a change, "100, 101"; others what came and what went. One
// that is there now and in no change was there from the beginning.
func (h *history) sprints() {
	p := &h.scratch.sprints
	p.begin(h.item.Created)
	for i := range h.is.Events {
		e := &h.is.Events[i]
		if e.Field != rampforge.FieldSprint {
			continue
		}
		h.scratch.before = h.sprintsIn(h.scratch.before[:0], e.FromID)
		h.scratch.after = h.sprintsIn(h.scratch.after[:0], e.ToID)
		p.change(h.scratch.before, h.scratch.after, h.at(e))
	}
	now := h.scratch.after[:0]
	for _, id := range h.is.SprintIDs {
		now = h.sprintsIn(now, id)
	}
	p.end(now, h.latest)
	h.scratch.after = now
	for _, s := range p.stays {
		h.item.Sprints = append(h.item.Sprints, facts.Membership{Sprint: s.of, Span: s.span})
	}
}

func (h *history) sprintsIn(list []facts.Symbol, ids string) []facts.Symbol {
	for id := range strings.SplitSeq(ids, ",") {
		if id = strings.TrimSpace(id); id != "" {
			if s := h.symbol(facts.SprintKey(h.service, id)); !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// flags follows when the item was flagged as blocked.
func (h *history) flags() {
	open, seen := false, false
	set := func(flagged bool, at facts.Time) {
		switch {
		case flagged == open:
		case flagged:
			h.item.Flags = append(h.item.Flags, facts.Span{From: at})
		default:
			h.item.Flags[len(h.item.Flags)-1].To = at
		}
		open = flagged
	}
	for i := range h.is.Events {
		e := &h.is.Events[i]
		if e.Field != rampforge.FieldFlag {
			continue
		}
		if !seen {
			set(flagged(e.From), h.item.Created)
			seen = true
		}
		set(flagged(e.To), h.at(e))
	}
	if !seen {
		set(h.is.Flagged, h.item.Created)
	}
	set(h.is.Flagged, h.latest)
}

// flagged reads what a flag was set to: Jira's list of flags, Azure DevOps' yes
// or no.
func flagged(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "no", "false", "0", "[]":
		return false
	}
	return true
}

// estimates follows what the item was estimated at.
func (h *history) estimates() {
	add := func(e facts.Estimate) {
		if n := len(h.item.Estimates); n == 0 || h.item.Estimates[n-1].Known != e.Known || h.item.Estimates[n-1].Value != e.Value {
			h.item.Estimates = append(h.item.Estimates, e)
		}
	}
	for i := range h.is.Events {
		e := &h.is.Events[i]
		if e.Field != rampforge.FieldEstimate {
			continue
		}
		if len(h.item.Estimates) == 0 {
			add(estimate(e.From, h.item.Created))
		}
		add(estimate(e.To, h.at(e)))
	}
	now := facts.Estimate{At: h.latest}
	if v := h.is.Estimate; v != nil && finite(*v) {
		now.Known, now.Value = true, *v
	}
	if len(h.item.Estimates) == 0 {
		now.At = h.item.Created
	}
	if add(now); len(h.item.Estimates) == 1 && !h.item.Estimates[0].Known {
		h.item.Estimates = nil // it never was
	}
}

func estimate(text string, at facts.Time) facts.Estimate {
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil || !finite(v) {
		return facts.Estimate{At: at}
	}
	return facts.Estimate{At: at, Known: true, Value: v}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
