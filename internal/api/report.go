package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/store"
)

// ReportHead is what the newest report is answered with besides what the
// analysis found. The kept text of the report follows it in the same object.
type ReportHead struct {
	ID               string                   `json:"id" doc:"Of the analysis that made this report"`
	RepositoryID     string                   `json:"repository_id"`
	ProjectID        *string                  `json:"project_id,omitempty"`
	Status           rampforge.AnalysisStatus `json:"status" doc:"Of the latest run, which may be a newer one"`
	LatestAnalysisID string                   `json:"latest_analysis_id"`
	AnalysisError    *string                  `json:"analysis_error" doc:"Why the latest run failed"`
	CreatedAt        time.Time                `json:"created_at" doc:"When this report was finished"`
}

// reportDocument documents the answer; it is never filled in.
type reportDocument struct {
	ReportHead
	report.CodeReport
}

// runDocument documents an analysis as it is answered.
type runDocument struct {
	rampforge.Analysis
	Report *report.CodeReport `json:"report" doc:"Null until the analysis is completed"`
}

type reportInput struct {
	ByID
	IfNoneMatch string `header:"If-None-Match"`
}

func (a *API) repositoryReport(ctx context.Context, in *reportInput) (*streamAnswer, error) {
	if _, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), in.ID); err != nil {
		return nil, err
	}
	return a.newestReport(ctx, in, in.ID, nil)
}

// newestReport answers with the newest report of a repository and the state of
// its latest run.
func (a *API) newestReport(ctx context.Context, in *reportInput, repositoryID string, projectID *string) (*streamAnswer, error) {
	viewer := requestOf(ctx).viewer()
	kept, err := a.options.Store.NewestReport(ctx, viewer, repositoryID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, a.noReport(ctx, viewer, repositoryID)
	}
	if err != nil {
		return nil, err
	}
	latest, err := a.options.Store.LatestAnalysis(ctx, viewer, repositoryID)
	if err != nil {
		return nil, err
	}
	head := ReportHead{
		ID: kept.Analysis.ID, RepositoryID: repositoryID, ProjectID: projectID, Status: latest.Status,
		LatestAnalysisID: latest.ID, AnalysisError: latest.Error, CreatedAt: kept.Analysis.CreatedAt,
	}
	if kept.Analysis.FinishedAt != nil {
		head.CreatedAt = *kept.Analysis.FinishedAt
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	told, err := a.narratives(ctx, kept)
	if err != nil {
		return nil, err
	}
	return splice(head, kept, names, told, in.IfNoneMatch, func(head, text []byte) [][]byte {
		// Two objects become one: {"id":…} and {"schema":…}.
		return [][]byte{bytes.TrimSuffix(head, []byte("}")), []byte(","), bytes.TrimPrefix(text, []byte("{"))}
	})
}

// noReport says what to do where there is no report: the reason why the latest
// run failed, if one did.
func (a *API) noReport(ctx context.Context, viewer store.Viewer, repositoryID string) error {
	latest, err := a.options.Store.LatestAnalysis(ctx, viewer, repositoryID)
	switch {
	case rampforge.ErrorCode(err) == rampforge.CodeNotFound:
		return rampforge.Errorf(rampforge.CodeNotFound, "There is no report yet: ask for an analysis and wait for its end.")
	case err != nil:
		return err
	}
	e := rampforge.Errorf(rampforge.CodeNotFound, "There is no report yet: the latest analysis is %s.", latest.Status)
	if latest.Status.Finished() {
		e.Message = "There is no report. " + endedAs(latest)
	}
	e.Details = map[string]any{"latest_analysis_id": latest.ID, "status": latest.Status, "analysis_error": latest.Error}
	return e
}

func (a *API) analysis(ctx context.Context, in *reportInput) (*streamAnswer, error) {
	viewer := requestOf(ctx).viewer()
	run, err := a.options.Store.Analysis(ctx, viewer, in.ID)
	if err != nil {
		return nil, err
	}
	var kept store.Report
	told := none
	if run.Status == rampforge.AnalysisCompleted {
		if kept, err = a.options.Store.Report(ctx, viewer, in.ID); err != nil {
			return nil, err
		}
		if told, err = a.narratives(ctx, kept); err != nil {
			return nil, err
		}
	}
	names, err := a.unnamed(ctx)
	if err != nil {
		return nil, err
	}
	return splice(run, kept, names, told, in.IfNoneMatch, func(head, text []byte) [][]byte {
		return [][]byte{bytes.TrimSuffix(head, []byte("}")), []byte(`,"report":`), text, []byte("}")}
	})
}

// splice answers with a head and the kept text of a report, without reading
// the report: it may have megabytes. It is read only to put in what describes its
// parts, and to leave out who does not want to be named. The tag covers all of
// that, and a client that has it is answered without unpacking.
func splice(head any, kept store.Report, names unnamed, told told, ifNoneMatch string, join func(head, text []byte) [][]byte) (*streamAnswer, error) {
	top, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append(slices.Clip(top), (names.tagOf(kept) + told.tag)...))
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	fresh := matches(ifNoneMatch, tag)
	text := []byte("null")
	if kept.ETag != "" && !fresh {
		if text, err = kept.JSON(); err != nil {
			return nil, err
		}
		if text, err = told.attach(text); err != nil {
			return nil, err
		}
		if text, err = names.leaveOut(bytes.TrimSpace(text)); err != nil {
			return nil, err
		}
	}
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "private, no-cache") // may be kept, and asked about each time
		if fresh {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		if r.Method == http.MethodHead {
			return
		}
		for _, part := range join(top, text) {
			if _, err := w.Write(part); err != nil {
				return // the client went away
			}
		}
	}}, nil
}

// reportSummary is what a project shows of its report.
type reportSummary struct {
	ComplexityScore *float64 `json:"complexity_score"`
	FeatureCount    *int     `json:"feature_count"`
	Totals          struct {
		Coverage *float64 `json:"test_coverage"`
	} `json:"totals"`
	Debt struct {
		Ratio *float64 `json:"ratio"`
	} `json:"technical_debt"` // null in the JSON leaves it nil, as does a report of an older version
}

// reportFacts remembers the summaries of reports by their tag, because reading
// one means unpacking megabytes. A report never changes.
type reportFacts struct {
	mu   sync.Mutex
	read map[string]reportSummary
}

// maxFacts bounds the memory of the summaries; they are made anew after that.
const maxFacts = 10_000

func newReportFacts() *reportFacts { return &reportFacts{read: map[string]reportSummary{}} }

func (f *reportFacts) of(kept store.Report) (reportSummary, error) {
	f.mu.Lock()
	known, ok := f.read[kept.ETag]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	text, err := kept.JSON()
	if err != nil {
		return reportSummary{}, err
	}
	var summary reportSummary
	if err := json.Unmarshal(text, &summary); err != nil {
		return reportSummary{}, fmt.Errorf("reading the report of %s: %w", kept.Analysis.ID, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.read) >= maxFacts {
		clear(f.read)
	}
	f.read[kept.ETag] = summary
	return summary, nil
}
