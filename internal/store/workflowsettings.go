package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectWorkflowSettings = `SELECT v.settings, v.revision, v.updated_by, v.updated_at FROM workflow_settings v WHERE v.project_id = $1`
	// The revision is the one that the change is of: who was first wins.
	putWorkflowSettings = `INSERT INTO workflow_settings (project_id, settings, revision, updated_by, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project_id) DO UPDATE SET settings = excluded.settings, revision = excluded.revision, updated_by = excluded.updated_by, updated_at = excluded.updated_at
		WHERE workflow_settings.revision = excluded.revision - 1`
)

// WorkflowSettings are the settings of a project's workflow as they are kept.
type WorkflowSettings struct {
	Settings  rampforge.WorkflowSettings
	Revision  int64 // 0: nobody said anything yet
	UpdatedBy string
	UpdatedAt *time.Time
}

// WorkflowSettings returns what a project says of its workflow; nothing, at
// revision 0, when it says nothing.
func (s *Store) WorkflowSettings(ctx context.Context, projectID string) (WorkflowSettings, error) {
	return scanWorkflowSettings(s.queryRow(ctx, selectWorkflowSettings, projectID))
}

func scanWorkflowSettings(r row) (v WorkflowSettings, err error) {
	_, err = exists(r.Scan(jsonColumn{&v.Settings}, &v.Revision, &v.UpdatedBy, database.ScanNullTime(&v.UpdatedAt)))
	return v, err
}

// PutWorkflowSettingsTx replaces what a project says of its workflow, and has
// its report computed again. was is the revision that the change is of:
// RESOURCE_CONFLICT says that somebody changed the settings since. Whether the
// caller may is the caller's to know.
func (s *Store) PutWorkflowSettingsTx(ctx context.Context, tx *sql.Tx, projectID string, settings rampforge.WorkflowSettings, was int64, by string, now time.Time) (v WorkflowSettings, err error) {
	result, err := tx.ExecContext(ctx, lockProject, projectID)
	if err := changedOne(result, err, "project"); err != nil {
		return v, err
	}
	text, err := jsonText(settings)
	if err != nil {
		return v, err
	}
	if v, err = scanWorkflowSettings(tx.QueryRowContext(ctx, selectWorkflowSettings, projectID)); err != nil {
		return v, err
	}
	if v.Revision != was {
		return v, rampforge.Errorf(rampforge.CodeConflict, "Somebody changed the workflow settings since revision %d: read them again, they are at revision %d.", was, v.Revision)
	}
	if _, err := tx.ExecContext(ctx, putWorkflowSettings, projectID, text, was+1, by, now); err != nil {
		return v, err
	}
	return WorkflowSettings{Settings: settings, Revision: was + 1, UpdatedBy: by, UpdatedAt: &now}, s.StaleWorkflowTx(ctx, tx, projectID, now)
}
