package identity

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// weights say how likely each reason alone makes it that two identities are one
// person's. They order a list for a human; they join nothing.
var weights = map[Rule]float64{
	rampforge.RuleSameAccount: 0.9, rampforge.RuleVendor: 0.6, rampforge.RulePrivateAddress: 0.9, rampforge.RuleVerifiedAddress: 0.6, rampforge.RuleMailmap: 0.6,
	rampforge.RuleSameAddress: 0.8, rampforge.RuleDisputedAddress: 0.5, rampforge.RuleSimilarAddress: 0.7, rampforge.RulePrivateLogin: 0.7,
	rampforge.RuleSameLogin: 0.4, rampforge.RuleLoginInAddress: 0.3, rampforge.RuleLoginFromName: 0.4, rampforge.RuleSameLocalPart: 0.3, rampforge.RuleSameDomain: 0.2, rampforge.RuleSameName: 0.3,
}

// weak are the reasons that strangers may have in common, too. They say nothing
// of two people who cannot be one by their accounts.
var weak = map[Rule]bool{
	rampforge.RulePrivateLogin: true, rampforge.RuleSameLogin: true, rampforge.RuleLoginInAddress: true, rampforge.RuleLoginFromName: true,
	rampforge.RuleSameLocalPart: true, rampforge.RuleSameDomain: true, rampforge.RuleSameName: true,
}

const (
	// maxAlike is how many people may have a login or a name in common before it
	// says nothing.
	maxAlike = 12
	// leastScore is what a suggestion must come to.
	leastScore = 0.3
)

// doubts gathers reasons by the pair of clusters that they are about.
type doubts struct {
	g       *graph
	number  map[int]int // root → cluster
	by      map[[2]int]map[Rule][2]int
	all     map[int]*cluster
	members [][]int // cluster → nodes
	names   *names
	// accounts are the ids of a cluster's accounts, by realm.
	accounts []map[string]map[string]bool
}

func (g *graph) suggest(doubtful []edge, number map[int]int) []Suggestion {
	d := &doubts{g: g, number: number, by: map[[2]int]map[Rule][2]int{}, all: g.clusters()}
	d.members = make([][]int, len(number))
	for root, n := range number {
		d.members[n] = d.all[root].nodes
	}
	d.names = newNames(g)
	d.readAccounts()
	for _, e := range doubtful {
		d.add(e.a, e.b, e.rule)
	}
	d.addresses()
	d.oldPrivates()
	d.logins()
	d.besideNames()
	d.fromNames()
	d.sameNames()
	list := make([]Suggestion, 0, len(d.by))
	for pair, reasons := range d.by {
		if s := d.suggestion(pair, reasons); s.Score >= leastScore {
			list = append(list, s)
		}
	}
	list = d.best(list)
	slices.SortFunc(list, func(x, y Suggestion) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) })
	return list
}

// may reports whether two nodes may be spoken of as one person at all.
func (d *doubts) may(a, b int, rule Rule) bool {
	ra, rb := d.g.root(a), d.g.root(b)
	if ra == rb || d.g.nodes[a].nobody() || d.g.nodes[b].nobody() {
		return false
	}
	x, y := d.all[ra], d.all[rb]
	if weak[rule] && d.strangers(d.number[ra], d.number[rb]) {
		return false
	}
	return x.bot == y.bot && !d.g.keptApart([]*cluster{x, y})
}

// pair names the clusters of two nodes, the smaller first.
func (d *doubts) pair(a, b int) [2]int {
	x, y := d.number[d.g.root(a)], d.number[d.g.root(b)]
	return [2]int{min(x, y), max(x, y)}
}

func (d *doubts) add(a, b int, rule Rule) {
	if !d.may(a, b, rule) {
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
		unlikely *= 1 - d.weight(pair, rule, at)
		s.Reasons = append(s.Reasons, Reason{Rule: rule, A: d.g.nodes[at[0]].Key, B: d.g.nodes[at[1]].Key})
	}
	slices.SortStableFunc(s.Reasons, func(x, y Reason) int { return cmp.Compare(weights[y.Rule], weights[x.Rule]) })
	s.Score = min(math.Round((1-unlikely)*100)/100, 0.99)
	return s
}

// weight is how much a reason says of two clusters. A name says the less the
// more people may have it; a login says nothing of people who are called quite
// differently, since logins change hands and are somebody else's elsewhere.
func (d *doubts) weight(pair [2]int, rule Rule, at [2]int) float64 {
	w := weights[rule]
	if rule == rampforge.RuleSameName {
		return w / (1 + d.names.others(d.names.of[at[0]]))
	}
	if rule == rampforge.RuleSameLogin || rule == rampforge.RulePrivateLogin {
		switch d.called(pair, d.login(at[0])) {
		case differently:
			return 0
		case hardlyAlike:
			return w / 2
		case unknown, alike:
		}
	}
	return w
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
	claiming := map[string][]int{} // disputed address → accounts
	for _, c := range d.g.claims {
		if account, ok := d.g.numbers[c.Account]; ok && d.g.disputed[c.Address] {
			claiming[c.Address] = append(claiming[c.Address], account)
		}
	}
	for address, group := range d.g.byAddress {
		rule := rampforge.RuleSameAddress
		if d.g.disputed[address] {
			rule = rampforge.RuleDisputedAddress
			group = slices.Concat(group, claiming[address])
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

// local returns what stands before the @ of a node's address, "" where that is
// a code host's or says little.
func (d *doubts) local(i int) string {
	if d.isPrivate(i) {
		return ""
	}
	local, _, _ := strings.Cut(loosely(d.g.nodes[i].Address), "@")
	if utf8.RuneCountInString(local) < 3 {
		return ""
	}
	return local
}

func (d *doubts) isPrivate(i int) bool {
	_, _, ok := d.g.private(i)
	return ok
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
