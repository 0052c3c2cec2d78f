package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// node stands for a router in the model.
type node int32

const none node = -1

// kind says what a node is known by.
type kind uint8

const (
	byResult   kind = iota + 1 // the result of an invocation
	byName                     // a name at the top level of a file
	byParam                    // a parameter of a function, or a name that it has from nowhere
	byField                    // a field of a type, in a folder
	byBlock                    // a parameter of a function that is written as an argument
	byReturn                   // what a function returns
	byClass                    // a declaration of a type
	byFile                     // the file itself
	byFunction                 // a function as a scope
)

// key is what makes a node the same one.
type key struct {
	kind kind
	file int32 // -1 for fields
	at   int32 // invocation, function or declaration
	arg  int32
	name string
}

// router is what is known of a node.
type router struct {
	key       key
	prefix    string
	known     bool   // defined as a router
	framework string // whose rule defined it, or what it is one place with
	root      bool   // nothing has to mount it
	parents   []mount
}

// mount is an edge to the router that a router is put on.
type mount struct {
	parent   node
	prefix   string
	same     bool // the two are one place
	perhaps  bool // the child may be a mere handler
	replaces bool // the prefix stands in place of the router's own
}

// route is a route before it is an endpoint.
type route struct {
	on         node
	method     string // upper case; "" is ANY
	path       string // in the {id} notation
	handler    handler
	line       int
	strict     bool    // see rule
	sure       bool    // it is a route whatever on turns out to be
	confidence float64 // 0 for the usual
	file       *file
	framework  string
	summary    string // what a document says of it
	unless     []node // it is none if one of these turns out to be a router: they are mounted there
	document   bool   // a document says it, not the code
}

// found is an endpoint, and whether only a document says so.
type found struct {
	report.Endpoint

	document bool
}

// handler is the function that answers a route.
type handler struct {
	name string // as it is written, "" for a function without a name
	path string // where it is declared, "" when that is not known
	line int
	doc  string
}

// model is everything that rules said.
type model struct {
	in      Input
	files   []file
	byPath  map[string]int32
	folders map[string][]int32
	keys    map[key]node
	nodes   []router
	mounts  int
	routes  []route
	found   []command
	foundAt map[node]int // commands by their nodes
	out     Result
	tags    map[string]string // what documents say of resources, by key

	endpoints []found
	applied   bool
	usesOf    map[int32][]int32
	tables    map[string]bool // that migrations create

	symfony     symfonyPlaces // prefixes of folders of controllers
	symfonyRead bool
	settings    map[string]map[string]string // of the applications of Java, by module
	restRoots   map[string]string            // of JAX-RS, by module
	ownerOf     map[string]string            // by folder and field: the one type that has the field
	nest        *nestApps
	resources   map[string][]class               // of Ktor, by their last name
	quartz      map[string]*string               // schedules by the class of the job
	bases       map[string][]jvmClass            // the classes that extend a name, read once
	commanderOf map[string]map[string]*commander // types that are commands, by folder and name
	groups      map[commandKey]string            // the groups that documents put commands in
	importsOf   map[string]bool                  // whether the product imports a library
}

func newModel(in Input) *model {
	m := &model{
		in: in, byPath: make(map[string]int32, len(in.Files)), folders: map[string][]int32{},
		keys: map[key]node{}, foundAt: map[node]int{}, commanderOf: map[string]map[string]*commander{}, importsOf: map[string]bool{}, groups: map[commandKey]string{}, tags: map[string]string{}, usesOf: map[int32][]int32{},
		out: Result{
			Endpoints: []report.Endpoint{}, Commands: []report.CLICommand{}, Jobs: []report.Job{},
			Models: []report.Model{}, Pages: []report.Page{}, RPC: []report.RPC{}, RouteNames: map[string][]string{},
		},
	}
	m.files = make([]file, len(in.Files))
	for i := range in.Files {
		f := &m.files[i]
		f.File, f.at = &in.Files[i], int32(min(i, 1<<30))
		m.byPath[f.Path] = f.at
		dir := folderOf(f.Path)
		if f.Facts != nil && !f.Test && !f.Aside {
			m.folders[dir] = append(m.folders[dir], f.at)
		}
	}
	return m
}

// folderOf returns the folder of a path, "." for the root.
func folderOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

// node returns the node of a key.
func (m *model) node(k key) node {
	k = m.canonical(k)
	if n, ok := m.keys[k]; ok {
		return n
	}
	if len(m.nodes) >= maxNodes {
		return none
	}
	n := node(len(m.nodes)) //nolint:gosec // bounded above
	m.keys[k] = n
	m.nodes = append(m.nodes, router{key: k})
	return n
}

// canonical is the key of the invocation whose result an invocation returns.
func (m *model) canonical(k key) key {
	if k.kind == byResult && m.files[k.file].canonical != nil {
		k.at = m.files[k.file].canonical[k.at]
	}
	return k
}

// lookup returns the node of a key if a rule has spoken of it.
func (m *model) lookup(k key) node {
	k = m.canonical(k)
	if n, ok := m.keys[k]; ok {
		return n
	}
	return none
}

// put mounts a router on another, each edge once.
func (m *model) put(child node, e mount) {
	if child < 0 || e.parent < 0 || child == e.parent || m.mounts >= maxMounts {
		return
	}
	r := &m.nodes[child]
	if slices.Contains(r.parents, e) {
		return
	}
	r.parents = append(r.parents, e)
	m.mounts++
}

// uses returns the files that a file uses, those of the product only.
func (m *model) uses(f *file) []int32 {
	if list, ok := m.usesOf[f.at]; ok {
		return list
	}
	var list []int32
	if m.in.Uses != nil {
		for _, p := range m.in.Uses(f.Path) {
			if at, ok := m.byPath[p]; ok && !m.files[at].Test && !m.files[at].Aside {
				list = append(list, at)
			}
		}
	}
	m.usesOf[f.at] = list
	return list
}
