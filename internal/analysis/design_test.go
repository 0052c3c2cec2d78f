package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// typed is a file that declares one type with methods.
func typed(path, name string, kind language.Kind, bases []string, methods ...string) source.File {
	f := parsed(path, 1, 0)
	f.Language = "Java"
	f.Facts.Functions = nil
	f.Facts.Declares = []language.Declaration{{Name: name, Kind: kind, Line: 3, EndLine: 40, Bases: bases}}
	for i, m := range methods {
		f.Facts.Declares = append(f.Facts.Declares, language.Declaration{Name: m, Kind: language.KindMethod, Owner: name, Line: 4 + i, EndLine: 4 + i})
	}
	return f
}

func names(list []report.Pattern) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s %d %s:%d", p.Name, p.Occurrences, p.Evidence[0].Path, p.Evidence[0].Line))
	}
	return out
}

// A pattern is told by what a type does: what is only called so is none.
func TestDesignPatterns(t *testing.T) {
	t.Parallel()
	decorator := typed("j.java", "LoggingStore", language.KindType, []string{"Store"}, "open")
	decorator.Facts.Declares = append(decorator.Facts.Declares, language.Declaration{Name: "inner", Kind: language.KindField, Owner: "LoggingStore", Line: 9, EndLine: 9, Signature: "Store"})
	injected := typed("k.java", "Api", language.KindType, nil)
	injected.Facts.Annotations = []language.Annotation{{Name: "javax.inject.Inject", Line: 8, Declaration: 0, Function: -1}}
	chain := typed("l.java", "x", language.KindType, nil)
	chain.Facts.Declares = append(chain.Facts.Declares, language.Declaration{Name: "logged", Kind: language.KindFunction, Line: 30, EndLine: 31, Signature: "(next http.Handler) http.Handler"},
		language.Declaration{Name: "serve", Kind: language.KindFunction, Line: 40, EndLine: 41, Signature: "(w http.ResponseWriter, r *http.Request)"})
	test := typed("m.java", "UserRepository", language.KindType, nil, "findById", "save")
	test.Test = true
	made := typed("n.java", "Key", language.KindType, nil, "getInstance")
	made.Facts.Declares[1].Signature = "(String topic, int partition)" // an instance for each: a factory method
	alone := typed("f.java", "Config", language.KindType, nil, "getInstance")
	alone.Facts.Declares[1].Signature = "()"
	nested := typed("o.java", "Concatenated", language.KindType, []string{"Iterable"}, "iterator") // of a base that is not here
	nested.Facts.Declares = append(nested.Facts.Declares, language.Declaration{Name: "parts", Kind: language.KindField, Owner: "Concatenated", Line: 9, EndLine: 9, Signature: "Iterable"})
	wrapped := typed("p.java", "Lookup", language.KindType, []string{"Store"}) // does nothing of what its base does
	wrapped.Facts.Declares = append(wrapped.Facts.Declares, language.Declaration{Name: "inner", Kind: language.KindField, Owner: "Lookup", Line: 9, EndLine: 9, Signature: "Store"})
	plain := typed("q.java", "x", language.KindType, nil)
	plain.Facts.Declares = append(plain.Facts.Declares, language.Declaration{Name: "choose", Kind: language.KindFunction, Line: 30, EndLine: 31, Signature: "(names []string, fallback http.Handler) http.Handler"})
	got := names(designPatterns([]source.File{
		made, nested, wrapped, plain, typed("r.java", "Store", language.KindInterface, nil, "open", "close"),
		typed("s.java", "Keystore", language.KindType, nil, "get", "put"), // a thing that is kept, and no store of things
		typed("t.java", "EventTarget", language.KindInterface, nil, "addEventListener", "removeEventListener", "dispatchEvent"),
		typed("u.java", "Mark", language.KindInterface, nil), typed("u1.java", "D", language.KindType, []string{"Mark"}), typed("u2.java", "E", language.KindType, []string{"Mark"}), typed("u3.java", "F", language.KindType, []string{"Mark"}),
		typed("a.java", "UserRepository", language.KindInterface, nil, "findById", "save"),
		typed("b.java", "GitRepository", language.KindType, nil, "clone", "fetch"), // no write: it is no store of things
		typed("c.java", "ShapeFactory", language.KindType, nil, "createShape"),
		typed("d.java", "Factory", language.KindType, nil, "smoke"),
		typed("e.java", "Bus", language.KindType, nil, "subscribe", "publish"),
		alone,
		typed("g.java", "Policy", language.KindInterface, nil, "allow"),
		typed("h.java", "A", language.KindType, []string{"Policy"}), typed("h2.java", "B", language.KindType, []string{"pkg.Policy"}), typed("h3.java", "C", language.KindType, []string{"Policy"}),
		decorator, injected, chain, test,
	}))
	want := []string{
		"repository 1 a.java:3", "factory 1 c.java:3", "singleton 1 f.java:3", "observer 1 e.java:3", "decorator 1 j.java:3", "interface with several implementations 1 g.java:3",
		"middleware chain 1 l.java:30", "dependency injection 1 k.java:8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFolderPatterns(t *testing.T) {
	t.Parallel()
	var files []source.File
	for i := range 4 {
		for _, dir := range []string{"app/controllers", "app/models", "app/views", "lib/ports", "other/adapters"} {
			files = append(files, parsed(fmt.Sprintf("%s/f%d.rb", dir, i), 1, 0))
		}
	}
	if diff := cmp.Diff([]string{"model–view–controller 12 app/controllers/f0.rb:0"}, names(folderPatterns(files))); diff != "" {
		t.Error(diff)
	}
	if got := folderPatterns(files[:6]); len(got) != 0 {
		t.Errorf("few files are a pattern: %+v", got)
	}
}

func TestFoldersOf(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]string{"a/b/c.go": "a/b a", "c.go": "", "/etc/y.go": "/etc", "//": "/", "../../x/y.go": "../../x ../.. ..", "": ""} {
		if got := strings.Join(slices.Collect(foldersOf(p)), " "); got != want {
			t.Errorf("%q: %q, want %q", p, got, want)
		}
	}
}

func TestCommitStyle(t *testing.T) {
	t.Parallel()
	style := func(subjects ...string) []string {
		var s commitStyle
		for range 5 {
			for _, subject := range subjects {
				s.add(&rampforge.Commit{Subject: subject})
			}
			s.add(&rampforge.Commit{Subject: "Merge branch x", Parents: []string{"a", "b"}})
		}
		out := []string{}
		for _, p := range s.patterns() {
			out = append(out, fmt.Sprintf("%s %d %v", p.Name, p.Occurrences, p.Confidence))
		}
		return out
	}
	for _, tt := range []struct{ want, got []string }{
		{[]string{"commit subjects follow Conventional Commits 20 1"}, style("feat: a", "fix(api)!: b", "docs: c", "chore(deps): d")},
		{[]string{"commit subjects begin with the place that they are about 10 1"}, style("net/http: close it", "readme: fix a word")},
		{[]string{}, style("feat: a", "Add b", "Mend c: the d")},
		{[]string{}, style("feat: a")},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Error(diff)
		}
	}
}
