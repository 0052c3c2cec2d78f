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

// asking reads what the calls of one file ask for.
type asking struct {
	calls  []language.Invocation
	values map[string]string // the texts that the file keeps in constants and fields, by name
	own    map[string]string // the methods of HTTP of the tests' own verbs, by name
}

func newAsking(facts *language.Facts, own map[string]string) *asking {
	a := &asking{calls: facts.Invocations, values: map[string]string{}, own: own}
	for i := range facts.Declares {
		d := &facts.Declares[i]
		if d.Kind != language.KindConstant && d.Kind != language.KindVariable && d.Kind != language.KindField {
			continue
		}
		_, value, ok := strings.Cut(d.Signature, "= \"")
		value, closed := strings.CutSuffix(value, "\"")
		if known, seen := a.values[d.Name]; !ok || !closed || seen && known != value {
			value = "" // two classes of the file mean different things by one name
		}
		a.values[d.Name] = value
	}
	return a
}

// ownVerbs are the methods by which the tests of the tree ask in their own words,
// and the method of HTTP of each: getAs(string $url, User $user).
func (b *indexing) ownVerbs() map[string]string {
	own := map[string]string{}
	for _, f := range b.sources {
		if !f.Test || f.Facts == nil || f.TestData {
			continue
		}
		for i := range f.Facts.Declares {
			d := &f.Facts.Declares[i]
			if method := ownVerb(d); method != "" && len(own) < maxAsked {
				own[d.Name] = method
			}
		}
	}
	return own
}

func ownVerb(d *language.Declaration) string {
	if d.Kind != language.KindMethod && d.Kind != language.KindFunction {
		return ""
	}
	end := strings.IndexFunc(d.Name, func(c rune) bool { return c < 'a' || c > 'z' })
	if end < 0 || d.Name[end] != '_' && (d.Name[end] < 'A' || d.Name[end] > 'Z') {
		return ""
	}
	method := strings.ToUpper(d.Name[:end])
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
		return ""
	}
	for part := range strings.SplitSeq(strings.ToLower(d.Signature), ",") {
		part, _, _ = strings.Cut(part, ":")
		part = strings.Trim(strings.TrimSpace(part), "(")
		words := strings.FieldsFunc(part, func(r rune) bool { return r == ' ' || r == '$' })
		switch {
		case slices.Contains(words, "self"):
			continue
		case slices.Contains(words, "url"), slices.Contains(words, "uri"), slices.Contains(words, "endpoint"), slices.Contains(words, "route"):
			return method
		}
		return "" // the first parameter says it
	}
	return ""
}

// text is the text of an argument, "" when it is none: a literal, what a constant
// or a field of the file holds, or a template of these.
func (a *asking) text(arg *language.Argument) string {
	switch arg.Kind {
	case language.ArgName:
		return a.value(arg.Text)
	case language.ArgString:
	default:
		return ""
	}
	before, after, ok := strings.Cut(arg.Text, "{}")
	if !ok || len(arg.List) == 0 || before != "" {
		return arg.Text
	}
	if value := a.value(arg.List[0].Text); value != "" && arg.List[0].Kind == language.ArgName { // what a path begins with decides
		return value + after
	}
	return arg.Text
}

// value is what a name of the file holds: ENDPOINT, self.url.
func (a *asking) value(name string) string {
	owner, last := "", name
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		owner, last = name[:at], name[at+1:]
	}
	switch owner {
	case "", "self", "this", "cls", "static":
		return a.values[last]
	}
	return ""
}

// of is the request that call i makes: a method, "" for any, and a path. The
// path of one that a test client makes need not begin with a slash.
func (a *asking) of(i int) (method, asked string, ok bool) {
	inv := &a.calls[i]
	verb := strings.ToLower(inv.Name)
	if method, ok = askingVerbs[verb]; !ok {
		method, ok = a.own[inv.Name]
	}
	if !ok {
		return "", "", false
	}
	args := inv.Args
	if len(args) > 0 && args[0].Kind == language.ArgMap { // inject({ method: "GET", url: "/" })
		args = args[0].List
	}
	for k := range args {
		arg := &args[k]
		if arg.Kind == language.ArgString && arg.Name == "method" {
			method = strings.ToUpper(arg.Text)
			continue
		}
		text := a.text(arg)
		if text == "" || arg.Name != "" && arg.Name != "url" && arg.Name != "path" {
			continue
		}
		text, _, _ = strings.Cut(text, "?")
		if strings.Contains(text, "://") {
			if text, ok = ownAddress(text); !ok {
				return "", "", false
			}
		}
		switch {
		case method == "" && text != "" && strings.ToUpper(text) == text && !strings.Contains(text, "/"):
			method = text
		case strings.HasPrefix(text, "/"):
			return method, text, true
		case strings.HasPrefix(text, "{}/"): // the host, or what it begins with, is computed
			return method, text[2:], true
		case method != "" && a.relative(i, verb, text):
			return method, text, true
		}
	}
	return "", "", false
}

// ownAddress is the path of an address if its host can be the software under
// test: the machine itself, the name that test clients use, or one that is computed.
func ownAddress(text string) (path string, ok bool) {
	_, rest, _ := strings.Cut(text, "://")
	host, path, _ := strings.Cut(rest, "/")
	name := host
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		name = host[:at]
	}
	switch strings.ToLower(name) {
	case "localhost", "127.0.0.1", "0.0.0.0", "[::1]", "testserver":
	default:
		if !strings.ContainsAny(host, "{}$<%") {
			return "", false
		}
	}
	return "/" + path, true
}

// relative reports whether a text without a slash before it is a path that a test
// client is asked for: $this->getJson('api/songs'), client.GetAsync("api/songs").
func (a *asking) relative(i int, verb, text string) bool {
	if text == "" || strings.ContainsAny(text, " \t\n.#:\\@*,;") || strings.HasPrefix(text, "{") {
		return false
	}
	plain := true // the verb is called so elsewhere too
	switch {
	case verb == "visit" || verb == "goto":
		return true
	case strings.HasSuffix(verb, "json") || strings.HasSuffix(verb, "async"):
		plain = false
	}
	if plain && !strings.Contains(text, "/") {
		return false
	}
	for range maxSegments { // actingAs($user)->getJson(…)
		inv := &a.calls[i]
		if inv.On < 0 {
			last := strings.ToLower(inv.Receiver[strings.LastIndexByte(inv.Receiver, '.')+1:])
			return last == "this" || last == "self" || strings.Contains(last, "client") || last == "" && !plain || namesClient(inv.Name)
		}
		if i = int(inv.On); namesClient(a.calls[i].Name) {
			return true
		}
	}
	return false
}

func namesClient(name string) bool { return strings.Contains(strings.ToLower(name), "client") }

// requests adds which files answer the requests of each test.
func (b *indexing) requests() {
	answers, own := newAnswerers(b.report.Endpoints), b.ownVerbs()
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
		answers.asked(newAsking(f.Facts, own), note)
		b.namedRoutes(f, note)
		for file, percent := range sure {
			if to, ok := b.fileAt[file]; ok && !b.c.Files[to].Test {
				b.c.Requests = append(b.c.Requests, codeindex.Edge{From: clip(i), To: to, Weight: 1, Confidence: percent})
			}
		}
	}
}

// asked notes the files that answer what calls of a file ask for.
func (a *answerers) asked(asks *asking, note func(file string, percent uint8)) {
	for k := range asks.calls {
		method, asked, ok := asks.of(k)
		if !ok {
			continue
		}
		for _, e := range a.of(method, asked) {
			percent := a.endpoints[e].sure()
			if percent == sureVariable && !strings.HasPrefix(asked, "/") {
				continue // neither the text nor the route says that it is a path
			}
			note(a.endpoints[e].file, percent)
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
