package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

func (s *Store) eraseNamesTx(ctx context.Context, tx *sql.Tx, v Subject, pseudonym string, now time.Time) error {
	userID := "-"
	if v.User != nil {
		userID = v.User.ID
	}
	mail := nameless.PseudonymAddress(pseudonym)
	var signed []KeptSignature
	take := func(rows *sql.Rows, err error) error {
		more, err := scanAll(rows, err, func(k *KeptSignature) []any { return []any{&k.Source, &k.Email, &k.Name, &k.AccountID, &k.Proper} })
		signed = append(signed, more...)
		return err
	}
	for _, address := range v.Addresses {
		for _, text := range eraseAddressed {
			if _, err := tx.ExecContext(ctx, text, address); err != nil {
				return err
			}
		}
		for _, c := range []struct {
			text string
			args []any
		}{{eraseMembership, []any{address, userID}}, {eraseAuditTarget, []any{address, mail}}} {
			if _, err := tx.ExecContext(ctx, c.text, c.args...); err != nil {
				return err
			}
		}
		if err := take(tx.QueryContext(ctx, signaturesOf, address)); err != nil {
			return err
		}
	}
	for _, a := range v.Accounts {
		if _, err := tx.ExecContext(ctx, eraseAccount, a.ServiceID, a.ID, pseudonym, mail); err != nil {
			return err
		}
		if err := take(tx.QueryContext(ctx, signaturesBy, a.ServiceID, a.ID)); err != nil {
			return err
		}
	}
	for _, k := range signed {
		if _, err := tx.ExecContext(ctx, goSignature, k.Source, k.Email, k.Name, k.AccountID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insertSignature, k.Source, mail, pseudonym, k.AccountID); err != nil {
			return err
		}
	}
	return s.eraseIdentitiesTx(ctx, tx, v, pseudonym, now)
}

// eraseIdentitiesTx gives the pseudonym to what the person is known by, and joins
// it by a decision: the evidence for it was in the names. The addresses of their
// commits become one.
func (s *Store) eraseIdentitiesTx(ctx context.Context, tx *sql.Tx, v Subject, pseudonym string, now time.Time) error {
	type kept struct{ id, kind string }
	var all []kept
	committed := false
	for _, person := range v.PersonIDs {
		if _, err := tx.ExecContext(ctx, goPersonSuggestion, person); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, erasePerson, person, pseudonym, strings.ToLower(pseudonym)); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, identityKinds, person)
		found, err := scanAll(rows, err, func(k *kept) []any { return []any{&k.id, &k.kind} })
		if err != nil {
			return err
		}
		for _, k := range found {
			if k.kind == string(rampforge.IdentityGit) && committed {
				if _, err := tx.ExecContext(ctx, goIdentity, k.id); err != nil {
					return err
				}
				continue
			}
			committed = committed || k.kind == string(rampforge.IdentityGit)
			all = append(all, k)
		}
	}
	for n, k := range all {
		if _, err := tx.ExecContext(ctx, eraseIdentity, k.id, pseudonym, nameless.PseudonymAddress(pseudonym)); err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, joinIdentities, min(all[0].id, k.id), max(all[0].id, k.id), now); err != nil {
			return err
		}
	}
	return nil
}
