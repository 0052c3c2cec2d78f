package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const insertAudit = `INSERT INTO audit_log (id, at, actor_id, action, target_id, address, request_id, success, details)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Audit adds a line to the audit log.
func (s *Store) Audit(ctx context.Context, e rampforge.AuditEntry) error {
	return writeAudit(ctx, s.db.Write(), e)
}

// AuditTx adds a line to the audit log together with what it is about.
func (s *Store) AuditTx(ctx context.Context, tx *sql.Tx, e rampforge.AuditEntry) error {
	return writeAudit(ctx, tx, e)
}

func writeAudit(ctx context.Context, to database.Querier, e rampforge.AuditEntry) error {
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	details, err := jsonText(e.Details)
	if err != nil {
		return err
	}
	_, err = to.ExecContext(ctx, insertAudit, NewID("aud"), e.At, e.ActorID, e.Action, e.TargetID, e.Address, e.RequestID, e.Success, details)
	return err
}

const countAudit = `SELECT count(*) FROM audit_log WHERE at >= $1`

const selectAudit = `SELECT id, at, actor_id, action, target_id, address, request_id, success, details FROM audit_log
	WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3`

// AuditLog lists the audit log since a moment, newest first, with its total.
func (s *Store) AuditLog(ctx context.Context, since time.Time, p Page) ([]rampforge.AuditEntry, int, error) {
	var total int
	if err := s.queryRow(ctx, countAudit, since).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectAudit, since, p.Limit, p.Offset)
	entries, err := collect(rows, err, func(r row) (e rampforge.AuditEntry, err error) {
		var at database.Time
		err = r.Scan(&e.ID, &at, &e.ActorID, &e.Action, &e.TargetID, &e.Address, &e.RequestID, &e.Success, jsonColumn{&e.Details})
		e.At = at.Time
		return e, err
	})
	return entries, total, err
}
