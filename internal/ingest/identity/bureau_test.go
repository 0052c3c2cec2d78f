package identity_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/ingest/identity"
)

// drawn are names as frequent as names are: some often, most once.
type drawn struct {
	r             *rand.Rand
	given, family []string
}

func newDrawn(r *rand.Rand) *drawn {
	d := &drawn{r: r}
	seen := map[string]bool{}
	word := func(syllables int) string {
		for {
			var b strings.Builder
			for range syllables {
				b.WriteByte("bcdfghklmnprstvw"[r.IntN(16)])
				b.WriteByte("aeiou"[r.IntN(5)])
			}
			b.WriteByte("lnrs"[r.IntN(4)])
			if w := strings.ToUpper(b.String()[:1]) + b.String()[1:]; !seen[w] {
				seen[w] = true
				return w
			}
		}
	}
	for range 60 {
		d.given = append(d.given, word(1+r.IntN(2)))
	}
	for range 400 {
		d.family = append(d.family, word(2+r.IntN(2)))
	}
	return d
}

// skewed prefers the front of a list: the first tenth is drawn a third of the time.
func (d *drawn) skewed(list []string) string {
	x := d.r.Float64()
	return list[int(x*x*float64(len(list)))]
}

// bureau makes a company whose people are called as people are, with logins and
// addresses made of their names: by the company's habit at work, by their own
// elsewhere. Many accounts show no name, and some people write another.
func bureau(seed uint64, size int) *truth {
	c := &truth{r: rand.New(rand.NewPCG(seed, 12)), of: map[identity.Key]int{}, nobody: map[identity.Key]bool{}}
	names := newDrawn(c.r)
	taken := map[string]bool{}
	free := func(wish, domain string) string { // as vendors and companies do when somebody has it
		for n := 1; ; n++ {
			v := wish
			if n > 1 {
				v += strconv.Itoa(n)
			}
			if !taken[domain+v] {
				taken[domain+v] = true
				return v
			}
		}
	}
	habit := c.r.IntN(3)
	for p := range size {
		c.employee(p, names.skewed(names.given), names.skewed(names.family), habit, free)
	}
	return c
}

// handle writes a name as logins are written.
func handle(given, family string, habit int) string {
	given, family = strings.ToLower(given), strings.ToLower(family)
	return []string{given + "." + family, given[:1] + family, given, given + family, given + "-" + family, family + given[:1]}[habit]
}

func (c *truth) employee(p int, given, family string, habit int, free func(wish, domain string) string) {
	id, name := strconv.Itoa(1000+p), given+" "+family
	work := free(handle(given, family, habit), "corp.test") + "@corp.test"
	wish := fmt.Sprintf("nick%d", p)
	if c.chance(70) {
		wish = handle(given, family, 1+c.r.IntN(5))
	}
	shown := func(percent int) string {
		if c.chance(percent) {
			return "name:" + name
		}
		return "name:"
	}
	written := name
	if c.chance(15) {
		written = given
	}
	login := free(wish, "github")
	home := free(strings.ReplaceAll(wish, "-", "."), "gmail.com") + "@gmail.com"
	t := new(team).git(work, written)
	if c.chance(80) {
		t.account("gh", id, "login:"+login, shown(60))
		if c.chance(50) {
			t.claim(work, "gh", id)
		}
		if c.chance(40) {
			t.git(home, name)
			if c.chance(50) {
				t.claim(home, "gh", id)
			}
		}
		if c.chance(40) {
			t.git(id+"+"+login+"@users.noreply.github.com", written)
		}
		if c.chance(10) {
			t.git(login+"@users.noreply.github.com", name)
		}
	}
	if c.chance(50) {
		t.account("gl", id, "login:"+free(handle(given, family, habit), "gitlab"), "name:"+name)
		if c.chance(50) {
			t.Identities[len(t.Identities)-1].Address, t.Identities[len(t.Identities)-1].Verified = identity.Address(work), true
		}
	}
	if c.chance(80) {
		words := []string{"name:" + name}
		if c.chance(40) {
			words = append(words, "email:"+work)
		}
		t.account("jira", "acc"+id, words...)
	}
	if c.chance(30) {
		t.account("ado", "vsid"+id, "name:"+name, "login:"+work, "verified:"+work)
	}
	if c.chance(20) { // from before the company had a new name, or a habit
		t.git(free(handle(given, family, c.r.IntN(2)), "before.test")+"@before.test", name)
	}
	if c.chance(10) {
		t.git(free(handle(given, family, c.r.IntN(6)), "corp.test")+"@corp.test", name)
	}
	c.own(p, t, false)
}
