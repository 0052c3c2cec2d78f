package identity

import "slices"

// Result is what the evidence comes to.
type Result struct {
	Clusters    []Cluster    // by their first key
	Suggestions []Suggestion // by their first keys
}

// Cluster is one person: the keys of its identities, in order.
type Cluster struct {
	Keys []Key
	Bot  bool
}

// Suggestion is that two clusters may be one person.
type Suggestion struct {
	A, B    int     // clusters, A < B
	Score   float64 // above 0 and below 1
	Reasons []Reason
}

// Reason is why two identities may be one person.
type Reason struct {
	Rule Rule
	A, B Key
}

// Resolve finds out who is who. Evidence about identities that are not among
// those given counts for nothing.
func Resolve(e Evidence) Result {
	g := newGraph(e)
	g.joinByHand()
	// The surest first: what a vendor says of its own accounts holds where an
	// address or a file of the repository says otherwise.
	var doubtful []edge
	for _, edges := range g.edges() {
		doubtful = append(doubtful, g.join(edges)...)
	}
	return g.result(doubtful)
}

// graph is the evidence, its identities in order and named by numbers.
type graph struct {
	nodes     []Identity
	numbers   map[Key]int
	parent    []int
	decisions []decision
	apart     map[int][]int // node → those that somebody keeps apart from it
	claims    []Claim
	aliases   []Alias
	disputed  map[string]bool // addresses that several accounts of one realm claim
	byAddress map[string][]int
	realms    []string
	readAs    []readAddress // of signatures
}

type decision struct {
	a, b     int
	together bool
}

// edge is one reason why two nodes are one person.
type edge struct {
	a, b int
	rule Rule
}

func newGraph(e Evidence) *graph {
	g := &graph{numbers: map[Key]int{}, apart: map[int][]int{}, byAddress: map[string][]int{}, claims: e.Claims, aliases: e.Aliases}
	g.nodes = slices.Clone(e.Identities)
	slices.SortFunc(g.nodes, func(a, b Identity) int { return CompareKeys(a.Key, b.Key) })
	g.nodes = slices.CompactFunc(g.nodes, func(a, b Identity) bool { return a.Key == b.Key })
	g.parent, g.realms = make([]int, len(g.nodes)), make([]string, len(g.nodes))
	for i := range g.nodes {
		n := &g.nodes[i]
		n.Bot = n.Program()
		g.numbers[n.Key], g.parent[i], g.realms[i] = i, i, n.realm()
		if n.Address != "" && !n.nobody() {
			g.byAddress[n.Address] = append(g.byAddress[n.Address], i)
		}
	}
	for _, d := range e.Decisions {
		a, okA := g.numbers[d.A]
		b, okB := g.numbers[d.B]
		if !okA || !okB || a == b {
			continue
		}
		a, b = min(a, b), max(a, b)
		g.decisions = append(g.decisions, decision{a, b, d.Together})
		if !d.Together {
			g.apart[a], g.apart[b] = append(g.apart[a], b), append(g.apart[b], a)
		}
	}
	slices.SortFunc(g.decisions, func(x, y decision) int { return compareEdges(edge{a: x.a, b: x.b}, edge{a: y.a, b: y.b}) })
	g.readPrivates()
	g.disputed = g.disputes()
	return g
}

func (g *graph) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

// union joins two clusters under the smaller node, so that the order of the
// unions leaves no trace.
func (g *graph) union(a, b int) {
	a, b = g.root(a), g.root(b)
	g.parent[max(a, b)] = min(a, b)
}

// cluster is what a cluster of the moment holds.
type cluster struct {
	nodes    []int
	accounts map[string]map[string]bool // realm → subjects
	bot      bool                       // it holds a program
	person   bool                       // it holds an account that is no program's
}

// clusters returns the clusters of the moment by their roots.
func (g *graph) clusters() map[int]*cluster {
	all := map[int]*cluster{}
	for i := range g.nodes {
		c := all[g.root(i)]
		if c == nil {
			c = &cluster{accounts: map[string]map[string]bool{}}
			all[g.root(i)] = c
		}
		g.addTo(c, i)
	}
	return all
}

func (g *graph) addTo(c *cluster, i int) {
	n := &g.nodes[i]
	c.nodes = append(c.nodes, i)
	c.bot = c.bot || n.Bot
	if realm := g.realms[i]; realm != "" {
		if c.accounts[realm] == nil {
			c.accounts[realm] = map[string]bool{}
		}
		c.accounts[realm][n.Subject] = true
		c.person = c.person || !n.Bot
	}
}

// joinByHand follows the decisions for one person. It cannot follow one against
// another that keeps apart, and it makes no person of a program.
func (g *graph) joinByHand() {
	all := g.clusters()
	for _, d := range g.decisions {
		a, b := all[g.root(d.a)], all[g.root(d.b)]
		if !d.together || a == b || a.bot && b.person || b.bot && a.person || g.keptApart([]*cluster{a, b}) {
			continue
		}
		g.union(d.a, d.b)
		joined := all[g.root(d.a)]
		other := a
		if joined == a {
			other = b
		}
		for _, n := range other.nodes {
			g.addTo(joined, n)
		}
	}
}

// join follows the edges of one strength, and returns those that cannot be
// followed. Whatever the edges lead to from each other is joined as a whole or
// not at all: which of two contradicting edges is wrong, the rules cannot know.
func (g *graph) join(edges []edge) (refused []edge) {
	slices.SortFunc(edges, compareEdges)
	all := g.clusters()
	group := newSets()
	var followed []edge
	for _, e := range edges {
		a, b := g.root(e.a), g.root(e.b)
		switch {
		case a == b:
		case e.rule.ByAddressOnly() && (all[a].bot || all[b].bot):
			// A bot that has its owner's address takes nothing with it.
		case g.contradict([]*cluster{all[a], all[b]}):
			refused = append(refused, e)
		default:
			group.union(a, b)
			followed = append(followed, e)
		}
	}
	members := map[int][]*cluster{}
	for root, c := range all {
		if top, ok := group.top(root); ok {
			members[top] = append(members[top], c)
		}
	}
	bad := map[int]bool{}
	for top, clusters := range members {
		bad[top] = g.contradict(clusters)
	}
	good := followed[:0]
	for _, e := range followed {
		if top, _ := group.top(g.root(e.a)); bad[top] {
			refused = append(refused, e)
		} else {
			good = append(good, e)
		}
	}
	for _, e := range good {
		g.union(e.a, e.b)
	}
	return refused
}

// contradict reports whether clusters cannot be one person by rule: two
// accounts of one realm, a bot and a person, or what somebody keeps apart.
func (g *graph) contradict(clusters []*cluster) bool {
	bot, person := false, false
	accounts := map[string]map[string]bool{}
	for _, c := range clusters {
		bot, person = bot || c.bot, person || c.person
		for realm, subjects := range c.accounts {
			if accounts[realm] == nil {
				accounts[realm] = map[string]bool{}
			}
			for s := range subjects {
				accounts[realm][s] = true
			}
		}
	}
	if bot && person {
		return true
	}
	for realm, subjects := range accounts {
		most := 0 // more than one of them were joined by hand
		for _, c := range clusters {
			most = max(most, len(c.accounts[realm]))
		}
		if len(subjects) > most {
			return true
		}
	}
	return g.keptApart(clusters)
}

// keptApart reports whether somebody decided that two of the clusters are not
// one person.
func (g *graph) keptApart(clusters []*cluster) bool {
	if len(g.apart) == 0 || !slices.ContainsFunc(clusters, func(c *cluster) bool {
		return slices.ContainsFunc(c.nodes, func(n int) bool { return len(g.apart[n]) > 0 })
	}) {
		return false // as for almost everybody
	}
	of := map[int]*cluster{}
	for _, c := range clusters {
		for _, n := range c.nodes {
			of[n] = c
		}
	}
	for n, c := range of {
		for _, other := range g.apart[n] {
			if d := of[other]; d != nil && d != c {
				return true
			}
		}
	}
	return false
}

func (g *graph) result(doubtful []edge) Result {
	var r Result
	number := map[int]int{} // root → cluster
	for i := range g.nodes {
		root := g.root(i)
		n, ok := number[root]
		if !ok { // roots are the smallest nodes, so that clusters come in order
			n = len(r.Clusters)
			number[root] = n
			r.Clusters = append(r.Clusters, Cluster{})
		}
		c := &r.Clusters[n]
		c.Keys = append(c.Keys, g.nodes[i].Key)
		c.Bot = c.Bot || g.nodes[i].Bot
	}
	r.Suggestions = g.suggest(doubtful, number)
	return r
}
