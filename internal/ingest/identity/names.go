package identity

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// names is what the full names of the population tell: how rare each is.
type names struct {
	of     []string       // node → its full name, "" for none
	people map[string]int // full name → how many surely have it
	first  map[string]int // word → how many full names begin with it
	last   map[string]int // word → how many end with it
}

func newNames(g *graph) *names {
	n := &names{of: make([]string, len(g.nodes)), people: map[string]int{}, first: map[string]int{}, last: map[string]int{}}
	accounts := map[[2]string]int{} // full name and realm → accounts
	counted := map[[3]string]bool{} // two services may show one account
	for i := range g.nodes {
		if g.nodes[i].nobody() || g.nodes[i].Bot {
			continue
		}
		name := fullName(g.nodes[i].Name)
		if name == "" {
			continue
		}
		n.of[i] = name
		if n.people[name] == 0 {
			n.people[name] = 1
			n.first[firstWord(name)]++
			n.last[lastWord(name)]++
		}
		if realm := g.realms[i]; realm != "" && !counted[[3]string{name, realm, g.nodes[i].Subject}] {
			counted[[3]string{name, realm, g.nodes[i].Subject}] = true
			at := [2]string{name, realm}
			accounts[at]++
			n.people[name] = max(n.people[name], accounts[at])
		}
	}
	return n
}

// others is how many people more than one are to be expected to have a name:
// those who surely do, as one service has several accounts of it, and those who
// may, as others have its first word and others its last.
func (n *names) others(name string) float64 {
	byChance := float64(n.first[firstWord(name)]-1) * float64(n.last[lastWord(name)]-1) / float64(len(n.people))
	return float64(n.people[name]-1) + byChance
}

// rare reports whether a name is likely to be of one person only.
func (n *names) rare(name string) bool { return n.others(name) < 0.1 }

func firstWord(name string) string {
	word, _, _ := strings.Cut(name, " ")
	return word
}

func lastWord(name string) string { return name[strings.LastIndexByte(name, ' ')+1:] }

// likeness is how what two are called compares.
type likeness int

const (
	unknown     likeness = iota // one of them shows no full name, or not in the other's letters
	alike                       // one name, or one that is a shorter form of the other
	hardlyAlike                 // they have a word in common
	differently
)

// called compares the full names of two clusters: the two that are most alike
// count. A word in common is enough where the login is made of it.
func (d *doubts) called(pair [2]int, login string) likeness {
	best, compared := differently, false
	for _, a := range d.members[pair[0]] {
		for _, b := range d.members[pair[1]] {
			x, y := d.names.of[a], d.names.of[b]
			if x == "" || y == "" || script(x) != script(y) {
				continue
			}
			compared = true
			best = min(best, compareNames(x, y, login))
		}
	}
	if !compared {
		return unknown
	}
	return best
}

func compareNames(x, y, login string) likeness {
	if x == y {
		return alike
	}
	a, b := strings.Fields(x), strings.Fields(y)
	if len(a) > len(b) {
		a, b = b, a
	}
	whole, short, spoken := 0, 0, false
	for _, w := range a {
		switch {
		case slices.Contains(b, w):
			whole++
			spoken = spoken || utf8.RuneCountInString(w) >= 3 && strings.Contains(login, w)
		case slices.ContainsFunc(b, func(v string) bool { return strings.HasPrefix(v, w) || strings.HasPrefix(w, v) }):
			short++
		}
	}
	switch {
	case whole > 0 && whole+short == len(a) || spoken:
		return alike
	case whole > 0:
		return hardlyAlike
	}
	return differently
}

// script tells letters apart that cannot be compared.
func script(name string) string {
	for _, r := range name {
		for _, known := range []string{"Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Katakana", "Hangul", "Arabic", "Hebrew", "Devanagari", "Thai"} {
			if unicode.Is(unicode.Scripts[known], r) {
				return known
			}
		}
	}
	return ""
}

// besideNames looks for what people of one name have in common besides it. Who
// shares both is looked up, so that a name of many people costs nothing.
func (d *doubts) besideNames() {
	words, domains := map[[2]string][]int{}, map[[2]string][]int{}
	for i, name := range d.names.of {
		if name == "" {
			continue
		}
		local, login := d.local(i), d.login(i)
		if local != "" {
			words[[2]string{name, local}] = append(words[[2]string{name, local}], i)
		}
		if login != "" && login != local {
			words[[2]string{name, login}] = append(words[[2]string{name, login}], i)
		}
		// Colleagues have one domain: only of a rare name does it say something.
		_, domain, _ := strings.Cut(d.g.nodes[i].Address, "@")
		if domain != "" && !foldingProviders[domain] && !d.isPrivate(i) && d.names.rare(name) {
			domains[[2]string{name, domain}] = append(domains[[2]string{name, domain}], i)
		}
	}
	for at, group := range words {
		d.pairs(group, func(a, b int) {
			localA, localB := d.local(a) == at[1], d.local(b) == at[1]
			if localA && localB {
				d.add(a, b, rampforge.RuleSameLocalPart)
			}
			if localA && d.login(b) == at[1] && !d.isPrivate(b) || localB && d.login(a) == at[1] && !d.isPrivate(a) {
				d.add(a, b, rampforge.RuleLoginInAddress)
			}
		})
	}
	for _, group := range domains {
		d.pairs(group, func(a, b int) { d.add(a, b, rampforge.RuleSameDomain) })
	}
}

// sameNames adds the name to the pairs that have another reason: alone it is
// none.
func (d *doubts) sameNames() {
	first := make([]map[string]int, len(d.members)) // cluster → full name → the first node that has it
	for n, nodes := range d.members {
		for _, i := range nodes {
			if name := d.names.of[i]; name != "" {
				if first[n] == nil {
					first[n] = map[string]int{}
				}
				if _, ok := first[n][name]; !ok {
					first[n][name] = i
				}
			}
		}
	}
	for _, pair := range slices.Collect(maps.Keys(d.by)) {
		for name, a := range first[pair[0]] {
			if b, ok := first[pair[1]][name]; ok {
				d.add(a, b, rampforge.RuleSameName)
			}
		}
	}
}

// shortestForm is of how many letters a login must be to be told as made of a
// name.
const shortestForm = 5

// forms are how people write their full name as a login or before an @: both
// words, or one of them and the other's initial.
func forms(name string) []string {
	first, last := firstWord(name), lastWord(name)
	return []string{first + last, last + first, first[:runeLen(first)] + last, last + first[:runeLen(first)], first + last[:runeLen(last)]}
}

// runeLen is the length of a text's first letter in bytes.
func runeLen(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// written are the forms of the names that people have: a form that several
// names may be written in, and a name that several people have, say nothing.
func (d *doubts) written() map[string]string {
	written := map[string]string{} // form → the name, "" for several
	for name := range d.names.people {
		for _, f := range forms(name) {
			if known, ok := written[f]; ok && known != name || !d.names.rare(name) {
				written[f] = ""
			} else {
				written[f] = name
			}
		}
	}
	return written
}

// fromNames holds accounts and addresses that show no full name against the
// names of others: many vendors show logins only.
func (d *doubts) fromNames() {
	written := d.written()
	called := map[string][]int{}
	for i, name := range d.names.of {
		if name != "" {
			called[name] = append(called[name], i)
		}
	}
	for _, nodes := range d.members {
		if slices.ContainsFunc(nodes, func(i int) bool { return d.names.of[i] != "" }) {
			continue
		}
		for _, i := range nodes {
			for _, handle := range []string{d.login(i), d.local(i)} {
				handle = strings.NewReplacer(".", "", "-", "", "_", "").Replace(handle)
				name := written[handle]
				if utf8.RuneCountInString(handle) < shortestForm || name == "" {
					continue
				}
				for _, other := range called[name] {
					d.add(i, other, rampforge.RuleLoginFromName)
				}
			}
		}
	}
}

// fullName is the form in which names are compared, "" for one that strangers
// share: it must have two words of two letters.
func fullName(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	long := 0
	for _, w := range fields {
		if utf8.RuneCountInString(w) >= 2 {
			long++
		}
	}
	full := strings.Join(fields, " ")
	if long < 2 || placeholderNames[full] {
		return ""
	}
	return full
}

// placeholderNames are names of two words that are nobody's.
var placeholderNames = map[string]bool{
	"first last": true, "full name": true, "git user": true, "root user": true, "system administrator": true, "test user": true,
	"unknown author": true, "unknown user": true, "user name": true, "your name": true, "former user": true, "deleted user": true, "ghost user": true,
}
