package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Access is what a repository is fetched with.
type Access struct {
	Service *rampforge.Service // whose token it is; nil for none
	// Token is "user:token" as the vendor wants it, or with Bearer the token
	// alone. It must not reach a log, an error, an argument or an answer.
	Token  string
	Bearer bool
	// Chosen says that nobody named the service: it was found by its host.
	Chosen bool
	Advice string // what to change when the repository is refused, as whole sentences
}

// accessRole is the least role whose holder may use the services' tokens: the
// one that may change services.
const accessRole = rampforge.RoleTeamLead

// CheckAccess returns a service that somebody names for the repository at an
// address. When its token cannot be used there, the error says why.
func (s *Services) CheckAccess(ctx context.Context, id, address string) (rampforge.Service, error) {
	row, err := s.Store.ServiceSecret(ctx, id)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return rampforge.Service{}, badService("names no service")
	}
	if err != nil {
		return rampforge.Service{}, err
	}
	if _, why := s.open(row, address); why != "" {
		return rampforge.Service{}, badService("names a service that " + why)
	}
	return row.Service, nil
}

func badService(issue string) error {
	return rampforge.Invalid(rampforge.FieldIssue{Field: "service_id", Issue: issue})
}

// Access returns what a repository is fetched with at this moment: the token
// of the service that is named for it, or else of one of its host; see
// store.Store.HostingServices for the order. What keeps a token from being
// used is no error, as the repository may be public: it is in the advice.
func (s *Services) Access(ctx context.Context, r rampforge.Repository) (Access, error) {
	host := hostOfRepository(r)
	if host == "" {
		return Access{}, nil
	}
	adder, err := s.Store.User(ctx, r.CreatedBy)
	if err != nil {
		return Access{}, fmt.Errorf("finding who added the repository %s: %w", r.ID, err)
	}
	if !adder.IsActive {
		return Access{Advice: "No service's token is used for it, as the account of who added it is deactivated: let somebody else add the repository."}, nil
	}
	if !adder.Role.AtLeast(accessRole) {
		return Access{Advice: fmt.Sprintf("No service's token is used for it, as who added it has not the role %s any more: let somebody with that role add the repository.", accessRole)}, nil
	}
	if r.ServiceID == nil {
		return s.choose(ctx, r.URL, host)
	}
	row, err := s.Store.ServiceSecret(ctx, *r.ServiceID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound { // removed at this moment
		return s.choose(ctx, r.URL, host)
	}
	if err != nil {
		return Access{}, err
	}
	a, why := s.open(row, r.URL)
	if why != "" {
		return Access{Advice: fmt.Sprintf("The service %q that it is fetched with %s.", row.Service.Name, why)}, nil
	}
	return a, nil
}

// hostOfRepository returns the host of an address, "" for a folder.
func hostOfRepository(r rampforge.Repository) string {
	u, err := url.Parse(r.URL)
	if err != nil || r.Type == rampforge.RepositoryLocal {
		return ""
	}
	return u.Host
}

// choose returns the access by the first service of the host.
func (s *Services) choose(ctx context.Context, address, host string) (Access, error) {
	rows, err := s.Store.HostingServices(ctx)
	if err != nil {
		return Access{}, err
	}
	var advice string
	for _, row := range rows {
		a, why := s.open(row, address)
		if why == "" {
			a.Chosen = true
			return a, nil
		}
		if at, _ := bases(row.Service, ""); advice == "" && below(address, at) {
			advice = fmt.Sprintf("The service %q of this host %s.", row.Service.Name, why)
		}
	}
	if advice != "" {
		return Access{Advice: advice}, nil
	}
	return Access{Advice: fmt.Sprintf("No enabled service has repositories at %s that this is one of: add or enable one whose token may read it.", host)}, nil
}

// open returns the access to an address by a service. When there is none, why
// says so of the service, as the rest of a sentence with what to do.
func (s *Services) open(row store.ServiceSecret, address string) (a Access, why string) {
	v := row.Service
	if !v.Enabled {
		return Access{}, "is disabled: enable it first"
	}
	credentials, err := s.Unseal(row)
	at, why := bases(v, strings.TrimSpace(credentials["organization"]))
	switch {
	case why != "" && (err == nil || v.Type != rampforge.ServiceAzureDevOps): // whose organization may be among what cannot be read
		return Access{}, why
	case why == "" && !below(address, at):
		return Access{}, fmt.Sprintf("has its repositories below %s, where this one is not: use a service of the repository's host, or none", strings.Join(at, " and "))
	case err != nil:
		s.Logger.Warn("the token of a service cannot be used: its credentials cannot be read", slog.String("service_id", v.ID), slog.Any("error", err))
		return Access{}, "has credentials that cannot be read under the present SECRET_KEY: enter them again"
	}
	a.Service = &v
	if a.Token, a.Bearer = shownToken(v, credentials); a.Token == "" {
		return Access{}, "holds no token: enter one"
	}
	a.Advice = fmt.Sprintf("Give the service %q a token that may read the repository's code, or use another service.", v.Name)
	return a, ""
}

// shownToken returns a token in the form that the vendor's git wants.
func shownToken(v rampforge.Service, credentials map[string]string) (token string, bearer bool) {
	user, name := "x-access-token:", "token"
	if v.Type == rampforge.ServiceGitLab {
		user = "oauth2:"
	}
	if v.Type == rampforge.ServiceAzureDevOps {
		// Microsoft's MCP server takes a token of Entra, which is no password.
		user, name, bearer = ":", "personal_access_token", v.Transport == rampforge.TransportMCP
	}
	switch token = strings.TrimSpace(credentials[name]); {
	case token == "", bearer:
		return token, bearer
	}
	return user + token, false
}
