package analysis

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// Tests that ask the software by its addresses: get "/users/1", client.post("/orders"),
// visit users_path. What answers there is known from the endpoints, so the test
// speaks of the file that holds it, though no import or name says so.

// How sure it is that a request of a test is answered where it seems, in
// percent.
const (
	sureLiteral   = 90 // the whole path is written out
	sureParameter = 80 // parameters of the route stand for parts of it
	sureRouteName = 80 // a path helper names the route
	sureVariable  = 40 // nothing but parameters stands for it: /{username}
	sureForeign   = 40 // the test is in another language: what answers may be a stand-in
)

// Bounds of what is held against the endpoints.
const (
	maxAsked    = 20_000 // requests that differ
	maxAnswers  = 4      // endpoints that fit one equally well
	maxSegments = 32
)

// answerers tells which endpoints answer a request.
type answerers struct {
	endpoints []answerer
	known     map[string][]int // endpoints by method and path of a request
}

type answerer struct {
	method   string
	segments []string
	file     string
}

func newAnswerers(endpoints []report.Endpoint) *answerers {
	a := &answerers{known: map[string][]int{}}
	for i := range endpoints {
		e := &endpoints[i]
		file := e.Location.Path
		switch {
		case e.Declared != nil:
			file = e.Declared.Path
		case e.Framework == "Rails": // its routes answer nothing themselves
			continue
		}
		if s := segmentsOf(e.Path); len(s) <= maxSegments {
			a.endpoints = append(a.endpoints, answerer{e.Method, s, file})
		}
	}
	return a
}

func (e *answerer) path() string { return strings.Join(e.segments, "/") }

// sure is how sure it is that a path which fits a route is meant for it.
func (e *answerer) sure() uint8 {
	parameters := 0
	for _, part := range e.segments {
		if strings.Contains(part, "{") {
			parameters++
		}
	}
	switch {
	case parameters == 0:
		return sureLiteral
	case parameters == len(e.segments):
		return sureVariable
	}
	return sureParameter
}

func segmentsOf(p string) []string {
	return strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
}

// of returns the endpoints that answer a request best: those whose path has the
// most parts that are written the same.
func (a *answerers) of(method, asked string) []int {
	key := method + " " + asked
	if found, ok := a.known[key]; ok {
		return found
	}
	if len(a.known) >= maxAsked {
		return nil
	}
	found, same := a.find(method, asked)
	if ext := path.Ext(asked); len(ext) > 1 && !strings.Contains(ext, "{") { // a format: /users.json
		if plain, more := a.find(method, strings.TrimSuffix(asked, ext)); more > same {
			found = plain
		}
	}
	a.known[key] = found
	return found
}

// find also returns how many parts are written the same, -1 when nothing fits.
func (a *answerers) find(method, asked string) (found []int, most int) {
	segments := segmentsOf(asked)
	if most = -1; len(segments) > maxSegments {
		return nil, most
	}
	for i := range a.endpoints {
		e := &a.endpoints[i]
		if method != "" && e.method != "ANY" && e.method != method {
			continue
		}
		same, ok := fits(e.segments, segments)
		switch {
		case !ok || same < most, same == 0 && strings.HasSuffix(e.path(), "...}"): // what is left over says nothing
		case same > most:
			most, found = same, []int{i}
		case len(found) < maxAnswers:
			found = append(found, i)
		}
	}
	return found, most
}

// fits reports whether a path is one of a route, and how many parts of it are
// written the same. What is computed fits parameters only.
func fits(route, asked []string) (same int, ok bool) {
	for i, part := range route {
		switch {
		case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "...}"):
			return same, len(asked) >= i
		case i >= len(asked):
			return 0, false
		case strings.Contains(part, "{"):
		case part == asked[i]:
			same++
		default:
			return 0, false
		}
	}
	return same, len(route) == len(asked)
}

// askingVerbs are the calls by which tests ask, and the method that each uses;
// "" for one that does not say it.
var askingVerbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD", "options": "OPTIONS",
	"visit": "GET", "goto": "GET", "getjson": "GET", "postjson": "POST", "putjson": "PUT", "patchjson": "PATCH", "deletejson": "DELETE",
	"getasync": "GET", "postasync": "POST", "putasync": "PUT", "patchasync": "PATCH", "deleteasync": "DELETE",
	"getfromjsonasync": "GET", "postasjsonasync": "POST", "putasjsonasync": "PUT", "xhr": "", "request": "", "json": "", "call": "", "inject": "", "open": "",
}

// askedBy is the request that a call makes: a method, "" for any, and a path.
func askedBy(inv *language.Invocation) (method, asked string, ok bool) {
	method, ok = askingVerbs[strings.ToLower(inv.Name)]
	if !ok {
		return "", "", false
	}
	args := inv.Args
	if len(args) > 0 && args[0].Kind == language.ArgMap { // inject({ method: "GET", url: "/" })
		args = args[0].List
	}
	for k := range args {
		a := &args[k]
		if a.Kind == language.ArgString && a.Name == "method" {
			method = strings.ToUpper(a.Text)
			continue
		}
		if a.Kind != language.ArgString || a.Name != "" && a.Name != "url" && a.Name != "path" {
			continue
		}
		text, _, _ := strings.Cut(a.Text, "?")
		if at := strings.Index(text, "://"); at >= 0 {
			_, rest, _ := strings.Cut(text[at+3:], "/")
			text = "/" + rest
		}
		switch {
		case method == "" && text != "" && strings.ToUpper(text) == text && !strings.Contains(text, "/"):
			method = text
		case strings.HasPrefix(text, "/"):
			return method, text, true
		case strings.HasPrefix(text, "{}/"): // the host, or what it begins with, is computed
			return method, text[2:], true
		}
	}
	return "", "", false
}

// requests adds which files answer the requests of each test.
func (b *indexing) requests() {
	answers := newAnswerers(b.report.Endpoints)
	for i, f := range b.sources {
		if !f.Test || f.Facts == nil || f.TestData {
			continue
		}
		sure := map[string]uint8{}
		note := func(file string, percent uint8) {
			if to, ok := b.fileAt[file]; ok && b.sources[to].Language != f.Language && !slices.Contains(sameFamily[f.Language], b.sources[to].Language) {
				percent = sureForeign
			}
			sure[file] = max(sure[file], percent)
		}
		for k := range f.Facts.Invocations {
			method, asked, ok := askedBy(&f.Facts.Invocations[k])
			if !ok {
				continue
			}
			for _, e := range answers.of(method, asked) {
				note(answers.endpoints[e].file, answers.endpoints[e].sure())
			}
		}
		b.namedRoutes(f, note)
		for file, percent := range sure {
			if to, ok := b.fileAt[file]; ok && !b.c.Files[to].Test {
				b.c.Requests = append(b.c.Requests, codeindex.Edge{From: clip(i), To: to, Weight: 1, Confidence: percent})
			}
		}
	}
}

// namedRoutes adds what the names of routes lead to, as in Rails' users_path.
func (b *indexing) namedRoutes(f *source.File, note func(file string, percent uint8)) {
	if len(b.routeNames) == 0 {
		return
	}
	for _, ref := range f.Facts.References {
		name, ok := strings.CutSuffix(ref.Name, "_path")
		if !ok {
			name, ok = strings.CutSuffix(ref.Name, "_url")
		}
		if ok {
			for _, file := range b.routeNames[name] {
				note(file, sureRouteName)
			}
		}
	}
}

// sameFamily are languages that live in one program.
var sameFamily = map[string][]string{
	"JavaScript": {"TypeScript", "TSX"}, "TypeScript": {"JavaScript", "TSX"}, "TSX": {"JavaScript", "TypeScript"}, "Java": {"Kotlin"}, "Kotlin": {"Java"},
}

// handlers adds that the file which registers a route uses the one whose handler
// answers it, where only a text names it: "users#show".
func (b *indexing) handlers() {
	known := map[[2]int32]bool{}
	for _, e := range b.c.Imports {
		known[[2]int32{e.From, e.To}] = true
	}
	for i := range b.report.Endpoints {
		e := &b.report.Endpoints[i]
		if e.Declared == nil {
			continue
		}
		from, ok := b.fileAt[e.Location.Path]
		to, ok2 := b.fileAt[e.Declared.Path]
		if pair := [2]int32{from, to}; ok && ok2 && from != to && !known[pair] {
			known[pair] = true
			b.c.Imports = append(b.c.Imports, codeindex.Edge{From: from, To: to, Weight: 1, Confidence: uint8(min(100, max(1, 100*e.Confidence)))})
		}
	}
}
