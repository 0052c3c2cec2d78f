package feature

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The bounds of grouping.
const (
	maxGroups     = 40  // named features; what is left is one of its own
	maxEntries    = 100 // entry points that one feature names
	maxGroupFiles = 100
	maxTests      = 50
	crowded       = 12 // endpoints that a group must have to be split further
)

// item is one thing that the software does.
type item struct {
	kind  string // endpoint, page, command, job, rpc, model
	title string
	words []string // what may name the group, best first
	rest  []string // segments after the first word, for splitting
	label string   // the first word as it is written
	at    report.Location
	also  string // the file of the handler, "" when it is not known
	set   func(feature string)
	doc   *string
}

// Group puts everything that was found into named features and writes the
// feature's name into each thing. component names the component of a file.
//
// A thing belongs to the resource that it is about: the first segment of its
// path that is no version, no prefix such as api and no parameter; the noun of
// a command, procedure, job or model. Singular and plural are one. A group that
// holds most of the endpoints is split by the next segment. Jobs and models join the
// group whose name is among their words, else that of their component.
func (r *Result) Group(in Input, component func(string) string) []report.Feature {
	g := &grouping{in: in, component: component, groups: map[string]*cluster{}, indexes: map[string]int{}}
	for i := range in.Files {
		g.indexes[in.Files[i].Path] = i
	}
	items := r.items()
	split(items)
	g.fill(items)
	g.merge()
	return g.features(r.tags)
}

// cluster is a feature in the making.
type cluster struct {
	key    string
	labels map[string]int
	items  []*item
}

type grouping struct {
	in        Input
	component func(string) string
	groups    map[string]*cluster
	indexes   map[string]int
}

// items lists everything with the words that it may be grouped by.
func (r *Result) items() []*item {
	var out []*item
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		it := pathItem("endpoint", e.Method+" "+e.Path, e.Path, e.Handler, e.Location)
		it.set, it.doc = func(f string) { e.Feature = f }, e.Description
		if e.Declared != nil {
			it.also = e.Declared.Path
		}
		out = append(out, it)
	}
	for i := range r.Pages {
		p := &r.Pages[i]
		it := pathItem("page", "page "+p.Path, p.Path, nil, p.Location)
		it.set = func(f string) { p.Feature = f }
		out = append(out, it)
	}
	for i := range r.Commands {
		c := &r.Commands[i]
		label, words := commandWords(c.Name)
		it := &item{kind: "command", title: "command " + c.Name, label: label, words: words, at: c.Location, doc: c.Description, set: func(f string) { c.Feature = f }}
		if group := r.groups[commandKey{c.Name, c.Location}]; group != "" {
			it.label, it.words = group, []string{topic(fold(group))}
		}
		out = append(out, it)
	}
	for i := range r.RPC {
		p := &r.RPC[i]
		out = append(out, &item{kind: "rpc", title: p.Service + "." + p.Method, words: rpcWords(p), at: p.Location, doc: p.Description, set: func(f string) { p.Feature = f }})
	}
	for i := range r.Jobs {
		j := &r.Jobs[i]
		out = append(out, &item{kind: "job", title: j.Kind + " job " + j.Name, words: nouns(j.Name), at: j.Location, set: func(f string) { j.Feature = f }})
	}
	for i := range r.Models {
		if d := &r.Models[i]; d.Kind != kindMigration {
			out = append(out, &item{kind: "model", title: "model " + d.Name, words: nouns(d.Name), at: d.Location, set: func(f string) { d.Feature = f }})
		}
	}
	return out
}

// pathItem is a thing that has a path, and perhaps a handler.
func pathItem(kind, title, path string, handler *string, at report.Location) *item {
	it := &item{kind: kind, title: title, at: at}
	segments := strings.Split(path, "/")
	for n, segment := range segments {
		if utf8.RuneCountInString(segment) == 1 {
			segment = abbreviated(segment, segments[n+1:], handler)
		}
		if fold(segment) == "" || strings.Contains(segment, "{") || isGeneric(segment) {
			continue
		}
		it.rest = append(it.rest, segment)
	}
	if len(it.rest) > 0 && isStatic(it.rest[0]) {
		it.rest = nil
	}
	it.descend()
	return it
}

// abbreviated is what a segment of one letter stands for: the word with that
// letter that names the parameter after it, or the handler; "" when neither
// has one, as a letter alone says nothing.
func abbreviated(letter string, after []string, handler *string) string {
	var words []string
	if len(after) > 0 && strings.HasPrefix(after[0], "{") {
		words = wordsOf(after[0])
	}
	if handler != nil {
		words = append(words, wordsOf(*handler)...)
	}
	for _, w := range words {
		if len(w) > 1 && strings.HasPrefix(w, strings.ToLower(letter)) && !actionWords[w] && !empty[w] {
			return w
		}
	}
	return ""
}

// descend takes the next segment as what the thing is about.
func (it *item) descend() {
	if len(it.rest) == 0 {
		return
	}
	it.label = it.rest[0]
	it.words, it.rest = []string{topic(fold(it.label))}, it.rest[1:]
}

// narrower reports whether a path goes on with something else that it is about:
// of /owners/new and /owners/{id}/edit that are owners still.
func (it *item) narrower() bool {
	return len(it.rest) > 0 && !actionWords[strings.ToLower(it.rest[0])]
}

// genericSegments say nothing about what an endpoint is about.
var genericSegments = map[string]bool{
	"api": true, "apis": true, "rest": true, "rpc": true, "public": true, "private": true, "internal": true, "app": true, "www": true, "web": true, "services": true, "service": true,
	"json": true, "ajax": true, "_next": true, "en": true, "latest": true, "beta": true, "alpha": true, "open": true, "ext": true, "external": true, "dashboard": true,
}

// isStatic reports whether a first segment is a file or a folder of files, such
// as every server hands out.
func isStatic(segment string) bool {
	s := strings.ToLower(segment)
	switch s {
	case "static", "assets", "public", "favicon.ico", "robots.txt", "images", "image", "img", "css", "js", "fonts":
		return true
	}
	switch s[strings.LastIndexByte(s, '.')+1:] {
	case "html", "txt", "ico", "png", "svg", "css", "js", "map", "webmanifest":
		return strings.Contains(s, ".")
	}
	return s == "manifest.json"
}

func isGeneric(segment string) bool {
	s := strings.ToLower(segment)
	return genericSegments[s] || isVersion(s) || strings.Trim(s, "0123456789.-") == ""
}

// isVersion reports whether a segment in lower case is a version: v2, v1.1,
// v2beta1, v2-beta.
func isVersion(s string) bool {
	number, ok := strings.CutPrefix(s, "v")
	if !ok || number == "" || number[0] < '0' || number[0] > '9' {
		return false
	}
	number = strings.TrimLeft(number, "0123456789.")
	number = strings.Trim(number, "0123456789-_.")
	return number == "" || number == "alpha" || number == "beta" || number == "rc" || number == "preview"
}

// split moves the things of a group that is crowded one segment further: where
// every path begins with the same segment, that says nothing.
func split(items []*item) {
	for range 3 {
		groups, paths := byFirstWord(items)
		moved := false
		for _, key := range slices.Sorted(maps.Keys(groups)) {
			if list := groups[key]; len(list) >= crowded && 2*len(list) > paths && variety(list) >= 4 {
				for _, it := range list {
					if it.narrower() {
						it.descend()
						moved = true
					}
				}
			}
		}
		if !moved {
			return
		}
	}
}

// byFirstWord groups what has a path, and counts it.
func byFirstWord(items []*item) (groups map[string][]*item, paths int) {
	groups = map[string][]*item{}
	for _, it := range items {
		if it.kind == "endpoint" || it.kind == "page" {
			paths++
			if len(it.words) > 0 {
				groups[it.words[0]] = append(groups[it.words[0]], it)
			}
		}
	}
	return groups, paths
}

// variety counts the different things that follow.
func variety(list []*item) int {
	seen := map[string]bool{}
	for _, it := range list {
		if it.narrower() {
			seen[fold(it.rest[0])] = true
		}
	}
	return len(seen)
}

// fill puts the things into groups: those that name a group by themselves
// first, then those that join one.
func (g *grouping) fill(items []*item) {
	var later []*item
	for _, it := range items {
		if it.kind == "job" || it.kind == "model" || len(it.words) == 0 {
			later = append(later, it)
			continue
		}
		g.put(it.words[0], it)
	}
	for _, it := range later {
		key := ""
		for _, word := range it.words {
			if g.groups[word] != nil {
				key = word
				break
			}
		}
		if key == "" {
			key = g.placeKey(it)
		}
		g.put(key, it)
	}
}

func (g *grouping) put(key string, it *item) {
	gr := g.groups[key]
	if gr == nil {
		gr = &cluster{key: key, labels: map[string]int{}}
		g.groups[key] = gr
	}
	gr.items = append(gr.items, it)
	if it.label != "" {
		gr.labels[it.label]++
	}
}

// placeKey is the key of a thing whose own words say nothing: the group that its
// file or folder is named for, else its component.
func (g *grouping) placeKey(it *item) string {
	for _, p := range []string{it.also, it.at.Path} {
		if p == "" {
			continue
		}
		for _, word := range append(nouns(fileStem(p)), fold(lastFolder(p))) {
			if g.groups[word] != nil {
				return word
			}
		}
	}
	if it.kind == "endpoint" || it.kind == "page" {
		return keyHome
	}
	if g.component != nil {
		name := g.component(it.at.Path)
		if key := fold(lastFolder(name + "/x")); key != "" && key != fold(g.in.Name) && !isPlace(name) {
			return key
		}
	}
	if it.kind == "model" {
		return keyData
	}
	return keyRest
}

// isPlace reports whether the name of a component says where something lies, and
// not what it does: a name that is no folder's, or the name of a folder for
// anything.
func isPlace(component string) bool {
	if strings.ContainsAny(component, " {},+.") {
		return true
	}
	switch strings.ToLower(component[strings.LastIndexByte(component, '/')+1:]) {
	case "src", "source", "sources", "lib", "libs", "pkg", "internal", "app", "apps", "cmd", "bin", "code", "core", "main", "common", "shared", "util", "utils", "misc",
		"helpers", "tools", "tool", "scripts", "script", "tests", "test", "docs", "doc", "examples", "example", "config", "configuration", "build", "modules", "packages", "deploy":
		return true
	}
	return false
}

// The keys of groups that are not named by a word of the code.
const (
	keyHome   = "home and static files"
	keyRest   = "other"
	keyData   = "other data"
	keyAuth   = "signing in"
	keyHealth = "health and metrics"
	keyDocs   = "API documentation"
)

// merge joins what is too small to be read by itself, until few are left.
func (g *grouping) merge() {
	if len(g.groups) <= maxGroups {
		return
	}
	keys := slices.SortedFunc(maps.Keys(g.groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(g.groups[b].items), len(g.groups[a].items)), cmp.Compare(a, b))
	})
	for _, key := range keys[maxGroups-1:] {
		gr := g.groups[key]
		delete(g.groups, key)
		for _, it := range gr.items {
			it.label = ""
			g.put(keyRest, it)
		}
	}
}

// name is what a group is called: its label that is seen most often, as a
// sentence begins.
func (gr *cluster) name() string {
	switch gr.key {
	case keyAuth, keyHealth, keyDocs, keyRest, keyHome, keyData:
		return sentence(gr.key)
	}
	best := ""
	if len(gr.labels) == 0 {
		best = gr.key
	}
	for _, label := range slices.Sorted(maps.Keys(gr.labels)) {
		if best == "" || gr.labels[label] > gr.labels[best] {
			best = label
		}
	}
	name := strings.Join(wordsOf(best), " ")
	return sentence(cmp.Or(name, best, keyRest))
}

// sentence writes the first letter as that of a sentence.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// kindNames are the kinds of features by the kind of most of their things.
var kindNames = map[string]string{"endpoint": "api", "page": "pages", "command": "commands", "job": "jobs", "rpc": "rpc", "model": "data"}

// kind is that of most things; models count only where there is nothing else.
func (gr *cluster) kind() string {
	count := map[string]int{}
	for _, it := range gr.items {
		count[it.kind]++
	}
	best := ""
	for _, kind := range []string{"endpoint", "page", "rpc", "command", "job"} {
		if count[kind] > count[best] {
			best = kind
		}
	}
	if best == "" {
		best = "model"
	}
	return kindNames[best]
}
