package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// apiTokenPrefix marks personal API tokens, so that secret scanners know them.
const apiTokenPrefix = "rf_"

// shownPrefix is how many characters of a token stay readable in lists.
const shownPrefix = len(apiTokenPrefix) + 6

func isAPIToken(bearer string) bool { return strings.HasPrefix(bearer, apiTokenPrefix) }

func (s *Service) authenticateToken(ctx context.Context, bearer string) (Identity, error) {
	user, id, scopes, err := s.store.TokenUser(ctx, hashToken(bearer), s.now())
	if isNotFound(err) {
		return Identity{}, errUnauthenticated
	}
	if err != nil {
		return Identity{}, err
	}
	s.activity.token(user.ID, id, s.now())
	return Identity{User: user, TokenID: id, Scopes: scopes}, nil
}

// CreateToken makes a personal API token and returns it with its secret, which
// is not kept and cannot be shown again. Without an expiry it lives until it
// is deleted.
func (s *Service) CreateToken(ctx context.Context, i Identity, name string, scopes []string, expires *time.Time, c Client) (rampforge.APIToken, string, error) {
	if len(scopes) == 0 {
		scopes = []string{ScopeRead}
	}
	if issues := tokenIssues(name, scopes, expires, s.now()); len(issues) > 0 {
		return rampforge.APIToken{}, "", rampforge.Invalid(issues...)
	}
	secret := randomToken(apiTokenPrefix)
	token, err := s.store.CreateToken(ctx, rampforge.APIToken{
		UserID: i.User.ID, Name: strings.TrimSpace(name), Scopes: scopes, Prefix: secret[:shownPrefix], ExpiresAt: expires, CreatedAt: s.now().Truncate(time.Microsecond),
	}, hashToken(secret))
	if err != nil {
		return rampforge.APIToken{}, "", err
	}
	s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "token.created", TargetID: token.ID, Success: true, Details: map[string]any{"scopes": scopes}})
	return token, secret, nil
}

func tokenIssues(name string, scopes []string, expires *time.Time, now time.Time) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n == 0 || n > 100 {
		issues = append(issues, rampforge.FieldIssue{Field: "name", Issue: "must have 1 to 100 characters"})
	}
	for n, scope := range scopes {
		if !slices.Contains([]string{ScopeRead, ScopeWrite, ScopeAdmin}, scope) {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("scopes[%d]", n), Issue: "must be read, write or admin"})
		}
	}
	if expires != nil && !expires.After(now) {
		issues = append(issues, rampforge.FieldIssue{Field: "expires_at", Issue: "must lie in the future"})
	}
	return issues
}

// Tokens lists a person's API tokens, newest first.
func (s *Service) Tokens(ctx context.Context, i Identity) ([]rampforge.APIToken, error) {
	return s.store.Tokens(ctx, i.User.ID)
}

// DeleteToken ends one of a person's own API tokens at once.
func (s *Service) DeleteToken(ctx context.Context, i Identity, id string, c Client) error {
	err := s.store.RevokeToken(ctx, id, i.User.ID, s.now())
	if err == nil {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "token.deleted", TargetID: id, Success: true})
	}
	return err
}

// jsonSize is the length of v as JSON in bytes; what cannot be written as JSON
// came in as JSON, so that does not happen.
func jsonSize(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	return len(b)
}
