// Package team computes what holds for a team as a group: how its work, its
// reviews and its knowledge are spread, who works with whom as the shape of a
// network, and how newcomers arrive. Each metric has a file of its own. The
// same input gives the same bytes.
//
// No result holds a number about a person but those of Own, which is for that
// person alone. Three rules keep it so, and docs/team.md says why they do:
//
//   - A figure of a group is of at least MinGroup people.
//   - It is of a whole calendar month, takes no filter, and is computed once
//     (Figures): no second answer exists that the first could be subtracted from.
//   - Names stand beside the areas that people know and the skills that they
//     named themselves, in alphabetical order and without a number.
//
// It is pure: no clock, no database, no network, and no random source whose
// seed is not told. It may import the root package and stat.
package team

import (
	"math"
	"time"
)

// MinGroup is how few people a figure may be about: below it, whoever knows the
// team would know whom it is about.
const MinGroup = 5

// minSample is how many values quartiles are told of.
const minSample = 10

// Instant is a moment in microseconds since 1970 in UTC; 0 is none.
type Instant int64

// At returns t as an Instant; the zero time is none.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// UTC returns the moment; none is the zero time.
func (t Instant) UTC() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).UTC()
}

// add returns the moment that is so much later.
func (t Instant) add(d time.Duration) Instant { return t + Instant(d.Microseconds()) }

// sub returns how much later t is than u.
func (t Instant) sub(u Instant) time.Duration { return time.Duration(t-u) * time.Microsecond }

const day = 24 * time.Hour

// Input is what is known of a team. People are meant by their place in People,
// pull requests and work items by theirs in Things.
type Input struct {
	People       []Person
	Things       []Thing // in an order that is always the same
	Interactions []Interaction
	Acts         []Act
	Holdings     []Holding
	Areas        []Area
	Technologies []string // languages and the like that the project's code is made of
	// WIPLimit is how much one person should have in progress; 0 is no limit.
	WIPLimit int
}

// Person is somebody of the team, or a bot.
type Person struct {
	ID      string // of the person, "" for a member of whom nothing else is known
	UserID  string // "" for who has no account here
	Name    string
	Aliases []string // the names that commits carry for them
	Bot     bool
	Member  bool     // of the project
	Role    string   // of a member
	Skills  []string // as they named them
	Hidden  bool     // does not want to be named as somebody to ask
	Gone    bool     // is known to have left
	// Joined is when a member came, 0 for who was there before anybody counted.
	Joined Instant
	Zone   *time.Location // nil is unknown
}

// Thing is a pull request or a work item.
type Thing struct {
	ID  string `json:"id"`  // the vendor's
	Key string `json:"key"` // as people write it
}

// Channel is a way in which two people work together.
type Channel uint8

// The channels.
const (
	Review    Channel = iota // one reviewed the other's pull request
	CoComment                // both wrote on one pull request or work item
	channels
)

func (c Channel) String() string { return [...]string{"review", "co_comment"}[c] }

// Interaction is that two people met on a thing.
type Interaction struct {
	A, B    int32
	Thing   int32
	Channel Channel
	At      Instant
}

// ActKind is what somebody did.
type ActKind uint8

// The acts.
const (
	Committed ActKind = iota // authored a commit
	Opened                   // opened a pull request
	Merged                   // had a pull request of theirs merged
	Reviewed                 // gave a verdict on somebody else's pull request
	Commented                // wrote on a pull request or work item
	Finished                 // had a work item when it was done
)

// Act is one thing that somebody did. Thing is -1 for none.
type Act struct {
	Person int32
	Thing  int32
	Kind   ActKind
	At     Instant
}

// Holding is that somebody had a work item while it was in progress. To is 0
// while it lasts.
type Holding struct {
	Person   int32
	Thing    int32
	From, To Instant
}

// Area is a part of the code and who knows it, as the newest code report has it.
type Area struct {
	Name          string
	Path          string
	Files         int
	Ownership     string   // sole, major or spread
	Experts       []string // as commits name them
	TruckFactor   *int
	KnowledgeLoss *float64 // share of files whose authors made no commit for a year, 0–1
}

// State is whether a metric has a value, and why not.
type State string

// The states of a metric.
const (
	OK            State = "ok"
	NoData        State = "no_data"
	Insufficient  State = "insufficient_data"
	NotConfigured State = "not_configured"
	Suppressed    State = "suppressed" // it would be about fewer than MinGroup people
	Off           State = "off"        // the project switched it off
)

// Basis is what every metric says of itself.
type Basis struct {
	State      State    `json:"state"`
	Period     string   `json:"period"`     // the calendar month that it is of, 2026-10; "" for what is as of now
	N          int      `json:"n"`          // how many people or areas were counted; 0 when there is no value
	Convention string   `json:"convention"` // how it was counted, in a sentence
	Reason     string   `json:"reason"`     // why there is no value, and what to do about it; "" when there is one
	Explain    *Explain `json:"explain,omitempty"`
}

// tooFew is why a figure of a small group is not told.
const tooFew = "A figure of fewer than five people would be about each of them. It is told as soon as five were active."

// of returns what a metric of a group says of itself: suppressed where fewer
// than MinGroup of the people did anything, and then not even how many there
// are.
func (b Basis) of(people, active int) Basis {
	if active < MinGroup {
		return b.without(Suppressed, tooFew)
	}
	b.State, b.N = OK, people
	return b
}

func (b Basis) without(s State, reason string) Basis {
	b.State, b.N, b.Reason = s, 0, reason
	return b
}

// Explain says how much a metric counted. Which things those were it does not:
// of two projects of the same sources with other people, the things that one has
// more would be those of whom it has more. For the same reason the numbers of
// figures of people are rounded to tens.
type Explain struct {
	// Counted are how many of what was counted, by its name.
	Counted map[string]int `json:"counted"`
	Total   int            `json:"total"` // pull requests and work items, each once
}

// explain counts things, each once.
func (in *Input) explain(things []int32) *Explain {
	counted := make([]bool, len(in.Things))
	e := &Explain{}
	for _, i := range things {
		if !counted[i] {
			counted[i] = true
			e.Total++
		}
	}
	e.Total = tens(e.Total)
	return e
}

func (e *Explain) roundOff() {
	if e == nil {
		return
	}
	e.Total = tens(e.Total)
	for what, n := range e.Counted {
		e.Counted[what] = tens(n)
	}
}

// tens rounds a number of things that people did.
func tens(n int) int { return (n + 5) / 10 * 10 }

// here returns the people whom the figures of a period count, by their place,
// and how many of them did anything: no bots, and everybody who is a member, or
// did something in the period or the three months before its end. Who did
// nothing counts with zero and does not help to make a group: members could be
// made up.
func (in *Input) here(p Period) (group []int32, active int) {
	since := min(p.From, p.To.add(-90*day))
	did := make([]bool, len(in.People))
	for i := range in.Acts {
		if a := &in.Acts[i]; a.At >= since && a.At < p.To {
			did[a.Person] = true
		}
	}
	for i := range in.People {
		v := &in.People[i]
		if v.Bot || !did[i] && (!v.Member || v.Gone || v.Joined >= p.To) {
			continue
		}
		group = append(group, int32(i))
		if did[i] {
			active++
		}
	}
	return group, active
}

// placesIn returns the place of each person within group, -1 for who is not.
func (in *Input) placesIn(group []int32) []int32 {
	places := make([]int32, len(in.People))
	for i := range places {
		places[i] = -1
	}
	for i, person := range group {
		places[person] = int32(i)
	}
	return places
}

// round keeps two decimals: what a figure says of a group needs no more, and
// more would help to guess at its parts.
func round(x float64) *float64 {
	x = math.Round(x*100) / 100
	return &x
}

// tenth keeps one decimal, for shares that count people.
func tenth(x float64) *float64 {
	x = math.Round(x*10) / 10
	return &x
}

// defined is round of what is defined, and nil otherwise.
func defined(x float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return round(x)
}
