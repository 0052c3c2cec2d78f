package measure

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// teamSource is what a team's input is made of.
type teamSource struct {
	log     *facts.Log
	config  *workflow.Config
	people  []store.KnownPerson // everybody
	members []store.TeamMember
	areas   []team.Area
	made    []string  // of which technologies the code is made
	created time.Time // the project
	// without are accounts that are nobody's: what they did is not counted.
	without func(account facts.Symbol) bool
}

// teamInput makes the input of a team's report.
func teamInput(s teamSource) *team.Input {
	b := &teamBuilder{teamSource: s, in: &team.Input{Areas: s.areas, Technologies: s.made, WIPLimit: s.config.Settings.PersonWIPLimit}}
	b.persons()
	pulls := len(s.log.PullRequests)
	b.in.Things = make([]team.Thing, 0, pulls+len(s.log.Items))
	for i := range s.log.PullRequests {
		p := &s.log.PullRequests[i]
		b.in.Things = append(b.in.Things, team.Thing{ID: p.ID, Key: "#" + strconv.Itoa(p.Number)})
		b.pullRequest(p, int32(i))
	}
	for i := range s.log.Items {
		item := &s.log.Items[i]
		b.in.Things = append(b.in.Things, team.Thing{ID: item.ID, Key: item.Key})
		b.item(item, int32(pulls+i)) //nolint:gosec // a log has fewer
	}
	for i := range s.log.Commits {
		b.act(s.log.Commits[i].Author, -1, team.Committed, s.log.Commits[i].Authored)
	}
	return b.in
}

type teamBuilder struct {
	teamSource

	in     *team.Input
	places []int32 // of people, by account
}

// What stands in place of a person's place.
const (
	noPerson = -1 // not to be counted
	unseen   = -2 // nobody said whose the account is
)

// persons places everybody who has an account in the log or is a member.
func (b *teamBuilder) persons() {
	known, place := map[string]*store.KnownPerson{}, map[string]int32{}
	byUser := map[string]*store.KnownPerson{}
	for i := range b.people {
		known[b.people[i].ID] = &b.people[i]
		if b.people[i].UserID != "" {
			byUser[b.people[i].UserID] = &b.people[i]
		}
	}
	whose := func(id string, bot bool) int32 {
		if at, ok := place[id]; ok {
			b.in.People[at].Bot = b.in.People[at].Bot || bot
			return at
		}
		p := team.Person{ID: id, Bot: bot}
		if k := known[id]; k != nil {
			p.Name, p.Aliases, p.UserID, p.Gone, p.Hidden, p.Bot = k.Name, k.Names, k.UserID, k.Gone, k.Hidden, bot || k.Bot
		}
		place[id] = b.add(p)
		return place[id]
	}
	b.places = slices.Repeat([]int32{unseen}, b.log.Symbols.Len())
	for _, a := range b.log.Accounts {
		switch {
		case b.without != nil && b.without(a.Account):
			b.places[a.Account] = noPerson
		case a.Person == "":
			b.places[a.Account] = b.add(team.Person{ID: b.log.Symbols.Text(a.Account), Bot: a.Bot})
		default:
			b.places[a.Account] = whose(a.Person, a.Bot)
		}
	}
	for i := range b.members {
		m := &b.members[i]
		var at int32
		if k := byUser[m.UserID]; k != nil {
			at = whose(k.ID, k.Bot)
		} else {
			at = b.add(team.Person{})
		}
		asMember(&b.in.People[at], m, b.created)
	}
}

// asMember makes a person the member that they are.
func asMember(p *team.Person, m *store.TeamMember, created time.Time) {
	p.UserID, p.Name, p.Role, p.Skills, p.Member = m.UserID, m.Name, string(m.Role), m.Skills, true
	p.Gone, p.Hidden = !m.Active, !m.Named
	// Who was added with the project, or on the day after, was there before.
	if m.AddedAt.Sub(created) > 24*time.Hour {
		p.Joined = team.At(m.AddedAt)
	}
	// UTC is what nobody chose.
	if zone, err := time.LoadLocation(m.Timezone); err == nil && m.Timezone != "" && m.Timezone != "UTC" {
		p.Zone = zone
	}
}

func (b *teamBuilder) add(p team.Person) int32 {
	b.in.People = append(b.in.People, p)
	return int32(len(b.in.People) - 1) //nolint:gosec // people are few
}

// of returns the place of who is behind an account. One of which nobody said
// whose it is is a person of its own.
func (b *teamBuilder) of(account facts.Symbol) int32 {
	switch {
	case account == 0:
		return noPerson
	case b.places[account] == unseen:
		b.places[account] = b.add(team.Person{ID: b.log.Symbols.Text(account)})
	}
	return b.places[account]
}

func (b *teamBuilder) act(account facts.Symbol, thing int32, kind team.ActKind, at facts.Time) {
	if person := b.of(account); person != noPerson && at != 0 {
		b.in.Acts = append(b.in.Acts, team.Act{Person: person, Thing: thing, Kind: kind, At: team.Instant(at)})
	}
}

func (b *teamBuilder) pullRequest(p *facts.PullRequest, thing int32) {
	b.act(p.Author, thing, team.Opened, p.Created)
	b.act(p.Author, thing, team.Merged, p.Merged)
	author := b.of(p.Author)
	for _, r := range p.Reviews {
		reviewer := b.of(r.Account)
		if reviewer == noPerson || reviewer == author {
			continue
		}
		b.act(r.Account, thing, team.Reviewed, r.At)
		if author != noPerson {
			b.in.Interactions = append(b.in.Interactions, team.Interaction{A: author, B: reviewer, Thing: thing, Channel: team.Review, At: team.Instant(r.At)})
		}
	}
	b.remarks(p.Comments, thing)
}

// maxCommenters is how many people of a conversation a comment is an
// interaction with: those who first spoke last.
const maxCommenters = 50

// remarks ties who writes to who wrote before on the same thing.
func (b *teamBuilder) remarks(list []facts.Remark, thing int32) {
	var before []int32
	for _, r := range list {
		person := b.of(r.Account)
		if person == noPerson || r.At == 0 {
			continue
		}
		b.act(r.Account, thing, team.Commented, r.At)
		for _, other := range before[max(0, len(before)-maxCommenters):] {
			if other != person {
				b.in.Interactions = append(b.in.Interactions, team.Interaction{A: other, B: person, Thing: thing, Channel: team.CoComment, At: team.Instant(r.At)})
			}
		}
		if !slices.Contains(before, person) {
			before = append(before, person)
		}
	}
}

// item counts who had a work item while it was in progress, and who had it when
// it was finished.
func (b *teamBuilder) item(item *facts.Item, thing int32) {
	b.remarks(item.Comments, thing)
	if b.config.ExcludedTypes[b.log.Symbols.Text(item.Type)] {
		return
	}
	for i, v := range item.Visits {
		var until facts.Time
		if i+1 < len(item.Visits) {
			until = item.Visits[i+1].At
		}
		switch state := b.config.StateOf(v.Status); {
		case b.config.Doing(state):
			b.hold(item, thing, v.At, until)
		case b.config.Ended(state) && until == 0:
			b.finish(item, thing, i)
		}
	}
}

// finish credits who had an item when it entered the done states for the last
// time, that is in the first of the visits of done that end its history.
func (b *teamBuilder) finish(item *facts.Item, thing int32, last int) {
	if b.config.Withdrawn[strings.ToLower(b.log.Symbols.Text(item.Resolution))] {
		return
	}
	for last > 0 && b.config.Ended(b.config.StateOf(item.Visits[last-1].Status)) {
		last--
	}
	at := item.Visits[last].At
	for _, a := range item.Assignees {
		if a.From <= at && (a.To == 0 || a.To >= at) {
			b.act(a.Account, thing, team.Finished, at)
		}
	}
}

// hold adds who had an item in a stretch of time; until 0 is until now.
func (b *teamBuilder) hold(item *facts.Item, thing int32, since, until facts.Time) {
	for _, a := range item.Assignees {
		from, to := max(a.From, since), a.To
		if until != 0 && (to == 0 || to > until) {
			to = until
		}
		if person := b.of(a.Account); person != noPerson && (to == 0 || from < to) {
			b.in.Holdings = append(b.in.Holdings, team.Holding{Person: person, Thing: thing, From: team.Instant(from), To: team.Instant(to)})
		}
	}
}
