package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the events are counted in the database itself
)

// endWithin is how long the jobs that are left may take, with the time that it
// takes to find that a worker died.
const endWithin = 3 * time.Minute

// check holds what is there against what was acknowledged, after all is at rest.
func (l *load) check(ctx context.Context) (*result, error) {
	l.result.Analyses = len(l.analyses)
	for _, p := range l.projects {
		status, answer, err := l.do(ctx, http.MethodGet, "/api/v1/projects/"+p.id, nil)
		if name, _ := answer["name"].(string); err != nil || status != http.StatusOK || !slices.Contains(p.may, name) {
			l.result.Lost = append(l.result.Lost, fmt.Sprintf("project %s: %d, %q, want %q, %v", p.id, status, name, p.may, err))
		}
	}
	deadline := time.Now().Add(endWithin)
	for _, id := range l.analyses {
		if state := l.end(ctx, id, deadline); state != "completed" && state != "failed" {
			l.result.Unended = append(l.result.Unended, id+": "+state)
		}
	}
	_ = pause(ctx, 5*time.Second) // a listener may be between two streams
	l.stop()
	l.listening.Wait()
	for _, id := range l.analyses {
		for i, told := range l.told {
			if !told[id] {
				l.result.Untold = append(l.result.Untold, fmt.Sprintf("%s to listener %d", id, i))
			}
		}
	}
	return &l.result, l.countEnds(ctx)
}

func (l *load) end(ctx context.Context, id string, deadline time.Time) string {
	for {
		_, answer, err := l.do(ctx, http.MethodGet, "/api/v1/analyses/"+id, nil)
		state, _ := answer["status"].(string)
		if err != nil {
			state = err.Error()
		}
		if state == "completed" || state == "failed" || time.Now().After(deadline) || ctx.Err() != nil {
			return state
		}
		_ = pause(ctx, 100*time.Millisecond)
	}
}

// countEnds looks for jobs that took effect more than once.
func (l *load) countEnds(ctx context.Context) error {
	db, err := sql.Open("pgx", l.cluster.postgres.URL())
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT e.payload::json->>'id', count(*) FROM events e
		WHERE e.payload::json->>'kind' = 'analysis' AND e.payload::json->>'state' IN ('completed', 'failed', 'cancelled') GROUP BY 1 HAVING count(*) > 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var ends int
		if err := rows.Scan(&id, &ends); err != nil {
			return err
		}
		l.result.Twice = append(l.result.Twice, fmt.Sprintf("%s ended %d times", id, ends))
	}
	return rows.Err()
}
