package azuredevops

import (
	"context"
	"fmt"
	"time"
)

const (
	// grain is how exactly a query compares times.
	grain = time.Millisecond
	// maxRecent bounds how many work items of the last minute a token names.
	// When there were more, they come once more.
	maxRecent = 1000
	// maxSteps bounds how often a page is asked for again that brings nothing:
	// all on it changed meanwhile, or was handed out in the last minute.
	maxSteps = 20
	// wiqlTime is how a query takes a time.
	wiqlTime = "2006-01-02T15:04:05.000Z"
)

// feedPlace is a place among the work items of a project in the order of their
// change. Queries tell only numbers, in order of the time of change, so a
// place is a time, and at that time a number.
type feedPlace struct {
	At   time.Time `json:"at,omitzero"`  // every change before it was handed out
	ID   int       `json:"id,omitempty"` // of those at that time all up to this number
	Done bool      `json:"done,omitempty"`
	// Recent are the changes of the last minute that were handed out, in
	// milliseconds: a change that was being saved meanwhile may carry a time
	// that had passed, so the next reading looks there again.
	Recent map[int]int64 `json:"recent,omitempty"`
}

// changed returns the numbers of work items that changed after a place and
// moves it, and says whether there are no more for now.
func (t *toolbox) changed(ctx context.Context, project string, p *feedPlace) (ids []int, last bool, err error) {
	if p.Done && !p.At.IsZero() {
		p.At, p.ID = p.At.Add(-overlap), 0
	}
	p.Done = false
	for range maxSteps {
		more, last, err := t.step(ctx, project, p)
		if err != nil {
			return nil, false, err
		}
		p.forget()
		if ids = append(ids, more...); last || len(ids) > 0 {
			return ids, last, nil
		}
	}
	return nil, false, endless()
}

func (t *toolbox) step(ctx context.Context, project string, p *feedPlace) (ids []int, last bool, err error) {
	from := p.At
	if p.ID > 0 {
		rest, more, err := t.moment(ctx, project, p)
		if err != nil || more {
			return rest, false, err
		}
		ids, from = rest, p.At.Add(grain)
	}
	where := ""
	if !from.IsZero() {
		where = fmt.Sprintf(" AND [System.ChangedDate] >= '%s'", from.Format(wiqlTime))
	}
	rows, err := t.query(ctx, project, fmt.Sprintf("SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project%s ORDER BY [System.ChangedDate], [System.Id]", where), feedSize)
	if err != nil {
		return nil, false, err
	}
	dates, err := t.changedDates(ctx, project, rows.IDs)
	if err != nil {
		return nil, false, err
	}
	short := len(rows.IDs) < feedSize
	// What changed after the query has a later place by now, and is found there.
	var newest time.Time
	for id, at := range dates {
		if at.After(rows.At) && !rows.At.IsZero() {
			delete(dates, id)
		} else if at.After(newest) {
			newest = at
		}
	}
	newest = newest.Truncate(grain)
	for _, id := range rows.IDs {
		at, known := dates[id]
		if known && (short || at.Before(newest)) && !p.took(id, at) {
			ids = append(ids, id)
		}
	}
	if newest.After(p.At) || newest.Equal(p.At) && p.ID == 0 {
		p.At, p.ID = newest, 0
	}
	if short {
		p.Done, p.ID = true, 0
		return ids, true, nil
	}
	if newest.IsZero() {
		return ids, false, nil // all of them changed meanwhile
	}
	// The last time of a full page may go on behind it.
	rest, _, err := t.moment(ctx, project, p)
	return append(ids, rest...), false, err
}

// moment returns the next work items that changed at the time of the place,
// moves it, and says whether there may be more.
func (t *toolbox) moment(ctx context.Context, project string, p *feedPlace) (ids []int, more bool, err error) {
	rows, err := t.query(ctx, project, fmt.Sprintf("SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.ChangedDate] >= '%s' AND [System.ChangedDate] < '%s' AND [System.Id] > %d ORDER BY [System.Id]",
		p.At.Format(wiqlTime), p.At.Add(grain).Format(wiqlTime), p.ID), feedSize)
	if err != nil {
		return nil, false, err
	}
	for _, id := range rows.IDs {
		p.ID = max(p.ID, id)
		if !p.took(id, p.At) {
			ids = append(ids, id)
		}
	}
	return ids, len(rows.IDs) == feedSize, nil
}

// took reports whether a change was handed out before, and notes it.
func (p *feedPlace) took(id int, at time.Time) bool {
	ms := at.UnixMilli()
	if p.Recent[id] == ms {
		return true
	}
	if p.Recent == nil {
		p.Recent = map[int]int64{}
	}
	p.Recent[id] = ms
	if len(p.Recent) > maxRecent {
		p.forget()
	}
	return false
}

// forget drops what the next reading cannot meet, or all of it where that is
// too much to keep.
func (p *feedPlace) forget() {
	forget(p.Recent, p.At.Add(-overlap))
	if len(p.Recent) > maxRecent {
		p.Recent = nil
	}
}
