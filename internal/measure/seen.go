package measure

import (
	"context"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Seen is what the records of a project tell that its settings may name. Of
// words and accounts it has the first 500, in their order.
type Seen struct {
	// What a report goes by, with the settings as they are.
	Zone                       string
	States                     []workflow.WorkState // from the first to the last
	CommitmentState, DoneState *string              // nil is none
	// Trackers are the states as they would be without settings.
	Trackers []workflow.WorkState
	// Folded is how many states are not told apart in Trackers, and so not named.
	Folded int

	Types, Resolutions, Labels []string
	Environments, Pipelines    []string
	Accounts                   []SeenAccount
}

// SeenAccount is an account that may be named as a bot.
type SeenAccount struct {
	ID, Login string
	Bot       bool
}

// shownSeen bounds each list of what was seen.
const shownSeen = 500

// Seen returns what a project's records tell; nothing, before there are facts.
// All facts are gone through: it is done once for the same facts, settings and
// people, when a turn comes.
func (m *Measurer) Seen(ctx context.Context, projectID string, settings store.WorkflowSettings) (Seen, error) {
	w, err := m.Store.Workflow(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound || err == nil && w.FactsAt == nil {
		l := nothing(0)
		l.finish()
		return m.seenIn(ctx, projectID, l, settings.Settings)
	}
	if err != nil {
		return Seen{}, err
	}
	version, err := m.Store.PeopleVersion(ctx)
	if err != nil {
		return Seen{}, err
	}
	key := reportKey{projectID: projectID, revision: w.Revision, settings: settings.Revision, people: version, factsAt: w.FactsAt.UnixMicro()}
	if seen, ok := m.seen.get(key); ok {
		return seen, nil
	}
	return m.makingSeen.get(ctx, key, func(ctx context.Context) (seen Seen, err error) {
		err = m.turns.do(ctx, "", func() error {
			l, err := m.load(ctx, w)
			if err == nil {
				seen, err = m.seenIn(ctx, projectID, l, settings.Settings)
			}
			if err == nil && !l.anew {
				m.seen.put(key, seen, seen.size())
			}
			return err
		})
		return seen, err
	})
}

func (m *Measurer) seenIn(ctx context.Context, projectID string, l *loaded, settings rampforge.WorkflowSettings) (Seen, error) {
	log, err := m.view(ctx, projectID, l, settings)
	if err != nil {
		return Seen{}, err
	}
	known, err := m.known(ctx)
	if err != nil {
		return Seen{}, err
	}
	types, resolutions, labels, environments, pipelines := words{}, words{}, words{}, words{}, words{}
	for i := range log.Items {
		v := &log.Items[i]
		types[v.Type], resolutions[v.Resolution] = true, true
		for _, label := range v.Labels {
			labels[label] = true
		}
	}
	for i := range log.Deployments {
		environments[log.Deployments[i].Environment], pipelines[log.Deployments[i].Pipeline] = true, true
	}
	// The configurations are not kept: they have a place for every symbol.
	c, trackers := workflow.Configure(settings, log), workflow.Configure(rampforge.WorkflowSettings{}, log)
	return Seen{
		Zone: c.Zone.String(), States: c.States, CommitmentState: stateName(c, c.Commitment), DoneState: stateName(c, c.Done),
		Trackers: trackers.States, Folded: trackers.Folded,
		Types: types.texts(log), Resolutions: resolutions.texts(log), Labels: labels.texts(log),
		Environments: environments.texts(log), Pipelines: pipelines.texts(log), Accounts: seenAccounts(log, known),
	}, nil
}

func stateName(c *workflow.Config, i int) *string {
	if i < 0 {
		return nil
	}
	return &c.States[i].Name
}

func seenAccounts(log *facts.Log, known *people) []SeenAccount {
	list := []SeenAccount{}
	for _, v := range log.Accounts {
		key := log.Symbols.Text(v.Account)
		if parts := facts.Parts(key); len(parts) == 2 && len(list) < shownSeen {
			list = append(list, SeenAccount{ID: parts[1], Login: known.accounts[key].Login, Bot: v.Bot})
		}
	}
	slices.SortFunc(list, func(x, y SeenAccount) int { return strings.Compare(x.Login+"\x00"+x.ID, y.Login+"\x00"+y.ID) })
	return list
}

// size is about how many bytes it takes.
func (s *Seen) size() int {
	texts := len(s.Types) + len(s.Resolutions) + len(s.Labels) + len(s.Environments) + len(s.Pipelines)
	return 1024 + 64*texts + 128*(len(s.Accounts)+len(s.States)+len(s.Trackers))
}

// words are texts by their symbols.
type words map[facts.Symbol]bool

// texts returns the words in their order, without the empty one.
func (w words) texts(log *facts.Log) []string {
	list := []string{}
	for s := range w {
		if text := log.Symbols.Text(s); text != "" {
			list = append(list, text)
		}
	}
	slices.Sort(list)
	return list[:min(len(list), shownSeen)]
}
