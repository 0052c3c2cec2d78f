package identity_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
)

// tangle makes evidence of few accounts, addresses, logins and names, so that
// much of it contradicts.
func tangle(r *rand.Rand) *team {
	t := &team{}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	addresses := []string{"a@one.test", "b@one.test", "A@one.test", "a@two.test", "c@gmail.com", "root@localhost", "1+x@users.noreply.github.com", "2+x@users.noreply.github.com", "x@users.noreply.github.com", "3-y@users.noreply.gitlab.example.com"}
	names := slices.Sorted(maps.Keys(services))
	var accounts []identity.Key
	for range 2 + r.IntN(10) {
		service, subject := pick(names...), pick("1", "2", "3")
		words := []string{"login:" + pick("xavi", "yann", "zoe", "ghost", "x"), "name:" + pick("Ada Byron", "Bo Chen", "admin", "")}
		switch r.IntN(4) {
		case 0, 1:
			words = append(words, "verified:"+pick(addresses...))
		case 2:
			words = append(words, "email:"+pick(addresses...))
		}
		if r.IntN(5) == 0 {
			words = append(words, "bot")
		}
		if k := account(service, subject); !slices.Contains(accounts, k) {
			accounts = append(accounts, k)
			t.account(service, subject, words...)
		}
	}
	if r.IntN(2) == 0 {
		t.user("usr_1", pick(addresses...), "Ada Byron")
	}
	for _, a := range addresses {
		if r.IntN(3) > 0 {
			t.git(a, pick("Ada Byron", "Bo Chen", "root"))
		}
		if r.IntN(4) == 0 {
			k := accounts[r.IntN(len(accounts))]
			t.claim(a, k.Service, k.Subject)
		}
		if r.IntN(4) == 0 {
			t.mailmap(a, pick("Ada Byron", "Bo Chen"), pick(addresses...))
		}
	}
	return t
}

// byHand decides at random, each time about people as they are then.
func (t *team) byHand(tt *testing.T, r *rand.Rand) {
	for range r.IntN(4) {
		clusters := identity.Resolve(t.Evidence).Clusters
		a, b := clusters[r.IntN(len(clusters))], clusters[r.IntN(len(clusters))]
		var err error
		switch {
		case &a.Keys[0] != &b.Keys[0] && a.Bot == b.Bot && r.IntN(2) == 0:
			t.Decisions, err = identity.Merge(t.Decisions, slices.Concat(a.Keys, b.Keys))
		case len(a.Keys) > 1:
			n := 1 + r.IntN(len(a.Keys)-1)
			r.Shuffle(len(a.Keys), func(i, j int) { a.Keys[i], a.Keys[j] = a.Keys[j], a.Keys[i] })
			t.Decisions, err = identity.Split(t.Decisions, a.Keys[:n], a.Keys[n:])
		}
		if err != nil {
			tt.Fatal(err)
		}
	}
}

func shuffled(e identity.Evidence, r *rand.Rand) identity.Evidence {
	e.Identities, e.Claims, e.Aliases, e.Decisions = slices.Clone(e.Identities), slices.Clone(e.Claims), slices.Clone(e.Aliases), slices.Clone(e.Decisions)
	r.Shuffle(len(e.Identities), func(i, j int) { e.Identities[i], e.Identities[j] = e.Identities[j], e.Identities[i] })
	r.Shuffle(len(e.Claims), func(i, j int) { e.Claims[i], e.Claims[j] = e.Claims[j], e.Claims[i] })
	r.Shuffle(len(e.Aliases), func(i, j int) { e.Aliases[i], e.Aliases[j] = e.Aliases[j], e.Aliases[i] })
	r.Shuffle(len(e.Decisions), func(i, j int) {
		d := e.Decisions
		d[i], d[j] = d[j], d[i]
		d[i].A, d[i].B = d[i].B, d[i].A
	})
	return e
}

func realm(k identity.Key) string {
	s := services[k.Service]
	switch {
	case k.Kind == rampforge.IdentityGit:
		return ""
	case strings.HasSuffix(s.host, ".atlassian.net"):
		return "atlassian"
	case s.vendor == rampforge.ServiceGitHub || s.vendor == rampforge.ServiceGitLab:
		return string(s.vendor) + s.host
	}
	return k.Service
}

// TestResolveHolds holds what is found out of random evidence against what must
// be true of all evidence.
func TestResolveHolds(t *testing.T) {
	t.Parallel()
	joined, suggested, decided := 0, 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		made := tangle(r)
		made.byHand(t, r)
		found := identity.Resolve(made.Evidence)
		fail := func(format string, args ...any) {
			t.Fatalf("seed %d: %s\n%+v\n%+v", seed, fmt.Sprintf(format, args...), made.Evidence, found)
		}
		if diff := cmp.Diff(found, identity.Resolve(shuffled(made.Evidence, r))); diff != "" {
			fail("another order of the evidence gives another result:\n%s", diff)
		}
		of, bot, hand := map[identity.Key]int{}, map[identity.Key]bool{}, map[identity.Key]identity.Key{}
		for _, i := range made.Identities {
			bot[i.Key] = i.Bot
		}
		root := func(k identity.Key) identity.Key {
			for up, ok := hand[k]; ok; up, ok = hand[k] {
				k = up
			}
			return k
		}
		for _, d := range made.Decisions {
			if a, b := root(d.A), root(d.B); d.Together && a != b {
				hand[a] = b
			}
		}
		total := 0
		for n, c := range found.Clusters {
			total += len(c.Keys)
			bots, persons := 0, 0
			one := map[string]identity.Key{}
			for _, k := range c.Keys {
				of[k] = n
				if k.Kind != rampforge.IdentityGit {
					if bot[k] {
						bots++
					} else {
						persons++
					}
				}
				if known, ok := one[realm(k)]; ok && realm(k) != "" && known.Subject != k.Subject && root(known) != root(k) {
					fail("two accounts of one vendor are one person: %v and %v", known, k)
				}
				one[realm(k)] = k
			}
			if bots > 0 && persons > 0 {
				fail("a bot and a person are one: %v", c.Keys)
			}
			joined += len(c.Keys) - 1
		}
		if total != len(made.Identities) {
			fail("%d identities became %d", len(made.Identities), total)
		}
		for _, d := range made.Decisions {
			decided++
			if (of[d.A] == of[d.B]) != d.Together {
				fail("a decision does not hold: %+v", d)
			}
		}
		for _, s := range found.Suggestions {
			suggested++
			if s.A >= s.B || s.Score <= 0 || s.Score >= 1 || len(s.Reasons) == 0 || len(s.Reasons) == 1 && s.Reasons[0].Rule == rampforge.RuleSameName {
				fail("a strange suggestion: %+v", s)
			}
			for _, reason := range s.Reasons {
				if of[reason.A] != s.A || of[reason.B] != s.B {
					fail("a reason is of others: %+v", s)
				}
			}
			for _, d := range made.Decisions {
				if a, b := min(of[d.A], of[d.B]), max(of[d.A], of[d.B]); a == s.A && b == s.B {
					fail("what somebody decided is suggested: %+v", s)
				}
			}
		}
		holdsIDs(t, found, r, made)
	}
	if joined < 1000 || suggested < 1000 || decided < 1000 {
		t.Errorf("the evidence says too little: %d joins, %d suggestions, %d decisions", joined, suggested, decided)
	}
}

// holdsIDs takes away and adds evidence, and looks at what becomes of the ids.
func holdsIDs(t *testing.T, found identity.Result, r *rand.Rand, made *team) {
	t.Helper()
	made.nextID = 0
	newID := func() string { made.nextID++; return fmt.Sprintf("per_%04d", made.nextID) }
	before := identity.Before{People: map[string]string{}, Of: map[identity.Key]string{}, Born: map[identity.Key]string{}}
	first := identity.Assign(found.Clusters, before, newID)
	before = kept(before, first)
	again := identity.Assign(found.Clusters, before, newID)
	for i, p := range again.People {
		if p.New || p.Back || p.ID != first.People[i].ID || len(again.Merged)+len(again.Gone) > 0 {
			t.Fatalf("nothing changed, and yet: %+v, then %+v", first, again)
		}
	}
	less := made.Evidence
	less.Identities = slices.DeleteFunc(slices.Clone(less.Identities), func(identity.Identity) bool { return r.IntN(4) == 0 })
	clusters := identity.Resolve(less).Clusters
	after := identity.Assign(clusters, before, newID)
	unique := map[string]bool{}
	for _, p := range after.People {
		if unique[p.ID] || p.ID == "" {
			t.Fatalf("an id is nobody's own: %+v", after)
		}
		unique[p.ID] = true
		if _, merged := after.Merged[p.ID]; merged || slices.Contains(after.Gone, p.ID) {
			t.Fatalf("who is there was merged or is gone: %+v", after)
		}
	}
	for id := range before.People {
		to, merged := after.Merged[id]
		if states := [3]bool{unique[id], merged, slices.Contains(after.Gone, id)}; states != [3]bool{true, false, false} && states != [3]bool{false, true, false} && states != [3]bool{false, false, true} {
			t.Fatalf("what became of %s is not clear: %+v", id, after)
		}
		if merged && !unique[to] {
			t.Fatalf("%s leads to nobody: %+v", id, after)
		}
	}
}

// kept is what a store has after an assignment.
func kept(before identity.Before, a identity.After) identity.Before {
	now := identity.Before{People: map[string]string{}, Of: map[identity.Key]string{}, Born: maps.Clone(before.Born)}
	maps.Copy(now.People, a.Merged)
	for _, p := range a.People {
		now.People[p.ID] = ""
		for _, k := range p.Keys {
			now.Of[k] = p.ID
			if now.Born[k] == "" {
				now.Born[k] = p.ID
			}
		}
	}
	return now
}

// TestIDs follows two people through a merge and back.
func TestIDs(t *testing.T) {
	t.Parallel()
	a, b := account("gh", "1"), account("gl", "2")
	apart := []identity.Cluster{{Keys: []identity.Key{a}}, {Keys: []identity.Key{b}}}
	n := 0
	newID := func() string { n++; return fmt.Sprintf("per_%d", n) }
	first := identity.Assign(apart, identity.Before{}, newID)
	before := kept(identity.Before{Born: map[identity.Key]string{}}, first)
	merged := identity.Assign([]identity.Cluster{{Keys: []identity.Key{a, b}}}, before, newID)
	if merged.People[0].ID != "per_1" || merged.Merged["per_2"] != "per_1" {
		t.Fatalf("%+v", merged)
	}
	before = kept(before, merged)
	back := identity.Assign(apart, before, newID)
	if back.People[0].ID != "per_1" || back.People[1].ID != "per_2" || !back.People[1].Back || len(back.Merged) > 0 || n != 2 {
		t.Fatalf("%+v", back)
	}
	gone := identity.Assign(nil, before, newID)
	if !slices.Equal(gone.Gone, []string{"per_1", "per_2"}) {
		t.Errorf("%+v", gone)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	keys := []identity.Key{account("gh", "1"), account("gl", "2"), account("gl", "3"), account("dc", "4")}
	decisions, err := identity.Merge(nil, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range keys {
		left := identity.Forget(decisions, func(k identity.Key) bool { return k == gone })
		made := &team{}
		for _, k := range keys {
			if k != gone {
				made.account(k.Service, k.Subject)
			}
		}
		made.Decisions = left
		if c := identity.Resolve(made.Evidence).Clusters; len(c) != 1 {
			t.Errorf("without %v: %+v", gone, c)
		}
	}
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	name := func(e *team) string { return identity.NameOf(e.Identities) }
	for want, e := range map[string]*team{
		"Ada Byron": new(team).account("gh", "1", "name:ada", "login:a").account("gl", "1", "name:Ada Byron"),
		"Bo Chen":   new(team).user("usr_1", "b@corp.test", "Bo Chen").account("gl", "1", "name:Other Name").account("gh", "1", "name:Other Name"),
		"carla":     new(team).account("ado", "1", "login:carla@corp.test"),
		"dan":       new(team).git("dan@corp.test", ""),
		"eve":       new(team).git("77+eve@users.noreply.github.com", "eve@corp.test"),
		"Unnamed":   new(team).account("gh", "1"),
	} {
		if got := name(e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
