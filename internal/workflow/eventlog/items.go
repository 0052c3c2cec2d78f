package eventlog

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Item is a work item with its history as a line of JSON holds it: what exports
// write and imports read. docs/workflow.md describes it.
type Item struct {
	ID                string                   `json:"id"`
	Key               string                   `json:"key"`
	Type              string                   `json:"type"`
	Title             string                   `json:"title"`
	URL               string                   `json:"url"`
	Status            string                   `json:"status"`
	StatusID          string                   `json:"status_id"`
	StatusCategory    rampforge.StatusCategory `json:"status_category"`
	StatusPosition    int                      `json:"status_position,omitempty"` // among the states of its work, from 1; 0 is unknown
	Resolution        string                   `json:"resolution"`
	Priority          string                   `json:"priority"`
	Labels            []string                 `json:"labels"`
	Reporter          *Somebody                `json:"reporter"`
	Assignees         []Somebody               `json:"assignees"`
	Estimate          *float64                 `json:"estimate"`
	SprintIDs         []string                 `json:"sprint_ids"`
	ParentID          string                   `json:"parent_id"`
	Links             []rampforge.WorkItemLink `json:"links"`
	Flagged           bool                     `json:"flagged"`
	CreatedAt         time.Time                `json:"created_at"`
	UpdatedAt         time.Time                `json:"updated_at"`
	ClosedAt          *time.Time               `json:"closed_at"`
	HistoryIncomplete bool                     `json:"history_incomplete"`
	EventLog          bool                     `json:"event_log,omitempty"` // a case of an event log: each change is an activity
	History           []Change                 `json:"history"`             // oldest first
}

// Somebody is an account: never with an address.
type Somebody struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Bot   bool   `json:"bot"`
}

// Change is one change of one field of an item.
type Change struct {
	Field  rampforge.WorkItemField `json:"field"`
	From   string                  `json:"from"`
	To     string                  `json:"to"`
	FromID string                  `json:"from_id"`
	ToID   string                  `json:"to_id"`
	// Of statuses, what they mean and where they stand among the states of the work,
	// from 1; "" and 0 are unknown. No item may be in them any more that would tell.
	FromCategory rampforge.StatusCategory `json:"from_category,omitempty"`
	ToCategory   rampforge.StatusCategory `json:"to_category,omitempty"`
	FromPosition int                      `json:"from_position,omitempty"`
	ToPosition   int                      `json:"to_position,omitempty"`
	At           time.Time                `json:"at"`
	Actor        *Somebody                `json:"actor"`
	Lifecycle    string                   `json:"lifecycle,omitempty"`
}

var fields = []rampforge.WorkItemField{
	rampforge.FieldStatus, rampforge.FieldAssignee, rampforge.FieldSprint, rampforge.FieldEstimate, rampforge.FieldFlag,
	rampforge.FieldResource, rampforge.FieldType, rampforge.FieldPriority, rampforge.FieldLabel, rampforge.FieldParent,
}

// ReadItems reads work items, each a line of JSON, and hands them to each with
// their lines. An item needs an id or a key, and created_at; its history is
// brought into order. Fields that are not known are passed over.
func ReadItems(in io.Reader, o Options, each func(line int, item *Item) error) error {
	meter := newMeter(in, o.MaxBytes, maxToken)
	text, err := decoded(meter, false)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(countless{text, meter})
	lines.Buffer(make([]byte, 0, 64<<10), maxToken)
	for n := 1; lines.Scan() && lines.Err() == nil; n++ { // with a fault comes what was read of a line
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		item, issue := readItem(line)
		if issue != "" {
			err = o.faulty(&Fault{Line: n, Issue: issue})
		} else {
			err = each(n, item)
		}
		if err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return &Fault{Issue: longToken(maxToken) + ": each work item has to stand in a line of its own"}
	} else if err != nil {
		return err
	}
	return nil
}

// countless reads without the bound of a token: the scanner has its own.
type countless struct {
	io.Reader

	meter *meter
}

func (c countless) Read(p []byte) (int, error) {
	c.meter.next()
	return c.Reader.Read(p)
}

// readItem reads one line and says why it cannot be kept.
func readItem(line []byte) (*Item, string) {
	if crowded(line) {
		return nil, fmt.Sprintf("holds more than %d objects or %d values: at most %d changes of an item are taken", maxObjects, maxValues, MaxEvents)
	}
	var item Item
	if err := json.Unmarshal(line, &item); err != nil {
		return nil, jsonIssue(err)
	}
	if item.Key == "" {
		item.Key = item.ID
	}
	if item.ID == "" {
		item.ID = item.Key
	}
	item.clean()
	if issue := cmp.Or(nameFault("id", item.ID), item.checkTexts()); issue != "" {
		return nil, issue
	}
	if item.CreatedAt.IsZero() {
		return nil, "has no created_at, expected a time such as 2026-01-31T13:45:00Z"
	}
	if issue := stateFault("status_", item.StatusCategory, item.StatusPosition); issue != "" {
		return nil, "has " + issue
	}
	return &item, cmp.Or(item.checkTimes(), item.checkHistory())
}

// maxPosition bounds the places of states.
const maxPosition = 1_000_000

// stateFault says why what a file says of a status cannot be; "" is nothing.
func stateFault(of string, category rampforge.StatusCategory, position int) string {
	switch {
	case !slices.Contains([]rampforge.StatusCategory{rampforge.StatusUnknown, rampforge.StatusToDo, rampforge.StatusInProgress, rampforge.StatusDone}, category):
		return fmt.Sprintf("the %scategory %s, expected todo, in_progress, done or nothing", of, quoted(string(category)))
	case position < 0 || position > maxPosition:
		return fmt.Sprintf("the %sposition %d, expected a number from 1, or nothing", of, position)
	}
	return ""
}

func (item *Item) checkHistory() string {
	if len(item.History) > MaxEvents {
		return fmt.Sprintf("has %d changes: at most %d are taken", len(item.History), MaxEvents)
	}
	for i := range item.History {
		c := &item.History[i]
		switch {
		case !slices.Contains(fields, c.Field):
			return fmt.Sprintf("history[%d] has the field %s, expected one of %v", i, quoted(string(c.Field)), fields)
		case c.At.IsZero():
			return fmt.Sprintf("history[%d] has no at, expected a time such as 2026-01-31T13:45:00Z", i)
		case !inYears(c.At):
			return fmt.Sprintf("history[%d] has an at in the year %d: %s", i, c.At.Year(), takenYears)
		case stateFault("from_", c.FromCategory, c.FromPosition) != "":
			return fmt.Sprintf("history[%d] has %s", i, stateFault("from_", c.FromCategory, c.FromPosition))
		case stateFault("to_", c.ToCategory, c.ToPosition) != "":
			return fmt.Sprintf("history[%d] has %s", i, stateFault("to_", c.ToCategory, c.ToPosition))
		case item.EventLog && (c.Field != rampforge.FieldStatus || c.To == ""):
			return fmt.Sprintf("history[%d] is no activity: of an event_log each is a change of the status to something", i)
		}
	}
	slices.SortStableFunc(item.History, func(a, b Change) int { return a.At.Compare(b.At) })
	if item.EventLog && (len(item.History) == 0 || !item.History[0].At.Equal(item.CreatedAt)) {
		return "is a case of an event log whose first activity is not at created_at"
	}
	return ""
}

// clean makes every text fit to be kept, and every time UTC.
func (item *Item) clean() {
	for _, s := range []*string{
		&item.ID, &item.Key, &item.Type, &item.Title, &item.URL, &item.Status, &item.StatusID, &item.Resolution, &item.Priority, &item.ParentID,
	} {
		*s = clean(*s)
	}
	cleanAll(item.Labels)
	cleanAll(item.SprintIDs)
	for i := range item.Links {
		l := &item.Links[i]
		l.Kind, l.ID, l.Key = clean(l.Kind), clean(l.ID), clean(l.Key)
	}
	item.Reporter.clean()
	for i := range item.Assignees {
		item.Assignees[i].clean()
	}
	item.CreatedAt, item.UpdatedAt = instant(item.CreatedAt), instant(item.UpdatedAt)
	if item.UpdatedAt.IsZero() {
		item.UpdatedAt = item.CreatedAt
	}
	if item.ClosedAt != nil {
		at := instant(*item.ClosedAt)
		item.ClosedAt = &at
	}
	for i := range item.History {
		c := &item.History[i]
		c.From, c.To, c.FromID, c.ToID, c.Lifecycle, c.At = clean(c.From), clean(c.To), clean(c.FromID), clean(c.ToID), clean(c.Lifecycle), instant(c.At)
		c.Actor.clean()
	}
}

func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func cleanAll(list []string) {
	for i := range list {
		list[i] = clean(list[i])
	}
}

func (s *Somebody) clean() {
	if s != nil {
		s.ID, s.Login, s.Name = clean(s.ID), clean(s.Login), clean(s.Name)
	}
}

// jsonIssue says what is wrong with a line.
func jsonIssue(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Sprintf("the field %s is a %s and has another type in the schema of work items", wrong.Field, wrong.Value)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("is no JSON: %v at byte %d of the line", syntax, syntax.Offset)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok || strings.HasPrefix(err.Error(), "Time.UnmarshalJSON") {
		return "holds a time that is not written as RFC 3339 has it, expected such as 2026-01-31T13:45:00Z"
	}
	return "is no JSON object of a work item"
}

// ItemWriter writes work items, a line for each.
type ItemWriter struct{ out *json.Encoder }

// NewItemWriter returns a writer to w.
func NewItemWriter(w io.Writer) *ItemWriter {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &ItemWriter{e}
}

// Write writes one work item. Its lists are never null.
func (w *ItemWriter) Write(item *Item) error {
	item.Labels, item.SprintIDs = orEmpty(item.Labels), orEmpty(item.SprintIDs)
	item.Assignees, item.Links, item.History = orEmpty(item.Assignees), orEmpty(item.Links), orEmpty(item.History)
	return w.out.Encode(item)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
