package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectErasureKey = `SELECT e.key FROM erasure_key e WHERE e.id = 1`
	selectErasures   = `SELECT e.digest, e.pseudonym FROM erasures e`
)

// Erased is what named people who were erased, as digests, and what stands in
// its place. The zero value, and nil, know of nobody.
type Erased struct {
	key       []byte
	pseudonym map[string]string // by digest
}

// Erased reads who was erased.
func (s *Store) Erased(ctx context.Context) (*Erased, error) { return erasedFrom(ctx, s.db.Read()) }

func erasedFrom(ctx context.Context, from database.Querier) (*Erased, error) {
	e := &Erased{pseudonym: map[string]string{}}
	var key string
	if err := from.QueryRowContext(ctx, selectErasureKey).Scan(&key); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // nobody ever was
		}
		return e, err
	}
	e.key = []byte(key)
	rows, err := from.QueryContext(ctx, selectErasures)
	list, err := scanAll(rows, err, func(v *[2]string) []any { return []any{&v[0], &v[1]} })
	for _, v := range list {
		e.pseudonym[v[0]] = v[1]
	}
	return e, err
}

// digest is an HMAC, so that a list of addresses is not compared with the table
// without the key, which is kept beside it.
func (e *Erased) digest(kind, value string) string {
	mac := hmac.New(sha256.New, e.key)
	mac.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil))
}

func (e *Erased) find(kind, value string) string {
	if e == nil || len(e.pseudonym) == 0 || value == "" {
		return ""
	}
	return e.pseudonym[e.digest(kind, value)]
}

const (
	erasedAddress = "address"
	erasedAccount = "account"
	erasedName    = "name"
)

// Address returns what stands in place of an e-mail address, "" where it is
// nobody's who was erased.
func (e *Erased) Address(email string) string { return e.find(erasedAddress, EmailKey(email)) }

// Name reports whether somebody of this name was erased.
func (e *Erased) Name(name string) bool { return e.find(erasedName, erasedNameKey(name)) != "" }

// Any reports whether anybody was erased.
func (e *Erased) Any() bool { return e != nil && len(e.pseudonym) > 0 }

// Tag tells one set of people who were erased from another; "" is nobody.
func (e *Erased) Tag() string {
	if !e.Any() {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(sortedKeys(e.pseudonym), " ")))
	return hex.EncodeToString(sum[:8])
}

func erasedNameKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}

// pseudonymAddress is the address of a pseudonym. The domain can be nobody's
// (RFC 2606).
func pseudonymAddress(pseudonym string) string {
	return strings.ReplaceAll(strings.ToLower(pseudonym), " ", "-") + "@erased.example"
}

// account returns an account without its name, and whether that is another: it
// was somebody's who was erased. The vendor's own id stays: it joins what the
// person did, and names them at the vendor alone.
func (e *Erased) account(serviceID string, a rampforge.Account) (rampforge.Account, bool) {
	pseudonym := e.find(erasedAccount, serviceID+"/"+a.ID)
	if pseudonym == "" {
		pseudonym = e.Address(a.Email)
	}
	if pseudonym == "" {
		return a, false
	}
	was := a
	a.Name, a.Login, a.Email, a.EmailVerified = pseudonym, pseudonym, pseudonymAddress(pseudonym), true
	return a, a != was
}

func (e *Erased) signature(v *rampforge.Signature) bool {
	pseudonym := e.Address(v.Email)
	if pseudonym == "" {
		return false
	}
	v.Name, v.Email = pseudonym, pseudonymAddress(pseudonym)
	return true
}

// names reports whether a record names anybody who was erased.
func (e *Erased) names(serviceID string, r *rampforge.Record) bool {
	found := false
	visitAccounts(r, func(_ string, a *rampforge.Account) {
		_, other := e.account(serviceID, *a)
		found = found || other
	})
	if c := r.Commit; c != nil && !found {
		_, found = e.trailers(c.Message)
		found = found || e.Address(c.Author.Email) != "" || e.Address(c.Committer.Email) != ""
	}
	return found
}

// Record makes nameless in a record who was erased, and reports whether anybody
// was in it. What the vendor's own JSON says is dropped then. Texts that people
// wrote stay as they are, but for addresses of sign-offs in commits. Whoever else
// holds what the record is made of keeps it as it was.
func (e *Erased) Record(serviceID string, r *rampforge.Record) (bool, error) {
	if !e.Any() || !e.names(serviceID, r) {
		return false, nil
	}
	text, err := json.Marshal(projection(r).content)
	if err != nil {
		return false, err
	}
	own := rampforge.Record{Stream: r.Stream, ID: r.ID, ResourceID: r.ResourceID, UpdatedAt: r.UpdatedAt}
	if err := decodeContent(&own, text); err != nil {
		return false, err
	}
	visitAccounts(&own, func(_ string, a *rampforge.Account) { *a, _ = e.account(serviceID, *a) })
	if c := own.Commit; c != nil {
		e.signature(&c.Author)
		e.signature(&c.Committer)
		c.Message, _ = e.trailers(c.Message)
	}
	*r = own
	return true, nil
}

// trailers makes nameless the lines of a commit's message that end in the
// address of somebody who was erased: Signed-off-by, Co-authored-by and the like.
func (e *Erased) trailers(message string) (string, bool) {
	lines, changed := strings.Split(message, "\n"), false
	for n, line := range lines {
		head, who, ok := strings.Cut(line, ": ")
		open := strings.LastIndexByte(who, '<')
		if !ok || open < 0 || strings.ContainsAny(head, " ") {
			continue
		}
		if pseudonym := e.Address(strings.TrimRight(who[open+1:], "> \r")); pseudonym != "" {
			lines[n], changed = head+": "+pseudonym+" <"+pseudonymAddress(pseudonym)+">", true
		}
	}
	return strings.Join(lines, "\n"), changed
}
