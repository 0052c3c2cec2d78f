package api

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerRepositories() {
	handle(a, route{id: "list-repositories", method: http.MethodGet, path: "/api/v1/repositories", tag: tagRepositories, policy: observers,
		summary: "The repositories that you may see, newest first"}, a.repositories)
	handle(a, route{id: "create-repository", method: http.MethodPost, path: "/api/v1/repositories", tag: tagRepositories, policy: teamLeads, status: http.StatusCreated,
		summary: "Add a repository", description: "The address is checked and normalised; nothing is fetched before the first analysis. " +
			"A private repository is fetched with the token of `service_id`, which must be enabled and of the repository's host; without it, with that of an enabled service of the host when there is one.",
		errors: []int{http.StatusConflict}}, a.createRepository)
	handle(a, route{id: "get-repository", method: http.MethodGet, path: "/api/v1/repositories/{id}", tag: tagRepositories, policy: observers,
		summary: "A repository", errors: notThere}, a.repository)
	handle(a, route{id: "delete-repository", method: http.MethodDelete, path: "/api/v1/repositories/{id}", tag: tagRepositories, policy: teamLeads, status: http.StatusNoContent,
		summary: "Remove a repository", description: "Its analyses go with it, a running one ends, and its projects keep its address. Only who added it, and admins, may.",
		errors: notThere}, a.deleteRepository)
}

type repositoriesInput struct {
	Page
	Type   string `query:"type" enum:"github,gitlab,azure_devops,git,local" doc:"Only those hosted there"`
	Status string `query:"status" enum:"pending,queued,running,completed,failed" doc:"Only those whose latest analysis is so"`
}

func (a *API) repositories(ctx context.Context, in *repositoriesInput) (*list[rampforge.Repository], error) {
	filter := store.RepositoryFilter{Type: rampforge.RepositoryType(in.Type), Status: rampforge.AnalysisStatus(in.Status)}
	found, total, err := a.options.Store.Repositories(ctx, requestOf(ctx).viewer(), filter, in.stored())
	return listOf(found, total), err
}

type repositoryInput struct {
	Body struct {
		URL       string                    `json:"url" minLength:"1" maxLength:"2000" example:"https://example.com/team/service.git"`
		Name      *string                   `json:"name" required:"false" maxLength:"200" doc:"Default: from the address"`
		Type      *rampforge.RepositoryType `json:"type" required:"false" enum:"github,gitlab,azure_devops,git,local" doc:"Default: from the address"`
		ServiceID *string                   `json:"service_id" required:"false" maxLength:"100" doc:"The service whose token a private repository is fetched with. Default: an enabled service of the host"`
	}
}

type repositoryAnswer struct{ Body rampforge.Repository }

func (a *API) createRepository(ctx context.Context, in *repositoryInput) (*repositoryAnswer, error) {
	source, err := a.options.Sources.CheckSource(ctx, in.Body.URL, value(in.Body.Type))
	if err != nil {
		return nil, err
	}
	if in.Body.ServiceID != nil {
		if err := a.checkAccess(ctx, *in.Body.ServiceID, &source); err != nil {
			return nil, err
		}
	}
	name := strings.TrimSpace(value(in.Body.Name))
	if name == "" {
		name = source.Name
	}
	r := a.newRepository(requestOf(ctx), source, name)
	r.ServiceID = in.Body.ServiceID
	if err := a.options.Store.CreateRepository(ctx, r); err != nil {
		return nil, err
	}
	a.record(ctx, "repository.created", r.ID, true, map[string]any{"url": r.URL})
	stored, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), r.ID)
	return &repositoryAnswer{stored}, err
}

// checkAccess checks that a repository can be fetched with the token of a
// service, which also tells the kind of a host that its address does not.
func (a *API) checkAccess(ctx context.Context, serviceID string, s *Source) error {
	if s.Type == rampforge.RepositoryLocal {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "service_id", Issue: "must be left out or null for a folder of the server"})
	}
	service, err := a.options.Services.CheckAccess(ctx, serviceID, s.URL)
	if err == nil && s.Type == rampforge.RepositoryGit {
		s.Type = rampforge.RepositoryType(service.Type)
	}
	return err
}

func (a *API) newRepository(req *request, s Source, name string) rampforge.Repository {
	return rampforge.Repository{
		ID: store.NewID("repo"), Name: clip(name, maxName), URL: s.URL, Type: s.Type,
		CreatedBy: req.identity.User.ID, CreatedAt: a.options.Now().UTC(),
	}
}

// maxName is the longest name of a repository or project, in characters.
const maxName = 200

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

func (a *API) repository(ctx context.Context, in *ByID) (*repositoryAnswer, error) {
	r, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), in.ID)
	return &repositoryAnswer{r}, err
}

func (a *API) deleteRepository(ctx context.Context, in *ByID) (*nothing, error) {
	viewer := requestOf(ctx).viewer()
	r, err := a.options.Store.Repository(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	if !viewer.Admin && r.CreatedBy != viewer.UserID {
		return nil, rampforge.Errorf(rampforge.CodeForbidden, "Only who added this repository, or an administrator, may remove it.")
	}
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) error {
		_, err := a.options.Store.DeleteRepositoryTx(ctx, tx, r.ID, a.options.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "repository.deleted", r.ID, true, map[string]any{"url": r.URL})
	a.resolvePeople(ctx)
	if a.options.Tidy != nil {
		a.options.Tidy()
	}
	return nil, nil
}
