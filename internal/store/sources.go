package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// A source is as fresh as the stream of it that was read the longest ago; an
	// import is as old as its file.
	selectSources = `SELECT b.service_id, COALESCE(s.service_type, ''), b.resource_id, COALESCE(r.key, ''), COALESCE(r.name, ''), COALESCE(r.kind, ''), COALESCE(r.url, ''), b.wish,
		COALESCE((SELECT min(c.done_at) FROM sync_cursors c WHERE c.service_id = b.service_id AND c.resource_id = b.resource_id),
			(SELECT i.created_at FROM imports i WHERE i.id = b.service_id))
		FROM project_sources b LEFT JOIN services s ON s.id = b.service_id LEFT JOIN resources r ON r.service_id = b.service_id AND r.id = b.resource_id
		WHERE b.project_id = $1 AND NOT b.removed ORDER BY b.bound_at, b.service_id, b.resource_id`
	// Of a service's resources those that a project is bound to which the viewer
	// may see.
	ofVisibleProjects = `resources s WHERE s.service_id = $3 AND EXISTS (SELECT 1 FROM project_sources b JOIN projects p ON p.id = b.project_id
		WHERE b.service_id = s.service_id AND b.resource_id = s.id AND NOT b.removed AND ` + projectVisible + `)`
	selectVisibleResources = `SELECT s.id, s.kind, s.key, s.name, s.url, s.archived, s.streams FROM ` + ofVisibleProjects + ` ORDER BY s.key, s.id LIMIT $4 OFFSET $5`
	countVisibleResources  = `SELECT count(*) FROM ` + ofVisibleProjects
	// An import is of one project.
	countSource = `SELECT count(*) FROM resources r WHERE r.service_id = $1 AND r.id = $2
		AND (EXISTS (SELECT 1 FROM services s WHERE s.id = r.service_id) OR EXISTS (SELECT 1 FROM imports i WHERE i.id = r.service_id AND i.project_id = $3))`
	bindByHand = `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, $2, $3, '', $4)
		ON CONFLICT (project_id, service_id, resource_id) DO UPDATE SET wish = '', removed = FALSE, bound_at = excluded.bound_at WHERE project_sources.removed`
	removeSource = `UPDATE project_sources SET removed = TRUE WHERE project_id = $1 AND service_id = $2 AND resource_id = $3`

	// A project is bound to one resource for each of its two wishes, the one of
	// the oldest service, and never to one that somebody took out.
	bindTracker = `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at)
		SELECT CAST($1 AS TEXT), r.service_id, r.id, 'tracker', $4 FROM resources r JOIN services s ON s.id = r.service_id
		WHERE s.enabled AND s.service_type = $2 AND r.match_key = $3
			AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = $1 AND b.wish = 'tracker' AND NOT b.removed)
			AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = $1 AND b.service_id = r.service_id AND b.resource_id = r.id AND b.removed)
		ORDER BY s.created_at, s.id, r.id LIMIT 1 ON CONFLICT (project_id, service_id, resource_id) DO NOTHING`
	bindRepository = `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at)
		SELECT CAST($1 AS TEXT), r.service_id, r.id, 'repository', $3 FROM resources r JOIN services s ON s.id = r.service_id
		WHERE s.enabled AND s.service_type IN ('github', 'gitlab', 'azure_devops') AND r.match_url = $2
			AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = $1 AND b.wish = 'repository' AND NOT b.removed)
			AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = $1 AND b.service_id = r.service_id AND b.resource_id = r.id AND b.removed)
		ORDER BY s.created_at, s.id, r.id LIMIT 1 ON CONFLICT (project_id, service_id, resource_id) DO NOTHING`
	forgetWish   = `DELETE FROM project_sources WHERE project_id = $1 AND wish = $2 AND NOT removed`
	openProjects = `SELECT p.id, p.pm_tool, p.pm_project_key, p.repository_url FROM projects p
		WHERE (p.pm_tool IS NOT NULL AND p.pm_project_key IS NOT NULL
				AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.wish = 'tracker' AND NOT b.removed))
			OR (p.repository_url IS NOT NULL
				AND NOT EXISTS (SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.wish = 'repository' AND NOT b.removed))
		ORDER BY p.id`
)

// matchKey is the form of a resource's key that a project's is compared with.
func matchKey(key string) string { return strings.ToLower(strings.TrimSpace(plain(key))) }

// VisibleResources returns a page of what a service was last seen to have, by
// key, as far as a project that v may see is bound to it, and how many there are
// on all pages.
func (s *Store) VisibleResources(ctx context.Context, v Viewer, serviceID string, p Page) ([]rampforge.Resource, int, error) {
	var total int
	if err := s.queryRow(ctx, countVisibleResources, v.Admin, v.UserID, serviceID).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectVisibleResources, v.Admin, v.UserID, serviceID, p.Limit, p.Offset)
	list, err := collect(rows, err, scanResource)
	return list, total, err
}

// wishes are what a project says of where its work lives; "" is nothing.
type wishes struct {
	projectID       string
	tool            rampforge.PMTool
	key, repository string // in the forms that are compared
}

func wishesOf(p rampforge.Project) wishes {
	w := wishes{projectID: p.ID}
	if p.PMTool != nil && p.PMProjectKey != nil {
		w.tool, w.key = *p.PMTool, matchKey(*p.PMProjectKey)
	}
	if p.RepositoryURL != nil {
		w.repository = rampforge.RepositoryKey(*p.RepositoryURL)
	}
	return w
}

// bindTx binds a project to what it wishes for, as far as that is known.
func (s *Store) bindTx(ctx context.Context, tx *sql.Tx, w wishes, now time.Time) error {
	tracker, repository := false, false
	var err error
	if w.key != "" {
		if tracker, err = changed(tx.ExecContext(ctx, bindTracker, w.projectID, w.tool, w.key, now)); err != nil {
			return fmt.Errorf("binding a project to its tracker: %w", err)
		}
	}
	if w.repository != "" {
		if repository, err = changed(tx.ExecContext(ctx, bindRepository, w.projectID, w.repository, now)); err != nil {
			return fmt.Errorf("binding a project to its repository: %w", err)
		}
	}
	if !tracker && !repository {
		return nil
	}
	if err := s.permissionChangedTx(ctx, tx, now, w.projectID); err != nil {
		return err
	}
	return s.StaleWorkflowTx(ctx, tx, w.projectID, now)
}

// rebindTx binds a project that changed: what it was matched with for a wish
// that it has no more is let go.
func (s *Store) rebindTx(ctx context.Context, tx *sql.Tx, before, after rampforge.Project, now time.Time) error {
	was, is := wishesOf(before), wishesOf(after)
	if was != is {
		if err := s.StaleWorkflowTx(ctx, tx, after.ID, now); err != nil {
			return err
		}
	}
	if was.tool != is.tool || was.key != is.key {
		if _, err := tx.ExecContext(ctx, forgetWish, after.ID, rampforge.WishTracker); err != nil {
			return err
		}
	}
	if was.repository != is.repository {
		if _, err := tx.ExecContext(ctx, forgetWish, after.ID, rampforge.WishRepository); err != nil {
			return err
		}
	}
	return s.bindTx(ctx, tx, is, now)
}

// bindWishesTx binds the projects that wait for one of the resources.
func (s *Store) bindWishesTx(ctx context.Context, tx *sql.Tx, resources []rampforge.Resource, now time.Time) error {
	keys, urls := map[string]bool{}, map[string]bool{}
	for i := range resources {
		keys[matchKey(resources[i].Key)] = true
		urls[rampforge.RepositoryKey(plain(resources[i].URL))] = true
	}
	rows, err := tx.QueryContext(ctx, openProjects)
	open, err := collect(rows, err, func(r row) (wishes, error) {
		var p rampforge.Project
		err := r.Scan(&p.ID, &p.PMTool, &p.PMProjectKey, &p.RepositoryURL)
		return wishesOf(p), err
	})
	if err != nil {
		return err
	}
	for _, w := range open {
		if w.key != "" && keys[w.key] || w.repository != "" && urls[w.repository] {
			if err := s.bindTx(ctx, tx, w, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// ProjectSources returns what a project is bound to, the longest bound first.
// Whether the caller may see the project is the caller's to know.
func (s *Store) ProjectSources(ctx context.Context, projectID string) ([]rampforge.ProjectSource, error) {
	rows, err := s.query(ctx, selectSources, projectID)
	return collect(rows, err, func(r row) (v rampforge.ProjectSource, err error) {
		err = r.Scan(&v.ServiceID, &v.ServiceType, &v.ResourceID, &v.Key, &v.Name, &v.Kind, &v.URL, &v.Wish, database.ScanNullTime(&v.LastSynced))
		v.BoundBy = rampforge.BoundByHand
		if v.Wish != "" {
			v.BoundBy = rampforge.BoundByMatch
		}
		return v, err
	})
}

// Unbound returns what a project wishes for and is bound to no source of.
func Unbound(p rampforge.Project, sources []rampforge.ProjectSource) []rampforge.ProjectWish {
	w, missing := wishesOf(p), []rampforge.ProjectWish{}
	tracked := slices.ContainsFunc(sources, func(v rampforge.ProjectSource) bool {
		return v.Wish == rampforge.WishTracker || string(v.ServiceType) == string(w.tool) && matchKey(v.Key) == w.key
	})
	if w.key != "" && !tracked {
		missing = append(missing, rampforge.ProjectWish{Wish: rampforge.WishTracker, Value: *p.PMProjectKey,
			Message: "No enabled service of the type " + string(w.tool) + " was seen to have this: add or sync one, or bind a source by hand."})
	}
	hosted := slices.ContainsFunc(sources, func(v rampforge.ProjectSource) bool {
		return v.Wish == rampforge.WishRepository || rampforge.RepositoryKey(v.URL) == w.repository
	})
	if w.repository != "" && !hosted {
		missing = append(missing, rampforge.ProjectWish{Wish: rampforge.WishRepository, Value: *p.RepositoryURL,
			Message: "No enabled service was seen to have this repository: add or sync one, or bind a source by hand."})
	}
	return missing
}

// SourceRef names a resource of a service.
type SourceRef struct {
	ServiceID  string
	ResourceID string
}

// SetProjectSourcesTx makes the given resources the sources of a project. What
// was bound before stays as it was bound; what is taken out is not matched
// again. Resources that no service was seen to have are rampforge.CodeInvalid.
func (s *Store) SetProjectSourcesTx(ctx context.Context, tx *sql.Tx, projectID string, wanted []SourceRef, now time.Time) error {
	result, err := tx.ExecContext(ctx, lockProject, projectID)
	if err := changedOne(result, err, "project"); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, selectSources, projectID)
	bound, err := collect(rows, err, func(r row) (ref SourceRef, err error) {
		var none any
		err = r.Scan(&ref.ServiceID, &none, &ref.ResourceID, &none, &none, &none, &none, &none, &none)
		return ref, err
	})
	if err != nil {
		return err
	}
	var issues []rampforge.FieldIssue
	for i, ref := range wanted {
		if slices.Contains(bound, ref) {
			continue
		}
		var n int
		if err := tx.QueryRowContext(ctx, countSource, ref.ServiceID, ref.ResourceID, projectID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("sources[%d]", i), Issue: "names no resource that a service was seen to have: list the service's resources first"})
			continue
		}
		if _, err := tx.ExecContext(ctx, bindByHand, projectID, ref.ServiceID, ref.ResourceID, now); err != nil {
			return err
		}
	}
	if len(issues) > 0 {
		return rampforge.Invalid(issues...)
	}
	for _, ref := range bound {
		if slices.Contains(wanted, ref) {
			continue
		}
		if _, err := tx.ExecContext(ctx, removeSource, projectID, ref.ServiceID, ref.ResourceID); err != nil {
			return err
		}
	}
	if err := s.permissionChangedTx(ctx, tx, now, projectID); err != nil {
		return err
	}
	return s.StaleWorkflowTx(ctx, tx, projectID, now)
}
