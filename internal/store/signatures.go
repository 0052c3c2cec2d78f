package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

const (
	insertSignature = `INSERT INTO signatures (source, email, name, account_id, proper) VALUES ($1, $2, $3, $4, '') ON CONFLICT (source, email, name, account_id) DO NOTHING`
	putSignatures   = `INSERT INTO signatures (source, email, name, account_id, proper) VALUES ($1, $2, $3, '', $4)`
	purgeSignatures = `DELETE FROM signatures WHERE source = $1`
	signaturesIn    = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s WHERE s.source = $1`
	// What commits of the person go by whom an address, or the user with it, is.
	identitiesOfAddress = `SELECT DISTINCT g.subject FROM identities g JOIN identities w ON w.person_id = g.person_id WHERE g.kind = 'git'
		AND (w.kind = 'git' AND w.subject = $2 OR w.kind = 'user' AND w.subject = (SELECT u.id FROM users u WHERE u.email_key = $1))`
	selectSignatures = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s`
)

// Signed is a signature of a repository's commits, and the address that its
// .mailmap has for it.
type Signed struct {
	rampforge.Signature

	Proper string
}

// maxSigned bounds a name and an address of commits, in bytes: what is longer
// than an address may be is none, and must fit into an index.
const maxSigned = 320

func signedText(text string) string { return cut(plain(text), maxSigned) }

// signatureRows are what the commits of a page carry, each once and in order.
func signatureRows(serviceID string, records []rampforge.Record) [][]any {
	type signature struct{ email, name, account string }
	seen := map[signature]bool{}
	add := func(s rampforge.Signature, account *rampforge.Account) {
		k := signature{email: signedText(s.Email), name: signedText(s.Name)}
		if account != nil {
			k.account = signedText(account.ID)
		}
		if k.email != "" || k.name != "" {
			seen[k] = true
		}
	}
	for i := range records {
		if c := records[i].Commit; c != nil {
			add(c.Author, c.AuthorAccount)
			add(c.Committer, c.CommitterAccount)
		}
	}
	rows := make([][]any, 0, len(seen))
	for k := range seen {
		rows = append(rows, []any{serviceID, k.email, k.name, k.account})
	}
	// In one order, so that two pages never wait for each other.
	slices.SortFunc(rows, func(a, b []any) int {
		for i := range a {
			x, _ := a[i].(string)
			y, _ := b[i].(string)
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

// replaceSignaturesTx keeps what the commits of a repository carry in place of
// what was kept of it before.
func (s *Store) replaceSignaturesTx(ctx context.Context, tx *sql.Tx, repositoryID string, all []Signed) error {
	if _, err := tx.ExecContext(ctx, purgeSignatures, repositoryID); err != nil {
		return err
	}
	erased, err := erasedFrom(ctx, tx)
	if err != nil {
		return err
	}
	seen := map[rampforge.Signature]bool{}
	rows := make([][]any, 0, len(all))
	for _, v := range all {
		var other bool
		if v.Signature, other = erased.Signature(v.Signature); other || erased.Address(v.Proper) != "" {
			if pseudonym := erased.Address(v.Proper); pseudonym != "" {
				v.Name, v.Email = pseudonym, nameless.PseudonymAddress(pseudonym)
			}
			v.Proper = ""
		}
		k := rampforge.Signature{Name: signedText(v.Name), Email: signedText(v.Email)}
		if !seen[k] && k != (rampforge.Signature{}) {
			seen[k] = true
			rows = append(rows, []any{repositoryID, k.Email, k.Name, signedText(v.Proper)})
		}
	}
	return s.runEach(ctx, tx, putSignatures, rows)
}

// SignaturesIn returns the signatures of the commits of a repository.
func (s *Store) SignaturesIn(ctx context.Context, repositoryID string) ([]KeptSignature, error) {
	rows, err := s.query(ctx, signaturesIn, repositoryID)
	return scanAll(rows, err, func(v *KeptSignature) []any { return []any{&v.Source, &v.Email, &v.Name, &v.AccountID, &v.Proper} })
}

// IdentitiesOf returns what the commits go by of the person whom an e-mail
// address is known for, in commits or as a user's. subject is the address as
// identities have it.
func (s *Store) IdentitiesOf(ctx context.Context, email, subject string) ([]string, error) {
	rows, err := s.query(ctx, identitiesOfAddress, EmailKey(email), subject)
	return scanAll(rows, err, func(subject *string) []any { return []any{subject} })
}
