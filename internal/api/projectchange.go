package api

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

type projectInput struct {
	Body struct {
		Name          string            `json:"name" minLength:"1" maxLength:"200"`
		Description   *string           `json:"description" required:"false" maxLength:"10000"`
		RepositoryURL *string           `json:"repository_url" required:"false" maxLength:"2000"`
		PMTool        *rampforge.PMTool `json:"pm_tool" required:"false" enum:"jira,azure_devops,github,gitlab"`
		PMProjectKey  *string           `json:"pm_project_key" required:"false" maxLength:"200"`
		AICode        *bool             `json:"ai_code" required:"false" doc:"Whether what stands in the repository may be sent to a model. Default: true"`
		TeamMembers   []string          `json:"team_members" required:"false" nullable:"true" maxItems:"500" doc:"E-mail addresses; somebody without an account is a member once they register"`
	}
}

func (a *API) createProject(ctx context.Context, in *projectInput) (*projectAnswer, error) {
	req := requestOf(ctx)
	name := strings.TrimSpace(in.Body.Name)
	issues := memberIssues(in.Body.TeamMembers)
	if issue := nameIssue(name); issue != "" {
		issues = append(issues, rampforge.FieldIssue{Field: "name", Issue: issue})
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	source, err := a.checkSource(ctx, in.Body.RepositoryURL)
	if err != nil {
		return nil, err
	}
	now := a.options.Now().UTC()
	p := rampforge.Project{
		ID: store.NewID("prj"), Name: name, Description: value(in.Body.Description), Status: rampforge.ProjectActive,
		PMTool: in.Body.PMTool, PMProjectKey: in.Body.PMProjectKey, AICode: in.Body.AICode == nil || *in.Body.AICode, CreatedBy: req.identity.User.ID, CreatedAt: now, UpdatedAt: now,
	}
	members := append([]string{req.identity.User.Email}, trimmed(in.Body.TeamMembers)...)
	err = a.bound(ctx, source, func(tx *sql.Tx, repositoryID *string) error {
		p.RepositoryID = repositoryID
		if source != nil {
			p.RepositoryURL = &source.URL
		}
		return a.options.Store.CreateProjectTx(ctx, tx, p, members)
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "project.created", p.ID, true, map[string]any{"name": p.Name})
	stored, err := a.options.Store.Project(ctx, req.viewer(), p.ID)
	if err != nil {
		return nil, err
	}
	return a.detail(ctx, stored)
}

type projectUpdate struct {
	ByID
	Body struct {
		Name          *string                    `json:"name" required:"false" minLength:"1" maxLength:"200"`
		Description   *string                    `json:"description" required:"false" maxLength:"10000"`
		Status        *rampforge.ProjectStatus   `json:"status" required:"false" enum:"active,archived"`
		RepositoryURL optional[string]           `json:"repository_url" required:"false" maxLength:"2000" doc:"null unbinds the repository"`
		PMTool        optional[rampforge.PMTool] `json:"pm_tool" required:"false" enum:"jira,azure_devops,github,gitlab"`
		PMProjectKey  optional[string]           `json:"pm_project_key" required:"false" maxLength:"200"`
		AICode        *bool                      `json:"ai_code" required:"false" doc:"Whether what stands in the repository may be sent to a model; false keeps code, documents and commits from it"`
		TeamMembers   []string                   `json:"team_members" required:"false" nullable:"true" maxItems:"500" doc:"E-mail addresses; replaces the members"`
	}
}

func (a *API) updateProject(ctx context.Context, in *projectUpdate) (*projectAnswer, error) {
	req := requestOf(ctx)
	if _, err := a.options.Store.Project(ctx, req.viewer(), in.ID); err != nil {
		return nil, err
	}
	issues := memberIssues(in.Body.TeamMembers)
	if in.Body.Name != nil {
		*in.Body.Name = strings.TrimSpace(*in.Body.Name)
		if issue := nameIssue(*in.Body.Name); issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: "name", Issue: issue})
		}
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	source, err := a.checkSource(ctx, in.Body.RepositoryURL.Value)
	if err != nil {
		return nil, err
	}
	now := a.options.Now().UTC()
	err = a.bound(ctx, source, func(tx *sql.Tx, repositoryID *string) error {
		p, err := a.options.Store.UpdateProjectTx(ctx, tx, in.ID, now, func(p *rampforge.Project) error {
			in.apply(p, source, repositoryID)
			return nil
		})
		if err != nil || in.Body.TeamMembers == nil {
			return err
		}
		maker, err := a.options.Store.User(ctx, p.CreatedBy)
		if err != nil {
			return err
		}
		return a.options.Store.SetMembersTx(ctx, tx, p.ID, append([]string{maker.Email}, trimmed(in.Body.TeamMembers)...), now)
	})
	if err != nil {
		return nil, err
	}
	a.record(ctx, "project.changed", in.ID, true, in.told())
	changed, err := a.options.Store.Project(ctx, req.viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return a.detail(ctx, changed)
}

func (in *projectUpdate) apply(p *rampforge.Project, source *Source, repositoryID *string) {
	if in.Body.Name != nil {
		p.Name = *in.Body.Name
	}
	if in.Body.Description != nil {
		p.Description = *in.Body.Description
	}
	if in.Body.Status != nil {
		p.Status = *in.Body.Status
	}
	if in.Body.RepositoryURL.Given {
		p.RepositoryID, p.RepositoryURL = repositoryID, nil
		if source != nil {
			p.RepositoryURL = &source.URL
		}
	}
	if in.Body.AICode != nil {
		p.AICode = *in.Body.AICode
	}
	if in.Body.PMTool.Given {
		p.PMTool = in.Body.PMTool.Value
	}
	if in.Body.PMProjectKey.Given {
		p.PMProjectKey = in.Body.PMProjectKey.Value
	}
}

// told is what the audit log says of a change: which fields, and of those that
// decide who sees what, their new values.
func (in *projectUpdate) told() map[string]any {
	b, told := &in.Body, map[string]any{}
	for field, given := range map[string]bool{
		"name": b.Name != nil, "description": b.Description != nil, "status": b.Status != nil, "repository_url": b.RepositoryURL.Given,
		"pm_tool": b.PMTool.Given, "pm_project_key": b.PMProjectKey.Given,
	} {
		if given {
			told[field] = true
		}
	}
	if b.AICode != nil {
		told["ai_code"] = *b.AICode
	}
	if b.TeamMembers != nil {
		told["members"] = len(b.TeamMembers)
	}
	return told
}

func (a *API) deleteProject(ctx context.Context, in *ByID) (*nothing, error) {
	viewer := requestOf(ctx).viewer()
	p, err := a.options.Store.Project(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	if !viewer.Admin && p.CreatedBy != viewer.UserID {
		return nil, rampforge.Errorf(rampforge.CodeForbidden, "Only who made this project, or an administrator, may remove it.")
	}
	if err := a.options.Store.DeleteProject(ctx, p.ID); err != nil {
		return nil, err
	}
	a.record(ctx, "project.deleted", p.ID, true, map[string]any{"name": p.Name})
	a.tidySoon()    // its imports
	return nil, nil //nolint:nilnil // 204
}

// checkSource checks the address of a project's repository; nil and "" are none.
func (a *API) checkSource(ctx context.Context, address *string) (*Source, error) {
	if strings.TrimSpace(value(address)) == "" {
		return nil, nil
	}
	source, err := a.options.Sources.CheckSource(ctx, *address, "")
	if invalid, ok := errors.AsType[*rampforge.Error](err); ok && invalid.Code == rampforge.CodeInvalid {
		return nil, aboutField(invalid, "repository_url")
	}
	return &source, err
}

// aboutField gives the faults of an address the name that the field has in
// this request.
func aboutField(e *rampforge.Error, field string) error {
	renamed := *e
	renamed.Fields = []rampforge.FieldIssue{{Field: field, Issue: e.Message}}
	if len(e.Fields) > 0 {
		renamed.Fields = nil
		for _, f := range e.Fields {
			renamed.Fields = append(renamed.Fields, rampforge.FieldIssue{Field: field, Issue: f.Issue})
		}
		renamed.Message = rampforge.Invalid(renamed.Fields...).Message
	}
	return &renamed
}

// bound runs fn in a transaction with the repository of a source: the one that
// the caller may see already, or a new one. Somebody may add the same address
// at the same moment; then theirs is found the second time.
func (a *API) bound(ctx context.Context, source *Source, fn func(tx *sql.Tx, repositoryID *string) error) error {
	if source == nil {
		return a.options.Store.InTx(ctx, func(tx *sql.Tx) error { return fn(tx, nil) })
	}
	err := a.bind(ctx, source, fn)
	if rampforge.ErrorCode(err) == rampforge.CodeConflict {
		err = a.bind(ctx, source, fn)
	}
	return err
}

func (a *API) bind(ctx context.Context, source *Source, fn func(tx *sql.Tx, repositoryID *string) error) error {
	req := requestOf(ctx)
	known, err := a.options.Store.RepositoryByURL(ctx, req.viewer(), source.URL)
	if err == nil {
		return a.options.Store.InTx(ctx, func(tx *sql.Tx) error { return fn(tx, &known.ID) })
	}
	if rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return err
	}
	r := a.newRepository(req, *source, source.Name)
	return a.options.Store.InTx(ctx, func(tx *sql.Tx) error {
		if err := a.options.Store.CreateRepositoryTx(ctx, tx, r); err != nil {
			return err
		}
		return fn(tx, &r.ID)
	})
}

func memberIssues(members []string) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	for n, email := range members {
		if issue := auth.EmailIssue(strings.TrimSpace(email)); issue != "" && len(issues) < maxIssues {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("team_members[%d]", n), Issue: issue})
		}
	}
	return issues
}

func trimmed(members []string) []string {
	out := make([]string, 0, len(members))
	for _, m := range members {
		out = append(out, strings.TrimSpace(m))
	}
	return out
}

// nameIssue says what is wrong with the name of a project, or "".
func nameIssue(name string) string {
	switch {
	case name == "":
		return "must not be empty"
	case strings.ContainsFunc(name, isControl):
		return "must not hold control characters"
	}
	return ""
}
