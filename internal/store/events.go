package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// overlap is how long after an event its predecessor may still appear:
// PostgreSQL numbers events when they are written and shows them when their
// transactions commit.
const overlap = 5 * time.Second

// tailLimit bounds the events of one read.
const tailLimit = 1000

const (
	eventColumns = `e.sequence, e.at, e.repository_id, e.user_id, e.payload`

	insertEvent = `INSERT INTO events (at, repository_id, user_id, payload) VALUES ($1, $2, $3, $4)`
	eventsAfter = `SELECT ` + eventColumns + ` FROM events e WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2`
	lastEvent   = `SELECT COALESCE(max(e.sequence), 0) FROM events e`
	eventTime   = `SELECT e.at FROM events e WHERE e.sequence = $1`
	// The events between $4 and sequence $3 are there for those that were
	// committed late; ReplayEvents keeps the newest of each job.
	eventsReplay = `SELECT ` + eventColumns + ` FROM events e WHERE (e.sequence > $3 OR e.at >= $4)
		AND ($1 OR EXISTS (SELECT 1 FROM repositories r WHERE r.id = e.repository_id AND ` + repositoryVisible + `)
			OR (e.user_id = $2 AND NOT EXISTS (SELECT 1 FROM repositories gone WHERE gone.id = e.repository_id)))
		ORDER BY e.sequence DESC LIMIT $5`
	deleteOldEvents = `DELETE FROM events WHERE sequence IN (SELECT e.sequence FROM events e WHERE e.at < $1 ORDER BY e.at LIMIT 5000)`
)

// AppendEventTx writes an event in the transaction of the state that it tells
// of. The database gives it its sequence.
func (s *Store) AppendEventTx(ctx context.Context, tx *sql.Tx, e rampforge.Event) error {
	payload, err := jsonText(e.Job)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, insertEvent, e.At, e.RepositoryID, e.UserID, payload)
	return err
}

func (s *Store) appendRunEventTx(ctx context.Context, tx *sql.Tx, a rampforge.Analysis, message string, now time.Time) error {
	return s.AppendEventTx(ctx, tx, rampforge.Event{
		At: now, RepositoryID: a.RepositoryID, UserID: a.RequestedBy,
		Job: rampforge.JobEvent{ID: a.ID, Kind: "analysis", State: rampforge.JobState(a.Status), Progress: a.Progress, Message: message},
	})
}

// DeleteOldEvents removes the events from before a moment, 5,000 in a transaction,
// and returns how many there were. Who asks for what came after one of them is told
// that there is a gap.
func (s *Store) DeleteOldEvents(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, deleteOldEvents, before)
}

// EventTail reads events as they are committed, each once. It is for one
// goroutine.
type EventTail struct {
	store *Store
	floor int64               // everything up to here was read long enough ago
	seen  map[int64]time.Time // what was read above the floor, and when by the caller's clock
}

// TailEvents returns a tail that begins with the next event.
func (s *Store) TailEvents(ctx context.Context) (*EventTail, error) {
	var last int64
	if err := s.queryRow(ctx, lastEvent).Scan(&last); err != nil {
		return nil, err
	}
	return &EventTail{store: s, floor: last, seen: map[int64]time.Time{}}, nil
}

// Next returns the events that appeared since the last call, in their order,
// and no event twice. It reads the last five seconds again each time, because
// of transactions that commit out of order. Call it a few times a second.
func (t *EventTail) Next(ctx context.Context, now time.Time) ([]rampforge.Event, error) {
	fresh := []rampforge.Event{}
	for after := t.floor; ; {
		rows, err := t.store.query(ctx, eventsAfter, after, tailLimit)
		list, err := collect(rows, err, scanEvent)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			after = e.Sequence
			if _, known := t.seen[e.Sequence]; !known {
				t.seen[e.Sequence] = now
				fresh = append(fresh, e)
			}
		}
		if len(list) < tailLimit {
			break
		}
	}
	t.raiseFloor(now)
	return fresh, nil
}

// raiseFloor forgets what was read more than the overlap ago: what comes out
// of order after that long is lost to this tail.
func (t *EventTail) raiseFloor(now time.Time) {
	for sequence, at := range t.seen {
		if now.Sub(at) > overlap {
			t.floor = max(t.floor, sequence)
		}
	}
	for sequence := range t.seen {
		if sequence <= t.floor {
			delete(t.seen, sequence)
		}
	}
}

// ReplayEvents returns what v missed after the event with the given sequence,
// oldest first: every later event that v may see and, for the five seconds
// before it, the newest event of each job, which v may have seen already. The
// list holds the newest thousand at most. It is not whole when more was missed, and
// when the event is not kept any more: then what followed it may be gone as well.
func (s *Store) ReplayEvents(ctx context.Context, v Viewer, after int64) (list []rampforge.Event, whole bool, err error) {
	var at database.Time
	known, err := exists(s.queryRow(ctx, eventTime, after).Scan(&at))
	if err != nil {
		return nil, false, err
	}
	since := time.Now() // a sequence that expired, or that never was: nothing before it counts
	if known {
		since = at.Time.Add(-overlap)
	}
	rows, err := s.query(ctx, eventsReplay, v.Admin, v.UserID, after, since, tailLimit)
	newestFirst, err := collect(rows, err, scanEvent)
	if err != nil {
		return nil, false, err
	}
	return missed(newestFirst, after), known && len(newestFirst) < tailLimit, nil
}

// missed drops the events up to after that a later event of their job
// supersedes, and turns the order round.
func missed(newestFirst []rampforge.Event, after int64) []rampforge.Event {
	told := map[string]bool{}
	kept := []rampforge.Event{}
	for _, e := range newestFirst {
		if e.Sequence == after || (e.Sequence < after && told[e.Job.ID]) {
			told[e.Job.ID] = true
			continue
		}
		told[e.Job.ID] = true
		kept = append(kept, e)
	}
	slices.Reverse(kept)
	return kept
}

// MaySeeEvent reports whether v may see an event: who may see its repository,
// and who asked for the work when there is no such repository (any more).
func (s *Store) MaySeeEvent(ctx context.Context, v Viewer, e rampforge.Event) (bool, error) {
	if v.Admin {
		return true, nil
	}
	_, err := s.Repository(ctx, v, e.RepositoryID)
	if rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return err == nil, err
	}
	if e.UserID != v.UserID {
		return false, nil
	}
	there, err := s.RepositoryExists(ctx, e.RepositoryID)
	return err == nil && !there, err
}

func scanEvent(row row) (rampforge.Event, error) {
	var e rampforge.Event
	err := row.Scan(&e.Sequence, database.ScanTime(&e.At), &e.RepositoryID, &e.UserID, jsonColumn{&e.Job})
	return e, err
}
