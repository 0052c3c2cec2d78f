package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

const (
	putErasureKey = `INSERT INTO erasure_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`
	putErasure    = `INSERT INTO erasures (digest, pseudonym, erased_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING`

	eraseUser = `UPDATE users SET email = $2, email_key = $2, name = $3, password_hash = '', is_active = FALSE, skills = '[]', learning_progress = '{}',
		timezone = 'UTC', named_as_expert = FALSE, last_active = NULL, updated_at = $4 WHERE id = $1`
	eraseMembership    = `DELETE FROM project_members WHERE email_key = $1 OR user_id = $2`
	eraseAccount       = `UPDATE accounts SET login = $3, name = $3, email = $4, email_verified = TRUE WHERE service_id = $1 AND id = $2`
	eraseAuditTarget   = `UPDATE audit_log SET target_id = $2 WHERE target_id = $1`
	eraseAuditAddress  = `UPDATE audit_log SET address = '' WHERE actor_id = $1`
	signaturesOf       = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s WHERE lower(s.email) = $1 OR lower(s.proper) = $1`
	signaturesBy       = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s WHERE s.source = $1 AND s.account_id = $2`
	goSignature        = `DELETE FROM signatures WHERE source = $1 AND email = $2 AND name = $3 AND account_id = $4`
	eraseIdentity      = `UPDATE identities SET login = $2, name = $2, email = $3, subject = CASE WHEN kind = 'git' THEN $3 ELSE subject END WHERE id = $1`
	identityKinds      = `SELECT i.id, i.kind FROM identities i WHERE i.person_id = $1 ORDER BY i.id`
	joinIdentities     = `INSERT INTO identity_decisions (a, b, together, decided_by, decided_at) VALUES ($1, $2, TRUE, '', $3) ON CONFLICT (a, b) DO UPDATE SET together = TRUE`
	erasePerson        = `UPDATE people SET name = $2, name_key = $3 WHERE id = $1`
	goPersonSuggestion = `DELETE FROM person_suggestions WHERE a = $1 OR b = $1`

	eraseSessions      = `DELETE FROM user_sessions WHERE user_id = $1`
	eraseAPITokens     = `DELETE FROM api_tokens WHERE user_id = $1`
	eraseConversations = `DELETE FROM conversations WHERE user_id = $1`
	eraseDrafts        = `DELETE FROM knowledge_items WHERE author_id = $1 AND state <> 'approved' AND NOT revised`
	disownKnowledge    = `UPDATE knowledge_items SET author_id = NULL WHERE author_id = $1`
	eraseInterviews    = `DELETE FROM interviews WHERE user_id = $1`
	disownPerson       = `UPDATE people SET user_id = NULL WHERE user_id = $1`
	eraseInvitation    = `DELETE FROM invitations WHERE email_key = $1`
	eraseInterviewed   = `DELETE FROM interviews WHERE email_key = $1`

	roleOfUser = `SELECT u.role, u.is_active FROM users u WHERE u.id = $1`
)

// eraseOwn is what goes with an account: $1 is its id.
var eraseOwn = []string{eraseSessions, eraseAPITokens, eraseConversations, eraseDrafts, disownKnowledge, eraseInterviews, disownPerson}

// eraseAddressed is what goes with an address: $1 is the form that compares.
var eraseAddressed = []string{eraseInvitation, eraseInterviewed}

// Erase makes a person nameless, all or nothing: the account stays as the
// pseudonym's, as others refer to it, without anything that says who it was, and
// cannot be used; sessions, tokens, conversations, interviews and drafts go; the
// names in accounts and signatures become the pseudonym. What named the person is
// remembered as digests, so that neither a sync nor an analysis brings it back. It
// returns the pseudonym. All else that names them is made nameless by EraseStep,
// which is begun with it. The last active administrator is RESOURCE_CONFLICT.
func (s *Store) Erase(ctx context.Context, v Subject, now time.Time) (pseudonym string, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		var raw [36]byte
		_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
		if _, err := tx.ExecContext(ctx, putErasureKey, hex.EncodeToString(raw[:32])); err != nil {
			return err
		}
		e, err := erasedFrom(ctx, tx)
		if err != nil {
			return err
		}
		pseudonym = nameless.Pseudonym([4]byte(raw[32:]))
		for _, address := range v.Addresses { // who was erased before, in part, stays who they are
			if known := e.Address(address); known != "" {
				pseudonym = known
			}
		}
		if err := s.rememberErasedTx(ctx, tx, e, v, pseudonym, now); err != nil {
			return err
		}
		if v.User != nil {
			if err := s.eraseUserTx(ctx, tx, v.User.ID, pseudonym, now); err != nil {
				return err
			}
		}
		if err := s.eraseNamesTx(ctx, tx, v, pseudonym, now); err != nil {
			return err
		}
		if err := s.StalePeopleTx(ctx, tx); err != nil {
			return err
		}
		return beginErasureTx(ctx, tx, pseudonym)
	})
	return pseudonym, err
}

func (s *Store) rememberErasedTx(ctx context.Context, tx *sql.Tx, e *Erased, v Subject, pseudonym string, now time.Time) error {
	var rows [][]any
	for _, digest := range e.Digests(v.known()) {
		rows = append(rows, []any{digest, pseudonym, now})
	}
	return s.runEach(ctx, tx, putErasure, rows)
}

func (s *Store) eraseUserTx(ctx context.Context, tx *sql.Tx, userID, pseudonym string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, touchAdmins); err != nil {
		return err
	}
	var active bool
	var role rampforge.Role
	if err := tx.QueryRowContext(ctx, roleOfUser, userID).Scan(&role, &active); err != nil {
		return found(err, "user")
	}
	var others int
	if err := tx.QueryRowContext(ctx, countOtherAdmins, userID).Scan(&others); err != nil {
		return err
	}
	if role == rampforge.RoleAdmin && active && others == 0 {
		return rampforge.Errorf(rampforge.CodeConflict, "This is the last active administrator: make another one first.")
	}
	for _, text := range eraseOwn {
		if _, err := tx.ExecContext(ctx, text, userID); err != nil {
			return fmt.Errorf("erasing an account: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, eraseUser, userID, nameless.PseudonymAddress(pseudonym)+"."+strings.ToLower(userID), pseudonym, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, eraseAuditAddress, userID)
	return err
}
