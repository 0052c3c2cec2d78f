package confluence

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/connector"
)

func TestSiteOf(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]site{
		"https://x.atlassian.net":                          {bases: []string{"https://x.atlassian.net/wiki"}, cloud: true},
		"https://x.atlassian.net/":                         {bases: []string{"https://x.atlassian.net/wiki"}, cloud: true},
		"https://X.Atlassian.net/wiki/spaces/ENG/overview": {bases: []string{"https://X.Atlassian.net/wiki"}, cloud: true},
		"https://api.atlassian.com/ex/confluence/11-22":    {bases: []string{"https://api.atlassian.com/ex/confluence/11-22/wiki"}, cloud: true},
		"https://wiki.example.com":                         {bases: []string{"https://wiki.example.com", "https://wiki.example.com/wiki", "https://wiki.example.com/confluence"}},
		"https://example.com/confluence/":                  {bases: []string{"https://example.com/confluence", "https://example.com/confluence/wiki"}},
		"https://example.com/confluence/display/ENG/Home":  {bases: []string{"https://example.com/confluence", "https://example.com/confluence/wiki"}},
		"https://example.com/confluence/rest/api":          {bases: []string{"https://example.com/confluence", "https://example.com/confluence/wiki"}},
		"http://127.0.0.1:8090/wiki":                       {bases: []string{"http://127.0.0.1:8090/wiki"}},
		"https://notatlassian.net/wiki?x=1#y":              {bases: []string{"https://notatlassian.net/wiki"}},
	} {
		got, ok := siteOf(endpoint)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(site{})); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", endpoint, ok, diff)
		}
	}
	for _, endpoint := range []string{"", "wiki.example.com", "ftp://example.com", "https://", "https://user:secret@example.com", "https://%zz"} {
		if got, ok := siteOf(endpoint); ok {
			t.Errorf("%q was taken: %v", endpoint, got)
		}
	}
}

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	after = noon.Add(8 * time.Hour)
)

// editions makes n documents from a moment on, a step apart.
func editions(n int, at time.Time, step time.Duration) []edition {
	var all []edition
	for i := range n {
		all = append(all, edition{ID: strconv.Itoa(1000 + i), Version: 1, At: at.Add(time.Duration(i) * step)})
	}
	return all
}

// again writes a place as a cursor and reads it.
func again(t *testing.T, p *place) *place {
	t.Helper()
	c, err := p.cursor()
	if err != nil {
		t.Fatal(err)
	}
	p, err = placeOf(c, after)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlaceWithEqualDates: 1500 documents of one moment are each read once,
// though a cursor cannot name them all.
func TestPlaceWithEqualDates(t *testing.T) {
	t.Parallel()
	all := editions(1500, noon, 0)
	p := &place{Whole: after}
	read := map[string]int{}
	for range 70 {
		var wanted []edition
		for _, e := range all {
			if p.wants(e) {
				wanted = append(wanted, e)
			}
		}
		step := wanted[:min(batch, len(wanted))]
		for _, e := range step {
			read[e.ID]++
		}
		p.take(step, nil, after)
		if p = again(t, p); len(p.Seen) > maxSeen {
			t.Fatalf("a cursor names %d documents", len(p.Seen))
		}
	}
	for _, e := range all {
		if read[e.ID] != 1 {
			t.Fatalf("document %s was read %d times", e.ID, read[e.ID])
		}
	}
}

// TestPlaceDoesNotJump: what changes between list and reading, or is dated in
// the future, does not count the rest as read.
func TestPlaceDoesNotJump(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]time.Time{"changed while it was read": after.Add(-time.Minute), "from the future": after.AddDate(50, 0, 0)} {
		p := &place{Whole: after}
		rest := edition{ID: "7", Version: 1, At: noon.Add(3 * time.Hour)}
		for i := range 40 { // each of these was edited since it was listed
			step := editions(batch, noon.Add(time.Duration(i)*time.Second), 0)
			found := make([]edition, len(step))
			for j, e := range step {
				found[j] = edition{ID: e.ID + "-" + strconv.Itoa(i), Version: 2, At: late}
			}
			p.take(step, found, after)
		}
		p.take([]edition{{ID: "8", Version: 1, At: after.AddDate(50, 0, 0)}}, nil, after)
		if p = again(t, p); !p.wants(rest) || len(p.Seen) > maxSeen {
			t.Errorf("%s: %s was jumped over; low %v, %d seen", name, rest.ID, p.Low.At, len(p.Seen))
		}
	}
}

// TestPlaceFindsLateOnes: a change that becomes visible after newer ones were
// read is found within the overlap, and only once.
func TestPlaceFindsLateOnes(t *testing.T) {
	t.Parallel()
	p := &place{Whole: after}
	p.take(editions(10, noon, time.Minute), nil, after)
	p = again(t, p)
	late := edition{ID: "5", Version: 3, At: noon.Add(-30 * time.Minute)}
	if !p.wants(late) {
		t.Error("a late change is not wanted")
	}
	back := edition{ID: "1009", Version: 2, At: noon.Add(8 * time.Minute)} // a clock that ran backwards
	if !p.wants(back) {
		t.Error("a new version with an older date is not wanted")
	}
	p.take([]edition{late, back}, nil, after)
	if p = again(t, p); p.wants(late) || p.wants(back) || p.wants(edition{ID: "1003", Version: 1, At: noon.Add(3 * time.Minute)}) {
		t.Error("what was read is wanted again")
	}
}

func TestPlaceOfStrangeCursors(t *testing.T) {
	t.Parallel()
	for _, strange := range []string{`"page 3"`, `{}`, `{"whole":7}`} {
		if _, err := placeOf(connector.Cursor(strange), after); connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("the cursor %s: %v", strange, err)
		}
	}
	slow := &place{Whole: after.Add(-72 * time.Hour), At: noon, Low: edition{At: noon.Add(-overlap)}}
	if p := again(t, slow); p.At.IsZero() {
		t.Error("a whole reading that takes three days begins again and again")
	}
	for name, c := range map[string]string{
		"old":        `{"at":"2026-11-01T00:00:00Z","whole":"2026-11-23T19:00:00Z","done":true}`,
		"wrong time": `{"at":"2026-11-01T00:00:00Z","whole":"2099-01-01T00:00:00Z","done":true}`,
	} {
		p, err := placeOf(connector.Cursor(c), after)
		if err != nil || p.Done || !p.At.IsZero() || !p.Whole.Equal(after) {
			t.Errorf("%s: %+v, %v: a whole reading is due", name, p, err)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	if got := quoted(`a"b\c`); got != `"a\"b\\c"` {
		t.Error(got)
	}
}

// TestNextStaysHere: of a link only the place in the list is taken.
func TestNextStaysHere(t *testing.T) {
	t.Parallel()
	var l list
	l.Links.Next = "https://evil.example/steal?cursor=abc&cql=type%3Dpage&limit=3"
	before := map[string][]string{"cql": {"id in (1)"}, "limit": {"50"}}
	got, err := l.next(before)
	if diff := cmp.Diff(map[string][]string{"cql": {"id in (1)"}, "limit": {"3"}, "cursor": {"abc"}}, map[string][]string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := l.next(got); connector.Reason(err) != connector.ReasonMalformed {
		t.Errorf("a link to the same page: %v", err)
	}
}
