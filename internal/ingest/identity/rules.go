package identity

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

func compareEdges(x, y edge) int {
	return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.rule, y.rule))
}

// edges returns what the safe rules say, the surest first.
func (g *graph) edges() [][]edge {
	return [][]edge{
		slices.Concat(g.sameAccounts(), g.claimed(), g.privates()),
		g.verified(),
		g.aliased(),
	}
}

// link makes an edge of two nodes, unless one of them stands for nobody.
func (g *graph) link(into *[]edge, a, b int, rule Rule) {
	if a != b && !g.nodes[a].nobody() && !g.nodes[b].nobody() {
		*into = append(*into, edge{min(a, b), max(a, b), rule})
	}
}

// maxPairs is up to which size every two of a group are linked.
const maxPairs = 50

// groups links the nodes of each group, every two of them: where some of them
// cannot be one person, none is nearer to the rest than another. A group that
// is too large for that is linked one after the other.
func (g *graph) groups(groups map[string][]int, rule Rule) (edges []edge) {
	for _, group := range groups {
		for i, a := range group {
			for _, b := range group[i+1:] {
				g.link(&edges, a, b, rule)
				if len(group) > maxPairs {
					break
				}
			}
		}
	}
	return edges
}

// sameAccounts joins what several services say of one account.
func (g *graph) sameAccounts() []edge {
	groups := map[string][]int{}
	for i := range g.nodes {
		if realm := g.realms[i]; realm != "" {
			key := realm + "\x00" + g.nodes[i].Subject
			groups[key] = append(groups[key], i)
		}
	}
	return g.groups(groups, rampforge.RuleSameAccount)
}

// claimed joins addresses of commits with the accounts that the vendor says are
// behind them.
func (g *graph) claimed() (edges []edge) {
	for _, c := range g.claims {
		account, ok := g.numbers[c.Account]
		signature, there := g.numbers[Key{Kind: rampforge.IdentityGit, Subject: c.Address}]
		if ok && there && !g.disputed[c.Address] {
			g.link(&edges, account, signature, rampforge.RuleVendor)
		}
	}
	return edges
}

// privates joins the private addresses of code hosts by the account's id in
// them, with the account and with each other. Logins change hands, ids do not.
func (g *graph) privates() []edge {
	groups := map[string][]int{}
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.Kind == rampforge.IdentityAccount && n.Host != "" && (n.Vendor == rampforge.ServiceGitHub || n.Vendor == rampforge.ServiceGitLab) {
			key := g.realms[i] + "\x00" + n.Subject
			groups[key] = append(groups[key], i)
		}
	}
	for i := range g.nodes {
		if vendor, p, ok := g.private(i); ok && p.id != "" && !g.disputed[g.nodes[i].Subject] {
			key := string(vendor) + " " + p.host + "\x00" + p.id
			groups[key] = append(groups[key], i)
		}
	}
	return g.groups(groups, rampforge.RulePrivateAddress)
}

// private returns the private address of a signature.
func (g *graph) private(i int) (rampforge.ServiceType, private, bool) {
	p := &g.readAs[i]
	return p.vendor, p.private, p.ok
}

// readPrivates reads the private addresses once: they are asked for often.
func (g *graph) readPrivates() {
	vendors := g.hosts()
	g.readAs = make([]readAddress, len(g.nodes))
	for i := range g.nodes {
		if n := &g.nodes[i]; n.Kind == rampforge.IdentityGit {
			p := &g.readAs[i]
			p.vendor, p.private, p.ok = readPrivate(n.Subject, vendors)
		}
	}
}

// readAddress is what was read of a private address.
type readAddress struct {
	private

	vendor rampforge.ServiceType
	ok     bool
}

// readPrivate reads a private address; vendors says whose hosts are known.
func readPrivate(address string, vendors map[string]rampforge.ServiceType) (rampforge.ServiceType, private, bool) {
	_, domain, _ := strings.Cut(address, "@")
	host, ok := strings.CutPrefix(domain, noreplyHost)
	if !ok {
		return "", private{}, false
	}
	vendor := vendors[host]
	if vendor == "" {
		vendor = vendorOf(address)
	}
	p, ok := privateOf(address, vendor)
	return vendor, p, ok
}

// hosts says what runs on the hosts of the accounts. One that runs both GitHub
// and GitLab is no host that could be told apart.
func (g *graph) hosts() map[string]rampforge.ServiceType {
	vendors := map[string]rampforge.ServiceType{}
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.Vendor != rampforge.ServiceGitHub && n.Vendor != rampforge.ServiceGitLab {
			continue
		}
		if known, ok := vendors[n.Host]; ok && known != n.Vendor {
			vendors[n.Host] = "several"
		} else {
			vendors[n.Host] = n.Vendor
		}
	}
	return vendors
}

// verified joins accounts whose vendors verified the same address, and the
// commits of that address with them.
func (g *graph) verified() []edge {
	groups := map[string][]int{}
	for address, nodes := range g.byAddress {
		if g.disputed[address] {
			continue
		}
		owned := false
		for _, i := range nodes {
			n := &g.nodes[i]
			verified := n.Kind == rampforge.IdentityAccount && n.Verified && !n.Bot
			owned = owned || verified
			if verified || n.Kind == rampforge.IdentityGit {
				groups[address] = append(groups[address], i)
			}
		}
		if !owned {
			delete(groups, address)
		}
	}
	return g.groups(groups, rampforge.RuleVerifiedAddress)
}

// aliased joins addresses by the .mailmap of a repository. Where it tells
// people who share an address apart by their names, the address is nobody's.
func (g *graph) aliased() (edges []edge) {
	type place struct{ source, address string }
	proper := map[place]string{}
	for _, a := range g.aliases {
		at := place{a.Source, a.Address}
		if known, ok := proper[at]; ok && known != a.Proper {
			proper[at] = ""
			continue
		}
		proper[at] = a.Proper
	}
	groups := map[string][]int{}
	for _, at := range slices.SortedFunc(maps.Keys(proper), func(x, y place) int {
		return cmp.Or(cmp.Compare(x.source, y.source), cmp.Compare(x.address, y.address))
	}) {
		to := proper[at]
		from, ok := g.numbers[Key{Kind: rampforge.IdentityGit, Subject: at.address}]
		if !ok || to == "" || to == at.address || g.disputed[at.address] || g.disputed[to] {
			continue
		}
		group := at.source + "\x00" + to
		if len(groups[group]) == 0 {
			if target, ok := g.numbers[Key{Kind: rampforge.IdentityGit, Subject: to}]; ok {
				groups[group] = append(groups[group], target)
			}
		}
		groups[group] = append(groups[group], from)
	}
	return g.groups(groups, rampforge.RuleMailmap)
}

// disputes returns the addresses that several accounts of one realm claim, by
// whatever right: such an address may be anybody's of them.
func (g *graph) disputes() map[string]bool {
	owners := map[[2]string]string{} // address and realm → the account
	disputed := map[string]bool{}
	claim := func(address, realm, subject string) {
		at := [2]string{address, realm}
		if known, ok := owners[at]; ok && known != subject {
			disputed[address] = true
		}
		owners[at] = subject
	}
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.Kind == rampforge.IdentityAccount && !n.Bot && n.Address != "" && !n.nobody() {
			claim(n.Address, g.realms[i], n.Subject)
		}
		if vendor, p, ok := g.private(i); ok && p.id != "" {
			claim(n.Subject, string(vendor)+" "+p.host, p.id)
		}
	}
	for _, c := range g.claims {
		if i, ok := g.numbers[c.Account]; ok && !g.nodes[i].nobody() {
			claim(c.Address, g.realms[i], g.nodes[i].Subject)
		}
	}
	return disputed
}

// sets joins numbers into disjoint sets.
type sets struct{ parent map[int]int }

func newSets() *sets { return &sets{parent: map[int]int{}} }

func (s *sets) find(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s *sets) union(a, b int) {
	for _, i := range []int{a, b} {
		if _, ok := s.parent[i]; !ok {
			s.parent[i] = i
		}
	}
	a, b = s.find(a), s.find(b)
	s.parent[max(a, b)] = min(a, b)
}

// top returns what names the set of a number, and whether it is in any.
func (s *sets) top(i int) (int, bool) {
	if _, ok := s.parent[i]; !ok {
		return 0, false
	}
	return s.find(i), true
}
