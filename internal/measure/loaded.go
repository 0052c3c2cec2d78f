package measure

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// logKey names the facts of a project at a revision of them.
type logKey struct {
	projectID string
	revision  int64
}

// loaded is all facts of a project, as they are kept and as a report reads
// them. It is not changed once it is made.
type loaded struct {
	revision int64
	symbols  *facts.Symbols
	texts    []int64 // the numbers of the packs that hold the symbols
	anew     bool    // what was kept is of no use: all of it is to go

	items       *shelf[facts.Item]
	pulls       *shelf[facts.PullRequest]
	deployments *shelf[facts.Deployment]
	runs        *shelf[facts.Deployment]
	commits     *shelf[facts.Commit]
	sprints     *shelf[facts.Sprint]

	log *facts.Log
}

func nothing(revision int64) *loaded {
	return &loaded{
		revision: revision, symbols: facts.NewSymbols(nil),
		items: &shelf[facts.Item]{kind: itemKind}, pulls: &shelf[facts.PullRequest]{kind: pullKind},
		deployments: &shelf[facts.Deployment]{kind: deploymentKind}, runs: &shelf[facts.Deployment]{kind: runKind},
		commits: &shelf[facts.Commit]{kind: commitKind}, sprints: &shelf[facts.Sprint]{kind: sprintKind},
	}
}

// load returns the facts of a project as they are kept now. Facts that cannot be
// read are none: they are made anew.
func (m *Measurer) load(ctx context.Context, w store.Workflow) (*loaded, error) {
	if l, ok := m.logs.get(logKey{w.ProjectID, w.Revision}); ok {
		return l, nil
	}
	packs, revision, err := m.Store.FactPacks(ctx, w.ProjectID)
	if err != nil {
		return nil, err
	}
	l := nothing(revision)
	if err := l.take(packs); err != nil {
		if !errors.Is(err, facts.ErrPack) {
			return nil, err
		}
		m.Logger.WarnContext(ctx, "the stored facts of a project cannot be read and are made anew", slog.String("project_id", w.ProjectID), slog.Any("error", err))
		l = nothing(revision)
		l.anew = true
	}
	if l.finish(); !l.anew {
		m.keep(w.ProjectID, l)
	}
	return l, nil
}

// keep holds facts ready in place of those of earlier revisions.
func (m *Measurer) keep(projectID string, l *loaded) {
	m.logs.drop(func(k logKey) bool { return k.projectID == projectID && k.revision < l.revision })
	m.logs.put(logKey{projectID, l.revision}, l, l.size())
}

// size is about how many bytes facts take.
func (l *loaded) size() int {
	n := 400*len(l.items.all) + 500*len(l.pulls.all) + 200*(len(l.commits.all)+2*len(l.deployments.all)+2*len(l.runs.all)) + 100*l.symbols.Len()
	for i := range l.items.all {
		n += 24*len(l.items.all[i].Visits) + 24*len(l.items.all[i].Comments)
	}
	return n
}

// take reads packs, on every processor.
func (l *loaded) take(packs []store.FactPack) error {
	of := func(k facts.Kind) []store.FactPack {
		var list []store.FactPack
		for i := range packs {
			if packs[i].Kind == string(k) {
				list = append(list, packs[i])
			}
		}
		return list
	}
	if err := l.takeTexts(of(facts.KindSymbols)); err != nil {
		return err
	}
	var group errgroup.Group
	take(&group, l, l.items, of(facts.KindItems))
	take(&group, l, l.pulls, of(facts.KindPullRequests))
	take(&group, l, l.deployments, of(facts.KindDeployments))
	take(&group, l, l.runs, of(facts.KindRuns))
	take(&group, l, l.commits, of(facts.KindCommits))
	take(&group, l, l.sprints, of(facts.KindSprints))
	return group.Wait()
}

func (l *loaded) takeTexts(packs []store.FactPack) error {
	decoder := facts.NewDecoder(0)
	texts := []string{""}
	for i := range packs {
		if packs[i].Number != int64(len(texts)) { // the number is that of the first symbol
			return facts.ErrPack
		}
		var err error
		if texts, err = decoder.Texts(packs[i].Data, texts); err != nil {
			return err
		}
		l.texts = append(l.texts, packs[i].Number)
	}
	l.symbols = facts.NewSymbols(texts)
	if l.symbols.Len() != len(texts) { // one is there twice
		return facts.ErrPack
	}
	return nil
}

// take reads the packs of a kind into its shelf, in as many parts as there are
// processors. All facts lie in one piece of memory.
func take[T any](group *errgroup.Group, l *loaded, s *shelf[T], packs []store.FactPack) {
	total := 0
	lists := make([][]T, len(packs))
	for i := range packs {
		total += packs[i].Size
		s.packs = append(s.packs, shelved{packs[i].Number, packs[i].Size})
		s.last = max(s.last, packs[i].Number)
	}
	s.all = make([]T, total)
	at := 0
	for i := range packs {
		lists[i] = s.all[at : at : at+packs[i].Size]
		at += packs[i].Size
	}
	group.Go(func() error {
		var parts errgroup.Group
		n := min(len(packs), processors)
		for part := range n {
			parts.Go(func() error {
				decoder := facts.NewDecoder(l.symbols.Len())
				return parallel.Safe(func() error {
					return s.take(decoder, packs, lists, part*len(packs)/n, (part+1)*len(packs)/n)
				})
			})
		}
		if err := parts.Wait(); err != nil {
			return err
		}
		return parallel.Safe(func() error { return s.arrange(l.symbols, lists) })
	})
}

// take reads some of the packs, each into its list.
func (s *shelf[T]) take(decoder *facts.Decoder, packs []store.FactPack, lists [][]T, from, to int) error {
	for i := from; i < to; i++ {
		list, err := s.unpack(decoder, packs[i].Data, lists[i])
		if err != nil {
			return err
		}
		if len(list) == 0 || len(list) != packs[i].Size { // an empty one is never written
			return facts.ErrPack
		}
		lists[i] = list
	}
	return nil
}

// finish makes the log that reports read.
func (l *loaded) finish() {
	deployments := slices.Concat(l.deployments.all, l.runs.all)
	if len(l.deployments.all) > 0 {
		slices.SortStableFunc(deployments, func(a, b facts.Deployment) int {
			return compare(l.symbols, place{a.Source, a.ID}, place{b.Source, b.ID})
		})
	}
	sprints := slices.Clone(l.sprints.all)
	slices.SortFunc(sprints, func(a, b facts.Sprint) int { return cmp.Compare(a.ID, b.ID) })
	l.log = &facts.Log{
		Symbols: l.symbols, Items: l.items.all, PullRequests: l.pulls.all, Deployments: deployments, Commits: l.commits.all, Sprints: sprints,
		Statuses: facts.StatusesOf(l.items.all, l.symbols),
	}
}
