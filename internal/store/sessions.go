package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// NewSession is what it takes to begin a session.
type NewSession struct {
	UserID       string
	PasswordHash string // that the password was held against
	RefreshHash  string
	Device       string
	Address      string
	At           time.Time
	ExpiresAt    time.Time
}

const insertSession = `INSERT INTO user_sessions (id, user_id, refresh_hash, device, address, created_at, last_used, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`

// lockPassword holds the account while a session begins: a change of the
// password or of the account's activity comes before it, and is seen, or after
// it, and ends it.
const lockPassword = `UPDATE users SET password_hash = password_hash WHERE id = $1 AND password_hash = $2 AND is_active`

// CreateSession begins a session and returns its id. An account that is
// inactive, or whose password was changed since, is not found.
func (s *Store) CreateSession(ctx context.Context, n NewSession) (string, error) {
	id := NewID("ses")
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, lockPassword, n.UserID, n.PasswordHash)
		if err := changedOne(result, err, "user"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, insertSession, id, n.UserID, n.RefreshHash, n.Device, n.Address, n.At, n.ExpiresAt)
		return err
	})
	return id, err
}

// The session is checked against the row on every request, so that its end is
// known everywhere at once; see docs/decisions/0003-sessions.md.
const selectSessionUser = `SELECT ` + userColumns + `, s.expires_at FROM user_sessions s JOIN users u ON u.id = s.user_id
	WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.is_active`

// SessionUser returns whose live session this is. A session that does not
// exist, has ended, or belongs to a deactivated account is not found.
func (s *Store) SessionUser(ctx context.Context, sessionID string, at time.Time) (rampforge.User, error) {
	live, err := remember(ctx, s, sessionKey(sessionID), liveSession.weight, func() (liveSession, error) {
		var expires database.Time
		u, err := scanUser(s.queryRow(ctx, selectSessionUser, sessionID, at), &expires)
		return liveSession{u, expires.Time}, err
	})
	if err == nil && !live.expires.After(at) {
		err = sql.ErrNoRows
	}
	return live.user, found(err, "session")
}

type sessionKey string

type liveSession struct {
	user    rampforge.User
	expires time.Time
}

// weight counts the texts that have no bound; what is learnt is JSON, which
// takes some times its text in memory.
func (l liveSession) weight() int {
	n := 1000 + len(l.user.Name)
	for _, skill := range l.user.Skills {
		n += 16 + len(skill)
	}
	if text, err := jsonText(l.user.LearningProgress); err == nil {
		n += 8 * len(text)
	}
	return n
}

const selectSessions = `SELECT id, device, address, created_at, last_used, expires_at FROM user_sessions
	WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id LIMIT 200`

// Sessions lists a person's live sessions, newest first, at most 200.
func (s *Store) Sessions(ctx context.Context, userID string, at time.Time) ([]rampforge.Session, error) {
	rows, err := s.query(ctx, selectSessions, userID, at)
	return collect(rows, err, func(r row) (rampforge.Session, error) {
		v := rampforge.Session{UserID: userID}
		var created, used, expires database.Time
		err := r.Scan(&v.ID, &v.Device, &v.Address, &created, &used, &expires)
		v.CreatedAt, v.LastUsed, v.ExpiresAt = created.Time, used.Time, expires.Time
		return v, err
	})
}

const revokeSession = `UPDATE user_sessions SET revoked_at = $3, revoked_why = $4 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL`

// RevokeSession ends one session of a person.
func (s *Store) RevokeSession(ctx context.Context, id, userID, why string, at time.Time) error {
	result, err := s.db.Write().ExecContext(ctx, revokeSession, id, userID, at, why)
	return changedOne(result, err, "session")
}

const revokeSessionsOf = `UPDATE user_sessions SET revoked_at = $3, revoked_why = $4 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL`

// Rotation is the outcome of RotateSession.
type Rotation struct {
	SessionID string
	User      rampforge.User
	Reused    bool // the token had been used before: the session was ended
}

const (
	selectBegun   = `SELECT created_at FROM user_sessions WHERE refresh_hash = $1`
	rotateSession = `UPDATE user_sessions SET refresh_hash = $2, last_used = $3, expires_at = $4, address = $5
		WHERE refresh_hash = $1 AND revoked_at IS NULL AND expires_at > $3 RETURNING id, user_id`
	insertUsedToken = `INSERT INTO used_refresh_tokens (hash, session_id, used_at) VALUES ($1, $2, $3)`
	selectUsedToken = `SELECT s.id, s.user_id FROM used_refresh_tokens t JOIN user_sessions s ON s.id = t.session_id WHERE t.hash = $1`
)

// RotateSession replaces a refresh token by the next one. A token that was
// replaced before ends its session: somebody has a copy. That holds for two
// uses at the same moment too, of which one wins. An unknown or ended token is
// not found. The session lives for idle from now on, but no longer than longest
// since it began; a longest of 0 is no bound.
func (s *Store) RotateSession(ctx context.Context, oldHash, newHash, address string, at time.Time, idle, longest time.Duration) (Rotation, error) {
	var rotation Rotation
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		rotation = Rotation{}
		expires := at.Add(idle)
		if longest > 0 {
			// When it began does not change, whoever renews it meanwhile.
			var begun database.Time
			err := tx.QueryRowContext(ctx, selectBegun, oldHash).Scan(&begun)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if end := begun.Time.Add(longest); err == nil && end.Before(expires) {
				expires = end
			}
			if err == nil && !expires.After(at) {
				return notFound("session")
			}
		}
		var userID string
		err := tx.QueryRowContext(ctx, rotateSession, oldHash, newHash, at, expires, address).Scan(&rotation.SessionID, &userID)
		if errors.Is(err, sql.ErrNoRows) {
			return revokeReused(ctx, tx, oldHash, at, &rotation)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insertUsedToken, oldHash, rotation.SessionID, at); err != nil {
			return err
		}
		rotation.User, err = scanUser(tx.QueryRowContext(ctx, selectUser, userID))
		if err == nil && !rotation.User.IsActive {
			return notFound("session")
		}
		return err
	})
	return rotation, err
}

func revokeReused(ctx context.Context, tx *sql.Tx, hash string, at time.Time, into *Rotation) error {
	err := tx.QueryRowContext(ctx, selectUsedToken, hash).Scan(&into.SessionID, &into.User.ID)
	if err != nil {
		return found(err, "session")
	}
	into.Reused = true
	_, err = tx.ExecContext(ctx, revokeSession, into.SessionID, into.User.ID, at, "refresh token reused")
	return err
}

// A session may have some thousands of used tokens, which go with it.
const deleteOldSessions = `DELETE FROM user_sessions WHERE (expires_at < $1 OR revoked_at < $1)
	AND id IN (SELECT s.id FROM user_sessions s WHERE s.expires_at < $1 OR s.revoked_at < $1 LIMIT 100)`

// DeleteOldSessions removes sessions that ended before the given moment, with
// their used tokens, 100 in a transaction, and returns how many.
func (s *Store) DeleteOldSessions(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, deleteOldSessions, before)
}
