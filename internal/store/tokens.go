package store

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const insertToken = `INSERT INTO api_tokens (id, user_id, name, hash, prefix, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// CreateToken keeps a new API token by its hash and returns it with its id.
func (s *Store) CreateToken(ctx context.Context, t rampforge.APIToken, hash string) (rampforge.APIToken, error) {
	t.ID = NewID("tok")
	scopes, err := jsonText(t.Scopes)
	if err != nil {
		return t, err
	}
	_, err = s.db.Write().ExecContext(ctx, insertToken, t.ID, t.UserID, t.Name, hash, t.Prefix, scopes, t.CreatedAt, t.ExpiresAt)
	return t, err
}

const selectTokens = `SELECT id, name, scopes, prefix, expires_at, last_used, created_at FROM api_tokens
	WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id LIMIT 200`

// Tokens lists a person's API tokens, newest first, at most 200. Expired ones
// are in it until they are deleted.
func (s *Store) Tokens(ctx context.Context, userID string) ([]rampforge.APIToken, error) {
	rows, err := s.query(ctx, selectTokens, userID)
	return collect(rows, err, func(r row) (rampforge.APIToken, error) {
		t := rampforge.APIToken{UserID: userID}
		var expires, used, created database.Time
		err := r.Scan(&t.ID, &t.Name, jsonColumn{&t.Scopes}, &t.Prefix, &expires, &used, &created)
		t.ExpiresAt, t.LastUsed, t.CreatedAt = expires.Ptr(), used.Ptr(), created.Time
		return t, err
	})
}

const selectTokenUser = `SELECT ` + userColumns + `, t.id, t.scopes FROM api_tokens t JOIN users u ON u.id = t.user_id
	WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2) AND u.is_active`

// TokenUser returns whose live API token this is, its id and its scopes.
func (s *Store) TokenUser(ctx context.Context, hash string, at time.Time) (u rampforge.User, id string, scopes []string, err error) {
	u, err = scanUser(s.queryRow(ctx, selectTokenUser, hash, at), &id, jsonColumn{&scopes})
	return u, id, scopes, found(err, "token")
}

const revokeToken = `UPDATE api_tokens SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL`

// RevokeToken ends one API token of a person.
func (s *Store) RevokeToken(ctx context.Context, id, userID string, at time.Time) error {
	result, err := s.db.Write().ExecContext(ctx, revokeToken, id, userID, at)
	return changedOne(result, err, "token")
}

const revokeTokensOf = `UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`
