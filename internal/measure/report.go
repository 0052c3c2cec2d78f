package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// DefaultWindow is the window of a report that nobody gave one.
const DefaultWindow = 90 * 24 * time.Hour

// Where the moment of a report comes from.
const (
	AsOfRequest   = "request"
	AsOfFacts     = "facts"
	AsOfLastEvent = "last_event"
)

// Query is what a report is asked for; what is left out has a default.
type Query struct {
	From, To, AsOf time.Time
	Granularity    workflow.Granularity
	Types          []string
	Seed           uint64
	Explain        *workflow.ExplainQuery
	// Asker is who asks; the report does not depend on it. Somebody's questions are
	// worked one after another.
	Asker string
}

// Default reports whether it asks for what is kept ready.
func (q Query) Default() bool {
	return q.From.IsZero() && q.To.IsZero() && q.AsOf.IsZero() && q.Granularity == "" && len(q.Types) == 0 && q.Seed == 0 && q.Explain == nil
}

// reportKey names a report: all that it depends on.
type reportKey struct {
	projectID          string
	revision, settings int64
	people             int64
	factsAt            int64
	query              string
}

// Report returns a report of a project as JSON, computed of its facts as they
// are kept. It fails with RESOURCE_NOT_FOUND before there are any. The same
// facts, settings, people and query give the same bytes.
func (m *Measurer) Report(ctx context.Context, projectID string, q Query) ([]byte, error) {
	w, err := m.Store.Workflow(ctx, projectID)
	if err == nil && w.FactsAt == nil {
		err = rampforge.Errorf(rampforge.CodeNotFound, "There are no facts of this project yet: they are made now, ask again.")
	}
	if err != nil {
		return nil, err
	}
	settings, err := m.Store.WorkflowSettings(ctx, projectID)
	if err != nil {
		return nil, err
	}
	version, err := m.Store.PeopleVersion(ctx)
	if err != nil {
		return nil, err
	}
	key := reportKey{projectID, w.Revision, settings.Revision, version, w.FactsAt.UnixMicro(), q.text()}
	if text, ok := m.windows.get(key); ok {
		return text, nil
	}
	return m.makingWindows.get(ctx, key, func(ctx context.Context) ([]byte, error) {
		text, err := m.made(ctx, w, settings.Settings, q)
		if err == nil {
			m.keepWindow(key, text)
		}
		return text, err
	})
}

func (m *Measurer) keepWindow(key reportKey, text []byte) {
	if len(text) <= maxWindow {
		m.windows.put(key, text, len(text)+512)
	}
}

// made loads the facts of a project and makes a report of them.
func (m *Measurer) made(ctx context.Context, w store.Workflow, settings rampforge.WorkflowSettings, q Query) (text []byte, err error) {
	err = m.turns.do(ctx, q.Asker, func() error {
		l, err := m.load(ctx, w)
		if err != nil {
			return err
		}
		if l.anew {
			if err := m.Store.StaleWorkflow(ctx, w.ProjectID, m.Now()); err != nil {
				return err
			}
			return &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The facts of this project are made anew at this moment: ask again in a while.", RetryAfter: 10 * time.Second}
		}
		if ctx.Err() != nil {
			return ctx.Err() // nobody waits any more
		}
		_, text, err = m.compute(ctx, w, l, settings, q)
		return err
	})
	return text, err
}

func (q Query) text() string {
	explain := ""
	if q.Explain != nil {
		explain = fmt.Sprintf("%+v", *q.Explain)
	}
	return fmt.Sprintf("%d %d %d %s %q %d %s", q.From.UnixMicro(), q.To.UnixMicro(), q.AsOf.UnixMicro(), q.Granularity, q.Types, q.Seed, explain)
}

// compute makes a report of facts by the settings of the project.
func (m *Measurer) compute(ctx context.Context, w store.Workflow, l *loaded, settings rampforge.WorkflowSettings, q Query) (*workflow.Report, []byte, error) {
	projectID, factsAt := w.ProjectID, *w.FactsAt
	log, err := m.view(ctx, projectID, l, settings)
	if err != nil {
		return nil, nil, err
	}
	d := Document{ProjectID: projectID, AsOfSource: AsOfRequest, UnreadableRecords: w.Unreadable}
	asked := workflow.Query{
		From: q.From, To: q.To, AsOf: q.AsOf, Granularity: q.Granularity, Types: q.Types, Seed: q.Seed, Explain: q.Explain,
		Whole: q.From.IsZero() && q.To.IsZero(),
	}
	if asked.AsOf.IsZero() {
		asked.AsOf, d.AsOfSource = defaultMoment(log, factsAt)
	}
	d.GeneratedAt = asked.AsOf.UTC()
	if asked.To.IsZero() {
		asked.To = asked.AsOf
	}
	end := asked.To
	if asked.AsOf.Before(end) {
		end = asked.AsOf
	}
	if asked.From.IsZero() {
		asked.From = end.Add(-DefaultWindow)
	}
	if !asked.From.Before(end) {
		return nil, nil, rampforge.Invalid(emptyWindow(asked.AsOf))
	}
	if asked.Granularity == "" {
		asked.Granularity = workflow.ByWeek
	}
	if n := asked.Granularity.Steps(asked.From, end); n > workflow.MaxSteps {
		return nil, nil, rampforge.Invalid(tooManySteps(n, workflow.Finest(asked.From, end), asked.From, end))
	}
	report := workflow.Compute(log, workflow.Configure(settings, log), asked)
	// A figure of people takes no window: that would be another answer to subtract.
	if q.From.IsZero() && q.To.IsZero() && q.AsOf.IsZero() && len(q.Types) == 0 {
		if err := m.putReviewLoad(ctx, projectID, settings.People, report); err != nil {
			return nil, nil, err
		}
	}
	d.Report = *report
	text, err := d.json()
	return report, text, err
}

// emptyWindow says that a window begins where nothing is known any more.
func emptyWindow(asOf time.Time) rampforge.FieldIssue {
	return rampforge.FieldIssue{Field: "query.from", Issue: "must be before as_of, which is " + asOf.UTC().Format(time.RFC3339Nano) + ": nothing that happened later is known"}
}

// tooManySteps says that a window has more steps than an answer should.
func tooManySteps(n int, finest workflow.Granularity, from, to time.Time) rampforge.FieldIssue {
	if finest.Steps(from, to) > workflow.MaxSteps {
		return rampforge.FieldIssue{Field: "query.from", Issue: "is too long ago: the window has more than " + strconv.Itoa(workflow.MaxSteps) + " months"}
	}
	return rampforge.FieldIssue{Field: "query.granularity", Issue: fmt.Sprintf("makes about %d steps of this window, and there may be %d: ask for %s, or for a later from", n, workflow.MaxSteps, finest)}
}

// defaultMoment is the moment of a report that nobody gave one: that of the
// facts, or the last event where all there is is an imported log, which ends
// where it ends.
func defaultMoment(log *facts.Log, factsAt time.Time) (time.Time, string) {
	last, found := facts.Time(0), false
	for i := range log.Items {
		v := &log.Items[i]
		if !v.Imported {
			return factsAt.UTC(), AsOfFacts
		}
		if n := len(v.Visits); n > 0 {
			if at := v.Visits[n-1].At; !found || at > last {
				last, found = at, true
			}
		}
	}
	if !found || len(log.PullRequests)+len(log.Deployments)+len(log.Commits) > 0 {
		return factsAt.UTC(), AsOfFacts
	}
	// One event more would be after it: the last one counts.
	return last.UTC().Add(time.Microsecond), AsOfLastEvent
}

// view returns facts with what is not of the records: who people are, and what
// the trackers say of their statuses now.
func (m *Measurer) view(ctx context.Context, projectID string, l *loaded, settings rampforge.WorkflowSettings) (*facts.Log, error) {
	log := *l.log
	statuses, err := m.Store.ProjectStatuses(ctx, projectID)
	if err != nil {
		return nil, err
	}
	log.Statuses = told(l.symbols, log.Statuses, statuses)
	if log.Accounts, err = m.accounts(ctx, l.symbols, settings.Bots); err != nil {
		return nil, err
	}
	return &log, nil
}

// told puts what trackers say of their statuses over what the items say.
func told(symbols *facts.Symbols, known []facts.Status, list []store.ServiceStatus) []facts.Status {
	if len(list) == 0 {
		return known
	}
	all := map[facts.Symbol]facts.Status{}
	for _, v := range known {
		all[v.Status] = v
	}
	for i := range list {
		v := &list[i]
		s, ok := statusSymbol(symbols, v)
		category, known := symbols.Find(string(v.Category))
		if !ok || !known {
			continue // it is new: the next look gives it symbols
		}
		all[s] = facts.Status{Status: s, Name: v.Name, Category: category, Position: v.Position}
	}
	merged := make([]facts.Status, 0, len(all))
	for _, v := range all {
		merged = append(merged, v)
	}
	slices.SortFunc(merged, func(a, b facts.Status) int { return int(a.Status) - int(b.Status) })
	return merged
}

// Log returns the facts of a project as a report reads them, with who people
// are. It fails with RESOURCE_NOT_FOUND before there are any. It must not be
// changed.
func (m *Measurer) Log(ctx context.Context, projectID string) (*facts.Log, error) {
	w, err := m.Store.Workflow(ctx, projectID)
	if err != nil {
		return nil, err
	}
	settings, err := m.Store.WorkflowSettings(ctx, projectID)
	if err != nil {
		return nil, err
	}
	l, err := m.load(ctx, w)
	if err != nil {
		return nil, err
	}
	return m.view(ctx, projectID, l, settings.Settings)
}

// Document is a report as it is answered.
type Document struct {
	ProjectID string `json:"project_id"`
	workflow.Report

	// AsOfSource is where as_of comes from: the request; the facts, which show all
	// that was kept then; or the last event, where there is nothing but an imported
	// log.
	AsOfSource string `json:"as_of_source"`
	// GeneratedAt is as_of, and not when the report happened to be computed: that
	// would be another answer each time that facts are looked at, though none of
	// them changed. With as_of_source facts it says how fresh they are.
	GeneratedAt time.Time `json:"generated_at" doc:"The same as as_of, so that one question has one answer; with as_of_source facts it is when they were brought up to date"`
	// UnreadableRecords are records of the project's sources that nothing could be
	// counted of: what is kept of them is damaged, or of another version.
	UnreadableRecords int `json:"unreadable_records" doc:"Records of the project's sources that are in no number, because what is kept of them cannot be read; the server's log names some"`
}

func (d *Document) json() ([]byte, error) { return json.Marshal(d) }
