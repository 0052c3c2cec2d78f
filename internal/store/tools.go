package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	toolColumns = `name, title, description, kind, in_use, hash, COALESCE(approved_hash = hash, FALSE), approved_at, approved_by, first_seen, changed_at, definition`

	selectTools      = `SELECT ` + toolColumns + ` FROM service_tools WHERE service_id = $1 AND gone_at IS NULL ORDER BY name LIMIT $2 OFFSET $3`
	countTools       = `SELECT count(*) FROM service_tools WHERE service_id = $1 AND gone_at IS NULL`
	selectTool       = `SELECT ` + toolColumns + ` FROM service_tools WHERE service_id = $1 AND name = $2 AND gone_at IS NULL`
	selectKnownTools = `SELECT name, hash, kind, in_use, COALESCE(approved_hash = hash, FALSE), gone_at IS NOT NULL FROM service_tools WHERE service_id = $1`
	// What was approved stays so: a tool that becomes again what it was needs
	// nobody's word.
	putTool = `INSERT INTO service_tools (service_id, name, title, description, kind, in_use, hash, definition, approved_hash, approved_at, first_seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (service_id, name) DO UPDATE SET title = excluded.title, description = excluded.description, kind = excluded.kind, in_use = excluded.in_use,
			changed_at = CASE WHEN service_tools.hash = excluded.hash THEN service_tools.changed_at ELSE excluded.first_seen END,
			hash = excluded.hash, definition = excluded.definition, gone_at = NULL`
	selectServer = `SELECT endpoint, transport FROM services WHERE id = $1`
	goneTool     = `UPDATE service_tools SET gone_at = $3 WHERE service_id = $1 AND name = $2`
	approveTool  = `UPDATE service_tools SET approved_hash = hash, approved_at = $4, approved_by = $5
		WHERE service_id = $1 AND name = $2 AND hash = $3 AND gone_at IS NULL`
	// Who holds a connection looks at this to know that it has to be made anew.
	touchService = `UPDATE services SET updated_at = $2 WHERE id = $1`
	forgetTools  = `DELETE FROM service_tools WHERE service_id = $1`
)

// knownTool is what a review compares.
type knownTool struct {
	hash, kind           string
	used, approved, gone bool
}

// ErrServerChanged says that a service has another server by now: what the old
// one defines was not kept.
var ErrServerChanged = errors.New("the service is at another endpoint by now")

// ReviewTools keeps the tools that a service's server defines now, and returns
// which of them may be called: those that are as somebody approved them. The
// tools of the first connection are approved with it. The service is as it was
// when its server was connected to: an answer that comes late from the server
// of before is ErrServerChanged. A service that is not stored (yet) has nothing
// to compare with: all may be called.
func (s *Store) ReviewTools(ctx context.Context, service rampforge.Service, tools []rampforge.ServiceTool, now time.Time) (approved map[string]bool, err error) {
	known, err := knownTools(ctx, s.db.Read(), service.ID)
	if err != nil {
		return nil, err
	}
	if approved, same := unchangedTools(known, tools); same { // as nearly always: nothing is written
		if err := sameServer(ctx, s.db.Read(), service); err != nil {
			return nil, err
		}
		return approved, nil
	}
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, lockService, service.ID)
		if err := changedOne(result, err, "service"); err != nil {
			return err
		}
		if err := sameServer(ctx, tx, service); err != nil {
			return err
		}
		if known, err = knownTools(ctx, tx, service.ID); err != nil {
			return err
		}
		approved, err = putTools(ctx, tx, service.ID, known, tools, now)
		return err
	})
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code == rampforge.CodeNotFound {
		approved, err = map[string]bool{}, nil
		for _, t := range tools {
			approved[t.Name] = true
		}
	}
	return approved, err
}

// sameServer fails with ErrServerChanged when a stored service is elsewhere by
// now.
func sameServer(ctx context.Context, db database.Querier, service rampforge.Service) error {
	var endpoint string
	var transport rampforge.Transport
	there, err := exists(db.QueryRowContext(ctx, selectServer, service.ID).Scan(&endpoint, &transport))
	if err == nil && there && (endpoint != service.Endpoint || transport != service.Transport) {
		err = ErrServerChanged
	}
	return err
}

func knownTools(ctx context.Context, db database.Querier, serviceID string) (map[string]knownTool, error) {
	rows, err := db.QueryContext(ctx, selectKnownTools, serviceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]knownTool{}
	for rows.Next() {
		var name string
		var t knownTool
		if err := rows.Scan(&name, &t.hash, &t.kind, &t.used, &t.approved, &t.gone); err != nil {
			return nil, err
		}
		known[name] = t
	}
	return known, rows.Err()
}

func unchangedTools(known map[string]knownTool, tools []rampforge.ServiceTool) (approved map[string]bool, same bool) {
	approved, there := map[string]bool{}, 0
	for _, t := range known {
		if !t.gone {
			there++
		}
	}
	for _, t := range tools {
		k, ok := known[t.Name]
		if !ok || !k.is(t) {
			return nil, false
		}
		approved[t.Name] = k.approved
	}
	return approved, there == len(tools) && there > 0
}

func (k knownTool) is(t rampforge.ServiceTool) bool {
	return !k.gone && k.hash == t.Hash && k.kind == t.Kind && k.used == t.InUse
}

func putTools(ctx context.Context, tx *sql.Tx, serviceID string, known map[string]knownTool, tools []rampforge.ServiceTool, now time.Time) (map[string]bool, error) {
	first := len(known) == 0
	there := map[string]bool{}
	for _, t := range tools {
		there[t.Name] = true
		if k, ok := known[t.Name]; ok && k.is(t) {
			continue
		}
		var trusted *string
		var since *time.Time
		if first {
			trusted, since = &t.Hash, &now
		}
		if _, err := tx.ExecContext(ctx, putTool, serviceID, t.Name, plain(t.Title), whole(t.Description), t.Kind, t.InUse, t.Hash, whole(string(t.Definition)), trusted, since, now); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(known) {
		if !there[name] && !known[name].gone {
			if _, err := tx.ExecContext(ctx, goneTool, serviceID, name, now); err != nil {
				return nil, err
			}
		}
	}
	after, err := knownTools(ctx, tx, serviceID)
	if err != nil {
		return nil, err
	}
	approved := map[string]bool{}
	for name, t := range after {
		approved[name] = t.approved && !t.gone
	}
	return approved, nil
}

// Tools returns a page of the tools of a service's server, by name, and how
// many there are.
func (s *Store) Tools(ctx context.Context, serviceID string, p Page) ([]rampforge.ServiceTool, int, error) {
	rows, err := s.db.Read().QueryContext(ctx, selectTools, serviceID, p.Limit, p.Offset)
	tools, err := collect(rows, err, scanTool)
	if err != nil {
		return nil, 0, err
	}
	var total int
	err = s.db.Read().QueryRowContext(ctx, countTools, serviceID).Scan(&total)
	return tools, total, err
}

// Tool returns one tool of a service's server.
func (s *Store) Tool(ctx context.Context, serviceID, name string) (rampforge.ServiceTool, error) {
	t, err := scanTool(s.db.Read().QueryRowContext(ctx, selectTool, serviceID, name))
	return t, found(err, "tool")
}

// ApproveTool approves a tool as the hash says that it is defined. It is
// rampforge.CodeConflict when it has become another one meanwhile.
func (s *Store) ApproveTool(ctx context.Context, serviceID, name, hash, userID string, now time.Time) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, lockService, serviceID); err != nil {
			return err
		}
		done, err := changed(tx.ExecContext(ctx, approveTool, serviceID, name, hash, now, userID))
		if err != nil {
			return err
		}
		if !done {
			return rampforge.Errorf(rampforge.CodeConflict, "The tool's definition has changed meanwhile: look at it again, and approve that.")
		}
		_, err = tx.ExecContext(ctx, touchService, serviceID, now)
		return err
	})
}

func scanTool(r row) (rampforge.ServiceTool, error) {
	var t rampforge.ServiceTool
	var approved, first, changed database.Time
	var definition string
	err := r.Scan(&t.Name, &t.Title, &t.Description, &t.Kind, &t.InUse, &t.Hash, &t.Approved, &approved, &t.ApprovedBy, &first, &changed, &definition)
	t.ApprovedAt, t.FirstSeen, t.ChangedAt, t.Definition = approved.Ptr(), first.Time, changed.Ptr(), []byte(definition)
	return t, err
}
