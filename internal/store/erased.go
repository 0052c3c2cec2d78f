package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

const (
	selectErasureKey = `SELECT e.key FROM erasure_key e WHERE e.id = 1`
	selectErasures   = `SELECT e.digest, e.pseudonym FROM erasures e`
)

// Erased is who was erased, and makes nameless what is kept. The zero value, and
// nil, know of nobody.
type Erased struct{ nameless.Register }

// Names is what knows the names; nil where nobody was erased.
func (e *Erased) Names() *nameless.Register {
	if e == nil || !e.Any() {
		return nil
	}
	return &e.Register
}

// Erased reads who was erased.
func (s *Store) Erased(ctx context.Context) (*Erased, error) { return erasedFrom(ctx, s.db.Read()) }

func erasedFrom(ctx context.Context, from database.Querier) (*Erased, error) {
	e := &Erased{nameless.Register{Erased: map[string]string{}}}
	var key string
	if err := from.QueryRowContext(ctx, selectErasureKey).Scan(&key); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // nobody ever was
		}
		return e, err
	}
	e.Key = []byte(key)
	rows, err := from.QueryContext(ctx, selectErasures)
	list, err := scanAll(rows, err, func(v *[2]string) []any { return []any{&v[0], &v[1]} })
	for _, v := range list {
		e.Erased[v[0]] = v[1]
	}
	return e, err
}

// json is JSON of a text.
func (e *Erased) json(text string) (string, error) {
	now, changed, err := e.JSON([]byte(text))
	if !changed {
		return text, err
	}
	return string(now), err
}

// known is what a person is known by, in the form of who looks for it.
func (v *Subject) known() nameless.Known {
	k := nameless.Known{Addresses: v.Addresses, Names: v.Names}
	for _, a := range v.Accounts {
		k.Accounts = append(k.Accounts, nameless.Account(a.ServiceID, a.ID))
		if a.Login != "" && !strings.Contains(a.Login, "@") {
			k.Handles = append(k.Handles, a.Login)
		}
	}
	return k
}

// importPrefix begins the ids of imports, which are the services of their records.
const importPrefix = "imp_"

// account returns an account without its name, and whether that is another: it
// was somebody's who was erased. The vendor's own id stays: it joins what the
// person did, and names them at the vendor alone. In an imported file people are
// called by names and nothing else, and so the id goes there.
func (e *Erased) account(serviceID string, a rampforge.Account) (rampforge.Account, bool) {
	if a == (rampforge.Account{}) {
		return a, false
	}
	pseudonym := e.Account(serviceID, a.ID)
	if pseudonym == "" {
		pseudonym = e.Address(a.Email)
	}
	was, imported := a, strings.HasPrefix(serviceID, importPrefix)
	for _, name := range []string{a.ID, a.Login, a.Name} {
		if imported && pseudonym == "" {
			pseudonym = e.Whole(name)
		}
	}
	if pseudonym == "" {
		return a, false
	}
	if imported {
		a.ID = pseudonym
	}
	a.Name, a.Login, a.Email, a.EmailVerified = pseudonym, pseudonym, nameless.PseudonymAddress(pseudonym), true
	return a, a != was
}

// Record makes nameless in a record who was erased, and reports whether anybody
// was in it: in the fields that name somebody, and in what people wrote. What the
// vendor's own JSON says is dropped then. Whoever else holds what the record is made
// of keeps it as it was.
func (e *Erased) Record(serviceID string, r *rampforge.Record) (bool, error) {
	if e == nil || !e.Any() {
		return false, nil
	}
	text, err := json.Marshal(projection(r).content)
	if err != nil {
		return false, err
	}
	now, found, err := e.JSON(text)
	if err != nil || !found && !e.inFields(serviceID, r) {
		return false, err
	}
	own := rampforge.Record{Stream: r.Stream, ID: r.ID, ResourceID: r.ResourceID, UpdatedAt: r.UpdatedAt}
	if err := decodeContent(&own, now); err != nil {
		return false, err
	}
	// Accounts go by what identifies them: another's name that is the same stays.
	var accounts []rampforge.Account
	visitAccounts(r, func(_ string, a *rampforge.Account) { accounts = append(accounts, *a) })
	visitAccounts(&own, func(_ string, a *rampforge.Account) {
		*a, _ = e.account(serviceID, accounts[0])
		accounts = accounts[1:]
	})
	if own.Commit != nil {
		own.Commit.Author, _ = e.Signature(r.Commit.Author)
		own.Commit.Committer, _ = e.Signature(r.Commit.Committer)
		own.Commit.Message, _ = e.Message(r.Commit.Message)
	}
	for _, name := range assigned(&own) {
		if p := e.Whole(*name); p != "" {
			*name = p
		}
	}
	after, err := json.Marshal(projection(&own).content)
	if err != nil || bytes.Equal(after, text) { // only a name of another's account was found
		return false, err
	}
	*r = own
	return true, nil
}

// inFields reports whether a field of a record names somebody who was erased.
func (e *Erased) inFields(serviceID string, r *rampforge.Record) bool {
	found := false
	visitAccounts(r, func(_ string, a *rampforge.Account) {
		_, other := e.account(serviceID, *a)
		found = found || other
	})
	if c := r.Commit; c != nil && !found {
		_, author := e.Signature(c.Author)
		_, committer := e.Signature(c.Committer)
		_, message := e.Message(c.Message)
		found = author || committer || message
	}
	for _, name := range assigned(r) {
		found = found || e.Whole(*name) != ""
	}
	return found
}

// assigned are the names of those who were assigned, by the history of a work item.
func assigned(r *rampforge.Record) (names []*string) {
	if r.WorkItem == nil {
		return nil
	}
	for i := range r.WorkItem.Events {
		if v := &r.WorkItem.Events[i]; v.Field == rampforge.FieldAssignee {
			names = append(names, &v.From, &v.To)
		}
	}
	return names
}
