package codeindex

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rampforgeai/rampforge"
)

// The levels of a graph.
const (
	LevelComponent = "component"
	LevelFile      = "file"
	LevelSymbol    = "symbol"
)

// GraphQuery asks for a part of the graph: the components, files or symbols
// around one of them, or the heaviest of all. Around is a component's name, a
// path or PATH#NAME. A component with others inside is shown by these; a folder
// is the files below it, and a path among symbols is what is declared there.
type GraphQuery struct {
	Level  string // component when empty
	Around string
	Depth  int // steps in both directions; 0 is the default of 1, more than 5 is 5
	Limit  int // nodes; 0 is DefaultGraphNodes, more than MaxGraphNodes is that
}

// How many nodes a graph has when nothing is asked for, and at most: what can be
// read, as a list and as a drawing.
const (
	DefaultGraphNodes = 50
	MaxGraphNodes     = 200
)

const (
	defaultGraphDepth = 1
	maxGraphDepth     = 5
	maxGraphEdges     = 2000
)

// Graph answers a part of the graph. What is nearest to what is asked about is
// kept first, then what has the most edges there. Without it, what has the most
// edges in the whole graph.
func (ix *Index) Graph(q GraphQuery) (*Graph, error) {
	q.Depth = min(cmp.Or(max(q.Depth, 0), defaultGraphDepth), maxGraphDepth)
	q.Limit = min(cmp.Or(max(q.Limit, 0), DefaultGraphNodes), MaxGraphNodes)
	q.Level = cmp.Or(q.Level, LevelComponent)
	d, err := ix.drawing(&q)
	if err != nil {
		return nil, err
	}
	out := &Graph{Commit: ix.Commit, Level: q.Level, Around: text(q.Around), Depth: q.Depth, Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	d.draw(out, q.Depth, q.Limit)
	return out, nil
}

// drawing is a level of the graph.
type drawing struct {
	n       int
	shown   []bool // of the n, nil for all
	edges   []Edge
	out, in adjacency
	centers []int32 // what it is drawn around
	node    func(i int32) GraphNode
	kind    string // of its edges
}

func (ix *Index) drawing(q *GraphQuery) (*drawing, error) {
	d := &drawing{kind: "import"}
	var err error
	center := int32(-1)
	switch q.Level {
	case LevelComponent:
		if q.Around != "" {
			center, err = ix.findComponent(q.Around)
		}
		ix.drawComponents(d, center)
		return d, err
	case LevelFile:
		d.n, d.edges, d.node, d.out, d.in = len(ix.Files), ix.Imports, ix.fileNode, ix.used, ix.users
		if q.Around != "" {
			d.centers, _, err = ix.findFiles(q.Around)
		}
	case LevelSymbol:
		d.n, d.edges, d.node, d.out, d.in, d.kind = len(ix.Symbols), ix.Calls, ix.symbolNode, ix.callees, ix.callers, "call"
		if q.Around != "" {
			d.centers, err = ix.findSymbols(q.Around)
		}
	default:
		err = rampforge.Invalid(rampforge.FieldIssue{Field: "level", Issue: "component, file or symbol"})
	}
	if center >= 0 {
		d.centers = []int32{center}
	}
	return d, err
}

// drawComponents chooses the components to show: those of the first level, or
// around one what lies beside it on its way down, and in its place what is
// inside it.
func (ix *Index) drawComponents(d *drawing, center int32) {
	d.n, d.node, d.shown = len(ix.Components), ix.componentNode, make([]bool, len(ix.Components))
	open := map[int32]bool{-1: true}
	for i := center; i >= 0; i = ix.Components[i].Parent {
		open[i] = true
	}
	for i := range ix.Components {
		d.shown[i] = open[ix.Components[i].Parent]
		if d.shown[i] && center >= 0 && ix.Components[i].Parent == center {
			d.centers = append(d.centers, number(i))
		}
	}
	for i := range open {
		if i >= 0 && (i != center || len(d.centers) > 0) {
			d.shown[i] = false
		}
	}
	if center >= 0 && len(d.centers) == 0 {
		d.centers = []int32{center}
	}
	for _, e := range ix.Uses {
		if d.shown[e.From] && d.shown[e.To] {
			d.edges = append(d.edges, e)
		}
	}
	d.out, d.in = newAdjacency(d.edges, d.n)
}

// findComponent takes a component's name, or a path of a file in it.
func (ix *Index) findComponent(name string) (int32, error) {
	if i, ok := ix.componentsByName[name]; ok {
		return i, nil
	}
	if i, ok := ix.file(cleanPath(name)); ok && ix.Files[i].Component >= 0 {
		return ix.Files[i].Component, nil
	}
	if files, kind, err := ix.findFiles(name); err == nil && kind == kindFolder {
		return ix.componentOfAll(files)
	}
	return -1, notFound("No component has this name.", ix.nearComponents(name))
}

// componentOfAll is the smallest component that all files of a folder are in.
func (ix *Index) componentOfAll(files []int32) (int32, error) {
	if place := ix.placeOf(files); len(place) > 0 {
		return ix.componentsByName[place[len(place)-1]], nil
	}
	parts := map[string]bool{}
	for _, i := range files {
		if name := ix.componentName(ix.Files[i].Component); name != "" {
			parts[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(parts))
	return -1, notFound("The files of this folder are in no component, or in several.", names[:min(len(names), maxSuggestions)])
}

func (d *drawing) draw(g *Graph, depth, limit int) {
	nodes := d.whole()
	if len(d.centers) > 0 {
		nodes = d.around(depth)
	}
	degree := func(i int32) int { return len(d.out.of(i)) + len(d.in.of(i)) }
	slices.SortStableFunc(nodes, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(degree(b.node), degree(a.node)), cmp.Compare(a.node, b.node))
	})
	all := make(map[int32]bool, len(nodes))
	for _, s := range nodes {
		all[s.node] = true
	}
	g.Total, g.TotalEdges = len(nodes), d.count(all)
	kept := make(map[int32]bool, limit)
	for _, s := range nodes[:min(len(nodes), limit)] {
		node := d.node(s.node)
		node.Distance = int(s.distance)
		g.Nodes = append(g.Nodes, node)
		kept[s.node] = true
	}
	d.connect(g, kept)
	label(g)
	g.Truncated = len(g.Nodes) < g.Total || len(g.Edges) < d.count(kept)
}

func (d *drawing) whole() []step {
	nodes := make([]step, 0, d.n)
	for i := range d.n {
		if d.shown == nil || d.shown[i] {
			nodes = append(nodes, step{node: number(i)})
		}
	}
	return nodes
}

// around walks the edges in both directions.
func (d *drawing) around(depth int) []step {
	seen := map[int32]bool{}
	var nodes []step
	for _, i := range d.centers {
		seen[i] = true
		nodes = append(nodes, step{node: i})
	}
	for from := 0; from < len(nodes) && len(nodes) < maxReached; from++ {
		s := nodes[from]
		if int(s.distance) == depth {
			break
		}
		visit := func(i int32) {
			if !seen[i] {
				seen[i] = true
				nodes = append(nodes, step{node: i, distance: s.distance + 1})
			}
		}
		for _, e := range d.out.of(s.node) {
			visit(d.edges[e].To)
		}
		for _, e := range d.in.of(s.node) {
			visit(d.edges[e].From)
		}
	}
	return nodes
}

func (d *drawing) count(nodes map[int32]bool) int {
	n := 0
	for i := range nodes {
		for _, e := range d.out.of(i) {
			if nodes[d.edges[e].To] {
				n++
			}
		}
	}
	return n
}

// connect adds the edges between the nodes that are kept, the heaviest if there
// are too many.
func (d *drawing) connect(g *Graph, kept map[int32]bool) {
	var edges []Edge
	for i := range kept {
		for _, e := range d.out.of(i) {
			if kept[d.edges[e].To] {
				edges = append(edges, d.edges[e])
			}
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), compareEdges(a, b)) })
	edges = edges[:min(len(edges), maxGraphEdges)]
	slices.SortFunc(edges, compareEdges)
	for _, e := range edges {
		g.Edges = append(g.Edges, GraphEdge{
			From: d.node(e.From).ID, To: d.node(e.To).ID, Type: d.kind, Weight: int(e.Weight), Confidence: float64(e.Confidence) / 100,
		})
	}
}

func (ix *Index) componentNode(i int32) GraphNode {
	c := &ix.Components[i]
	node := GraphNode{ID: c.Name, Label: c.Name, Kind: c.Type, Path: c.Path, Component: ix.componentName(i), Parts: int(ix.partsOf[i]), Test: c.Type == "tests"}
	if c.Parent >= 0 {
		node.Parent = new(ix.Components[c.Parent].Name)
	}
	for _, f := range ix.membersOf[i] {
		node.Lines += ix.Files[f].Code
	}
	return node
}

func (ix *Index) fileNode(i int32) GraphNode {
	f := &ix.Files[i]
	return GraphNode{
		ID: f.Path, Label: f.Path, Kind: f.Language, Path: f.Path,
		Component: ix.componentName(f.Component), Lines: f.Code, Test: f.Test,
	}
}

func (ix *Index) symbolNode(i int32) GraphNode {
	s := &ix.Symbols[i]
	f := &ix.Files[s.File]
	return GraphNode{
		ID: ix.symbolID(i), Label: s.Name, Kind: s.Kind, Path: f.Path, Component: ix.componentName(f.Component),
		Line: int(s.Line), Lines: int64(max(s.EndLine-s.Line+1, 1)), Test: s.Test || f.Test,
	}
}
