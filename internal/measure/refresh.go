package measure

import (
	"context"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// Refresh brings the facts of a claimed project up to date, computes the report
// that is asked for without a window, and keeps both, all or nothing. It fails
// with store.ErrWorkflowLost.
func (m *Measurer) Refresh(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error {
	began := m.Now().UTC().Truncate(time.Microsecond) // as the database keeps it
	people, err := m.Store.PeopleVersion(ctx)
	if err != nil {
		return err
	}
	before, err := m.load(ctx, was)
	if err != nil {
		return err
	}
	u, err := m.update(ctx, was, before)
	if err != nil {
		return err
	}
	made := m.Now()
	var report *workflow.Report
	var document []byte
	now := was
	now.FactsAt, now.Unreadable = &began, u.unreadable
	// It waits for no turn: there are few jobs, and a flood of questions must not
	// hold up what everybody reads.
	err = parallel.Safe(func() (err error) {
		settings, err := m.Store.WorkflowSettings(ctx, was.ProjectID)
		if err == nil {
			report, document, err = m.compute(ctx, now, u.after, settings.Settings, Query{})
		}
		return err
	})
	if err != nil {
		return err
	}
	computed := m.Now()
	end := store.WorkflowEnd{Was: was, FactsAt: began, Facts: u.change, Report: document, Summary: summarise(report, u.after.log, people), Unreadable: u.unreadable}
	if err := m.Store.FinishWorkflow(ctx, c, end, m.Now()); err != nil {
		return err
	}
	if !u.change.Empty() {
		u.after.revision = was.Revision + 1
		m.keep(c.ProjectID, u.after)
	}
	m.publish(ctx, c.ProjectID)
	m.Logger.InfoContext(ctx, "a project's workflow was brought up to date", slog.String("project_id", c.ProjectID),
		slog.Int("read", u.read), slog.Int("unreadable", u.unreadable), slog.Int("packs", len(u.change.Put)), slog.Int("items", len(u.after.log.Items)),
		slog.Int64("facts_ms", made.Sub(began).Milliseconds()), slog.Int64("report_ms", computed.Sub(made).Milliseconds()), slog.Int64("ms", m.Now().Sub(began).Milliseconds()))
	return nil
}

// updated is a project's facts as its records are now.
type updated struct {
	after            *loaded
	change           store.FactChange // of the packs
	read, unreadable int              // records
	gone             bool             // facts went
}

// update brings facts up to date with the records. All are made anew where
// their symbols tell of what is no more.
func (m *Measurer) update(ctx context.Context, was store.Workflow, before *loaded) (u updated, err error) {
	if u, err = m.bring(ctx, was, before); err != nil || before.anew {
		return u, err
	}
	anew, err := m.leftovers(ctx, was, before, u.after, u.gone)
	if err != nil || !anew {
		return u, err
	}
	none := nothing(before.revision)
	none.anew = true
	return m.bring(ctx, was, none)
}

// bring is update without looking at what is left over.
func (m *Measurer) bring(ctx context.Context, was store.Workflow, before *loaded) (u updated, err error) {
	symbols := facts.NewSymbols(before.symbols.Texts())
	r, err := m.reconcile(ctx, was, before, symbols)
	if err != nil {
		return u, err
	}
	batches, err := m.batches(ctx, r.wanted)
	if err != nil {
		return u, err
	}
	if err := m.addStatuses(ctx, was.ProjectID, symbols); err != nil {
		return u, err
	}
	u.unreadable = m.leaveOut(ctx, r, batches)
	var put facts.Log
	var runs []facts.Deployment
	items := 0
	for _, b := range batches {
		items += len(b.Items)
	}
	put.Items = make([]facts.Item, 0, items)
	for _, b := range batches {
		b.Rebase(symbols)
		put.Items = append(put.Items, b.Items...)
		put.PullRequests = append(put.PullRequests, b.PullRequests...)
		put.Deployments = append(put.Deployments, b.Deployments...)
		put.Commits = append(put.Commits, b.Commits...)
		put.Sprints = append(put.Sprints, b.Sprints...)
		runs = append(runs, b.Runs...)
	}
	c := &u.change
	c.Anew = before.anew
	after := &loaded{
		revision: before.revision, symbols: symbols, texts: before.texts,
		items: before.items.change(symbols, r.items, put.Items, c), pulls: before.pulls.change(symbols, r.pulls, put.PullRequests, c),
		deployments: before.deployments.change(symbols, r.deployments, put.Deployments, c), runs: before.runs.change(symbols, r.runs, runs, c),
		commits: before.commits.change(symbols, r.commits, put.Commits, c), sprints: before.sprints.change(symbols, r.sprints, put.Sprints, c),
	}
	after.putTexts(before.symbols.Len(), c)
	if after.finish(); c.Empty() {
		after = before
	}
	u.after = after
	u.read = len(put.Items) + len(put.PullRequests) + len(put.Deployments) + len(put.Commits) + len(put.Sprints) + len(runs)
	u.gone = len(r.items)+len(r.pulls)+len(r.deployments)+len(r.runs)+len(r.commits)+len(r.sprints) > 0
	return u, nil
}

// maxTextPacks is how many packs of symbols there may be: each change that brings
// new ones adds one, until all are written as one again.
const maxTextPacks = 30

// putTexts keeps the symbols from a number on.
func (l *loaded) putTexts(from int, c *store.FactChange) {
	texts := l.symbols.Texts()
	if from == len(texts) && !c.Anew {
		return
	}
	if len(l.texts) >= maxTextPacks || c.Anew {
		for _, number := range l.texts {
			if number != 1 {
				c.Drop = append(c.Drop, store.FactPack{Kind: string(facts.KindSymbols), Number: number})
			}
		}
		l.texts, from = nil, 1
	}
	from = max(from, 1)
	if from == len(texts) {
		return
	}
	l.texts = append(append([]int64{}, l.texts...), int64(from))
	c.Put = append(c.Put, store.FactPack{Kind: string(facts.KindSymbols), Number: int64(from), Size: len(texts) - from, Data: facts.PackTexts(texts[from:])})
}

// addStatuses gives symbols to the statuses that trackers tell of and no item
// was in yet.
func (m *Measurer) addStatuses(ctx context.Context, projectID string, symbols *facts.Symbols) error {
	list, err := m.Store.ProjectStatuses(ctx, projectID)
	for i := range list {
		if _, ok := statusSymbol(symbols, &list[i]); !ok {
			symbols.Add(facts.StatusKey(list[i].ServiceID, list[i].ID, list[i].Name))
		}
		symbols.Add(string(list[i].Category))
	}
	return err
}

// statusSymbol finds the symbol of a status that a tracker tells of: by its id,
// or by its name where items have no id of it.
func statusSymbol(symbols *facts.Symbols, v *store.ServiceStatus) (facts.Symbol, bool) {
	if s, ok := symbols.Find(facts.StatusKey(v.ServiceID, v.ID, v.Name)); ok {
		return s, true
	}
	return symbols.Find(facts.StatusKey(v.ServiceID, "", v.Name))
}
