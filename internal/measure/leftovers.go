package measure

import (
	"context"

	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// maxUnused is which part of the symbols no fact may refer to, as its divisor.
const maxUnused = 3

// leftovers reports whether symbols must be written anew because they tell of
// what is no more: a source went, by being purged, unbound, or replaced, or of
// the rest more than a third is of no use. Symbols hold the accounts, names and
// addresses of people, who would be kept as long as the project otherwise. Where
// records were made anew as they are, it may be because somebody was erased: then
// no symbol may be left over.
func (m *Measurer) leftovers(ctx context.Context, was store.Workflow, before, after *loaded, gone bool) (bool, error) {
	sources := sourcesOf(after)
	for source := range sourcesOf(before) {
		if !sources[source] {
			return true, nil
		}
	}
	services := map[string]bool{}
	for source := range sources {
		services[facts.Parts(after.symbols.Text(source))[0]] = true
	}
	for i := range after.sprints.all {
		services[facts.Parts(after.symbols.Text(after.sprints.all[i].ID))[0]] = true
	}
	statuses, err := m.Store.ProjectStatuses(ctx, was.ProjectID)
	if err != nil {
		return false, err
	}
	for i := range statuses {
		services[statuses[i].ServiceID] = true
	}
	for _, text := range after.symbols.Texts() {
		if parts := facts.Parts(text); len(parts) > 1 && !services[parts[0]] {
			return true, nil // of a source that went when nothing was left of it
		}
	}
	if !gone && len(was.Remake) == 0 {
		return false, nil
	}
	unused, all := unusedSymbols(after, statuses)
	return unused*maxUnused > all || unused > 0 && len(was.Remake) > 0, nil
}

// unusedSymbols counts the symbols that neither a fact nor a tracker's list of
// statuses has.
func unusedSymbols(l *loaded, statuses []store.ServiceStatus) (unused, all int) {
	used := l.log.Used()
	for i := range statuses {
		if s, ok := statusSymbol(l.symbols, &statuses[i]); ok {
			used[s] = true
		}
		if s, ok := l.symbols.Find(string(statuses[i].Category)); ok {
			used[s] = true
		}
	}
	for _, is := range used {
		if !is {
			unused++
		}
	}
	return unused, len(used)
}

// sourcesOf returns the sources of facts. Those of one lie together.
func sourcesOf(l *loaded) map[facts.Symbol]bool {
	sources := map[facts.Symbol]bool{}
	addSources(sources, l.items)
	addSources(sources, l.pulls)
	addSources(sources, l.deployments)
	addSources(sources, l.runs)
	addSources(sources, l.commits)
	return sources
}

func addSources[T any](to map[facts.Symbol]bool, s *shelf[T]) {
	last := facts.Symbol(0)
	for i := range s.all {
		if source := s.place(&s.all[i]).source; source != last {
			to[source], last = true, source
		}
	}
}
