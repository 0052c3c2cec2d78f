package identity_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
)

// truth is a generated company whose people are known.
type truth struct {
	team

	r  *rand.Rand
	of map[identity.Key]int // the person, or the bot, that each identity is
	// nobody has addresses that several people use.
	nobody map[identity.Key]bool
}

// company makes a company as they are: few given names, some people of the same
// name, logins that change hands, machines that nobody configured, pairs who
// share an address, accounts without a verified address, bots that commit with
// their owner's.
func company(seed uint64, size int) *truth {
	c := &truth{r: rand.New(rand.NewPCG(seed, 11)), of: map[identity.Key]int{}, nobody: map[identity.Key]bool{}}
	given := []string{"Ada", "Bo", "Cleo", "Dana", "Eli", "Fay", "Gus", "Hana", "Ida", "Jun"}
	family := []string{"Abel", "Brook", "Cole", "Drew", "Eaton", "Frost", "Gray", "Hale", "Ives", "Jay", "Kerr", "Lane"}
	c.own(-1, new(team).git("root@localhost", "root"), true)
	for p := range size {
		name := given[c.r.IntN(len(given))] + " " + family[c.r.IntN(len(family))]
		c.person(p, name)
	}
	for b := range size / 10 {
		c.bot(size+b, c.r.IntN(size))
	}
	return c
}

// own adds identities of one person.
func (c *truth) own(person int, t *team, shared bool) {
	for _, i := range t.Identities {
		if _, there := c.of[i.Key]; there {
			continue
		}
		c.Identities = append(c.Identities, i)
		c.of[i.Key], c.nobody[i.Key] = person, shared
	}
	c.Claims, c.Aliases = append(c.Claims, t.Claims...), append(c.Aliases, t.Aliases...)
}

func (c *truth) chance(percent int) bool { return c.r.IntN(100) < percent }

func (c *truth) person(p int, name string) {
	id := strconv.Itoa(1000 + p)
	work, home := fmt.Sprintf("w%d@corp.test", p), fmt.Sprintf("h%d@mail.test", p)
	login := fmt.Sprintf("login%d", p)
	if c.chance(20) { // as somebody else had it before, or has it elsewhere
		login = fmt.Sprintf("login%d", max(0, p-1-c.r.IntN(5)))
	}
	t := &team{}
	t.git(work, name)
	if c.chance(70) {
		t.account("gh", id, "login:"+login, "name:"+name)
		if c.chance(60) {
			t.claim(work, "gh", id)
		}
		if c.chance(40) {
			t.git(home, name).claim(home, "gh", id)
		}
		if c.chance(40) {
			t.git(id+"+"+login+"@users.noreply.github.com", name)
		}
		if c.chance(20) {
			t.git(login+"@users.noreply.github.com", name)
		}
	}
	if c.chance(60) {
		t.account("gl", id, "login:"+login, "name:"+name, "verified:"+work)
		if c.chance(30) {
			t.git(id+"-"+login+"@users.noreply.gitlab.example.com", name)
		}
	}
	if c.chance(80) {
		words := []string{"name:" + name}
		if c.chance(50) {
			words = append(words, "email:"+work)
		}
		t.account("jira", "acc"+id, words...)
		if c.chance(50) {
			t.account("wiki", "acc"+id, "name:"+name)
		}
	}
	if c.chance(40) {
		t.account("ado", "vsid"+id, "name:"+name, "login:"+work, "verified:"+work)
	}
	if c.chance(30) {
		old := fmt.Sprintf("old%d@corp.test", p)
		t.git(old, name).mailmap(old, name, work)
	}
	c.own(p, t, false)
	if c.chance(10) {
		c.own(-2-p, new(team).git("root@localhost", name).git(fmt.Sprintf("dev@w%d.local", p), name), true)
	}
	if c.chance(10) && p > 0 { // who pair under one address, and say so in .mailmap
		pair := fmt.Sprintf("pair%d@corp.test", p)
		c.own(-20_000-p, new(team).git(pair, name).mailmap(pair, name, work).mailmap(pair, "Somebody Else", fmt.Sprintf("w%d@corp.test", p-1)), true)
	}
}

func (c *truth) bot(b, owner int) {
	id := strconv.Itoa(5000 + b)
	t := new(team).account("gh", id, "bot", "login:dep"+id+"[bot]").git(id+"+dep"+id+"[bot]@users.noreply.github.com", "dep"+id)
	if c.chance(50) {
		t.account("gl", id, "bot", "login:login"+strconv.Itoa(owner), fmt.Sprintf("verified:w%d@corp.test", owner))
	}
	c.of[account("gl", id)] = -50_000 - b // its own, as nothing says which bot of GitHub it is
	c.own(b, t, false)
	for _, i := range t.Identities {
		if i.Key == account("gl", id) {
			c.Identities = append(c.Identities, i)
		}
	}
}

// measured is what Resolve comes to for companies whose people are known.
type measured struct {
	pairs, right, hinted      int // pairs of identities of one person: all, joined, suggested
	suggestions, wrong, truly int // suggestions: all, of two people, and pairs of clusters that are one person
}

func (m *measured) String() string {
	share := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	return fmt.Sprintf("of %d pairs the rules join %.1f %%, none wrongly; with suggestions %.1f %%; of %d suggestions %d are wrong (precision %.1f %%); of what is apart and is one they name %.1f %%",
		m.pairs, share(m.right, m.pairs), share(m.right+m.hinted, m.pairs), m.suggestions, m.wrong, share(m.suggestions-m.wrong, m.suggestions), share(m.suggestions-m.wrong, m.truly))
}

// measure adds a company. Not one join may be wrong.
func (m *measured) measure(t *testing.T, c *truth) {
	t.Helper()
	found := identity.Resolve(c.Evidence)
	of := map[identity.Key]int{}
	for n, cluster := range found.Clusters {
		for _, k := range cluster.Keys {
			of[k] = n
			if c.of[k] != c.of[cluster.Keys[0]] {
				t.Fatalf("%v and %v are one, and are two", cluster.Keys[0], k)
			}
			if c.nobody[k] && len(cluster.Keys) > 1 {
				t.Fatalf("%v is shared and was joined: %v", k, cluster.Keys)
			}
		}
	}
	hint := map[[2]int]bool{}
	for _, s := range found.Suggestions {
		hint[[2]int{s.A, s.B}] = true
		m.suggestions++
		if c.of[s.Reasons[0].A] != c.of[s.Reasons[0].B] {
			m.wrong++
		}
	}
	byPerson := map[int][]identity.Key{}
	for k, p := range c.of {
		if !c.nobody[k] {
			byPerson[p] = append(byPerson[p], k)
		}
	}
	for _, keys := range byPerson {
		apart := map[[2]int]bool{}
		for i, a := range keys {
			for _, b := range keys[i+1:] {
				m.pairs++
				x, y := min(of[a], of[b]), max(of[a], of[b])
				switch {
				case x == y:
					m.right++
				case hint[[2]int{x, y}]:
					m.hinted++
				}
				if x != y {
					apart[[2]int{x, y}] = true
				}
			}
		}
		m.truly += len(apart)
	}
}

// TestTruth holds what the rules join and suggest against companies whose people
// are known. Not one join may be wrong; what is missing must be small, and
// mostly suggested, and who looks at suggestions must find most of them right.
func TestTruth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make              func(seed uint64, size int) *truth
		joined, suggested float64 // of the pairs, at least
		precision         float64 // of the suggestions, at least
	}{
		"few names":         {company, 0.44, 0.73, 0.99},
		"names as they are": {bureau, 0.25, 0.51, 0.96},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &measured{}
			for seed := range uint64(30) {
				m.measure(t, c.make(seed, 120))
			}
			t.Log(m)
			pairs := float64(m.pairs)
			if float64(m.right)/pairs < c.joined || float64(m.right+m.hinted)/pairs < c.suggested {
				t.Errorf("too much is missing")
			}
			if float64(m.suggestions-m.wrong)/float64(m.suggestions) < c.precision {
				t.Errorf("too many suggestions are wrong")
			}
		})
	}
}

// big is evidence of n identities or more.
func big(n int) identity.Evidence {
	var e identity.Evidence
	for seed := uint64(0); len(e.Identities) < n; seed++ {
		c := company(seed, 200)
		name := func(k identity.Key) identity.Key {
			if k.Kind == rampforge.IdentityAccount {
				k.Subject = strconv.FormatUint(seed, 10) + "00000" + k.Subject
			} else {
				k.Subject = strconv.FormatUint(seed, 10) + k.Subject
			}
			return k
		}
		for _, i := range c.Identities {
			i.Key = name(i.Key)
			if i.Address != "" {
				i.Address = strconv.FormatUint(seed, 10) + i.Address
			}
			e.Identities = append(e.Identities, i)
		}
		for _, claim := range c.Claims {
			e.Claims = append(e.Claims, identity.Claim{Address: strconv.FormatUint(seed, 10) + claim.Address, Account: name(claim.Account)})
		}
	}
	return e
}

func BenchmarkResolve10k(b *testing.B) {
	e := big(10_000)
	b.ReportAllocs()
	for b.Loop() {
		identity.Resolve(e)
	}
}
