package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	selectPeopleVersion = `SELECT v.version FROM people_version v WHERE v.id = 1`
	takePeopleVersion   = `UPDATE people_version SET version = version + 1 WHERE id = 1 AND version = $1`
	bumpPeopleVersion   = `UPDATE people_version SET version = version + 1 WHERE id = 1`

	allAccounts    = `SELECT a.service_id, a.id, a.login, a.name, a.email, a.email_verified, a.bot FROM accounts a`
	allUsers       = `SELECT u.id, u.email, u.name FROM users u`
	allEndpoints   = `SELECT s.id, s.service_type, s.endpoint FROM services s`
	allIdentities  = `SELECT i.id, i.kind, i.service_id, i.subject, i.vendor, i.host, i.login, i.name, i.email, i.verified, i.bot, i.person_id, i.born FROM identities i`
	allPeople      = `SELECT p.id, p.name, p.bot, COALESCE(p.user_id, ''), COALESCE(p.merged_into, '') FROM people p`
	allDecisions   = `SELECT d.a, d.b, d.together FROM identity_decisions d`
	allSuggestions = `SELECT s.id, s.a, s.b, s.score, s.reasons FROM person_suggestions s`

	putPeople = `INSERT INTO people (id, name, bot, user_id, merged_into, name_key, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	setPerson = `UPDATE people SET name = $2, bot = $3, user_id = $4, merged_into = $5, name_key = $6, updated_at = $7 WHERE id = $1`
	goPerson  = `DELETE FROM people WHERE id = $1`

	putIdentities = `INSERT INTO identities (id, kind, service_id, subject, vendor, host, login, name, email, verified, bot, person_id, born, since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	setIdentity = `UPDATE identities SET vendor = $2, host = $3, login = $4, name = $5, email = $6, verified = $7, bot = $8, person_id = $9 WHERE id = $1`
	goIdentity  = `DELETE FROM identities WHERE id = $1`

	putDecisions = `INSERT INTO identity_decisions (a, b, together, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5)`
	goDecision   = `DELETE FROM identity_decisions WHERE a = $1 AND b = $2`

	putSuggestions = `INSERT INTO person_suggestions (id, a, b, score, reasons, created_at) VALUES ($1, $2, $3, $4, $5, $6)`
	setSuggestion  = `UPDATE person_suggestions SET score = $2, reasons = $3 WHERE id = $1`
	goSuggestion   = `DELETE FROM person_suggestions WHERE id = $1`
)

// PeopleState is all that is known of who is who, and what it was found from.
type PeopleState struct {
	Version int64

	Accounts   []ServiceAccount
	Users      []KnownUser
	Signatures []KeptSignature
	Endpoints  []ServiceEndpoint

	Identities  []KeptIdentity
	People      []KeptPerson
	Decisions   []KeptDecision
	Suggestions []KeptSuggestion
}

// ServiceAccount is an account of a service.
type ServiceAccount struct {
	rampforge.Account

	ServiceID string
}

// KnownUser is a user, as far as it tells who they are.
type KnownUser struct{ ID, Email, Name string }

// KeptSignature is a signature where it was seen: a service or a repository.
type KeptSignature struct {
	rampforge.Signature

	Source    string
	AccountID string // of the source, "" for none
	Proper    string // by the repository's .mailmap, "" for a service
}

// ServiceEndpoint is where a service is.
type ServiceEndpoint struct {
	ID       string
	Type     rampforge.ServiceType
	Endpoint string
}

// KeptIdentity is an identity as it is kept. Subject is the account's or the
// user's id, or the address that compares.
type KeptIdentity struct {
	ID        string
	Kind      rampforge.IdentityKind
	ServiceID string
	Subject   string
	Vendor    rampforge.ServiceType
	Host      string
	Login     string
	Name      string
	Email     string
	Verified  bool
	Bot       bool
	PersonID  string
	Born      string // whose it was at first
}

// KeptPerson is a person as they are kept.
type KeptPerson struct {
	ID         string
	Name       string
	Bot        bool
	UserID     string // "" for none
	MergedInto string // "" for who exists
}

// KeptDecision is what somebody said of two identities, by their ids: the
// smaller is A.
type KeptDecision struct {
	A, B     string
	Together bool
}

// KeptSuggestion is that two people may be one, by their ids: the smaller is A.
type KeptSuggestion struct {
	ID, A, B string
	Score    float64
	Reasons  string // JSON
}

// PeopleState reads who is who. What is read later may be newer than the
// version; who changes people by it finds out.
func (s *Store) PeopleState(ctx context.Context) (p PeopleState, err error) {
	if err := s.queryRow(ctx, selectPeopleVersion).Scan(&p.Version); err != nil {
		return p, err
	}
	for _, read := range []func() error{
		func() error {
			p.Identities, err = every(ctx, s, allIdentities, func(v *KeptIdentity) []any {
				return []any{&v.ID, &v.Kind, &v.ServiceID, &v.Subject, &v.Vendor, &v.Host, &v.Login, &v.Name, &v.Email, &v.Verified, &v.Bot, &v.PersonID, &v.Born}
			})
			return err
		},
		func() error {
			p.People, err = every(ctx, s, allPeople, func(v *KeptPerson) []any { return []any{&v.ID, &v.Name, &v.Bot, &v.UserID, &v.MergedInto} })
			return err
		},
		func() error {
			p.Decisions, err = every(ctx, s, allDecisions, func(v *KeptDecision) []any { return []any{&v.A, &v.B, &v.Together} })
			return err
		},
		func() error {
			p.Suggestions, err = every(ctx, s, allSuggestions, func(v *KeptSuggestion) []any { return []any{&v.ID, &v.A, &v.B, &v.Score, &v.Reasons} })
			return err
		},
		func() error {
			p.Accounts, err = every(ctx, s, allAccounts, func(v *ServiceAccount) []any {
				return []any{&v.ServiceID, &v.ID, &v.Login, &v.Name, &v.Email, &v.EmailVerified, &v.Bot}
			})
			return err
		},
		func() error {
			p.Users, err = every(ctx, s, allUsers, func(v *KnownUser) []any { return []any{&v.ID, &v.Email, &v.Name} })
			return err
		},
		func() error {
			p.Signatures, err = every(ctx, s, selectSignatures, func(v *KeptSignature) []any { return []any{&v.Source, &v.Email, &v.Name, &v.AccountID, &v.Proper} })
			return err
		},
		func() error {
			p.Endpoints, err = every(ctx, s, allEndpoints, func(v *ServiceEndpoint) []any { return []any{&v.ID, &v.Type, &v.Endpoint} })
			return err
		},
	} {
		if err := read(); err != nil {
			return p, err
		}
	}
	return p, nil
}

func every[T any](ctx context.Context, s *Store, text string, fields func(*T) []any) ([]T, error) {
	rows, err := s.query(ctx, text)
	return scanAll(rows, err, fields)
}

// PeopleChange is what became of who is who.
type PeopleChange struct {
	At    time.Time
	Actor string // who decided; "" when nobody did

	NewPeople, People         []KeptPerson // the second: changed
	GonePeople                []string
	NewIdentities, Identities []KeptIdentity
	GoneIdentities            []string
	NewDecisions              []KeptDecision
	GoneDecisions             []KeptDecision
	NewSuggestions            []KeptSuggestion
	Suggestions               []KeptSuggestion
	GoneSuggestions           []string
	Audit                     *rampforge.AuditEntry
}

// Empty reports whether there is nothing to write.
func (c *PeopleChange) Empty() bool {
	return c.Audit == nil && len(c.NewPeople)+len(c.People)+len(c.GonePeople)+len(c.NewIdentities)+len(c.Identities)+len(c.GoneIdentities)+
		len(c.NewDecisions)+len(c.GoneDecisions)+len(c.NewSuggestions)+len(c.Suggestions)+len(c.GoneSuggestions) == 0
}

// ChangePeople writes a change of what was read at a version, all or nothing.
// It fails with ErrPeopleChanged when somebody was faster.
func (s *Store) ChangePeople(ctx context.Context, version int64, c PeopleChange) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err := changed(tx.ExecContext(ctx, takePeopleVersion, version))
		if err != nil {
			return err
		}
		if !won {
			return ErrPeopleChanged
		}
		return s.changePeopleTx(ctx, tx, c)
	})
}

// changePeopleTx writes in the order that references ask for: what others
// refer to first, and what refers to others is removed first.
func (s *Store) changePeopleTx(ctx context.Context, tx *sql.Tx, c PeopleChange) error {
	steps := []struct {
		text string
		rows [][]any
	}{
		{goDecision, rowsOf(c.GoneDecisions, func(d KeptDecision) []any { return []any{d.A, d.B} })},
		{goSuggestion, rowsOf(c.GoneSuggestions, idRow)},
		{putPeople, rowsOf(c.NewPeople, func(p KeptPerson) []any { return append(personRow(p), c.At, c.At) })},
		{setPerson, rowsOf(c.People, func(p KeptPerson) []any { return append(personRow(p), c.At) })},
		{setIdentity, rowsOf(c.Identities, func(i KeptIdentity) []any {
			return []any{i.ID, i.Vendor, i.Host, i.Login, i.Name, i.Email, i.Verified, i.Bot, i.PersonID}
		})},
		{goIdentity, rowsOf(c.GoneIdentities, idRow)},
		{putIdentities, rowsOf(c.NewIdentities, func(i KeptIdentity) []any {
			return []any{i.ID, i.Kind, i.ServiceID, i.Subject, i.Vendor, i.Host, i.Login, i.Name, i.Email, i.Verified, i.Bot, i.PersonID, i.Born, c.At}
		})},
		{goPerson, rowsOf(c.GonePeople, idRow)},
		{putDecisions, rowsOf(c.NewDecisions, func(d KeptDecision) []any { return []any{d.A, d.B, d.Together, c.Actor, c.At} })},
		{setSuggestion, rowsOf(c.Suggestions, func(v KeptSuggestion) []any { return []any{v.ID, v.Score, v.Reasons} })},
		{putSuggestions, rowsOf(c.NewSuggestions, func(v KeptSuggestion) []any { return []any{v.ID, v.A, v.B, v.Score, v.Reasons, c.At} })},
	}
	for _, step := range steps {
		if err := s.runEach(ctx, tx, step.text, step.rows); err != nil {
			return err
		}
	}
	if c.Audit == nil {
		return nil
	}
	return s.AuditTx(ctx, tx, *c.Audit)
}

func idRow(id string) []any { return []any{id} }

func personRow(p KeptPerson) []any {
	var user, into *string
	if p.UserID != "" {
		user = &p.UserID
	}
	if p.MergedInto != "" {
		into = &p.MergedInto
	}
	return []any{p.ID, p.Name, p.Bot, user, into, strings.ToLower(p.Name)}
}

func rowsOf[T any](list []T, row func(T) []any) [][]any {
	rows := make([][]any, 0, len(list))
	for _, v := range list {
		rows = append(rows, row(v))
	}
	return rows
}

// StalePeopleTx says that evidence was removed: who changes people by what they
// read before finds out.
func (s *Store) StalePeopleTx(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, bumpPeopleVersion)
	return err
}
