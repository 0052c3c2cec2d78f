package calls_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/calls"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// code reads a small notation of what files declare and call: "name" or
// "Owner.name" with "(signature)", and below each function what it calls as
// "receiver.name".
func code(text string) []calls.File {
	var files []calls.File
	at := map[string]int32{}
	var f *calls.File
	line := 0
	for l := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line++
		word, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch {
		case word == "file":
			name, uses, _ := strings.Cut(rest, " ")
			at[name] = int32(len(files))
			files = append(files, calls.File{Path: name, Language: map[string]string{"go": "Go", "py": "Python", "java": "Java"}[name[strings.LastIndexByte(name, '.')+1:]], Test: strings.Contains(name, "test"), Facts: &language.Facts{}})
			f = &files[len(files)-1]
			for u := range strings.FieldsSeq(uses) {
				f.Uses = append(f.Uses, at[u])
			}
		case word == "import":
			w := strings.Fields(rest)
			imp := language.Import{Path: w[0]}
			if len(w) > 1 {
				imp.Names = w[1:]
			}
			f.Facts.Imports = append(f.Facts.Imports, imp)
		case strings.HasPrefix(l, "  "):
			receiver, name := "", word
			if i := strings.LastIndexByte(word, '.'); i >= 0 {
				receiver, name = word[:i], word[i+1:]
			}
			f.Facts.Calls = append(f.Facts.Calls, language.Call{Name: name, Receiver: receiver, Function: int32(len(f.Facts.Functions) - 1), Count: 1})
		default:
			kind := map[string]language.Kind{"func": language.KindFunction, "method": language.KindMethod, "type": language.KindType, "field": language.KindField}[word]
			name, signature, _ := strings.Cut(rest, " ")
			d := language.Declaration{Name: name, Kind: kind, Line: line, EndLine: line + 9, Exported: true, Signature: signature}
			if i := strings.LastIndexByte(name, '.'); i >= 0 {
				d.Owner, d.Name = name[:i], name[i+1:]
			}
			if kind == language.KindType {
				d.Bases, d.Signature = strings.Fields(signature), ""
			}
			if kind == language.KindFunction || kind == language.KindMethod {
				f.Facts.Functions = append(f.Facts.Functions, language.Function{Name: name, Line: line, EndLine: line + 9})
			}
			f.Facts.Declares = append(f.Facts.Declares, d)
		}
	}
	return files
}

func TestByName(t *testing.T) {
	t.Parallel()
	files := code(`
file store/db.py
type Base
method Base.close
type Database Base
method Database.get
  self.close
  self.missing
func open_db
  Database
file web/view.py store/db.py
import store.db Database open_db
import store.db
type View
field View.db Database
method View.show
  self.db.get
  self.render
method View.render (request: Request, db: Database)
  open_db
  db.close
  db.open_db
  request.get
  print
file web/test_view.py web/view.py
func test_show
  View.show
  ?.show
file lone.py
func get
  get
  show`)
	var got []string
	for _, e := range calls.ByName(files, calls.Definitions(files)) {
		name := func(s calls.Symbol) string {
			d := files[s.File].Facts.Declares[s.Declaration]
			return strings.TrimPrefix(d.Owner+"."+d.Name, ".")
		}
		got = append(got, fmt.Sprintf("%s → %s %d%%", name(e.From), name(e.To), e.Confidence))
	}
	want := []string{
		"Database.get → Base.close 85%",
		"open_db → Database 100%",
		"View.show → Database.get 90%",
		"View.show → View.render 100%",
		"View.render → Base.close 85%",
		"View.render → open_db 95%",
		"test_show → View.show 90%",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestHostileFacts resolves facts that no parser makes.
func TestHostileFacts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"", "a", "self", "A", ".", "a.b", "super"}
	pick := func() string { return names[r.IntN(len(names))] }
	for range 200 {
		files := make([]calls.File, 4)
		for i := range files {
			f := &language.Facts{}
			for range r.IntN(8) {
				f.Declares = append(f.Declares, language.Declaration{Name: pick(), Owner: pick(), Kind: language.Kind(r.IntN(10)), Line: r.IntN(9), EndLine: r.IntN(9), Bases: []string{pick()}, Signature: pick()})
				f.Functions = append(f.Functions, language.Function{Name: pick(), Line: r.IntN(9), EndLine: r.IntN(9)})
				f.Calls = append(f.Calls, language.Call{Name: pick(), Receiver: pick(), Function: int32(r.IntN(20) - 2)})
				f.Imports = append(f.Imports, language.Import{Path: pick(), Names: []string{pick()}, Locals: []string{pick()}})
			}
			files[i] = calls.File{Path: pick(), Language: []string{"Go", "Java", "Ruby", "Python", "C", "C++"}[r.IntN(6)], Facts: f, Uses: []int32{0, 1, 3}}
		}
		for _, e := range calls.ByName(files, calls.Definitions(files)) {
			if e.Confidence < 1 || e.Confidence > 100 || e.From == e.To {
				t.Fatalf("%+v", e)
			}
		}
	}
}

// TestManyTypesOfOneName resolves calls in a package that has a hundred types of
// one name, each of which extends one of that name. Without care each call
// that leads nowhere looks through all of them for each of them: the test would
// take hours.
func TestManyTypesOfOneName(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for n := range 400 {
		fmt.Fprintf(&text, "file Request%d.java\ntype Builder Builder\nmethod Builder.build%d\n", n, n)
		for k := range 20 {
			fmt.Fprintf(&text, "  Builder.missing%d_%d\n", n, k)
		}
		fmt.Fprintf(&text, "  Builder.build%d\n", (n+1)%400)
	}
	edges := calls.ByName(code(text.String()), nil)
	if len(edges) != 400 {
		t.Fatalf("%d calls are known, want that of the next file's in each", len(edges))
	}
	for _, e := range edges {
		if e.To.File != (e.From.File+1)%400 {
			t.Errorf("%+v", e)
		}
	}
}
