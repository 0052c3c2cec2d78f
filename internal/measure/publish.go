package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// publish computes the figures of a project's team when a month is over, so
// that they are there before somebody asks. It tries once for each month; who
// asks for the report tries again.
func (m *Measurer) publish(ctx context.Context, projectID string) {
	err := m.publishNow(ctx, projectID)
	if err != nil && rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		m.Logger.WarnContext(ctx, "the figures of a team were not computed; whoever asks for its report tries again", slog.String("project_id", projectID), slog.Any("error", err))
	}
}

func (m *Measurer) publishNow(ctx context.Context, projectID string) error {
	settings, err := m.Store.WorkflowSettings(ctx, projectID)
	if err != nil {
		return err
	}
	zone := settings.Settings.Location()
	period := team.LastPeriod(m.Now(), zone)
	if tried, _ := m.published.Load(projectID); tried == period.Label {
		return nil
	}
	w, err := m.Store.Workflow(ctx, projectID)
	if err != nil || w.FactsAt == nil {
		return err
	}
	if whole, err := m.readPast(ctx, projectID, *w.FactsAt, period.To.UTC()); err != nil || !whole {
		return err
	}
	p, err := m.Store.Project(ctx, store.Viewer{Admin: true}, projectID)
	if err != nil {
		return err
	}
	if _, _, err := m.Team(ctx, p, false); err != nil {
		return err
	}
	m.published.Store(projectID, period.Label)
	return nil
}

// putReviewLoad tells in a workflow report how reviewing is spread, as the
// team's report does: a figure of people is computed once.
func (m *Measurer) putReviewLoad(ctx context.Context, projectID string, on rampforge.PeopleMetricsSwitch, r *workflow.Report) error {
	if !team.FigureReviewLoad.On(on) {
		return nil
	}
	kept, err := m.keptFigures(ctx, projectID)
	k, ok := kept[team.FigureReviewLoad]
	if err != nil || !ok {
		return err
	}
	var l team.ReviewLoad
	if err := json.Unmarshal(k.Value, &l); err != nil {
		return fmt.Errorf("reading the review load of %s: %w", k.Period, err)
	}
	to := &r.Analysis.Performance.PullRequests.ReviewLoad
	to.State, to.N, to.Reason, to.Period = basis.State(l.State), l.N, "", l.Period
	to.Gini, to.TopShare, to.ReviewingShare = l.Gini, l.LargestOne, l.Reviewing
	return nil
}
