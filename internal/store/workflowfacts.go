package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectPacks = `SELECT k.kind, k.number, k.size, k.data FROM workflow_packs k WHERE k.project_id = $1 ORDER BY k.kind, k.number`
	putPack     = `INSERT INTO workflow_packs (project_id, kind, number, size, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project_id, kind, number) DO UPDATE SET size = excluded.size, data = excluded.data`
	dropPack  = `DELETE FROM workflow_packs WHERE project_id = $1 AND kind = $2 AND number = $3`
	dropPacks = `DELETE FROM workflow_packs WHERE project_id = $1`

	putWorkflowReport = `INSERT INTO workflow_reports (project_id, etag, report, summary, generated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project_id) DO UPDATE SET etag = excluded.etag, report = excluded.report, summary = excluded.summary, generated_at = excluded.generated_at`
	selectWorkflowReport  = `SELECT v.etag, v.report, v.generated_at FROM workflow_reports v WHERE v.project_id = $1`
	workflowReportHead    = `SELECT v.etag, v.generated_at, w.status FROM workflow_reports v JOIN workflows w ON w.project_id = v.project_id WHERE v.project_id = $1`
	selectWorkflowSummary = `SELECT v.summary FROM workflow_reports v WHERE v.project_id = $1`

	// Both are read from the index that lists are: every row is looked at in it,
	// and no record itself.
	placeIDs  = `SELECT r.id FROM records r WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL`
	sprintIDs = `SELECT k.id FROM sprint_places k WHERE k.service_id = $1 AND k.resource_id = $2
		AND EXISTS (SELECT 1 FROM records r WHERE r.service_id = k.service_id AND r.stream = 'sprints' AND r.id = k.id AND r.deleted_at IS NULL)`
	// What was read lately has its payload still: there is an index of those.
	// The service stands in an expression so that SQLite looks for the time, of which
	// there is an index, and not through all that a service ever had.
	readSince = `SELECT r.service_id, r.stream, r.id, r.synced_at FROM records r WHERE r.raw IS NOT NULL AND r.synced_at >= $2
		AND r.service_id || '' IN (SELECT b.service_id FROM project_sources b WHERE b.project_id = $1 AND NOT b.removed)`
	placeContents = `SELECT r.id, r.resource_id, r.content, r.synced_at FROM records r
		WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL ORDER BY r.updated_at, r.id`
	recordContent = `SELECT r.id, r.resource_id, r.content, r.synced_at FROM records r WHERE r.service_id = $1 AND r.stream = $2 AND r.id = $3 AND r.deleted_at IS NULL`
)

// FactPack is a pack of facts as it is kept. The store does not know what is in
// it.
type FactPack struct {
	Kind   string
	Number int64
	Size   int // how many facts are in it
	Data   []byte
}

// FactPacks returns the packs of a project, by kind and number, and the revision
// of the facts that they are.
func (s *Store) FactPacks(ctx context.Context, projectID string) (packs []FactPack, revision int64, err error) {
	for range 10 {
		before, err := s.Workflow(ctx, projectID)
		if err != nil {
			return nil, 0, err
		}
		rows, err := s.query(ctx, selectPacks, projectID)
		packs, err = scanAll(rows, err, func(k *FactPack) []any { return []any{&k.Kind, &k.Number, &k.Size, &k.Data} })
		if err != nil {
			return nil, 0, err
		}
		after, err := s.Workflow(ctx, projectID)
		if err != nil || after.Revision == before.Revision {
			return packs, before.Revision, err
		}
	}
	return nil, 0, rampforge.Errorf(rampforge.CodeUnavailable, "The facts of the project change at this moment: try again.")
}

// FactChange is what of a project's packs changed.
type FactChange struct {
	Anew bool       // all packs of before go
	Put  []FactPack // new ones, and in place of those of their number
	Drop []FactPack // by their kind and number
}

// Empty reports whether nothing changed.
func (c *FactChange) Empty() bool { return !c.Anew && len(c.Put)+len(c.Drop) == 0 }

// WorkflowEnd is what bringing a project's facts up to date came to.
type WorkflowEnd struct {
	Was     Workflow // as ClaimWorkflow returned it
	FactsAt time.Time
	Facts   FactChange
	Report  []byte // JSON
	Summary any
	// Unreadable is how many records no facts could be made of.
	Unreadable int
}

// FinishWorkflow writes what c came to, all or nothing, and a new job when
// somebody asked meanwhile. It fails with ErrWorkflowLost.
func (s *Store) FinishWorkflow(ctx context.Context, c WorkflowClaim, end WorkflowEnd, now time.Time) error {
	summary, err := jsonText(end.Summary)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(end.Report)
	packed := packer().EncodeAll(end.Report, nil)
	changed := 0
	if !end.Facts.Empty() {
		changed = 1
	}
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofWorkflowTx(ctx, tx, finishWorkflow, c, end.Was.Wanted, end.FactsAt, changed, now, end.Unreadable); err != nil {
			return err
		}
		if err := s.putFactsTx(ctx, tx, c.ProjectID, &end.Facts); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, putWorkflowReport, c.ProjectID, hex.EncodeToString(sum[:]), packed, summary, end.FactsAt); err != nil {
			return err
		}
		return s.queueWorkflowTx(ctx, tx, c.ProjectID, now)
	})
}

func (s *Store) putFactsTx(ctx context.Context, tx *sql.Tx, projectID string, c *FactChange) error {
	if c.Anew {
		if _, err := tx.ExecContext(ctx, dropPacks, projectID); err != nil {
			return err
		}
	}
	for _, k := range c.Drop {
		if _, err := tx.ExecContext(ctx, dropPack, projectID, k.Kind, k.Number); err != nil {
			return err
		}
	}
	rows := make([][]any, 0, len(c.Put))
	for _, k := range c.Put {
		rows = append(rows, []any{projectID, k.Kind, k.Number, k.Size, k.Data})
	}
	return s.runEach(ctx, tx, putPack, rows)
}

// WorkflowReport is the kept report of a project.
type WorkflowReport struct {
	ETag        string // SHA-256 of the JSON, in hexadecimal
	GeneratedAt time.Time
	packed      []byte
}

// JSON returns the report as it was written.
func (r WorkflowReport) JSON() ([]byte, error) {
	text, err := unpacker().DecodeAll(r.packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpacking a workflow report: %w", err)
	}
	return text, nil
}

// WorkflowReport returns the kept report of a project. It fails with
// RESOURCE_NOT_FOUND before there is one.
func (s *Store) WorkflowReport(ctx context.Context, projectID string) (v WorkflowReport, err error) {
	err = s.queryRow(ctx, selectWorkflowReport, projectID).Scan(&v.ETag, &v.packed, database.ScanTime(&v.GeneratedAt))
	return v, found(err, "report")
}

// WorkflowReportHead is WorkflowReport without the report itself, with how the
// project's facts are.
func (s *Store) WorkflowReportHead(ctx context.Context, projectID string) (v WorkflowReport, status WorkflowStatus, err error) {
	err = s.queryRow(ctx, workflowReportHead, projectID).Scan(&v.ETag, database.ScanTime(&v.GeneratedAt), &status)
	return v, status, found(err, "report")
}

// WorkflowSummary reads into a value what was kept beside the report of a
// project. It answers false, and reads nothing, before there is one.
func (s *Store) WorkflowSummary(ctx context.Context, projectID string, into any) (bool, error) {
	return exists(s.queryRow(ctx, selectWorkflowSummary, projectID).Scan(jsonColumn{into}))
}

// PlaceIDs returns the ids of the records that a place has; of sprints, of those
// that it shows.
func (s *Store) PlaceIDs(ctx context.Context, p Place) (map[string]bool, error) {
	if p.Stream == rampforge.StreamSprints {
		rows, err := s.query(ctx, sprintIDs, p.ServiceID, p.ResourceID)
		return idSet(rows, err)
	}
	rows, err := s.query(ctx, placeIDs, p.ServiceID, p.ResourceID, p.Stream)
	return idSet(rows, err)
}

// ReadRecord is that a record was read.
type ReadRecord struct {
	ServiceID string
	Stream    rampforge.Stream
	ID        string
	SyncedAt  time.Time
}

// ReadSince lists the records of a project's services that were read since a
// moment of late: of what was read long ago nobody knows.
func (s *Store) ReadSince(ctx context.Context, projectID string, since time.Time) ([]ReadRecord, error) {
	rows, err := s.query(ctx, readSince, projectID, since)
	return scanAll(rows, err, func(v *ReadRecord) []any {
		return []any{&v.ServiceID, &v.Stream, &v.ID, database.ScanTime(&v.SyncedAt)}
	})
}

// RecordContent is a record as it is kept.
type RecordContent struct {
	ID         string
	ResourceID string
	Content    []byte // JSON
	SyncedAt   time.Time
}

func scanContent(r row) (v RecordContent, err error) {
	err = r.Scan(&v.ID, &v.ResourceID, &v.Content, database.ScanTime(&v.SyncedAt))
	return v, err
}

// PlaceContents hands every record of a place to a function, in a stable order,
// until it fails.
func (s *Store) PlaceContents(ctx context.Context, p Place, each func(RecordContent) error) error {
	rows, err := s.query(ctx, placeContents, p.ServiceID, p.ResourceID, p.Stream)
	return eachContent(rows, err, each)
}

func eachContent(rows *sql.Rows, err error, each func(RecordContent) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scanContent(rows)
		if err == nil {
			err = each(v)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// RecordContent returns one record of a service, false when it is gone.
func (s *Store) RecordContent(ctx context.Context, serviceID string, stream rampforge.Stream, id string) (v RecordContent, there bool, err error) {
	v, err = scanContent(s.queryRow(ctx, recordContent, serviceID, stream, id))
	there, err = exists(err)
	return v, there, err
}
