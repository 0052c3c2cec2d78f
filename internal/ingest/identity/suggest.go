package identity

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// weights say how likely each reason alone makes it that two identities are one
// person's. They order a list for a human; they join nothing.
var weights = map[Rule]float64{
	rampforge.RuleSameAccount: 0.9, rampforge.RuleVendor: 0.6, rampforge.RulePrivateAddress: 0.9, rampforge.RuleVerifiedAddress: 0.6, rampforge.RuleMailmap: 0.6,
	rampforge.RuleSameAddress: 0.8, rampforge.RuleDisputedAddress: 0.5, rampforge.RuleSimilarAddress: 0.7, rampforge.RulePrivateLogin: 0.7,
	rampforge.RuleSameLogin: 0.4, rampforge.RuleLoginInAddress: 0.3, rampforge.RuleSameLocalPart: 0.3, rampforge.RuleSameDomain: 0.2, rampforge.RuleSameName: 0.3,
}

// maxAlike is how many people may have a login or a name in common before it
// says nothing.
const maxAlike = 12

// doubts gathers reasons by the pair of clusters that they are about.
type doubts struct {
	g      *graph
	number map[int]int // root → cluster
	by     map[[2]int]map[Rule][2]int
	all    map[int]*cluster
}

func (g *graph) suggest(doubtful []edge, number map[int]int) []Suggestion {
	d := &doubts{g: g, number: number, by: map[[2]int]map[Rule][2]int{}, all: g.clusters()}
	for _, e := range doubtful {
		d.add(e.a, e.b, e.rule)
	}
	d.addresses()
	d.oldPrivates()
	d.logins()
	d.names()
	list := make([]Suggestion, 0, len(d.by))
	for pair, reasons := range d.by {
		list = append(list, d.suggestion(pair, reasons))
	}
	slices.SortFunc(list, func(x, y Suggestion) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) })
	return list
}

// may reports whether two nodes may be spoken of as one person at all.
func (d *doubts) may(a, b int) bool {
	ra, rb := d.g.root(a), d.g.root(b)
	if ra == rb || d.g.nodes[a].nobody() || d.g.nodes[b].nobody() {
		return false
	}
	x, y := d.all[ra], d.all[rb]
	return x.bot == y.bot && !d.g.keptApart([]*cluster{x, y})
}

// pair names the clusters of two nodes, the smaller first.
func (d *doubts) pair(a, b int) [2]int {
	x, y := d.number[d.g.root(a)], d.number[d.g.root(b)]
	return [2]int{min(x, y), max(x, y)}
}

func (d *doubts) add(a, b int, rule Rule) {
	if !d.may(a, b) {
		return
	}
	pair := d.pair(a, b)
	if d.number[d.g.root(a)] != pair[0] {
		a, b = b, a
	}
	reasons := d.by[pair]
	if reasons == nil {
		reasons = map[Rule][2]int{}
		d.by[pair] = reasons
	}
	// One example of each rule, the first in order whatever came first.
	if known, ok := reasons[rule]; !ok || slices.Compare([]int{a, b}, known[:]) < 0 {
		reasons[rule] = [2]int{a, b}
	}
}

func (d *doubts) suggestion(pair [2]int, reasons map[Rule][2]int) Suggestion {
	s := Suggestion{A: pair[0], B: pair[1]}
	unlikely := 1.0
	for _, rule := range slices.Sorted(maps.Keys(reasons)) {
		at := reasons[rule]
		unlikely *= 1 - weights[rule]
		s.Reasons = append(s.Reasons, Reason{Rule: rule, A: d.g.nodes[at[0]].Key, B: d.g.nodes[at[1]].Key})
	}
	slices.SortStableFunc(s.Reasons, func(x, y Reason) int { return cmp.Compare(weights[y.Rule], weights[x.Rule]) })
	s.Score = min(math.Round((1-unlikely)*100)/100, 0.99)
	return s
}

// pairs calls f for each two nodes of a group, unless it is of too many people.
func (d *doubts) pairs(group []int, f func(a, b int)) {
	people := map[int]bool{}
	for _, i := range group {
		people[d.g.root(i)] = true
	}
	if len(people) < 2 || len(people) > maxAlike {
		return
	}
	for i, a := range group {
		for _, b := range group[i+1:] {
			f(a, b)
		}
	}
}

// addresses are the same and not verified, are claimed by several, or differ
// in what mostly says nothing.
func (d *doubts) addresses() {
	similar := map[string][]int{}
	for address, group := range d.g.byAddress {
		rule := rampforge.RuleSameAddress
		if d.g.disputed[address] {
			rule = rampforge.RuleDisputedAddress
			group = slices.Clone(group)
			for _, c := range d.g.claims {
				if account, ok := d.g.numbers[c.Account]; ok && c.Address == address {
					group = append(group, account)
				}
			}
			slices.Sort(group)
			group = slices.Compact(group)
		}
		d.pairs(group, func(a, b int) { d.add(a, b, rule) })
		similar[loosely(address)] = append(similar[loosely(address)], group...)
	}
	for _, group := range similar {
		d.pairs(group, func(a, b int) {
			if x, y := d.g.nodes[a].Address, d.g.nodes[b].Address; x != y && x != "" && y != "" {
				d.add(a, b, rampforge.RuleSimilarAddress)
			}
		})
	}
}

// oldPrivates are GitHub's private addresses with nothing but a login, which
// may be somebody else's today.
func (d *doubts) oldPrivates() {
	accounts := map[string][]int{}
	for i := range d.g.nodes {
		if n := &d.g.nodes[i]; n.Vendor == rampforge.ServiceGitHub && n.Login != "" {
			at := n.Host + "\x00" + strings.ToLower(n.Login)
			accounts[at] = append(accounts[at], i)
		}
	}
	for i := range d.g.nodes {
		if vendor, p, ok := d.g.private(i); ok && p.id == "" && vendor == rampforge.ServiceGitHub {
			for _, account := range accounts[p.host+"\x00"+p.login] {
				d.add(i, account, rampforge.RulePrivateLogin)
			}
		}
	}
}

// login returns the login of a node in its plain form, "" for none that says
// anything.
func (d *doubts) login(i int) string {
	n := &d.g.nodes[i]
	login := n.Login
	if _, p, ok := d.g.private(i); ok {
		login = p.login
	}
	login, _, _ = strings.Cut(strings.ToLower(login), "@") // some vendors' logins are addresses
	if utf8.RuneCountInString(login) < 3 || sharedLocals[login] {
		return ""
	}
	return login
}

func (d *doubts) logins() {
	groups := map[string][]int{}
	for i := range d.g.nodes {
		if login := d.login(i); login != "" && !d.g.nodes[i].nobody() {
			groups[login] = append(groups[login], i)
		}
	}
	for _, group := range groups {
		d.pairs(group, func(a, b int) {
			if x, y := d.home(a), d.home(b); x != y {
				d.add(a, b, rampforge.RuleSameLogin)
			}
		})
	}
}

// home is where a node's login is one of a kind.
func (d *doubts) home(i int) string {
	if vendor, p, ok := d.g.private(i); ok {
		return string(vendor) + " " + p.host
	}
	return d.g.realms[i]
}

// names that are the same say something only beside something else.
func (d *doubts) names() {
	groups := map[string][]int{}
	for i := range d.g.nodes {
		if name := fullName(d.g.nodes[i].Name); name != "" && !d.g.nodes[i].nobody() {
			groups[name] = append(groups[name], i)
		}
	}
	known := map[[2]int]bool{} // pairs of clusters that have a reason without names
	for pair := range d.by {
		known[pair] = true
	}
	for _, group := range groups {
		d.pairs(group, func(a, b int) {
			if !d.may(a, b) {
				return
			}
			if more := d.beside(a, b); len(more) > 0 || known[d.pair(a, b)] {
				for _, rule := range more {
					d.add(a, b, rule)
				}
				d.add(a, b, rampforge.RuleSameName)
			}
		})
	}
}

// beside returns what two nodes of one name have in common besides it.
func (d *doubts) beside(a, b int) (rules []Rule) {
	x, y := &d.g.nodes[a], &d.g.nodes[b]
	localX, domainX, _ := strings.Cut(loosely(x.Address), "@")
	localY, domainY, _ := strings.Cut(loosely(y.Address), "@")
	loginX, loginY := d.login(a), d.login(b)
	_, _, privateX := d.g.private(a)
	_, _, privateY := d.g.private(b)
	if loginX != "" && !privateY && loginX == localY || loginY != "" && !privateX && loginY == localX {
		rules = append(rules, rampforge.RuleLoginInAddress)
	}
	if x.Address != "" && y.Address != "" && !privateX && !privateY {
		if localX == localY && utf8.RuneCountInString(localX) >= 3 {
			rules = append(rules, rampforge.RuleSameLocalPart)
		}
		if domainX == domainY && !foldingProviders[domainX] {
			rules = append(rules, rampforge.RuleSameDomain)
		}
	}
	return rules
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
