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

// AuditFilter narrows the audit log; an empty field narrows nothing.
type AuditFilter struct {
	Actor   string // the id of an account, or its e-mail address
	Action  string // e.g. "auth.login"; one that ends in "." is all that begin so
	Target  string // the id of what it was done to
	From    time.Time
	Until   time.Time // what happened before it
	Success *bool
}

const deleteOldAudit = `DELETE FROM audit_log WHERE id IN (SELECT a.id FROM audit_log a WHERE a.at < $1 ORDER BY a.at LIMIT 5000)`

// DeleteOldAudit removes the lines of the audit log from before a moment, 5,000 in
// a transaction, and returns how many there were.
func (s *Store) DeleteOldAudit(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, deleteOldAudit, before)
}

// inBatches runs a statement that takes a few rows of many until it finds none, and
// returns how many there were. Each run is a transaction of its own, so that others
// can write between two, and what was done stays done when the process ends.
func (s *Store) inBatches(ctx context.Context, text string, before time.Time) (total int64, err error) {
	for {
		n, err := affected(s.db.Write().ExecContext(ctx, text, before))
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// endOfTime is after everything that is in a log.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (f AuditFilter) args() []any {
	if f.Until.IsZero() {
		f.Until = endOfTime
	}
	return []any{f.From, f.Until, f.Actor, EmailKey(f.Actor), f.Action, f.Target, f.Success}
}

const (
	auditColumns = `id, at, actor_id, action, target_id, address, request_id, success, details`
	auditWhere   = ` FROM audit_log WHERE at >= $1 AND at < $2
	AND ($3 = '' OR actor_id = $3 OR actor_id = (SELECT u.id FROM users u WHERE u.email_key = $4))
	AND ($5 = '' OR action = $5 OR substr($5, length($5)) = '.' AND substr(action, 1, length($5)) = $5)
	AND ($6 = '' OR target_id = $6) AND success = coalesce($7, success)`

	countAudit  = `SELECT count(*)` + auditWhere
	selectAudit = `SELECT ` + auditColumns + auditWhere + ` ORDER BY at DESC, id DESC LIMIT $8 OFFSET $9`
	nextAudit   = `SELECT ` + auditColumns + auditWhere + ` AND (at > $8 OR at = $8 AND id > $9) ORDER BY at, id LIMIT $10`
)

func scanAudit(r row) (e rampforge.AuditEntry, err error) {
	var at database.Time
	err = r.Scan(&e.ID, &at, &e.ActorID, &e.Action, &e.TargetID, &e.Address, &e.RequestID, &e.Success, jsonColumn{&e.Details})
	e.At = at.Time
	return e, err
}

// AuditLog lists the audit log, newest first, with its total.
func (s *Store) AuditLog(ctx context.Context, f AuditFilter, p Page) ([]rampforge.AuditEntry, int, error) {
	var total int
	if err := s.queryRow(ctx, countAudit, f.args()...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectAudit, append(f.args(), p.Limit, p.Offset)...)
	entries, err := collect(rows, err, scanAudit)
	return entries, total, err
}

// auditPage is how many lines EachAudit reads at once: it holds no transaction
// open while they are handed on.
const auditPage = 1000

// EachAudit hands on the lines of the audit log, oldest first. An error of visit
// ends it. Without an end in the filter lines that are written meanwhile come too.
func (s *Store) EachAudit(ctx context.Context, f AuditFilter, visit func(rampforge.AuditEntry) error) error {
	var at time.Time
	id := ""
	for {
		rows, err := s.query(ctx, nextAudit, append(f.args(), at, id, auditPage)...)
		entries, err := collect(rows, err, scanAudit)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := visit(e); err != nil {
				return err
			}
			at, id = e.At, e.ID
		}
		if len(entries) < auditPage {
			return nil
		}
	}
}
