package store

import (
	"context"

	"github.com/rampforgeai/rampforge"
)

const (
	// Whoever registered with an address that an account has is taken for its
	// owner here, joined or not.
	knownIdentities = `SELECT i.kind, i.service_id, i.subject, i.login, i.person_id, p.bot OR i.bot,
			p.user_id IS NOT NULL OR p.id IN (SELECT x.person_id FROM identities x JOIN users u ON u.email_key = lower(x.email) WHERE x.email <> '')
		FROM identities i JOIN people p ON p.id = i.person_id
		ORDER BY i.kind, i.service_id, i.subject`
	memberPeople = `SELECT DISTINCT i.person_id FROM identities i JOIN project_members m ON m.email_key = lower(i.email) WHERE m.project_id = $1 AND i.email <> ''`
)

// PeopleVersion returns what every change of the people changes.
func (s *Store) PeopleVersion(ctx context.Context) (version int64, err error) {
	err = s.queryRow(ctx, selectPeopleVersion).Scan(&version)
	return version, err
}

// Known is whose an identity is.
type Known struct {
	Kind      rampforge.IdentityKind
	ServiceID string // of an account
	Subject   string // the id of an account or a user, or the address that compares
	Login     string
	PersonID  string
	Bot       bool
	User      bool // the person has a user here, by decision or by an address
}

// KnownIdentities returns whose every identity is.
func (s *Store) KnownIdentities(ctx context.Context) ([]Known, error) {
	rows, err := s.query(ctx, knownIdentities)
	return scanAll(rows, err, func(v *Known) []any {
		return []any{&v.Kind, &v.ServiceID, &v.Subject, &v.Login, &v.PersonID, &v.Bot, &v.User}
	})
}

// MemberPeople returns the ids of the people who have an address of a member of
// a project, whether that member ever signed in or not.
func (s *Store) MemberPeople(ctx context.Context, projectID string) ([]string, error) {
	rows, err := s.query(ctx, memberPeople, projectID)
	return scanAll(rows, err, func(id *string) []any { return []any{id} })
}
