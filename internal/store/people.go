package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	personColumns   = `p.id, p.name, p.bot, p.user_id, p.created_at, p.updated_at`
	identityColumns = `i.id, i.kind, i.service_id, i.subject, i.login, i.name, i.email, i.verified, i.bot, i.since, i.person_id`

	peopleMatch    = `p.merged_into IS NULL AND ($1 = '' OR p.name_key LIKE $1 ESCAPE '\') AND ($2 OR p.bot = $3)`
	peoplePage     = ` FROM people p WHERE ` + peopleMatch + ` ORDER BY p.name_key, p.id LIMIT $4 OFFSET $5`
	selectPeople   = `SELECT ` + personColumns + peoplePage
	countPeople    = `SELECT count(*) FROM people p WHERE ` + peopleMatch
	identitiesOf   = ` FROM identities i WHERE i.person_id IN (`
	inTheirOrder   = `) ORDER BY i.kind, i.service_id, i.subject`
	pageIdentities = `SELECT ` + identityColumns + identitiesOf + `SELECT p.id` + peoplePage + inTheirOrder

	selectPerson     = `SELECT ` + personColumns + ` FROM people p WHERE p.id = COALESCE((SELECT m.merged_into FROM people m WHERE m.id = $1), $1)`
	selectPersonOf   = `SELECT i.person_id FROM identities i WHERE i.id = $1`
	personIdentities = `SELECT ` + identityColumns + identitiesOf + `$1` + inTheirOrder

	suggestionPage      = ` FROM person_suggestions s ORDER BY s.score DESC, s.id LIMIT $1 OFFSET $2`
	selectSuggestions   = `SELECT s.id, s.a, s.b, s.score, s.reasons, s.created_at` + suggestionPage
	countSuggestions    = `SELECT count(*) FROM person_suggestions`
	suggestedPage       = `(SELECT s.a, s.b` + suggestionPage + `)`
	suggestedIDs        = `(SELECT x.a FROM ` + suggestedPage + ` x UNION SELECT y.b FROM ` + suggestedPage + ` y)`
	suggestedPeople     = `SELECT ` + personColumns + ` FROM people p WHERE p.id IN ` + suggestedIDs
	suggestedIdentities = `SELECT ` + identityColumns + identitiesOf + suggestedIDs + inTheirOrder
)

// PeopleFilter narrows a list of people; a zero field narrows nothing.
type PeopleFilter struct {
	Name string // a part of it, without regard to case
	Bot  *bool
}

// likePattern matches texts that hold a part, "" for every text.
func likePattern(part string) string {
	part = strings.ToLower(strings.TrimSpace(part))
	if part == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

// People returns a page of the people by name, and how many there are on all
// pages.
func (s *Store) People(ctx context.Context, f PeopleFilter, p Page) ([]rampforge.Person, int, error) {
	name, either, bot := likePattern(f.Name), f.Bot == nil, f.Bot != nil && *f.Bot
	var total int
	if err := s.queryRow(ctx, countPeople, name, either, bot).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectPeople, name, either, bot, p.Limit, p.Offset)
	people, err := collect(rows, err, scanPerson)
	if err != nil {
		return nil, 0, err
	}
	rows, err = s.query(ctx, pageIdentities, name, either, bot, p.Limit, p.Offset)
	return people, total, withIdentities(people, rows, err)
}

// Person returns a person by their id, or by one that they had before they were
// merged.
func (s *Store) Person(ctx context.Context, id string) (rampforge.Person, error) {
	p, err := scanPerson(s.queryRow(ctx, selectPerson, id))
	if err != nil {
		return p, found(err, "person")
	}
	people := []rampforge.Person{p}
	rows, err := s.query(ctx, personIdentities, p.ID)
	err = withIdentities(people, rows, err)
	return people[0], err
}

// PersonOf returns the person of an identity.
func (s *Store) PersonOf(ctx context.Context, identityID string) (rampforge.Person, error) {
	var id string
	if err := s.queryRow(ctx, selectPersonOf, identityID).Scan(&id); err != nil {
		return rampforge.Person{}, found(err, "identity")
	}
	return s.Person(ctx, id)
}

func scanPerson(r row) (p rampforge.Person, err error) {
	p.Identities = []rampforge.Identity{}
	err = r.Scan(&p.ID, &p.Name, &p.Bot, &p.UserID, database.ScanTime(&p.CreatedAt), database.ScanTime(&p.UpdatedAt))
	return p, err
}

// withIdentities gives people the identities that rows hold.
func withIdentities(people []rampforge.Person, rows *sql.Rows, err error) error {
	type owned struct {
		rampforge.Identity

		person string
	}
	all, err := collect(rows, err, func(r row) (o owned, err error) {
		var service, subject, email string
		err = r.Scan(&o.ID, &o.Kind, &service, &subject, &o.Login, &o.Name, &email, &o.EmailVerified, &o.Bot, database.ScanTime(&o.Since), &o.person)
		if service != "" {
			o.ServiceID = &service
		}
		if o.Kind != rampforge.IdentityGit {
			o.AccountID = &subject
		}
		if email != "" {
			o.Email = &email
		}
		return o, err
	})
	place := map[string]int{}
	for i := range people {
		place[people[i].ID] = i
	}
	for _, o := range all {
		if i, ok := place[o.person]; ok {
			people[i].Identities = append(people[i].Identities, o.Identity)
		}
	}
	return err
}

// Suggestions returns a page of the pairs of people that may be one, the
// likeliest first, and how many there are on all pages.
func (s *Store) Suggestions(ctx context.Context, p Page) ([]rampforge.PersonSuggestion, int, error) {
	var total int
	if err := s.queryRow(ctx, countSuggestions).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectSuggestions, p.Limit, p.Offset)
	type pair struct {
		rampforge.PersonSuggestion

		a, b string
	}
	pairs, err := collect(rows, err, func(r row) (v pair, err error) {
		err = r.Scan(&v.ID, &v.a, &v.b, &v.Score, jsonColumn{&v.Reasons}, database.ScanTime(&v.CreatedAt))
		return v, err
	})
	if err != nil {
		return nil, 0, err
	}
	rows, err = s.query(ctx, suggestedPeople, p.Limit, p.Offset)
	people, err := collect(rows, err, scanPerson)
	if err != nil {
		return nil, 0, err
	}
	rows, err = s.query(ctx, suggestedIdentities, p.Limit, p.Offset)
	if err := withIdentities(people, rows, err); err != nil {
		return nil, 0, err
	}
	byID := map[string]rampforge.Person{}
	for _, person := range people {
		byID[person.ID] = person
	}
	list := make([]rampforge.PersonSuggestion, 0, len(pairs))
	for _, v := range pairs {
		a, okA := byID[v.a]
		b, okB := byID[v.b]
		if okA && okB { // unless somebody changed them between two statements
			v.People = []rampforge.Person{a, b}
			list = append(list, v.PersonSuggestion)
		}
	}
	return list, total, nil
}

// ErrPeopleChanged says that somebody changed people or decisions since they
// were read: nothing was written.
var ErrPeopleChanged = errors.New("people were changed meanwhile")
