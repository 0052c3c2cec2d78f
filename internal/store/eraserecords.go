package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	recordServices = `SELECT DISTINCT r.service_id FROM records r ORDER BY r.service_id`
	pageOfRecords  = `SELECT r.stream, r.id, r.resource_id, r.updated_at, r.synced_at, r.content FROM records r
		WHERE r.service_id = $1 AND (r.stream > $2 OR r.stream = $2 AND r.id > $3) ORDER BY r.stream, r.id LIMIT $4`
	eraseRecord = `UPDATE records SET content = $4, assignees = $5, search = $6, title = $7, key = $9, state = $10, raw = NULL WHERE service_id = $1 AND stream = $2 AND id = $3 AND synced_at = $8`
)

// recordsAtOnce is how many records are looked through in one step.
const recordsAtOnce = 250

// keptRecord is a record of the database, as it is looked through.
type keptRecord struct {
	rampforge.Record

	synced time.Time
}

// eachRecord hands on the records of a service, tombstones too.
func (s *Store) eachRecord(ctx context.Context, serviceID string, visit func([]keptRecord) error) error {
	var stream rampforge.Stream
	id := ""
	for {
		page, err := s.recordsAfter(ctx, serviceID, stream, id)
		if err != nil || len(page) == 0 {
			return err
		}
		stream, id = page[len(page)-1].Stream, page[len(page)-1].ID
		if err := visit(page); err != nil {
			return err
		}
	}
}

func (s *Store) recordsAfter(ctx context.Context, serviceID string, stream rampforge.Stream, id string) ([]keptRecord, error) {
	rows, err := s.query(ctx, pageOfRecords, serviceID, stream, id, recordsAtOnce)
	return collect(rows, err, func(r row) (k keptRecord, err error) {
		var content string
		if err = r.Scan(&k.Stream, &k.ID, &k.ResourceID, database.ScanTime(&k.UpdatedAt), database.ScanTime(&k.synced), &content); err == nil {
			err = decodeContent(&k.Record, []byte(content))
		}
		return k, err
	})
}

// decodeContent reads the content of a record into the field of its stream.
func decodeContent(r *rampforge.Record, content []byte) error {
	var into any
	switch r.Stream {
	case rampforge.StreamWorkItems:
		r.WorkItem = &rampforge.WorkItem{}
		into = r.WorkItem
	case rampforge.StreamSprints:
		r.Sprint = &rampforge.Sprint{}
		into = r.Sprint
	case rampforge.StreamPullRequests:
		r.PullRequest = &rampforge.PullRequest{}
		into = r.PullRequest
	case rampforge.StreamCommits:
		r.Commit = &rampforge.VendorCommit{}
		into = r.Commit
	case rampforge.StreamPipelineRuns:
		r.PipelineRun = &rampforge.PipelineRun{}
		into = r.PipelineRun
	case rampforge.StreamDeployments:
		r.Deployment = &rampforge.Deployment{}
		into = r.Deployment
	case rampforge.StreamDocuments:
		r.Document = &rampforge.Document{}
		into = r.Document
	default:
		return nil
	}
	return json.Unmarshal(content, into)
}

// recordPlace is where a walk of the records is.
type recordPlace struct {
	Service string           `json:"service"`
	Stream  rampforge.Stream `json:"stream"`
	ID      string           `json:"id"`
}

// walkRecords reads the page of records after a place, and returns the place after
// it; "" is none.
func (s *Store) walkRecords(ctx context.Context, after string) (service string, page []keptRecord, next string, err error) {
	var at recordPlace
	if after != "" {
		if err := json.Unmarshal([]byte(after), &at); err != nil {
			return "", nil, "", fmt.Errorf("reading how far a walk of the records is: %w", err)
		}
	}
	for {
		if at.Service != "" {
			if page, err = s.recordsAfter(ctx, at.Service, at.Stream, at.ID); err != nil {
				return "", nil, "", err
			}
			if n := len(page); n > 0 {
				next, err = jsonText(recordPlace{at.Service, page[n-1].Stream, page[n-1].ID})
				return at.Service, page, next, err
			}
		}
		var service sql.NullString
		if err := s.queryRow(ctx, nextWithRecords, at.Service).Scan(&service); err != nil || !service.Valid {
			return "", nil, "", err
		}
		at = recordPlace{Service: service.String}
	}
}

// eraseRecords makes a page of records nameless, and has what is made of them made
// anew. A record that is read from the vendor meanwhile is made nameless as it is
// written.
func (s *Store) eraseRecords(ctx context.Context, after string, now time.Time) (next string, n int, err error) {
	service, page, next, err := s.walkRecords(ctx, after)
	if err != nil || len(page) == 0 {
		return "", 0, err
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return "", 0, err
	}
	var rows [][]any
	for i := range page {
		r := &page[i].Record
		if named, err := erased.Record(service, r); err != nil {
			return "", 0, err
		} else if !named {
			continue
		}
		m, err := mappedOf(r)
		if err != nil {
			return "", 0, err
		}
		rows = append(rows, []any{service, r.Stream, r.ID, m.content, m.assignees, m.search, m.title, page[i].synced, m.key, m.state})
	}
	if len(rows) == 0 {
		return next, 0, nil
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, row := range rows {
			won, err := changed(tx.ExecContext(ctx, eraseRecord, row...))
			if err != nil {
				return err
			}
			if won {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		return s.remakeTx(ctx, tx, service, now)
	})
	return next, n, err
}

// remakeTx has what is made of a service's records made anew: the facts of work
// and the search.
func (s *Store) remakeTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	if err := s.RemakeWorkflowsTx(ctx, tx, serviceID, now); err != nil {
		return err
	}
	return s.againServiceSearchTx(ctx, tx, serviceID)
}

// findRecords tells which records of a page name somebody.
func (s *Store) findRecords(ctx context.Context, names *Erased, after string, visit func(Mention) error) (next string, err error) {
	service, page, next, err := s.walkRecords(ctx, after)
	if err != nil || len(page) == 0 {
		return "", err
	}
	for i := range page {
		r := &page[i].Record
		if found, err := names.Record(service, r); err != nil {
			return "", err
		} else if !found {
			continue
		}
		if err := visit(Mention{Where: "records", ID: service + " " + string(r.Stream) + " " + r.ID, Fields: []string{"content"}}); err != nil {
			return "", err
		}
	}
	return next, nil
}
