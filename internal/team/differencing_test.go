package team

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
)

// publisher answers as the product does: what was computed of a month is kept.
// A careless one computes each answer anew.
type publisher struct {
	careless bool
	kept     map[Figure]Kept
}

func (p *publisher) ask(t *testing.T, in *Input, now time.Time, s rampforge.PeopleMetricsSwitch) []byte {
	t.Helper()
	period := LastPeriod(now, time.UTC)
	told := maps.Clone(p.kept)
	for _, f := range Figures() {
		before := p.kept[f]
		if !f.On(s) || !p.careless && before.Period >= period.Label {
			continue
		}
		k, ok, err := Compute(f, in, period, before.Value)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			told[f] = k
			if !p.careless {
				p.kept[f] = k
			}
		}
	}
	r, err := Report(in, told, Query{Now: At(now), Period: period, Switches: s, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"workload": r.Workload, "dynamics": r.TeamDynamics})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// schemes are what somebody who runs a project can change to have one person
// more or less counted.
func schemes(in *Input) map[string]*Input {
	out := map[string]*Input{"nothing": in}
	for i := range in.People {
		change := func(what string, f func(*Person)) {
			other := *in
			other.People = slices.Clone(in.People)
			f(&other.People[i])
			out[fmt.Sprintf("person %d: %s", i, what)] = &other
		}
		change("no member", func(p *Person) { p.Member = false })
		change("a bot", func(p *Person) { p.Bot = true })
		change("gone", func(p *Person) { p.Gone = true })
		change("newly joined", func(p *Person) { p.Joined = october.From.add(-100 * day) })
		change("in another zone", func(p *Person) { p.Zone = time.FixedZone("far", 10*3600) })
		joined := *in // two people become one
		joined.Acts, joined.Interactions, joined.Holdings = slices.Clone(in.Acts), slices.Clone(in.Interactions), slices.Clone(in.Holdings)
		for k := range joined.Acts {
			if joined.Acts[k].Person == int32(i) {
				joined.Acts[k].Person = 0
			}
		}
		out[fmt.Sprintf("person %d: merged with the first", i)] = &joined
	}
	out["everybody new"] = &Input{People: in.People, Acts: in.Acts, Things: in.Things}
	return out
}

// answers asks in every way, again and again within a month, and returns the
// answers that differ.
func (p *publisher) answers(t *testing.T, in *Input) map[string]string {
	t.Helper()
	out := map[string]string{}
	on := rampforge.PeopleMetricsSwitch{OffHours: new(true)}
	p.ask(t, in, october.To.UTC().Add(time.Hour), on)
	for d := range 29 {
		for _, what := range slices.Sorted(maps.Keys(schemes(in))) {
			for _, limit := range []int{0, 1} {
				changed := *schemes(in)[what]
				changed.WIPLimit = limit
				text := p.ask(t, &changed, october.To.UTC().AddDate(0, 0, d), on)
				out[string(bytes.Clone(text))] = what
			}
		}
		if p.careless {
			break // once is enough to show it
		}
		p.ask(t, in, october.To.UTC().AddDate(0, 0, d), rampforge.PeopleMetricsSwitch{Workload: new(false), Collaboration: new(false), ReviewLoad: new(false), Newcomers: new(false)})
	}
	return out
}

// differing is a team of six with newcomers, in which everybody did something
// else.
func differing() *Input {
	in := crew(6)
	for i := range 6 {
		in.People[i].Zone = time.UTC
		for k := range 25 + i {
			in.Acts = append(in.Acts, Act{Person: int32(i), Thing: int32(k % 10), Kind: Commented, At: on10(-40 - k)}, Act{Person: int32(i), Thing: int32(k % 10), Kind: Commented, At: on10(1 + k%30)})
		}
		for k := range i + 1 {
			in.review(int32(i), int32(k), 2+i)
			in.Interactions = append(in.Interactions, Interaction{A: int32(i), B: int32((i + 1 + k) % 6), Thing: int32(k), At: on10(3)})
			in.Holdings = append(in.Holdings, Holding{Person: int32(i), Thing: int32(k), From: on10(1), To: on10(3 + i)})
		}
	}
	return in
}

// TestNoDifferences: whatever is changed in between, one month has one answer, so
// that nothing can be subtracted from anything.
func TestNoDifferences(t *testing.T) {
	t.Parallel()
	answers := (&publisher{kept: map[Figure]Kept{}}).answers(t, differing())
	if len(answers) != 1 {
		t.Errorf("there are %d answers of one month", len(answers))
		for text, what := range answers {
			t.Logf("%s: %s", what, text)
		}
	}
}

// TestDifferencesAreFound shows that the test before can fail: of answers that
// are computed anew, each change gives another.
func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	in := differing()
	p := &publisher{careless: true, kept: map[Figure]Kept{}}
	answers := p.answers(t, in)
	if len(answers) < 20 {
		t.Fatalf("only %d answers: the ways to ask are too few to prove anything", len(answers))
	}
	// With and without somebody are two equations for what that one did.
	with, without := ReviewLoadOf(in, october), ReviewLoadOf(schemes(in)["person 5: a bot"], october)
	if *with.HHI == *without.HHI || with.N-without.N != 1 {
		t.Errorf("the figures with and without somebody are the same: %+v, %+v", with, without)
	}
}

// TestMonthsShareNoData: what happened in one month does not move the next one's
// figures, so that two months cannot be subtracted either.
func TestMonthsShareNoData(t *testing.T) {
	t.Parallel()
	in := differing()
	november := LastPeriod(time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC), time.UTC)
	add := func(to *Input, at Instant) {
		for i := range 6 {
			to.Acts = append(to.Acts, Act{Person: int32(i), Thing: int32(9 - i), Kind: Reviewed, At: at})
			to.Interactions = append(to.Interactions, Interaction{A: int32(i), B: int32((i + 1) % 6), Thing: 1, At: at})
			to.Holdings = append(to.Holdings, Holding{Person: int32(i), Thing: 1, From: at, To: at.add(day)})
		}
	}
	add(in, november.From.add(5*day))
	more := *in
	more.Acts, more.Interactions, more.Holdings = slices.Clone(in.Acts), slices.Clone(in.Interactions), slices.Clone(in.Holdings)
	add(&more, on10(20))
	for _, f := range []Figure{FigureWorkload, FigureReviewLoad, FigureCollaboration} {
		one, _, err := Compute(f, in, november, nil)
		other, _, err2 := Compute(f, &more, november, nil)
		if err != nil || err2 != nil || !bytes.Equal(one.Value, other.Value) {
			t.Errorf("%s of November moves with October: %s, %s", f, one.Value, other.Value)
		}
		before, _, _ := Compute(f, in, october, nil)
		after, _, _ := Compute(f, &more, october, nil)
		if bytes.Equal(before.Value, after.Value) {
			t.Errorf("%s of October does not move with October: the test proves nothing", f)
		}
	}
}
