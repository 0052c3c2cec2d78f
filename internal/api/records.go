package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerRecords() {
	const more = " The last updated first; what is gone at the vendor is left out. Texts and comments stay with the vendor: url leads there."
	handle(a, route{id: "list-project-work-items", method: http.MethodGet, path: oneProject + "/work-items", tag: tagProjects, policy: observers,
		summary: "The work items of a project's sources", description: "As they were last synced." + more, errors: notThere}, a.workItems)
	handle(a, route{id: "list-project-pull-requests", method: http.MethodGet, path: oneProject + "/pull-requests", tag: tagProjects, policy: observers,
		summary: "The pull requests of a project's sources", description: "As they were last synced." + more, errors: notThere}, a.pullRequests)
	handle(a, route{id: "list-project-sprints", method: http.MethodGet, path: oneProject + "/sprints", tag: tagProjects, policy: observers,
		summary: "The sprints of a project's sources", description: "As they were last synced." + more, errors: notThere}, a.sprints)
}

// RecordQuery is what every list of records may be narrowed by.
type RecordQuery struct {
	ByID
	Page

	UpdatedSince time.Time `query:"updated_since" doc:"Only those that changed at the vendor at that moment or later"`
	Search       string    `query:"search" maxLength:"200" doc:"Only those with this in their title, in any case"`
}

func (q RecordQuery) filter() store.RecordFilter {
	return store.RecordFilter{Since: q.UpdatedSince.UTC(), Search: strings.TrimSpace(q.Search)}
}

// RecordPlace is where a record comes from.
type RecordPlace struct {
	ID          string    `json:"id" doc:"The vendor's, within the service"`
	ServiceID   string    `json:"service_id"`
	ResourceID  string    `json:"resource_id"`
	ResourceKey string    `json:"resource_key"`
	SyncedAt    time.Time `json:"synced_at" doc:"When it was last read"`
}

// accountShown is an account as lists show it: without its address.
type accountShown struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Bot   bool   `json:"bot"`
}

func shownAccount(v *rampforge.Account) *accountShown {
	if v == nil {
		return nil
	}
	// Some vendors use the address as the login, or as the name.
	shown := &accountShown{v.ID, identity.WithoutAddress(v.Login), identity.WithoutAddress(v.Name), v.Bot}
	if strings.Contains(shown.ID, "@") {
		shown.ID = ""
	}
	return shown
}

func shownAccounts(list []rampforge.Account) []accountShown {
	out := make([]accountShown, 0, len(list))
	for i := range list {
		out = append(out, *shownAccount(&list[i]))
	}
	return out
}

type workItemShown struct {
	RecordPlace

	Key            string                   `json:"key"`
	Type           string                   `json:"type"`
	Title          string                   `json:"title"`
	URL            string                   `json:"url"`
	Status         string                   `json:"status"`
	StatusCategory rampforge.StatusCategory `json:"status_category"`
	Resolution     string                   `json:"resolution"`
	Priority       string                   `json:"priority"`
	Labels         []string                 `json:"labels"`
	Reporter       *accountShown            `json:"reporter"`
	Assignees      []accountShown           `json:"assignees"`
	Estimate       *float64                 `json:"estimate"`
	SprintIDs      []string                 `json:"sprint_ids"`
	ParentID       string                   `json:"parent_id"`
	Flagged        bool                     `json:"flagged"`
	Comments       int                      `json:"comments"`
	CreatedAt      time.Time                `json:"created_at"`
	UpdatedAt      time.Time                `json:"updated_at"`
	ClosedAt       *time.Time               `json:"closed_at"`
}

type workItemsInput struct {
	RecordQuery
	State          string `query:"state" maxLength:"200" doc:"Only those in this state, as the tracker calls it"`
	StatusCategory string `query:"status_category" enum:"todo,in_progress,done" doc:"Only those whose state means this"`
	Type           string `query:"type" maxLength:"200" doc:"Only those of this type, as the tracker calls it"`
	Assignee       string `query:"assignee" maxLength:"200" doc:"Only those of this account, by its id"`
}

type workItemsAnswer struct {
	Body struct {
		WorkItems []workItemShown `json:"work_items"`
		Paged
	}
}

func (a *API) workItems(ctx context.Context, in *workItemsInput) (*workItemsAnswer, error) {
	filter := in.filter()
	filter.Status, filter.State, filter.Type, filter.Assignee = in.State, in.StatusCategory, in.Type, in.Assignee
	out := &workItemsAnswer{}
	var err error
	out.Body.WorkItems, out.Body.Paged, err = listRecords(ctx, a, in.RecordQuery, rampforge.StreamWorkItems, filter, func(at RecordPlace, v rampforge.WorkItem) workItemShown {
		return workItemShown{
			RecordPlace: at, Key: v.Key, Type: v.Type, Title: v.Title, URL: v.URL, Status: v.Status, StatusCategory: v.StatusCategory, Resolution: v.Resolution,
			Priority: v.Priority, Labels: append([]string{}, v.Labels...), Reporter: shownAccount(v.Reporter), Assignees: shownAccounts(v.Assignees), Estimate: v.Estimate,
			SprintIDs: append([]string{}, v.SprintIDs...), ParentID: v.ParentID, Flagged: v.Flagged, Comments: len(v.Comments), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, ClosedAt: v.ClosedAt,
		}
	})
	return out, err
}

type pullRequestShown struct {
	RecordPlace

	Number       int            `json:"number"`
	Title        string         `json:"title"`
	URL          string         `json:"url"`
	State        string         `json:"state"`
	Draft        bool           `json:"draft"`
	Author       *accountShown  `json:"author"`
	SourceBranch string         `json:"source_branch"`
	TargetBranch string         `json:"target_branch"`
	Assignees    []accountShown `json:"assignees"`
	Requested    []accountShown `json:"requested_reviewers"`
	Labels       []string       `json:"labels"`
	Additions    *int           `json:"additions"`
	Deletions    *int           `json:"deletions"`
	ChangedFiles *int           `json:"changed_files"`
	Reviews      int            `json:"reviews"`
	Comments     int            `json:"comments"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
	ReadyAt      *time.Time     `json:"ready_at"`
	ClosedAt     *time.Time     `json:"closed_at"`
	MergedAt     *time.Time     `json:"merged_at"`
}

type pullRequestsInput struct {
	RecordQuery
	State    string `query:"state" enum:"open,closed,merged" doc:"Only those in this state"`
	Assignee string `query:"assignee" maxLength:"200" doc:"Only those of this account, by its id"`
}

type pullRequestsAnswer struct {
	Body struct {
		PullRequests []pullRequestShown `json:"pull_requests"`
		Paged
	}
}

func (a *API) pullRequests(ctx context.Context, in *pullRequestsInput) (*pullRequestsAnswer, error) {
	filter := in.filter()
	filter.State, filter.Assignee = in.State, in.Assignee
	out := &pullRequestsAnswer{}
	var err error
	out.Body.PullRequests, out.Body.Paged, err = listRecords(ctx, a, in.RecordQuery, rampforge.StreamPullRequests, filter, func(at RecordPlace, v rampforge.PullRequest) pullRequestShown {
		return pullRequestShown{
			RecordPlace: at, Number: v.Number, Title: v.Title, URL: v.URL, State: v.State, Draft: v.Draft, Author: shownAccount(v.Author), SourceBranch: v.SourceBranch,
			TargetBranch: v.TargetBranch, Assignees: shownAccounts(v.Assignees), Requested: shownAccounts(v.Requested), Labels: append([]string{}, v.Labels...),
			Additions: v.Additions, Deletions: v.Deletions, ChangedFiles: v.ChangedFiles, Reviews: len(v.Reviews), Comments: len(v.Comments),
			CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, ReadyAt: v.ReadyAt, ClosedAt: v.ClosedAt, MergedAt: v.MergedAt,
		}
	})
	return out, err
}

type sprintShown struct {
	RecordPlace

	BoardID     string     `json:"board_id"`
	Name        string     `json:"name"`
	Goal        string     `json:"goal"`
	State       string     `json:"state"`
	StartAt     *time.Time `json:"start_at"`
	EndAt       *time.Time `json:"end_at"`
	CompletedAt *time.Time `json:"completed_at"`
}

type sprintsInput struct {
	RecordQuery
	State string `query:"state" enum:"future,active,closed" doc:"Only those in this state"`
}

type sprintsAnswer struct {
	Body struct {
		Sprints []sprintShown `json:"sprints"`
		Paged
	}
}

func (a *API) sprints(ctx context.Context, in *sprintsInput) (*sprintsAnswer, error) {
	filter := in.filter()
	filter.State = in.State
	out := &sprintsAnswer{}
	var err error
	out.Body.Sprints, out.Body.Paged, err = listRecords(ctx, a, in.RecordQuery, rampforge.StreamSprints, filter, func(at RecordPlace, v rampforge.Sprint) sprintShown {
		return sprintShown{at, v.BoardID, v.Name, v.Goal, v.State, v.StartAt, v.EndAt, v.CompletedAt}
	})
	return out, err
}

// listRecords returns a page of the records of a project that the caller may
// see, each as shown makes it.
func listRecords[C, S any](ctx context.Context, a *API, q RecordQuery, stream rampforge.Stream, filter store.RecordFilter, shown func(RecordPlace, C) S) ([]S, Paged, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), q.ID)
	if err != nil {
		return nil, Paged{}, err
	}
	found, total, err := a.options.Store.ProjectRecords(ctx, p.ID, stream, filter, q.stored())
	if err != nil {
		return nil, Paged{}, err
	}
	out := make([]S, 0, len(found))
	for _, r := range found {
		var content C
		if err := json.Unmarshal(r.Content, &content); err != nil {
			return nil, Paged{}, fmt.Errorf("reading the record %s of %s: %w", r.ID, r.ServiceID, err)
		}
		out = append(out, shown(RecordPlace{ID: r.ID, ServiceID: r.ServiceID, ResourceID: r.ResourceID, ResourceKey: r.ResourceKey, SyncedAt: r.SyncedAt}, content))
	}
	return out, q.of(total, len(found)), nil
}
