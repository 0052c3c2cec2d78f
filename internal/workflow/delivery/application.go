package delivery

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// application is what is deployed from one source to one environment, or by one
// pipeline.
type application struct {
	source   facts.Symbol
	name     string // of the environment or pipeline, as it was written last
	byRun    bool   // it is a pipeline
	graph    *graph
	all      []*facts.Deployment // that succeeded, in order
	rollouts []rollout
	failed   []*facts.Deployment // attempts in the window that did not succeed

	// by says of each commit of the graph which rollout brought it first, by its
	// index plus one: 0 is none yet, and before is one whose predecessor is unknown.
	by      []int32
	changes []change // that were deployed in the window
	unknown []change // commits of rollouts in the window whose predecessor is unknown
}

// before says that a commit was deployed with or before the first deployment
// that is known, or after one whose commit is not in the history: when it was
// deployed first cannot be told.
const before = int32(-1)

// rollout is one successful deployment: all records of one commit that ended
// within an hour of each other, as the jobs of one pipeline run do.
type rollout struct {
	last      *facts.Deployment
	finished  facts.Time
	records   int
	incidents []*incident // that belong to it, in the order of their creation
	rework    bool        // it came of an incident
}

// together is how far apart the records of one rollout end at most.
const together = facts.Time(time.Hour / time.Microsecond)

// readApplications finds what is deployed to production.
func (c *calc) readApplications() {
	type key struct {
		source facts.Symbol
		name   string
		byRun  bool
	}
	production := c.production()
	places := map[key]*application{}
	for i := range c.Log.Deployments {
		d := &c.Log.Deployments[i]
		name, counts := production.name(d)
		finished := c.finished(d)
		if !counts || d.Created > c.AsOf {
			continue
		}
		k := key{d.Source, name, d.Environment == 0}
		a := places[k]
		if a == nil {
			a = &application{source: d.Source, byRun: k.byRun, name: k.name, graph: c.graph(d.Source)}
			places[k], c.apps = a, append(c.apps, a)
			a.graph.apps++
		}
		switch {
		case finished != 0:
			a.all = append(a.all, d)
		case (d.State == c.words.failed || d.State == c.words.cancelled) && c.in(max(d.Created, d.Finished)):
			a.failed = append(a.failed, d)
		}
	}
	slices.SortFunc(c.apps, func(a, b *application) int {
		return cmp.Or(cmp.Compare(c.Log.Symbols.Text(a.source), c.Log.Symbols.Text(b.source)), cmp.Compare(a.name, b.name))
	})
}

// finished returns when a deployment succeeded, 0 when it did not until AsOf.
// One that GitHub calls inactive was superseded after it had succeeded, and
// keeps when it had; without that it never ran, as GitLab's skipped ones.
func (c *calc) finished(d *facts.Deployment) facts.Time {
	switch {
	case d.State == c.words.succeeded:
		return c.known(max(d.Created, d.Finished))
	case d.State == c.words.inactive && d.Finished != 0:
		return c.known(max(d.Created, d.Finished))
	}
	return 0
}

// chosen are names that settings list, without regard to case.
type chosen struct {
	symbols *facts.Symbols
	names   map[string]bool
	known   map[facts.Symbol]string // the name of each symbol that was asked for, "" when it is not listed
}

func choose(symbols *facts.Symbols, names []string) *chosen {
	c := &chosen{symbols: symbols, names: map[string]bool{}, known: map[facts.Symbol]string{}}
	for _, name := range names {
		c.names[strings.ToLower(strings.TrimSpace(name))] = true
	}
	delete(c.names, "")
	return c
}

// lower returns the name of a symbol in lower case, and whether it is listed.
func (c *chosen) lower(s facts.Symbol) (name string, ok bool) {
	name, asked := c.known[s]
	if !asked {
		if name = strings.ToLower(strings.TrimSpace(c.symbols.Text(s))); !c.names[name] {
			name = ""
		}
		c.known[s] = name
	}
	return name, name != ""
}

func (c *chosen) has(s facts.Symbol) bool { _, ok := c.lower(s); return ok }

// production tells which deployments are to production: runs of pipelines that
// the project names, and of sources without such a run those to environments that
// are production. A run is no deployment unless it is named.
type production struct {
	environments, pipelines *chosen
	runs                    map[facts.Symbol]bool // sources of which runs count
}

func (c *calc) production() *production {
	names := c.Settings.ProductionEnvironments
	if names == nil {
		names = rampforge.DefaultProduction()
	}
	p := &production{choose(c.Log.Symbols, names), choose(c.Log.Symbols, c.Settings.DeploymentPipelines), map[facts.Symbol]bool{}}
	for i := range c.Log.Deployments {
		if d := &c.Log.Deployments[i]; d.Environment == 0 && p.pipelines.has(d.Pipeline) {
			p.runs[d.Source] = true
		}
	}
	return p
}

// name returns by what name a deployment counts, in lower case, and whether it
// does.
func (p *production) name(d *facts.Deployment) (name string, counts bool) {
	switch {
	case d.Environment == 0:
		return p.pipelines.lower(d.Pipeline)
	case p.runs[d.Source]:
		return "", false
	}
	return p.environments.lower(d.Environment)
}

// noDeployments says why nothing is deployed.
func (c *calc) noDeployments() basis.Basis {
	environments, runs := false, false
	for i := range c.Log.Deployments {
		d := &c.Log.Deployments[i]
		environments, runs = environments || d.Environment != 0, runs || d.Environment == 0
	}
	switch {
	case environments:
		return basis.Basis{State: basis.NotConfigured, Reason: "deployments are known, but none to an environment that counts as production: list it in production_environments"}
	case runs && len(c.Settings.DeploymentPipelines) == 0:
		return basis.Basis{State: basis.NotConfigured, Reason: "no deployments are known, but runs of pipelines: list those that deploy to production in deployment_pipelines"}
	case runs:
		return basis.Basis{State: basis.NotConfigured, Reason: "no pipeline that is known has a name that deployment_pipelines lists"}
	}
	return basis.Basis{State: basis.NoData, Reason: "no deployments are known"}
}

// deploy makes the rollouts and finds what each of them brought first.
func (a *application) deploy(c *calc) {
	slices.SortFunc(a.all, func(x, y *facts.Deployment) int {
		return cmp.Or(cmp.Compare(c.finished(x), c.finished(y)), cmp.Compare(x.ID, y.ID))
	})
	for _, d := range a.all {
		finished := c.finished(d)
		if n := len(a.rollouts); n > 0 && d.Commit != "" && a.rollouts[n-1].last.Commit == d.Commit && finished-a.rollouts[n-1].finished <= together {
			r := &a.rollouts[n-1]
			r.last, r.finished, r.records = d, finished, r.records+1
			continue
		}
		a.rollouts = append(a.rollouts, rollout{last: d, finished: finished, records: 1})
	}
	a.by = make([]int32, len(a.graph.commits))
	predecessor := false // of the rollout, in the history
	for i := range a.rollouts {
		place := a.graph.place(a.rollouts[i].last.Commit)
		if place >= 0 {
			a.bring(c, i, place, predecessor)
		}
		predecessor = place >= 0
	}
}

// bring marks what a rollout is the first to bring.
func (a *application) bring(c *calc, rollout int, place int32, predecessor bool) {
	mark, counts := before, c.in(a.rollouts[rollout].finished)
	if predecessor {
		mark = int32(rollout) + 1 //nolint:gosec // G115: a log has fewer deployments
	}
	a.graph.walk(place, func(at int32) bool { return a.by[at] != 0 }, func(at int32) {
		a.by[at] = mark
		switch {
		case !counts || len(a.graph.commits[at].Parents) > 1:
		case predecessor:
			a.change(c, at, int32(rollout)) //nolint:gosec // G115: a log has fewer deployments
		default:
			commit := &a.graph.commits[at]
			a.unknown = append(a.unknown, change{commit.Hash, commit.Authored, int32(rollout)}) //nolint:gosec // G115: a log has fewer deployments
		}
	})
}

// change is something that was deployed.
type change struct {
	hash     string
	authored facts.Time
	rollout  int32
}

// change notes what a commit brings: itself, or the commits of the pull request
// that it stands for.
func (a *application) change(c *calc, place, rollout int32) {
	commit := &a.graph.commits[place]
	if stands := a.graph.stands[place]; stands > 0 {
		for _, own := range c.pulls[stands-1].pr.Commits {
			a.changes = append(a.changes, change{own.Hash, own.Authored, rollout})
		}
		return
	}
	a.changes = append(a.changes, change{commit.Hash, commit.Authored, rollout})
}

// lastBefore returns the index of the last rollout that was finished at a moment
// or before, -1 when there is none.
func (a *application) lastBefore(t facts.Time) int {
	return sort.Search(len(a.rollouts), func(i int) bool { return a.rollouts[i].finished > t }) - 1
}

// window returns the rollouts in the window.
func (a *application) window(c *calc) []rollout {
	return a.rollouts[a.lastBefore(c.From-1)+1 : a.lastBefore(c.To-1)+1]
}

// inDeployment reports whether a pull request is in any deployment.
func (c *calc) inDeployment(p *pull) bool {
	return slices.ContainsFunc(c.apps, func(a *application) bool {
		return a.source == p.pr.Source && p.landed >= 0 && a.by[p.landed] != 0
	})
}

// deployed returns when a pull request was deployed first, by any application
// of its source; 0 when it was not, or when that cannot be told.
func (c *calc) deployed(p *pull) facts.Time {
	first := facts.Time(0)
	for _, a := range c.apps {
		if a.source != p.pr.Source || p.landed < 0 || a.by[p.landed] == 0 {
			continue
		}
		if a.by[p.landed] == before {
			return 0
		}
		if at := a.rollouts[a.by[p.landed]-1].finished; first == 0 || at < first {
			first = at
		}
	}
	return first
}
