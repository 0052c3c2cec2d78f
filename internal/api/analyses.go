package api

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerAnalyses() {
	handle(a, route{id: "analyze-repository", method: http.MethodPost, path: "/api/v1/repositories/{id}/analyze", tag: tagAnalyses, policy: developers,
		status: http.StatusAccepted, summary: "Analyse a repository", description: analyzeDescription, errors: notThere}, a.analyzeRepository)
	handle(a, route{id: "get-repository-analysis", method: http.MethodGet, path: "/api/v1/repositories/{id}/analysis", tag: tagAnalyses, policy: observers,
		summary: "The newest report of a repository", description: reportDescription, errors: notThere}, a.repositoryReport)
	handle(a, route{id: "list-repository-analyses", method: http.MethodGet, path: "/api/v1/repositories/{id}/analyses", tag: tagAnalyses, policy: observers,
		summary: "The analyses of a repository, newest first", errors: notThere}, a.analyses)
	handle(a, route{id: "get-analysis", method: http.MethodGet, path: "/api/v1/analyses/{id}", tag: tagAnalyses, policy: observers,
		summary: "An analysis, with its report once it is completed", errors: notThere}, a.analysis)
	handle(a, route{id: "cancel-analysis", method: http.MethodPost, path: "/api/v1/analyses/{id}/cancel", tag: tagAnalyses, policy: developers,
		summary: "End an analysis", description: "A queued one ends at once, a running one within seconds. One that has ended stays as it is.", errors: notThere}, a.cancel)
	a.answers("/api/v1/repositories/{id}/analysis", jsonType, reflect.TypeFor[reportDocument](), "The report")
	a.answers("/api/v1/analyses/{id}", jsonType, reflect.TypeFor[runDocument](), "The analysis")
}

const (
	analyzeDescription = "Answers 202 and the analysis, which is the one under way when there is one. " +
		"With `Prefer: wait=N` the answer waits for the end, at most N seconds, and is 200 when it came."
	reportDescription = "`status` is that of the latest run: poll for `completed` to wait for a run that was just asked for. " +
		"The ETag covers both, so that If-None-Match answers 304 until something changed. 404 before the first report."
)

type analyzeInput struct {
	ByID
	Prefer []string `header:"Prefer" doc:"wait=N: wait at most N seconds, up to 60, for the end"`
	Body   struct {
		ForceRefresh        *bool                   `json:"force_refresh" required:"false" doc:"Analyse again although this commit was analysed"`
		AnalysisType        *rampforge.AnalysisType `json:"analysis_type" required:"false" enum:"full,quick" doc:"quick leaves the history out. Default: full"`
		IncludeDependencies *bool                   `json:"include_dependencies" required:"false" doc:"List what the manifests declare. Default: true"`
		Ref                 *string                 `json:"ref" required:"false" maxLength:"255" doc:"Branch, tag or commit. Default: the default branch"`
	}
}

// analyzeAnswer names the run that was asked for.
type analyzeAnswer struct {
	Status            int
	PreferenceApplied string `header:"Preference-Applied"`
	Body              struct {
		AnalysisID          string                   `json:"analysis_id"`
		RepositoryID        string                   `json:"repository_id"`
		ProjectID           *string                  `json:"project_id,omitempty" doc:"When it was asked for through a project"`
		Status              rampforge.AnalysisStatus `json:"status"`
		EstimatedCompletion *time.Time               `json:"estimated_completion" doc:"From the durations of earlier runs; null when there are none"`
		AnalysisError       *string                  `json:"analysis_error,omitempty" doc:"Why it failed"`
		Message             string                   `json:"message"`
	}
}

func (a *API) analyzeRepository(ctx context.Context, in *analyzeInput) (*analyzeAnswer, error) {
	r, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return a.analyze(ctx, in, r.ID)
}

// analyze starts a run of a repository that the caller may see, or finds the
// one that is under way, and waits for its end when that is preferred.
func (a *API) analyze(ctx context.Context, in *analyzeInput, repositoryID string) (*analyzeAnswer, error) {
	options, err := in.options()
	if err != nil {
		return nil, err
	}
	req := requestOf(ctx)
	if err := a.limits.take(ctx, "analyze:"+req.identity.User.ID, a.options.Rates.Analyze); err != nil {
		return nil, err
	}
	wanted := rampforge.Analysis{
		ID: store.NewID("ana"), RepositoryID: repositoryID, Options: options,
		RequestedBy: req.identity.User.ID, CreatedAt: a.options.Now().UTC(),
	}
	var run store.Run
	var started bool
	err = a.options.Store.InTx(ctx, func(tx *sql.Tx) error {
		run, started, err = a.options.Store.StartRunTx(ctx, tx, wanted, a.options.Enqueue)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &analyzeAnswer{Status: http.StatusAccepted}
	if wait := preferredWait(in.Prefer); wait > 0 {
		out.PreferenceApplied = "wait=" + strconv.Itoa(int(wait.Seconds()))
		viewer, id := requestOf(ctx).viewer(), run.Analysis.ID
		run.Analysis, err = waitFor(ctx, a, id, wait, func() (rampforge.Analysis, bool, error) {
			now, err := a.options.Store.Analysis(ctx, viewer, id)
			return now, now.Status.Finished(), err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, a.describe(ctx, out, run.Analysis, started)
}

func (in *analyzeInput) options() (rampforge.AnalysisOptions, error) {
	o := rampforge.AnalysisOptions{Type: rampforge.AnalysisFull, ForceRefresh: value(in.Body.ForceRefresh), IncludeDependencies: true, Ref: value(in.Body.Ref)}
	if in.Body.AnalysisType != nil {
		o.Type = *in.Body.AnalysisType
	}
	if in.Body.IncludeDependencies != nil {
		o.IncludeDependencies = *in.Body.IncludeDependencies
	}
	if !plausibleRef(o.Ref) {
		return o, rampforge.Invalid(rampforge.FieldIssue{Field: "ref", Issue: "must be the name of a branch or tag, or a commit"})
	}
	return o, nil
}

// plausibleRef refuses what git never takes as a name, and what its command
// line would take for an option or a range.
func plausibleRef(ref string) bool {
	return !strings.HasPrefix(ref, "-") && !strings.Contains(ref, "..") && !strings.Contains(ref, "@{") &&
		!strings.ContainsAny(ref, " ~^:?*[\\") && !strings.ContainsFunc(ref, isControl)
}

func (a *API) describe(ctx context.Context, out *analyzeAnswer, run rampforge.Analysis, started bool) error {
	out.Body.AnalysisID, out.Body.RepositoryID, out.Body.Status = run.ID, run.RepositoryID, run.Status
	switch {
	case run.Status.Finished():
		out.Status = http.StatusOK
		out.Body.AnalysisError = run.Error
		out.Body.Message = endedAs(run)
		return nil
	case started:
		out.Body.Message = "The analysis is queued."
	default:
		out.Body.Message = "An analysis of this repository is under way: this is it."
	}
	var err error
	out.Body.EstimatedCompletion, err = a.estimate(ctx, run)
	return err
}

// endedAs says how a run ended, and why when it failed.
func endedAs(run rampforge.Analysis) string {
	if run.Status == rampforge.AnalysisFailed && run.Error != nil {
		return "The analysis has failed: " + *run.Error
	}
	return fmt.Sprintf("The analysis has ended: %s.", run.Status)
}

// estimatedFrom is how many earlier runs an estimate looks at.
const estimatedFrom = 20

// estimate expects a run to take as long as the median of the earlier ones; it
// knows nothing before the first, and nothing once that time is over.
func (a *API) estimate(ctx context.Context, run rampforge.Analysis) (*time.Time, error) {
	earlier, _, err := a.options.Store.Analyses(ctx, requestOf(ctx).viewer(), run.RepositoryID, store.Page{Limit: estimatedFrom})
	if err != nil {
		return nil, err
	}
	var took []time.Duration
	for _, e := range earlier {
		if e.Status == rampforge.AnalysisCompleted && e.StartedAt != nil && e.FinishedAt != nil && e.Options.Type == run.Options.Type {
			took = append(took, e.FinishedAt.Sub(*e.StartedAt))
		}
	}
	if len(took) == 0 {
		return nil, nil
	}
	slices.Sort(took)
	now := a.options.Now().UTC()
	from := now
	if run.StartedAt != nil {
		from = *run.StartedAt
	}
	if end := from.Add(took[len(took)/2]); end.After(now) {
		return &end, nil
	}
	return nil, nil
}

type analysesInput struct {
	ByID
	Page
}

type analysesAnswer struct {
	Body struct {
		Analyses []rampforge.Analysis `json:"analyses"`
		Paged
	}
}

func (a *API) analyses(ctx context.Context, in *analysesInput) (*analysesAnswer, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Repository(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	found, total, err := a.options.Store.Analyses(ctx, viewer, in.ID, in.stored())
	out := &analysesAnswer{}
	out.Body.Analyses, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

type runAnswer struct{ Body rampforge.Analysis }

func (a *API) cancel(ctx context.Context, in *ByID) (*runAnswer, error) {
	if _, err := a.options.Store.Analysis(ctx, requestOf(ctx).viewer(), in.ID); err != nil {
		return nil, err
	}
	var run store.Run
	err := a.options.Store.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = a.options.Store.CancelRunTx(ctx, tx, in.ID, a.options.Now())
		return err
	})
	return &runAnswer{run.Analysis}, err
}
