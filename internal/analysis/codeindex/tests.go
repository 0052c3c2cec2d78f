package codeindex

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
)

// The reasons to run a test.
const (
	reasonCalls    = "calls"
	reasonImports  = "imports"
	reasonRequests = "requests"
	reasonTogether = "changed_together"
	reasonName     = "same_name"
	reasonInFolder = "in_folder"
)

// stepShare is how much of the confidence is left with each step beyond the
// first: what uses what uses a file seldom runs the part of it that changed.
const stepShare = 0.8

// tests lists the test files to run, the surest first: those of a folder that is
// asked about, those that reach the target by calls, imports or requests of
// routes, those that are named for its file, which come first among equally sure
// ones, and those that changed with it. Helpers of tests are none. Of a symbol that tests reach by calls they are
// those alone.
//
// part is how sure it is that who uses the file uses what is asked about.
func (ix *Index) tests(t *target, depth int, part float64) []Test {
	at := map[string]int{}
	list := []Test{}
	add := func(t Test) {
		i, known := at[t.Path]
		if !known {
			at[t.Path] = len(list)
			list = append(list, t)
			return
		}
		distance := min(t.Distance, list[i].Distance)
		if t.Confidence > list[i].Confidence {
			list[i] = t
		}
		list[i].Distance = distance
	}
	if t.kind == kindFolder {
		for _, i := range t.files {
			if f := &ix.Files[i]; f.Test && !f.Helper {
				add(Test{Path: f.Path, Confidence: 1, Reason: reasonInFolder})
			}
		}
	}
	var byCalls []Test
	if len(t.symbols) > 0 {
		byCalls = ix.testsOfSymbols(t.symbols)
	}
	if len(byCalls) > 0 {
		slices.SortStableFunc(byCalls, bySurety)
		return byCalls
	}
	for _, w := range ix.ways(t.files, depth) {
		if f := &ix.Files[w.node]; f.Test && !f.Helper {
			add(Test{Path: f.Path, Distance: int(w.distance), Confidence: rounded(part * w.confidence), Reason: w.reason})
		}
	}
	named := map[string]bool{}
	for i, confidence := range ix.namedFor(t.files) {
		named[ix.Files[i].Path] = true
		add(Test{Path: ix.Files[i].Path, Distance: 1, Confidence: rounded(part * confidence), Reason: reasonName})
	}
	for _, c := range ix.coupled(t.files...) {
		if i, ok := ix.file(c.Path); ok && ix.Files[i].Test && !ix.Files[i].Helper {
			add(Test{Path: c.Path, Distance: 2, Confidence: rounded(part * float64(min(c.Degree, 90)) / 100), Reason: reasonTogether})
		}
	}
	slices.SortStableFunc(list, func(a, b Test) int {
		if named[a.Path] != named[b.Path] && a.Confidence == b.Confidence {
			return cmp.Compare(flag(named[b.Path]), flag(named[a.Path]))
		}
		return bySurety(a, b)
	})
	return list
}

func bySurety(a, b Test) int {
	return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Distance, b.Distance), strings.Compare(a.Path, b.Path))
}

// rounded takes off what the order of a product adds.
func rounded(confidence float64) float64 { return math.Round(1000*confidence) / 1000 }

// way is how a file is reached, by its surest way.
type way struct {
	node       int32
	distance   int32
	confidence float64
	reason     string // of the last step, from the file that is reached
}

// ways walks against imports and requests, and finds the surest way to each file
// outside of start within so many steps, the nearest of equal ones.
func (ix *Index) ways(start []int32, depth int) []way {
	w := walk{best: map[int32]way{}, begins: make(map[int32]bool, len(start))}
	level := make([]way, 0, len(start))
	for _, i := range start {
		level = append(level, way{node: i, confidence: 1})
		w.begins[i] = true
	}
	for d := int32(1); int(d) <= depth && len(level) > 0; d++ {
		w.improved, w.next = map[int32]bool{}, nil
		for _, from := range level {
			part := from.confidence * ix.passes(from.node)
			if d > 1 {
				part *= stepShare
			}
			for _, e := range ix.users.of(from.node) {
				w.step(ix.Imports[e], d, part, reasonImports)
			}
			for _, e := range ix.askers.of(from.node) {
				w.step(ix.Requests[e], d, part, reasonRequests)
			}
		}
		level = level[:0]
		for _, n := range w.next {
			level = append(level, w.best[n])
		}
	}
	out := make([]way, len(w.order))
	for i, n := range w.order {
		out[i] = w.best[n]
	}
	return out
}

// walk is how far a walk for the surest ways is.
type walk struct {
	begins   map[int32]bool
	best     map[int32]way
	order    []int32 // as they were first reached
	improved map[int32]bool
	next     []int32 // what the next level begins with: those that improved, once each
}

// step takes an edge to whoever it comes from, where that is a surer way.
func (w *walk) step(e Edge, distance int32, part float64, reason string) {
	found := way{e.From, distance, part * float64(e.Confidence) / 100, reason}
	known, ok := w.best[e.From]
	if w.begins[e.From] || ok && known.confidence >= found.confidence || !ok && len(w.order) >= maxReached {
		return
	}
	if !ok {
		w.order = append(w.order, e.From)
	}
	w.best[e.From] = found
	if !w.improved[e.From] {
		w.improved[e.From] = true
		w.next = append(w.next, e.From)
	}
}

// How sure it is that a test which is named for a file tests it.
const (
	sureMirror    = 0.9 // in the same folder, or one of the same name beside it: lib/a/b, spec/a/b_spec
	sureEnding    = 0.8 // one of the two folders ends with the other
	sureKind      = 0.8 // a controller and a test of requests, features or the system
	sureComponent = 0.7 // in the same component
	surePlural    = 0.6 // as a kind, by the singular of the name
	sureBeginning = 0.5 // as a kind, by the beginning of the name
)

// namedFor lists the tests that carry the name of a file, with their confidence.
func (ix *Index) namedFor(files []int32) map[int32]float64 {
	out, asked := map[int32]float64{}, map[[3]string]bool{}
	byName := map[string]*namesakes{}
	for _, i := range files {
		f := &ix.Files[i]
		ix.namedForController(f, asked, out)
		if name := bareName(f.Path); !f.Test && len(name) >= 3 && len(ix.testsByName[name]) > 0 {
			if byName[name] == nil {
				byName[name] = &namesakes{map[inFolders]bool{}, map[inFolders]bool{}, map[inComponent]bool{}}
			}
			byName[name].add(ix, f)
		}
	}
	for name, n := range byName {
		for _, i := range ix.testsByName[name] {
			if t := &ix.Files[i]; !t.Helper {
				out[i] = max(out[i], n.sure(ix, t))
			}
		}
	}
	maps.DeleteFunc(out, func(_ int32, sure float64) bool { return sure == 0 })
	return out
}

// namesakes are the files of one name, by what a test of the name is held
// against: so that each test is asked once, however many files there are.
type namesakes struct {
	folders    map[inFolders]bool
	endings    map[inFolders]bool // of folders
	components map[inComponent]bool
}

type inFolders struct{ family, folders string }

type inComponent struct {
	language  string
	component int32
}

func (n *namesakes) add(ix *Index, f *File) {
	folders := inFolders{familyOf(f.Language), tellingFolders(f.Path)}
	n.folders[folders] = true
	for ending := range lastFolders(folders.folders) {
		n.endings[inFolders{folders.family, ending}] = true
	}
	if f.Component >= 0 {
		n.components[inComponent{f.Language, ix.topOf[f.Component]}] = true
	}
}

// sure says how sure it is that a test tests one of the files.
func (n *namesakes) sure(ix *Index, t *File) float64 {
	folders := inFolders{familyOf(t.Language), tellingFolders(t.Path)}
	if n.folders[folders] {
		return sureMirror
	}
	if folders.folders != "" && n.endings[folders] {
		return sureEnding
	}
	for ending := range lastFolders(folders.folders) {
		if n.folders[inFolders{folders.family, ending}] {
			return sureEnding
		}
	}
	if t.Component >= 0 && n.components[inComponent{t.Language, ix.topOf[t.Component]}] {
		return sureComponent
	}
	return 0
}

// maxEndings bounds how many endings of a path are looked at.
const maxEndings = 50

// lastFolders are the last folders of some: of "a/b/c" they are "c", "b/c" and all.
func lastFolders(folders string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at, k := len(folders), 0; at > 0 && k < maxEndings; k++ {
			at = strings.LastIndexByte(folders[:at], '/')
			if !yield(folders[at+1:]) {
				return
			}
		}
	}
}

// controllerTests are the folders of tests that go through a controller.
var controllerTests = map[string]float64{
	"controllers": sureMirror, "requests": sureMirror, "functional": sureMirror, "integration": sureKind, "system": sureKind, "features": sureKind, "api": sureKind, "routing": sureKind, "acceptance": sureKind,
}

// namedForController adds the tests of a controller that are not called one:
// spec/requests/users_spec.rb of app/controllers/users_controller.rb. What was
// asked for another file is not asked again: controllers of many applications
// have one name.
func (ix *Index) namedForController(f *File, asked map[[3]string]bool, out map[int32]float64) {
	stem, ok := strings.CutSuffix(bareName(f.Path), "_controller")
	_, below, ok2 := strings.Cut("/"+path.Dir(f.Path), "/controllers")
	question := [3]string{stem, below, familyOf(f.Language)}
	if !ok || !ok2 || stem == "" || f.Test || asked[question] {
		return
	}
	asked[question] = true
	add := func(name string, sure float64) {
		for _, i := range ix.testsByName[name] {
			t := &ix.Files[i]
			most, at := kindOfTest(t.Path)
			if at == below && !t.Helper && together(f.Language, t.Language) {
				out[i] = max(out[i], min(sure, most))
			}
		}
	}
	for _, ending := range []string{"", "_controller", "_request", "_requests", "_api"} {
		add(stem+ending, sureMirror)
	}
	add(strings.TrimSuffix(stem, "s"), surePlural)
	from, _ := slices.BinarySearch(ix.testNames, stem+"_")
	for _, name := range ix.testNames[from:] {
		if !strings.HasPrefix(name, stem+"_") {
			break
		}
		add(name, sureBeginning)
	}
}

// kindOfTest says how sure tests of a kind test a controller, 0 for another kind,
// and the folders below the kind's, "/api/v1".
func kindOfTest(p string) (sure float64, below string) {
	folders := strings.Split(path.Dir(p), "/")
	for i, folder := range folders {
		if sure := controllerTests[folder]; sure > 0 {
			return sure, strings.Join(append([]string{""}, folders[i+1:]...), "/")
		}
	}
	return 0, "?"
}

// families are languages whose files test each other.
var families = map[string]string{
	"TypeScript": "JavaScript", "TSX": "JavaScript", "JSX": "JavaScript", "Vue": "JavaScript", "Svelte": "JavaScript",
	"Kotlin": "Java", "C++": "C", "HTML+ERB": "Ruby", "Haml": "Ruby", "Slim": "Ruby",
}

func familyOf(language string) string { return cmp.Or(families[language], language) }

func together(a, b string) bool { return familyOf(a) == familyOf(b) }

// plainFolders say nothing of what a file is about: where code and tests lie.
var plainFolders = map[string]bool{
	".": true, "src": true, "lib": true, "app": true, "source": true, "main": true, "java": true, "kotlin": true, "python": true, "js": true, "ts": true,
	"test": true, "tests": true, "spec": true, "specs": true, "__tests__": true, "unit": true, "integration": true, "functional": true, "unittests": true,
}

// tellingFolders are the folders of a path that say what it is about, with / between them.
func tellingFolders(p string) string {
	folders := strings.Split(strings.ToLower(path.Dir(p)), "/")
	return strings.Join(slices.DeleteFunc(folders, func(folder string) bool { return plainFolders[folder] }), "/")
}

// bareName is a file's name without what says that it is a test.
func bareName(p string) string {
	name := strings.ToLower(path.Base(p))
	name, _, _ = strings.Cut(name, ".")
	for _, affix := range []string{"test_", "tests_"} {
		name = strings.TrimPrefix(name, affix)
	}
	for _, affix := range []string{"_test", "_tests", "_spec", "-test", "tests", "test", "spec"} {
		name = strings.TrimSuffix(name, affix)
	}
	return name
}
