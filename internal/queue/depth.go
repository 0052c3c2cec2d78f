package queue

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Kinds are all kinds of jobs.
var Kinds = []string{
	AnalysisArgs{}.Kind(), SyncArgs{}.Kind(), DeliveriesArgs{}.Kind(), RemapArgs{}.Kind(),
	WorkflowArgs{}.Kind(), SearchArgs{}.Kind(), DocumentsArgs{}.Kind(), NarrativeArgs{}.Kind(),
}

// Depth is how many jobs of a kind there are.
type Depth struct {
	Waiting   int       // may be worked now
	Running   int       // are worked, or were by a process that died lately
	Scheduled int       // are to be worked later
	Oldest    time.Time // since when the first of the waiting may be worked; zero for none
}

// Of all jobs only those that are not done are read, by the index over states.
const selectDepths = `SELECT kind, state, count(*), min(scheduled_at) FROM river_job
	WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY kind, state`

// Depths says by kind how many jobs there are. Kinds without any are in it.
func (q *Queue) Depths(ctx context.Context) (map[string]Depth, error) {
	depths := map[string]Depth{}
	for _, kind := range Kinds {
		depths[kind] = Depth{}
	}
	rows, err := q.reads.QueryContext(ctx, selectDepths)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, state string
		var count int
		var first moment
		if err := rows.Scan(&kind, &state, &count, &first); err != nil {
			return nil, fmt.Errorf("counting jobs: %w", err)
		}
		d, known := depths[kind]
		if !known {
			continue // of another version
		}
		switch state {
		case "available":
			d.Waiting, d.Oldest = count, time.Time(first)
		case "running":
			d.Running = count
		default:
			d.Scheduled += count
		}
		depths[kind] = d
	}
	return depths, rows.Err()
}

// moment scans a time of River's table: PostgreSQL gives one, SQLite the text
// that River wrote, in UTC.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*m = moment(v)
		return nil
	case string:
		for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700 MST"} {
			if at, err := time.Parse(layout, v); err == nil { // fractions of a second are read too
				*m = moment(at)
				return nil
			}
		}
	}
	return fmt.Errorf("a %T is no time of a job", src)
}

var _ sql.Scanner = (*moment)(nil)

var (
	depthJobs   = prometheus.NewDesc("rampforge_queue_jobs", "Jobs that are not done, by kind and state: waiting, running, scheduled for later.", []string{kindLabel, "state"}, nil)
	depthOldest = prometheus.NewDesc("rampforge_queue_oldest_job_age_seconds", "How long the oldest job waits that could be worked, by kind; 0 when none waits.", []string{kindLabel}, nil)
)

// Figures are the depths as metrics, at a moment.
func (q *Queue) Figures(ctx context.Context, now time.Time) ([]prometheus.Metric, error) {
	depths, err := q.Depths(ctx)
	if err != nil {
		return nil, err
	}
	var all []prometheus.Metric
	for kind, d := range depths {
		for state, count := range map[string]int{"waiting": d.Waiting, "running": d.Running, "scheduled": d.Scheduled} {
			all = append(all, prometheus.MustNewConstMetric(depthJobs, prometheus.GaugeValue, float64(count), kind, state))
		}
		age := 0.0
		if !d.Oldest.IsZero() {
			age = max(now.Sub(d.Oldest).Seconds(), 0)
		}
		all = append(all, prometheus.MustNewConstMetric(depthOldest, prometheus.GaugeValue, age, kind))
	}
	return all, nil
}
