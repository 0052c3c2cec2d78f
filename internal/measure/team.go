package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Team returns what is told of a project's team, and as of when: when the facts
// were brought up to date, or now where there are none.
func (m *Measurer) Team(ctx context.Context, p rampforge.Project, explain bool) (*team.Insights, time.Time, error) {
	s, known, err := m.teamOf(ctx, p)
	if err != nil {
		return nil, time.Time{}, err
	}
	now := m.Now().UTC()
	q := team.Query{Now: team.At(now), Period: team.LastPeriod(now, s.config.Zone), Switches: s.config.Settings.People, Explain: explain}
	in := teamInput(s)
	whole, err := m.readPast(ctx, p.ID, known, q.Period.To.UTC())
	if err != nil {
		return nil, time.Time{}, err
	}
	kept, err := m.figures(ctx, p.ID, in, q, whole)
	if err != nil {
		return nil, time.Time{}, err
	}
	out, err := team.Report(in, kept, q)
	if known.IsZero() {
		known = now
	}
	return out, known, err
}

// teamOf reads what a team's input is made of, and when the facts were brought
// up to date; the zero time says that there are none, which is an empty log.
func (m *Measurer) teamOf(ctx context.Context, p rampforge.Project) (s teamSource, known time.Time, err error) {
	kept, err := m.Store.WorkflowSettings(ctx, p.ID)
	if err != nil {
		return s, known, err
	}
	if s.log, known, err = m.teamLog(ctx, p.ID, kept.Settings); err != nil {
		return s, known, err
	}
	s.config, s.created = workflow.Configure(kept.Settings, s.log), p.CreatedAt
	if s.people, err = m.Store.KnownPeople(ctx); err != nil {
		return s, known, err
	}
	if s.members, err = m.Store.TeamMembers(ctx, p.ID); err != nil {
		return s, known, err
	}
	s.areas, s.made, err = m.areas(ctx, p)
	return s, known, err
}

// teamLog returns the facts of a project with who is behind the accounts, and
// when they were brought up to date. Without facts it is empty, and the time is
// zero.
func (m *Measurer) teamLog(ctx context.Context, projectID string, settings rampforge.WorkflowSettings) (*facts.Log, time.Time, error) {
	none := &facts.Log{Symbols: facts.NewSymbols(nil)}
	w, err := m.Store.Workflow(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound || err == nil && w.FactsAt == nil {
		return none, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	l, err := m.load(ctx, w)
	if err != nil {
		return nil, time.Time{}, err
	}
	if l.anew {
		return none, time.Time{}, nil // they are made anew by whoever asks for the workflow
	}
	log, err := m.view(ctx, projectID, l, settings)
	return log, w.FactsAt.UTC(), err
}

// longUnread is how long nobody read something for it to be read no more, as
// far as a month's figures wait for it.
const longUnread = 90 * 24 * time.Hour

// readPast reports whether all of a project's sources that are still read were
// read past a moment and the facts say so: a figure that is computed once must
// not be of half a month. Nobody reads imports, services that are switched off
// or removed, resources outside of a service's scope, streams that a resource has
// no more, and what was not read for so long that the month has nothing of it.
func (m *Measurer) readPast(ctx context.Context, projectID string, known, end time.Time) (bool, error) {
	if known.Before(end) {
		return false, nil
	}
	places, err := m.Store.ReadPlaces(ctx, projectID)
	for _, p := range places {
		if p.Done == nil && p.Since.After(end.Add(-longUnread)) || p.Done != nil && p.Done.Before(end) && p.Done.After(end.Add(-longUnread)) {
			return false, err
		}
	}
	return true, err
}

// figures returns the figures that are kept, and computes and keeps those of a
// month that has none. One that has no value is told and not kept.
func (m *Measurer) figures(ctx context.Context, projectID string, in *team.Input, q team.Query, whole bool) (map[team.Figure]team.Kept, error) {
	kept, err := m.keptFigures(ctx, projectID)
	if err != nil || !whole {
		return kept, err
	}
	again, without := false, map[team.Figure]team.Kept{}
	for _, f := range team.Figures() {
		before := kept[f]
		if !f.On(q.Switches) {
			if err := m.forget(ctx, projectID, before, q.Period); err != nil {
				return nil, err
			}
			continue
		}
		if before.Period >= q.Period.Label {
			continue
		}
		k, ok, err := team.Compute(f, in, q.Period, before.Value)
		switch {
		case err != nil:
			return nil, err
		case ok:
			again = true
			err = m.Store.KeepTeamFigure(ctx, projectID, store.TeamFigure{Figure: string(f), Period: k.Period, Value: k.Value}, m.Now().UTC())
			if err != nil {
				return nil, err
			}
		case before.Period == "":
			without[f] = k
		}
	}
	if again { // somebody else may have been the first
		if kept, err = m.keptFigures(ctx, projectID); err != nil {
			return nil, err
		}
	}
	for f, k := range without {
		if kept[f].Period == "" {
			kept[f] = k
		}
	}
	return kept, nil
}

// forget removes a figure that is switched off, once its month is not the last
// one any more: until then it could be computed a second time. Who was in which
// cohort stays, or somebody could be in two.
func (m *Measurer) forget(ctx context.Context, projectID string, k team.Kept, last team.Period) error {
	if k.Period == "" || k.Period >= last.Label || k.Figure == team.FigureNewcomers {
		return nil
	}
	return m.Store.DropTeamFigure(ctx, projectID, string(k.Figure), last.Label)
}

func (m *Measurer) keptFigures(ctx context.Context, projectID string) (map[team.Figure]team.Kept, error) {
	list, err := m.Store.TeamFigures(ctx, projectID)
	out := make(map[team.Figure]team.Kept, len(list))
	for _, f := range list {
		out[team.Figure(f.Figure)] = team.Kept{Figure: team.Figure(f.Figure), Period: f.Period, Value: f.Value}
	}
	return out, err
}

// areaReport is what a team's report reads of a code report.
type areaReport struct {
	Languages []report.Language `json:"languages"`
	Knowledge report.Knowledge  `json:"knowledge"`
}

// areas returns the areas of a project's newest code report and the languages
// that it is programmed in.
func (m *Measurer) areas(ctx context.Context, p rampforge.Project) (areas []team.Area, made []string, err error) {
	if p.RepositoryID == nil {
		return nil, nil, nil
	}
	kept, err := m.Store.NewestReport(ctx, store.Viewer{Admin: true}, *p.RepositoryID) // who may see the project may see it
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if known, ok := m.codes.get(kept.ETag); ok {
		return known.areas, known.made, nil
	}
	text, err := kept.JSON()
	if err != nil {
		return nil, nil, err
	}
	var r areaReport
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, nil, fmt.Errorf("reading the report of %s: %w", kept.Analysis.ID, err)
	}
	for _, a := range r.Knowledge.Areas {
		areas = append(areas, team.Area{Name: a.Name, Path: a.Path, Files: a.Files, Ownership: a.Ownership, Experts: a.People, TruckFactor: a.TruckFactor, KnowledgeLoss: a.KnowledgeLoss})
	}
	for _, l := range r.Languages {
		if l.Kind == "programming" {
			made = append(made, l.Name)
		}
	}
	m.codes.put(kept.ETag, codeAreas{areas, made}, 512*(1+len(areas)))
	return areas, made, nil
}

// codeAreas are the areas of a code report, which never changes and may have
// megabytes.
type codeAreas struct {
	areas []team.Area
	made  []string
}
