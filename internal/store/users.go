package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// EmailKey returns the form of an address that tells accounts apart: lower
// case, without surrounding space.
func EmailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// Registration is what it takes to make an account.
type Registration struct {
	Email        string
	Name         string
	PasswordHash string
	Role         rampforge.Role
	At           time.Time
	// Admit decides which role an account gets that is not the first, given the
	// invitation to its address, nil for none; its error is the answer. It is
	// asked inside the transaction, where both facts hold. Without it Role is
	// what the account gets.
	Admit func(invitation *Invitation) (rampforge.Role, error)
}

const userColumns = `u.id, u.email, u.name, u.role, u.is_active, u.skills, u.learning_progress, u.timezone, u.named_as_expert, u.created_at, u.last_active`

func scanUser(r row, more ...any) (u rampforge.User, err error) {
	var created, active database.Time
	dest := []any{&u.ID, &u.Email, &u.Name, &u.Role, &u.IsActive, jsonColumn{&u.Skills}, jsonColumn{&u.LearningProgress}, &u.Timezone, &u.NamedAsExpert, &created, &active}
	err = r.Scan(append(dest, more...)...)
	u.CreatedAt, u.LastActive = created.Time, active.Ptr()
	return u, err
}

const claimInstallation = `INSERT INTO installation (id, first_user, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING`

const insertUser = `INSERT INTO users (id, email, email_key, name, password_hash, role, is_active, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7, $7)`

const bindMemberships = `UPDATE project_members SET user_id = $1 WHERE email_key = $2 AND user_id IS NULL`

const deleteInvitation = `DELETE FROM invitations WHERE email_key = $1`

// CreateUser makes an account. The first of an installation becomes
// administrator whatever role it asks for; of two at once exactly one is
// first. Projects that the address was invited to are the account's from now.
// A known address is RESOURCE_CONFLICT.
func (s *Store) CreateUser(ctx context.Context, r Registration) (rampforge.User, error) {
	id := NewID("usr")
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		claimed, err := tx.ExecContext(ctx, claimInstallation, id, r.At)
		if err != nil {
			return err
		}
		role, key := rampforge.RoleAdmin, EmailKey(r.Email)
		if n, err := claimed.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			if role, err = r.admittedTx(ctx, tx, key); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, insertUser, id, strings.TrimSpace(r.Email), key, r.Name, r.PasswordHash, role, r.At); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, bindMemberships, id, key); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, deleteInvitation, key)
		return err
	})
	if database.IsUniqueViolation(err) {
		return rampforge.User{}, rampforge.Errorf(rampforge.CodeConflict, "An account with this e-mail address exists: sign in, or use another address.")
	}
	if err != nil {
		return rampforge.User{}, err
	}
	return s.User(ctx, id)
}

// lockInvitation keeps an invitation from being withdrawn while it is used.
const lockInvitation = `UPDATE invitations SET role = role WHERE email_key = $1`

// admittedTx returns the role of an account that is not the first.
func (r Registration) admittedTx(ctx context.Context, tx *sql.Tx, key string) (rampforge.Role, error) {
	if r.Admit == nil {
		return r.Role, nil
	}
	invited, err := changed(tx.ExecContext(ctx, lockInvitation, key))
	if err != nil || !invited {
		if err != nil {
			return "", err
		}
		return r.Admit(nil)
	}
	invitation, err := scanInvitation(tx.QueryRowContext(ctx, selectInvitation, key))
	if err != nil {
		return "", err
	}
	return r.Admit(&invitation)
}

const countInstallation = `SELECT count(*) FROM installation`

// Installed reports whether the first account exists.
func (s *Store) Installed(ctx context.Context) (bool, error) {
	var n int
	err := s.queryRow(ctx, countInstallation).Scan(&n)
	return n > 0, err
}

const selectUser = `SELECT ` + userColumns + ` FROM users u WHERE u.id = $1`

// User returns an account.
func (s *Store) User(ctx context.Context, id string) (rampforge.User, error) {
	u, err := scanUser(s.queryRow(ctx, selectUser, id))
	return u, found(err, "user")
}

const selectUserByEmail = `SELECT ` + userColumns + `, u.password_hash FROM users u WHERE u.email_key = $1`

// UserByEmail returns an account and its password hash.
func (s *Store) UserByEmail(ctx context.Context, email string) (u rampforge.User, hash string, err error) {
	u, err = scanUser(s.queryRow(ctx, selectUserByEmail, EmailKey(email)), &hash)
	return u, hash, found(err, "user")
}

const (
	countUsers  = `SELECT count(*) FROM users`
	selectUsers = `SELECT ` + userColumns + ` FROM users u ORDER BY u.created_at, u.id LIMIT $1 OFFSET $2`
)

// Users lists the accounts, oldest first, with their total.
func (s *Store) Users(ctx context.Context, p Page) ([]rampforge.User, int, error) {
	var total int
	if err := s.queryRow(ctx, countUsers).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectUsers, p.Limit, p.Offset)
	users, err := collect(rows, err, func(r row) (rampforge.User, error) { return scanUser(r) })
	return users, total, err
}

// ProfileChange is what a person changes of their own account; nil leaves a
// field as it is.
type ProfileChange struct {
	Name             *string
	Skills           []string
	LearningProgress map[string]any
	Timezone         *string
	NamedAsExpert    *bool
}

const updateProfile = `UPDATE users SET name = coalesce($2, name), skills = coalesce($3, skills),
	learning_progress = coalesce($4, learning_progress), timezone = coalesce($5, timezone),
	named_as_expert = coalesce($6, named_as_expert), updated_at = $7 WHERE id = $1`

// UpdateProfile changes an account's profile and returns the account.
func (s *Store) UpdateProfile(ctx context.Context, id string, c ProfileChange, at time.Time) (rampforge.User, error) {
	var skills, progress *string
	if c.Skills != nil {
		text, err := jsonText(c.Skills)
		if err != nil {
			return rampforge.User{}, err
		}
		skills = &text
	}
	if c.LearningProgress != nil {
		text, err := jsonText(c.LearningProgress)
		if err != nil {
			return rampforge.User{}, err
		}
		progress = &text
	}
	result, err := s.db.Write().ExecContext(ctx, updateProfile, id, c.Name, skills, progress, c.Timezone, c.NamedAsExpert, at)
	if err := changedOne(result, err, "user"); err != nil {
		return rampforge.User{}, err
	}
	return s.User(ctx, id)
}

const updatePassword = `UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND ($2 = '' OR password_hash = $2)`

// SetPassword replaces the password hash old, or any when old is "", and ends
// every session of the account but keep, in one transaction. An account whose
// hash is another by now is not found: somebody changed the password meanwhile.
func (s *Store) SetPassword(ctx context.Context, id, old, hash, keep string, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, updatePassword, id, old, hash, at)
		if err := changedOne(result, err, "user"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, revokeSessionsOf, id, keep, at, "password changed")
		return err
	})
}

const rehashPassword = `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`

// RehashPassword replaces a hash by another of the same password, unless the
// password changed meanwhile.
func (s *Store) RehashPassword(ctx context.Context, id, old, hash string) error {
	_, err := s.db.Write().ExecContext(ctx, rehashPassword, id, old, hash)
	return err
}

// AccountChange is what an administrator changes of an account; nil leaves a
// field as it is.
type AccountChange struct {
	Role     *rampforge.Role
	IsActive *bool
}

const (
	countOtherAdmins = `SELECT count(*) FROM users WHERE role = 'admin' AND is_active AND id <> $1`
	// Locks the administrators' rows on PostgreSQL, so that two of them cannot
	// demote each other at once; SQLite has one writer anyway.
	touchAdmins   = `UPDATE users SET updated_at = updated_at WHERE role = 'admin'`
	updateAccount = `UPDATE users SET role = coalesce($2, role), is_active = coalesce($3, is_active), updated_at = $4 WHERE id = $1`
)

// UpdateAccount changes role or activity. Deactivation ends the account's
// sessions and tokens in the same transaction. The last active administrator
// stays one: anything else is RESOURCE_CONFLICT.
func (s *Store) UpdateAccount(ctx context.Context, id string, c AccountChange, at time.Time) (rampforge.User, error) {
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, touchAdmins); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, updateAccount, id, c.Role, c.IsActive, at)
		if err := changedOne(result, err, "user"); err != nil {
			return err
		}
		demotes := c.Role != nil && *c.Role != rampforge.RoleAdmin || c.IsActive != nil && !*c.IsActive
		if demotes {
			var others int
			if err := tx.QueryRowContext(ctx, countOtherAdmins, id).Scan(&others); err != nil {
				return err
			}
			if others == 0 {
				return rampforge.Errorf(rampforge.CodeConflict, "This is the last active administrator: make another one first.")
			}
		}
		if c.IsActive == nil || *c.IsActive {
			return nil
		}
		if _, err := tx.ExecContext(ctx, revokeSessionsOf, id, "", at, "account deactivated"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, revokeTokensOf, id, at)
		return err
	})
	if err != nil {
		return rampforge.User{}, err
	}
	return s.User(ctx, id)
}

const touchUsers = `UPDATE users SET last_active = $2 WHERE id = $1 AND (last_active IS NULL OR last_active < $2)`

const touchSessions = `UPDATE user_sessions SET last_used = $2 WHERE id = $1 AND last_used < $2`

const touchTokens = `UPDATE api_tokens SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $2)`

// Activity is when users, sessions and tokens were last seen, by id.
type Activity struct{ Users, Sessions, Tokens map[string]time.Time }

// RecordActivity writes when users, sessions and tokens were last seen, in one
// transaction. Later times win.
func (s *Store) RecordActivity(ctx context.Context, a Activity) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		for query, seen := range map[string]map[string]time.Time{touchUsers: a.Users, touchSessions: a.Sessions, touchTokens: a.Tokens} {
			for id, at := range seen {
				if _, err := tx.ExecContext(ctx, query, id, at); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Invitation lets an address register where registration is by invitation.
type Invitation struct {
	Email     string
	Role      rampforge.Role
	InvitedBy string
	CreatedAt time.Time
}

const upsertInvitation = `INSERT INTO invitations (email_key, email, role, invited_by, created_at) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (email_key) DO UPDATE SET role = excluded.role, invited_by = excluded.invited_by, created_at = excluded.created_at`

// Invite keeps an invitation, in place of an earlier one to the same address.
func (s *Store) Invite(ctx context.Context, i Invitation) error {
	_, err := s.db.Write().ExecContext(ctx, upsertInvitation, EmailKey(i.Email), strings.TrimSpace(i.Email), i.Role, i.InvitedBy, i.CreatedAt)
	return err
}

const selectInvitation = `SELECT email, role, invited_by, created_at FROM invitations WHERE email_key = $1`

const selectInvitations = `SELECT email, role, invited_by, created_at FROM invitations ORDER BY created_at, email_key LIMIT 1000`

func scanInvitation(r row) (i Invitation, err error) {
	var created database.Time
	err = r.Scan(&i.Email, &i.Role, &i.InvitedBy, &created)
	i.CreatedAt = created.Time
	return i, err
}

// Invitation returns the invitation to an address.
func (s *Store) Invitation(ctx context.Context, email string) (Invitation, error) {
	i, err := scanInvitation(s.queryRow(ctx, selectInvitation, EmailKey(email)))
	return i, found(err, "invitation")
}

// Invitations lists the open invitations, oldest first, at most 1,000.
func (s *Store) Invitations(ctx context.Context) ([]Invitation, error) {
	rows, err := s.query(ctx, selectInvitations)
	return collect(rows, err, scanInvitation)
}

// DeleteInvitation withdraws the invitation to an address.
func (s *Store) DeleteInvitation(ctx context.Context, email string) error {
	result, err := s.db.Write().ExecContext(ctx, deleteInvitation, EmailKey(email))
	return changedOne(result, err, "invitation")
}
