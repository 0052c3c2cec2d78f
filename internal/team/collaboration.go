package team

import (
	"slices"
)

// Collaboration is the shape of the network of who works with whom. It tells of
// nobody where in it they stand.
type Collaboration struct {
	Basis

	Channels []ChannelTies `json:"channels"`
	// Connected is the share of the people with at least one tie, and Components
	// is how many groups they make that have no tie with each other.
	Connected  *float64 `json:"connected_share"`
	Components *int     `json:"components"`
	Density    *float64 `json:"density"` // ties as a share of all pairs

	DegreeCentralisation      *float64  `json:"degree_centralisation"`      // 0 where all have as many ties, 1 in a star
	BetweennessCentralisation *float64  `json:"betweenness_centralisation"` // 0 where nobody stands between others, 1 in a star
	Degrees                   *Quartile `json:"degree_centrality"`          // null for fewer than ten people
	Betweenness               *Quartile `json:"betweenness_centrality"`     // null for fewer than ten people

	Communities    *int     `json:"communities"` // of people with ties
	Modularity     *float64 `json:"modularity"`
	CommunitySizes []int    `json:"community_sizes"` // largest first; null when one has fewer than five people
	Crossing       *float64 `json:"crossing_share"`  // of the ties' weight, between communities
	Silos          []Silo   `json:"silos"`           // communities and components with little to the outside
	Bridges        *Bridges `json:"single_bridges"`  // null where there is no value
	Seed           uint64   `json:"seed"`            // of the search for communities
	Restarts       int      `json:"restarts"`        // the best of so many searches
}

// ChannelTies is how far one channel ties the team.
type ChannelTies struct {
	Channel string  `json:"channel"` // review or co_comment
	Things  int     `json:"things"`  // pull requests and work items on which people met, to tens
	Density float64 `json:"density"` // pairs that met as a share of all pairs
}

// Silo is a group of at least MinGroup people with few ties to the outside, by
// the areas that it knows.
type Silo struct {
	Areas   []string `json:"areas"`         // by name; those that at least two of the group know
	Outside float64  `json:"outside_share"` // of the weight of its ties
}

// Bridges are places in the network where one person alone holds it together,
// told by what would be cut off: areas.
type Bridges struct {
	Count int `json:"count"`
	// Areas are what the people there know, without those that one person alone
	// knows: they would name that person.
	Areas []string `json:"areas"`
}

// siloed is the share of outside ties below which a community is a silo.
const siloed = 0.1

const collaborationConvention = "People are tied when one reviewed the other's pull request or both wrote on one pull request or work item in the month; a tie weighs as many distinct things as that was. " +
	"Betweenness is Brandes' with 1/weight as length, communities are Louvain's with resolution 1, single bridges are articulation points."

// CollaborationOf tells the shape of the network of a period.
func CollaborationOf(in *Input, p Period) Collaboration {
	group, active := in.here(p)
	c := Collaboration{Basis: Basis{Period: p.Label, Convention: collaborationConvention}.of(len(group), active), Channels: []ChannelTies{}, Silos: []Silo{}, Seed: communitySeed, Restarts: restarts}
	if c.State != OK {
		return c
	}
	if len(group) > maxGroup {
		c.Basis = c.without(NotConfigured, "So many people are no team: split the project.")
		return c
	}
	met := in.meetings(group, p.From, p.To)
	g, things := ties(len(group), met, anyChannel)
	if len(g.to) == 0 {
		c.Basis = c.without(NoData, "Nobody worked with anybody on a pull request or work item in this month.")
		return c
	}
	c.Explain = in.explain(things)
	c.Explain.Counted = map[string]int{}
	for channel := range channels {
		tied, of := ties(len(group), met, only(channel))
		slices.Sort(of)
		ties := ChannelTies{Channel: channel.String(), Things: tens(len(slices.Compact(of))), Density: *density(tied)}
		c.Channels = append(c.Channels, ties)
		c.Explain.Counted[ties.Channel] = ties.Things
	}
	c.centrality(g)
	c.divide(in, group, g)
	return c
}

func density(g *graph) *float64 {
	n := g.nodes()
	return round(float64(len(g.to)) / float64(n*(n-1)))
}

func (c *Collaboration) centrality(g *graph) {
	n := g.nodes()
	degrees, between := degreeCentrality(g), betweenness(g)
	c.Density = density(g)
	c.DegreeCentralisation = defined(centralisation(degrees, n-2))
	c.BetweennessCentralisation = defined(centralisation(between, n-1))
	c.Degrees = quartilesOf(slices.Sorted(slices.Values(degrees)))
	c.Betweenness = quartilesOf(slices.Sorted(slices.Values(between)))
}

func (c *Collaboration) divide(in *Input, group []int32, g *graph) {
	of, q := communities(g)
	sizes := map[int32]int{} // of communities of people with ties
	connected := 0
	for v, community := range of {
		if g.degree(int32(v)) > 0 {
			sizes[community]++
			connected++
		}
	}
	c.Connected = tenth(float64(connected) / float64(len(group)))
	parts, _ := components(g)
	alone := 0
	for v := range parts {
		if g.degree(int32(v)) == 0 {
			alone++
		}
	}
	count := 1 + int(slices.Max(parts)) - alone
	divided := len(sizes)
	c.Components, c.Communities, c.Modularity = &count, &divided, round(q)
	c.CommunitySizes = tellable(sizes)
	knows := in.knownBy(group)
	c.Crossing, c.Silos = silos(g, of, sizes, knows)
	c.Bridges = bridged(bridges(g), knows)
}

// tellable returns the sizes, largest first, and nil when one of them is of a
// group that is too small: were only that one left out, the others would tell it.
func tellable(sizes map[int32]int) []int {
	out := make([]int, 0, len(sizes))
	for _, size := range sizes {
		if size < MinGroup {
			return nil
		}
		out = append(out, size)
	}
	slices.SortFunc(out, func(a, b int) int { return b - a })
	return out
}

// silos returns the share of the ties' weight that crosses from one community
// to another, and the communities that little of it leaves.
func silos(g *graph, of []int32, sizes map[int32]int, knows [][]string) (crossing *float64, found []Silo) {
	inside, outside := make([]float64, g.nodes()), make([]float64, g.nodes())
	for v := range g.nodes() {
		for i := g.start[v]; i < g.start[v+1]; i++ {
			if of[v] == of[g.to[i]] {
				inside[of[v]] += g.weight[i]
			} else {
				outside[of[v]] += g.weight[i]
			}
		}
	}
	found = []Silo{}
	for community := range g.nodes() {
		size := sizes[int32(community)]
		all := inside[community] + outside[community]
		if size < MinGroup || len(sizes) < 2 || outside[community]/all >= siloed {
			continue
		}
		count := map[string]int{}
		for v := range of {
			if int(of[v]) == community {
				for _, area := range knows[v] {
					count[area]++
				}
			}
		}
		found = append(found, Silo{Areas: shared(count), Outside: *round(outside[community] / all)})
	}
	return round(sum(outside) / (sum(inside) + sum(outside))), found
}

// shared returns the areas that at least two know, by name.
func shared(count map[string]int) []string {
	out := []string{}
	for area, n := range count {
		if n > 1 {
			out = append(out, area)
		}
	}
	slices.Sort(out)
	return out
}

func bridged(points []int32, knows [][]string) *Bridges {
	everybody := map[string]int{}
	for _, areas := range knows {
		for _, area := range areas {
			everybody[area]++
		}
	}
	out := &Bridges{Count: len(points), Areas: []string{}}
	for _, v := range points {
		for _, area := range knows[v] {
			if everybody[area] > 1 {
				out.Areas = append(out.Areas, area)
			}
		}
	}
	slices.Sort(out.Areas)
	out.Areas = slices.Compact(out.Areas)
	return out
}
