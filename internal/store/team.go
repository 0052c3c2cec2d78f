package store

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectTeamFigures = `SELECT f.figure, f.period, f.value FROM team_figures f WHERE f.project_id = $1`
	// Of two who compute one month's at once the first one's is it; an earlier
	// month's is replaced.
	putTeamFigure = `INSERT INTO team_figures (project_id, figure, period, value, computed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project_id, figure) DO UPDATE SET period = excluded.period, value = excluded.value, computed_at = excluded.computed_at
			WHERE team_figures.period < excluded.period`

	dropTeamFigure = `DELETE FROM team_figures WHERE project_id = $1 AND figure = $2 AND period < $3`

	selectTeamMembers = `SELECT u.id, u.name, u.role, u.is_active, u.skills, u.named_as_expert, u.timezone, m.added_at
		FROM project_members m JOIN users u ON u.email_key = m.email_key
		WHERE m.project_id = $1 ORDER BY u.id`
	selectUnnamed = `SELECT u.id, u.is_active, u.named_as_expert FROM users u WHERE NOT u.is_active OR NOT u.named_as_expert`

	// A user's own name and all that their accounts and commits go by.
	unnamedNames = `SELECT u.name FROM users u WHERE NOT u.named_as_expert
		UNION SELECT i.name FROM identities i JOIN people p ON p.id = i.person_id JOIN users u ON u.id = p.user_id WHERE NOT u.named_as_expert AND i.name <> ''
		UNION SELECT g.name FROM signatures g JOIN users u ON u.email_key = lower(g.email) WHERE NOT u.named_as_expert
		ORDER BY 1`

	selectKnownPeople = `SELECT p.id, p.name, p.bot, COALESCE(p.user_id, '') FROM people p WHERE p.merged_into IS NULL ORDER BY p.id`
	selectPeopleNames = `SELECT DISTINCT i.person_id, i.name FROM identities i WHERE i.name <> '' ORDER BY i.person_id, i.name`

	selectPersonOfUser = `SELECT i.person_id FROM identities i WHERE i.kind = 'user' AND i.subject = $1`
	// What somebody decided of their own person is no proof that it is theirs, and
	// whoever may merge people may have a second account: what an administrator
	// decided of somebody else is one.
	provenDecisions   = `SELECT d.a, d.b FROM identity_decisions d JOIN users u ON u.id = d.decided_by WHERE d.together AND u.role = 'admin' AND u.id <> $1 || ''`
	doubtfulDecisions = `SELECT count(*) FROM identity_decisions d JOIN identities i ON i.id = d.a WHERE i.person_id = $1 AND d.together
		AND (d.decided_by = $2 OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = d.decided_by AND u.role = 'admin'))`
	selectUserProjects = `SELECT p.id, p.name FROM projects p WHERE p.status = 'active' AND p.id IN (
			SELECT m.project_id FROM project_members m
				WHERE m.user_id = $1 || '' OR m.email_key = (SELECT u.email_key FROM users u WHERE u.id = $1 || ''))
		ORDER BY p.name, p.id`
)

// TeamFigure is a figure of a group of people, as it was computed once for a
// month. The store does not know what is in it.
type TeamFigure struct {
	Figure string
	Period string // 2026-10
	Value  []byte // JSON
}

// TeamFigures returns what is kept of a project.
func (s *Store) TeamFigures(ctx context.Context, projectID string) ([]TeamFigure, error) {
	rows, err := s.query(ctx, selectTeamFigures, projectID)
	return collect(rows, err, func(r row) (f TeamFigure, err error) {
		var text string
		err = r.Scan(&f.Figure, &f.Period, &text)
		f.Value = []byte(text)
		return f, err
	})
}

// KeepTeamFigure keeps a figure, unless there is one of that month or a later
// one already: a month's is never computed twice.
func (s *Store) KeepTeamFigure(ctx context.Context, projectID string, f TeamFigure, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, putTeamFigure, projectID, f.Figure, f.Period, string(f.Value), now)
	return err
}

// DropTeamFigure removes a figure of a month before period: of that month it
// cannot be computed again.
func (s *Store) DropTeamFigure(ctx context.Context, projectID, figure, period string) error {
	_, err := s.db.Write().ExecContext(ctx, dropTeamFigure, projectID, figure, period)
	return err
}

// TeamMember is a member of a project who has an account.
type TeamMember struct {
	UserID   string
	Name     string
	Role     rampforge.Role
	Active   bool
	Skills   []string
	Named    bool // may be named as somebody to ask
	Timezone string
	AddedAt  time.Time
}

// TeamMembers lists the members of a project who have an account.
func (s *Store) TeamMembers(ctx context.Context, projectID string) ([]TeamMember, error) {
	rows, err := s.query(ctx, selectTeamMembers, projectID)
	return scanAll(rows, err, func(m *TeamMember) []any {
		return []any{&m.UserID, &m.Name, &m.Role, &m.Active, jsonColumn{&m.Skills}, &m.Named, &m.Timezone, database.ScanTime(&m.AddedAt)}
	})
}

// KnownPerson is somebody as far as a team's report needs it.
type KnownPerson struct {
	ID     string
	Name   string
	Names  []string // of their identities
	Bot    bool
	UserID string // "" for none
	Gone   bool   // their account here was deactivated
	Hidden bool   // does not want to be named as somebody to ask
}

// KnownPeople lists everybody, by id.
func (s *Store) KnownPeople(ctx context.Context) ([]KnownPerson, error) {
	rows, err := s.query(ctx, selectKnownPeople)
	people, err := scanAll(rows, err, func(p *KnownPerson) []any { return []any{&p.ID, &p.Name, &p.Bot, &p.UserID} })
	if err != nil {
		return nil, err
	}
	byID, byUser := map[string]*KnownPerson{}, map[string]*KnownPerson{}
	for i := range people {
		byID[people[i].ID] = &people[i]
		if people[i].UserID != "" {
			byUser[people[i].UserID] = &people[i]
		}
	}
	type named struct{ person, name string }
	rows, err = s.query(ctx, selectPeopleNames)
	names, err := scanAll(rows, err, func(n *named) []any { return []any{&n.person, &n.name} })
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if p := byID[n.person]; p != nil {
			p.Names = append(p.Names, n.name)
		}
	}
	rows, err = s.query(ctx, selectUnnamed)
	_, err = collect(rows, err, func(r row) (id string, err error) {
		var active, named bool
		err = r.Scan(&id, &active, &named)
		if p := byUser[id]; p != nil {
			p.Gone, p.Hidden = !active, !named
		}
		return id, err
	})
	return people, err
}

// PersonOfUser returns the person whom a user is, "" for none, and whether
// anything of that person was joined by the user or by somebody who is no
// administrator.
func (s *Store) PersonOfUser(ctx context.Context, userID string) (id string, doubtful bool, err error) {
	known, err := exists(s.queryRow(ctx, selectPersonOfUser, userID).Scan(&id))
	if err != nil || !known {
		return "", false, err
	}
	var decisions int
	err = s.queryRow(ctx, doubtfulDecisions, id, userID).Scan(&decisions)
	return id, decisions > 0, err
}

// ProvenDecisions returns what administrators who are not the user joined.
func (s *Store) ProvenDecisions(ctx context.Context, userID string) (map[KeptDecision]bool, error) {
	rows, err := s.query(ctx, provenDecisions, userID)
	list, err := scanAll(rows, err, func(d *KeptDecision) []any { return []any{&d.A, &d.B} })
	proven := make(map[KeptDecision]bool, len(list))
	for _, d := range list {
		d.Together = true
		proven[d] = true
	}
	return proven, err
}

// UserProject is a project that a user is a member of.
type UserProject struct{ ID, Name string }

// UserProjects lists the active projects that a user is a member of, by name.
func (s *Store) UserProjects(ctx context.Context, userID string) ([]UserProject, error) {
	rows, err := s.query(ctx, selectUserProjects, userID)
	return scanAll(rows, err, func(p *UserProject) []any { return []any{&p.ID, &p.Name} })
}

// UnnamedNames lists the names of who does not want to be named as somebody to
// ask: as users, and those that accounts and commits carry for them.
func (s *Store) UnnamedNames(ctx context.Context) ([]string, error) {
	rows, err := s.query(ctx, unnamedNames)
	return scanAll(rows, err, func(name *string) []any { return []any{name} })
}
