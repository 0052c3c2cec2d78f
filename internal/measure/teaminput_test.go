package measure

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func octoberDay(d int) facts.Time { return facts.At(time.Date(2026, 10, d, 12, 0, 0, 0, time.UTC)) }

// TestTeamInput: Ada's pull request was reviewed by Ben and by herself; Ben
// works on an item from the 3rd, when work begins, until the 5th, when it is
// given to Ada, who finishes it on the 8th. On it, Ada, Ben and a bot wrote.
func TestTeamInput(t *testing.T) {
	t.Parallel()
	symbols := facts.NewSymbols(nil)
	account := func(id string) facts.Symbol { return symbols.Add(facts.AccountKey("svc", id)) }
	status := func(name string) facts.Symbol { return symbols.Add(facts.StatusKey("svc", "", name)) }
	ada, adaAtHome, ben, bot, unknown := account("1"), account("2"), account("3"), account("4"), account("5")
	todo, work, finished := status("Neu"), status("In Arbeit"), status("Fertig")
	log := &facts.Log{
		Symbols: symbols,
		Statuses: []facts.Status{
			{Status: todo, Name: "Neu", Category: symbols.Add("todo"), Position: 1},
			{Status: work, Name: "In Arbeit", Category: symbols.Add("in_progress"), Position: 2},
			{Status: finished, Name: "Fertig", Category: symbols.Add("done"), Position: 3},
		},
		Accounts: []facts.Account{{Account: ada, Person: "per_ada"}, {Account: adaAtHome, Person: "per_ada"}, {Account: ben, Person: "per_ben"}, {Account: bot, Person: "per_bot", Bot: true}},
		PullRequests: []facts.PullRequest{{
			ID: "pr", Number: 7, Author: ada, Created: octoberDay(1), Merged: octoberDay(2),
			Reviews: []facts.Review{{Account: adaAtHome, At: octoberDay(1)}, {Account: ben, At: octoberDay(2)}},
		}},
		Items: []facts.Item{{
			ID: "item", Key: "P-1", Visits: []facts.Visit{{Status: todo, At: octoberDay(1)}, {Status: work, At: octoberDay(3)}, {Status: finished, At: octoberDay(8)}},
			Assignees: []facts.Assignment{{Span: facts.Span{From: octoberDay(1), To: octoberDay(5)}, Account: ben}, {Span: facts.Span{From: octoberDay(5)}, Account: ada}},
			Comments:  []facts.Remark{{Account: ben, At: octoberDay(3)}, {Account: ada, At: octoberDay(4)}, {Account: adaAtHome, At: octoberDay(5)}, {Account: bot, At: octoberDay(6)}},
		}},
		Commits: []facts.Commit{{Author: unknown, Authored: octoberDay(9)}, {Author: 0, Authored: octoberDay(9)}},
	}
	created := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	s := teamSource{
		log: log, config: workflow.Configure(rampforge.WorkflowSettings{PersonWIPLimit: 2}, log), created: created,
		people: []store.KnownPerson{{ID: "per_ada", Name: "ada", Names: []string{"Ada B."}, UserID: "usr_ada"}, {ID: "per_ben", Name: "Ben", Hidden: true}, {ID: "per_eve", Name: "Eve"}},
		members: []store.TeamMember{
			{UserID: "usr_ada", Name: "Ada Byron", Role: rampforge.RoleDeveloper, Active: true, Named: true, Skills: []string{"Go"}, Timezone: "UTC", AddedAt: created},
			{UserID: "usr_new", Name: "New", Active: true, Named: true, Timezone: "Europe/Vienna", AddedAt: created.Add(48 * time.Hour)},
		},
	}
	in := teamInput(s)

	names := []string{}
	for _, p := range in.People {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"Ada Byron", "Ben", "", "New", ""}) || !in.People[2].Bot || in.People[0].Joined != 0 || in.People[0].Zone != nil ||
		!slices.Equal(in.People[0].Aliases, []string{"Ada B."}) || !in.People[1].Hidden || in.People[3].Joined != team.At(created.Add(48*time.Hour)) || in.People[3].Zone == nil || in.WIPLimit != 2 {
		t.Errorf("%+v", in.People)
	}
	at := func(d int) team.Instant { return team.Instant(octoberDay(d)) }
	wantActs := []team.Act{
		{Person: 0, Thing: 0, Kind: team.Opened, At: at(1)}, {Person: 0, Thing: 0, Kind: team.Merged, At: at(2)}, {Person: 1, Thing: 0, Kind: team.Reviewed, At: at(2)},
		{Person: 1, Thing: 1, Kind: team.Commented, At: at(3)}, {Person: 0, Thing: 1, Kind: team.Commented, At: at(4)}, {Person: 0, Thing: 1, Kind: team.Commented, At: at(5)}, {Person: 2, Thing: 1, Kind: team.Commented, At: at(6)},
		{Person: 0, Thing: 1, Kind: team.Finished, At: at(8)}, {Person: 4, Thing: -1, Kind: team.Committed, At: at(9)},
	}
	if diff := cmp.Diff(wantActs, in.Acts); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	wantHeld := []team.Holding{{Person: 1, Thing: 1, From: at(3), To: at(5)}, {Person: 0, Thing: 1, From: at(5), To: at(8)}}
	if diff := cmp.Diff(wantHeld, in.Holdings); diff != "" {
		t.Errorf("holdings (-want +got):\n%s", diff)
	}
	wantMet := []team.Interaction{
		{A: 0, B: 1, Thing: 0, Channel: team.Review, At: at(2)},
		{A: 1, B: 0, Thing: 1, Channel: team.CoComment, At: at(4)}, {A: 1, B: 0, Thing: 1, Channel: team.CoComment, At: at(5)},
		{A: 1, B: 2, Thing: 1, Channel: team.CoComment, At: at(6)}, {A: 0, B: 2, Thing: 1, Channel: team.CoComment, At: at(6)},
	}
	if diff := cmp.Diff(wantMet, in.Interactions); diff != "" {
		t.Errorf("interactions (-want +got):\n%s", diff)
	}

	// An account that is nobody's is not counted for anybody.
	s.without = func(a facts.Symbol) bool { return a == adaAtHome || a == ada }
	log.Items[0].Resolution = symbols.Add("Won't do")
	s.config = workflow.Configure(rampforge.WorkflowSettings{}, log)
	in = teamInput(s)
	for _, a := range in.Acts {
		if in.People[a.Person].Name == "Ada Byron" || a.Kind == team.Finished {
			t.Errorf("%+v", a)
		}
	}
}

// manyFacts are a hundred thousand work items with ten visits each and ten
// thousand pull requests, of two hundred accounts.
func manyFacts() *facts.Log {
	symbols := facts.NewSymbols(nil)
	log := &facts.Log{Symbols: symbols}
	category := []string{"todo", "in_progress", "done"}
	var accounts, statuses []facts.Symbol
	for i := range 200 {
		a := symbols.Add(facts.AccountKey("svc", strconv.Itoa(i)))
		accounts = append(accounts, a)
		log.Accounts = append(log.Accounts, facts.Account{Account: a, Person: "per_" + strconv.Itoa(i)})
	}
	for i := range 3 {
		s := symbols.Add(facts.StatusKey("svc", strconv.Itoa(i), ""))
		statuses = append(statuses, s)
		log.Statuses = append(log.Statuses, facts.Status{Status: s, Name: "S" + strconv.Itoa(i), Category: symbols.Add(category[i]), Position: i + 1})
	}
	for i := range 100_000 {
		at := octoberDay(1).UTC().Add(-time.Duration(i) * time.Minute)
		item := facts.Item{ID: strconv.Itoa(i), Key: "P-" + strconv.Itoa(i), Created: facts.At(at)}
		for k := range 10 {
			item.Visits = append(item.Visits, facts.Visit{Status: statuses[k%3], At: facts.At(at.Add(time.Duration(k) * time.Hour))})
		}
		item.Assignees = []facts.Assignment{{Span: facts.Span{From: item.Created}, Account: accounts[i%200]}}
		item.Comments = []facts.Remark{{Account: accounts[i%200], At: item.Created}, {Account: accounts[(i+i%7)%200], At: item.Created + 1}}
		log.Items = append(log.Items, item)
	}
	for i := range 10_000 {
		at := octoberDay(1).UTC().Add(-time.Duration(i) * time.Minute)
		log.PullRequests = append(log.PullRequests, facts.PullRequest{ID: strconv.Itoa(i), Number: i, Author: accounts[i%200], Created: facts.At(at), Merged: facts.At(at.Add(time.Hour)),
			Reviews: []facts.Review{{Account: accounts[(i+1+i%5)%200], At: facts.At(at.Add(time.Minute))}}})
	}
	return log
}

// BenchmarkTeam makes the input of a large project's team and its report, when
// the figures are computed already.
func BenchmarkTeam(b *testing.B) {
	log := manyFacts()
	s := teamSource{log: log, config: workflow.Configure(rampforge.WorkflowSettings{}, log), created: octoberDay(1).UTC()}
	for b.Loop() {
		in := teamInput(s)
		if _, err := team.Report(in, nil, team.Query{Now: team.At(octoberDay(20).UTC())}); err != nil {
			b.Fatal(err)
		}
	}
}
