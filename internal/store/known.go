package store

import (
	"context"

	"github.com/rampforgeai/rampforge"
)

const (
	knownIdentities = `SELECT i.kind, i.service_id, i.subject, i.login, i.person_id, p.bot OR i.bot FROM identities i JOIN people p ON p.id = i.person_id
		ORDER BY i.kind, i.service_id, i.subject`
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
}

// KnownIdentities returns whose every identity is.
func (s *Store) KnownIdentities(ctx context.Context) ([]Known, error) {
	rows, err := s.query(ctx, knownIdentities)
	return collect(rows, err, func(r row) (v Known, err error) {
		return v, r.Scan(&v.Kind, &v.ServiceID, &v.Subject, &v.Login, &v.PersonID, &v.Bot)
	})
}
