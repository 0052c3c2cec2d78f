package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	projectColumns = `p.id, p.name, p.description, p.status, p.repository_id, p.repository_url, p.pm_tool, p.pm_project_key, p.ai_code, p.created_by, p.created_at, p.updated_at`

	// projectVisible says who may see a project p (countVisible says it again):
	// administrators ($1), who made it ($2), and its members. A plain $2 would
	// make SQLite plan the statement anew each time, for statistics of the value.
	projectVisible = `($1 OR p.created_by = $2 || '' OR EXISTS (
		SELECT 1 FROM project_members m WHERE m.project_id = p.id
			AND (m.user_id = $2 || '' OR m.email_key = (SELECT u.email_key FROM users u WHERE u.id = $2 || ''))))`

	projectMatches = projectVisible + ` AND ($3 = '' OR p.status = $3)`

	insertProject = `INSERT INTO projects (id, name, description, status, repository_id, repository_url, pm_tool, pm_project_key, ai_code, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	selectProject = `SELECT ` + projectColumns + ` FROM projects p WHERE ` + projectVisible + ` AND p.id = $3`
	// A plain LIMIT $4 would make SQLite plan anew at each call, to know the number:
	// where statements run for nearly every request, that costs more than they do.
	selectProjects = `SELECT ` + projectColumns + ` FROM projects p WHERE ` + projectMatches + `
		ORDER BY p.created_at DESC, p.id DESC LIMIT CAST($4 AS BIGINT) OFFSET $5`
	countProjects = `SELECT count(*) FROM projects p WHERE $1 = '' OR p.status = $1`
	// countVisible says the same as projectMatches for who is no administrator,
	// in a way that reads indexes alone: what they made, and what they are a
	// member of and did not make.
	countVisible = `SELECT
		(SELECT count(*) FROM projects p WHERE p.created_by = $1 || '' AND ($2 = '' OR p.status = $2)) +
		(SELECT count(*) FROM projects p WHERE p.created_by <> $1 || '' AND ($2 = '' OR p.status = $2) AND p.id IN (
			SELECT m.project_id FROM project_members m
				WHERE m.user_id = $1 || '' OR m.email_key = (SELECT u.email_key FROM users u WHERE u.id = $1 || '')))`
	updateProject = `UPDATE projects SET name = $2, description = $3, status = $4, repository_id = $5, repository_url = $6,
		pm_tool = $7, pm_project_key = $8, ai_code = $9, updated_at = $10 WHERE id = $1`
	// The update takes the row's lock on both databases, so that two changes of
	// one project follow each other.
	lockProject   = `UPDATE projects SET name = name WHERE id = $1`
	projectByID   = `SELECT ` + projectColumns + ` FROM projects p WHERE p.id = $1`
	deleteProject = `DELETE FROM projects WHERE id = $1`

	insertMember = `INSERT INTO project_members (project_id, email_key, email, user_id, added_at)
		VALUES ($1, $2, $3, (SELECT u.id FROM users u WHERE u.email_key = $2), $4) ON CONFLICT (project_id, email_key) DO NOTHING`
	memberKeys   = `SELECT email_key FROM project_members WHERE project_id = $1`
	deleteMember = `DELETE FROM project_members WHERE project_id = $1 AND email_key = $2`
	countMembers = `SELECT count(*) FROM project_members WHERE project_id = $1`
	memberNamed  = `SELECT m.project_id, u.id, COALESCE(u.email, m.email), COALESCE(u.name, ''), m.added_at, COALESCE(u.named_as_expert, TRUE)
		FROM project_members m LEFT JOIN users u ON u.email_key = m.email_key WHERE m.project_id = $1 AND (u.id = $2 OR m.email_key = $3)`
	selectMembers = `SELECT m.project_id, m.user_id, COALESCE(u.email, m.email), COALESCE(u.name, ''), m.added_at
		FROM project_members m LEFT JOIN users u ON u.email_key = m.email_key
		WHERE m.project_id = $1 ORDER BY m.added_at, m.email_key LIMIT CAST($2 AS BIGINT) OFFSET $3`
)

// CreateProjectTx inserts p and its members, named by e-mail address, and binds
// it to the resources that it names. Somebody
// who has no account yet is a member from the moment they register.
func (s *Store) CreateProjectTx(ctx context.Context, tx *sql.Tx, p rampforge.Project, members []string) error {
	_, err := tx.ExecContext(ctx, insertProject, p.ID, p.Name, p.Description, p.Status, p.RepositoryID, p.RepositoryURL,
		p.PMTool, p.PMProjectKey, p.AICode, p.CreatedBy, p.CreatedAt, p.UpdatedAt)
	if err != nil {
		return err
	}
	if err := s.addMembersTx(ctx, tx, p.ID, members, p.CreatedAt); err != nil {
		return err
	}
	if err := s.bindTx(ctx, tx, wishesOf(p), p.CreatedAt); err != nil {
		return err
	}
	return s.permissionChangedTx(ctx, tx, p.CreatedAt, p.ID, repositoryOf(p))
}

func (s *Store) addMembersTx(ctx context.Context, tx *sql.Tx, projectID string, members []string, at time.Time) error {
	for _, email := range members {
		if _, err := tx.ExecContext(ctx, insertMember, projectID, EmailKey(email), email, at); err != nil {
			return err
		}
	}
	return nil
}

// Project returns a project that v may see.
func (s *Store) Project(ctx context.Context, v Viewer, id string) (rampforge.Project, error) {
	p, err := scanProject(s.queryRow(ctx, selectProject, v.Admin, v.UserID, id))
	return p, found(err, "project")
}

// Projects returns a page of the projects that v may see, newest first, and
// how many there are on all pages. A status of "" is any.
func (s *Store) Projects(ctx context.Context, v Viewer, status rampforge.ProjectStatus, p Page) ([]rampforge.Project, int, error) {
	found, err := remember(ctx, s, projectsKey{v, status, p}, projectPage.weight, func() (found projectPage, err error) {
		if found.total, err = s.countProjects(ctx, v, status); err != nil {
			return found, err
		}
		rows, err := s.query(ctx, selectProjects, v.Admin, v.UserID, status, p.Limit, p.Offset)
		found.list, err = collect(rows, err, scanProject)
		return found, err
	})
	return found.list, found.total, err
}

type projectsKey struct {
	viewer Viewer
	status rampforge.ProjectStatus
	page   Page
}

type projectPage struct {
	list  []rampforge.Project
	total int
}

func (p projectPage) weight() int {
	n := 200
	for i := range p.list {
		n += 500 + len(p.list[i].Name) + len(p.list[i].Description)
	}
	return n
}

func (s *Store) countProjects(ctx context.Context, v Viewer, status rampforge.ProjectStatus) (n int, err error) {
	if v.Admin {
		err = s.queryRow(ctx, countProjects, status).Scan(&n)
	} else {
		err = s.queryRow(ctx, countVisible, v.UserID, status).Scan(&n)
	}
	return n, err
}

// UpdateProjectTx reads a project, lets change change it, and writes it back,
// while nobody else changes it. Whether the caller may is the caller's to know.
func (s *Store) UpdateProjectTx(ctx context.Context, tx *sql.Tx, id string, now time.Time, change func(*rampforge.Project) error) (rampforge.Project, error) {
	result, err := tx.ExecContext(ctx, lockProject, id)
	if err := changedOne(result, err, "project"); err != nil {
		return rampforge.Project{}, err
	}
	p, err := scanProject(tx.QueryRowContext(ctx, projectByID, id))
	if err != nil {
		return rampforge.Project{}, found(err, "project")
	}
	before := p
	if err := change(&p); err != nil {
		return rampforge.Project{}, err
	}
	p.UpdatedAt = now
	_, err = tx.ExecContext(ctx, updateProject, p.ID, p.Name, p.Description, p.Status, p.RepositoryID, p.RepositoryURL, p.PMTool, p.PMProjectKey, p.AICode, now)
	if err == nil {
		err = s.rebindTx(ctx, tx, before, p, now)
	}
	if err == nil && (before.AICode != p.AICode || repositoryOf(before) != repositoryOf(p)) {
		err = s.permissionChangedTx(ctx, tx, now, p.ID, repositoryOf(before), repositoryOf(p))
	}
	return p, err
}

func repositoryOf(p rampforge.Project) string {
	if p.RepositoryID == nil {
		return ""
	}
	return *p.RepositoryID
}

// SetMembersTx makes the given addresses the members of a project. Who was one
// before stays since when they were.
func (s *Store) SetMembersTx(ctx context.Context, tx *sql.Tx, projectID string, members []string, now time.Time) error {
	rows, err := tx.QueryContext(ctx, memberKeys, projectID)
	before, err := scanAll(rows, err, func(key *string) []any { return []any{key} })
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, email := range members {
		keep[EmailKey(email)] = true
	}
	for _, key := range before {
		if keep[key] {
			continue
		}
		if _, err := tx.ExecContext(ctx, deleteMember, projectID, key); err != nil {
			return err
		}
	}
	return s.addMembersTx(ctx, tx, projectID, members, now)
}

// ProjectMembers returns a page of a project's members, the longest there
// first, and how many there are.
func (s *Store) ProjectMembers(ctx context.Context, projectID string, p Page) ([]rampforge.ProjectMember, int, error) {
	var total int
	if err := s.queryRow(ctx, countMembers, projectID).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectMembers, projectID, p.Limit, p.Offset)
	list, err := scanAll(rows, err, func(m *rampforge.ProjectMember) []any {
		return []any{&m.ProjectID, &m.UserID, &m.Email, &m.Name, database.ScanTime(&m.AddedAt)}
	})
	return list, total, err
}

// ProjectMember returns the member of a project who has a user's id or an e-mail
// address, and whether they may be named as somebody to ask.
func (s *Store) ProjectMember(ctx context.Context, projectID, who string) (m rampforge.ProjectMember, named bool, err error) {
	err = s.queryRow(ctx, memberNamed, projectID, who, EmailKey(who)).Scan(&m.ProjectID, &m.UserID, &m.Email, &m.Name, database.ScanTime(&m.AddedAt), &named)
	return m, named, found(err, "member")
}

// DeleteProject removes a project and its memberships. Its repository stays.
func (s *Store) DeleteProject(ctx context.Context, id string) error {
	result, err := s.db.Write().ExecContext(ctx, deleteProject, id)
	return changedOne(result, err, "project")
}

func scanProject(row row) (rampforge.Project, error) {
	var p rampforge.Project
	var created, updated database.Time
	err := row.Scan(&p.ID, &p.Name, &p.Description, &p.Status, &p.RepositoryID, &p.RepositoryURL, &p.PMTool, &p.PMProjectKey, &p.AICode, &p.CreatedBy, &created, &updated)
	p.CreatedAt, p.UpdatedAt = created.Time, updated.Time
	return p, err
}
