package inspect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// hostile is a repository that was made to hurt, and what must become of it.
type hostile struct {
	name  string
	build func(t *testing.T) *gittest.Repo
	// reason is that of the fault that it must end in; "" is a report.
	reason string
	check  func(t *testing.T, r *report.CodeReport)
	within time.Duration // 0 is a minute: the machine may be busy
	bytes  uint64        // of the heap at most, beyond what was there before; 0 is 512 MiB
}

// run analyses one, and holds its time and memory against their bounds.
func (h hostile) run(t *testing.T) {
	t.Helper()
	repo := h.build(t)
	within, most := h.within, h.bytes
	if within == 0 {
		within = time.Minute
	}
	if most == 0 {
		most = 512 << 20
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	peak := watchHeap()
	result, err := inspector(t).Inspect(ctx, inspect.Request{Source: repo.Dir, Name: "hostile", AllowLocal: true, IncludeDependencies: true})
	if grown := peak(); grown > most {
		t.Errorf("the heap grew by %d MiB, allowed are %d", grown>>20, most>>20)
	}
	if h.reason != "" {
		if git.Reason(err) != h.reason {
			t.Errorf("ended in %v, want the reason %s", err, h.reason)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if h.check != nil {
		h.check(t, result.Report)
	}
	if _, err := json.Marshal(result.Report); err != nil {
		t.Error(err)
	}
	var page bytes.Buffer
	if err := render.HTML(&page, result.Report); err != nil {
		t.Error(err)
	}
	if _, err := result.Index.Encode(); err != nil {
		t.Error(err)
	}
}

// watchHeap looks at the heap until its end is asked for, and returns by how
// much it grew at most.
func watchHeap() (grown func() uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before, most := sample[0].Value.Uint64(), uint64(0)
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
				metrics.Read(sample)
				most = max(most, sample[0].Value.Uint64())
			}
		}
	})
	return func() uint64 {
		close(ended)
		watching.Wait()
		return most - min(most, before)
	}
}

// rooted makes a repository of one commit whose root tree is as it is given.
func rooted(entries func(r *gittest.Repo) string) func(t *testing.T) *gittest.Repo {
	return func(t *testing.T) *gittest.Repo {
		t.Helper()
		r := gittest.Init(t)
		r.CommitTree(r.Object("tree", entries(r)))
		return r
	}
}

// files makes a repository of one commit with files.
func files(all map[string]string) func(t *testing.T) *gittest.Repo {
	return func(t *testing.T) *gittest.Repo {
		t.Helper()
		r := gittest.Init(t)
		var stream bytes.Buffer
		fmt.Fprintf(&stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 0\n")
		for path, content := range all {
			fmt.Fprintf(&stream, "M 100644 inline %s\ndata %d\n%s\n", path, len(content), content)
		}
		r.Import(stream.String())
		return r
	}
}

// skips expects files to be skipped for a reason.
func skips(reason report.SkipReason, n int) func(t *testing.T, r *report.CodeReport) {
	return func(t *testing.T, r *report.CodeReport) {
		t.Helper()
		at := slices.IndexFunc(r.Skipped.Reasons, func(k report.SkippedKind) bool { return k.Reason == reason })
		if at < 0 || r.Skipped.Reasons[at].Files != n {
			t.Errorf("%+v, want %d files skipped as %s", r.Skipped.Reasons, n, reason)
		}
	}
}

// counts expects so many files in the tree and in the languages.
func counts(all, analysed int) func(t *testing.T, r *report.CodeReport) {
	return func(t *testing.T, r *report.CodeReport) {
		t.Helper()
		if r.Totals.Files != all || r.Totals.AnalysedFiles != analysed {
			t.Errorf("%d files, %d analysed, want %d and %d: %+v", r.Totals.Files, r.Totals.AnalysedFiles, all, analysed, r.Skipped)
		}
	}
}

const goFile = "package a\n\nfunc A() {}\n"

// TestHostileRepositories runs alone: it watches the heap.
func TestHostileRepositories(t *testing.T) { //nolint:paralleltest // see above
	deep := strings.Repeat("a/", 1500)
	nested := func(begin, end string) string { return strings.Repeat(begin, 40_000) + strings.Repeat(end, 40_000) }
	for _, h := range []hostile{
		{name: "paths that lead elsewhere", build: rooted(func(r *gittest.Repo) string {
			blob := r.Object("blob", goFile)
			up := r.Object("tree", gittest.Entry("100644", "passwd.go", blob))
			return gittest.Entry("40000", "..", up) + gittest.Entry("100644", "../../etc/x.go", blob) + gittest.Entry("100644", "/etc/y.go", blob) +
				gittest.Entry("40000", ".git", up) + gittest.Entry("100644", "C:\\z.go", blob)
		}), check: counts(5, 5)},
		{name: "manifests at absolute paths", build: rooted(func(r *gittest.Repo) string {
			var all strings.Builder
			for _, f := range [][2]string{
				{"package.json", `{"name":"a","dependencies":{"b":"1"},"scripts":{"test":"jest"}}`}, {"package-lock.json", `{"packages":{"node_modules/b":{"license":"MIT"}}}`},
				{"tsconfig.json", `{"compilerOptions":{"paths":{"@/*":["./*"]}}}`}, {"go.mod", "module x\n"}, {"main.go", "package main\n\nfunc main() {}\n"}, {"Cargo.toml", "[package]\nname = \"a\"\nversion.workspace = true\n"},
				{"src/lib.rs", "mod b;\nuse crate::b::C;\n"}, {"pom.xml", "<project><artifactId>a</artifactId></project>"}, {"build.gradle", "plugins { id 'java' }\n"}, {"composer.json", `{"name":"a/b","autoload":{"psr-4":{"A\\\\":"src/"}}}`},
				{"src/A.php", "<?php\nnamespace A;\nuse A\\B;\nclass C {}\n"}, {"Gemfile", "gem 'rails'\n"}, {"app/models/a.rb", "class A < B::C\nend\n"}, {"a.csproj", "<Project/>"}, {"A.cs", "namespace A; class B : C {}\n"},
				{"pyproject.toml", "[project]\nname = \"a\"\n"}, {"a.py", "from .b import c\nimport d\n"}, {"a.ts", "import b from './b'; import c from 'c'\n"}, {"A.java", "package a; import b.C; class A {}\n"}, {"A.kt", "package a\nimport b.C\nclass A\n"},
				{"a.c", "#include \"b.h\"\nint f(void) { return 0; }\n"}, {"README.md", "# A\n\nRun `npm test`.\n"}, {"Makefile", "test:\n\tgo test\n"}, {"Dockerfile", "FROM x\nCMD [\"a\"]\n"},
			} {
				for _, dir := range []string{"/", "/x/", "//y/", "../z/", "./w/"} {
					all.WriteString(gittest.Entry("100644", dir+f[0], r.Object("blob", f[1])))
				}
			}
			return all.String()
		})},
		{name: "an entry without a name", build: rooted(func(r *gittest.Repo) string {
			return gittest.Entry("100644", "", r.Object("blob", goFile))
		}), reason: git.ReasonCorrupt},
		{name: "a tree that is cut", build: rooted(func(*gittest.Repo) string { return "100644 a.go\x00short" }), reason: git.ReasonCorrupt},
		{name: "a tree of noise", build: rooted(func(*gittest.Repo) string { return "\xff\x00\xff" }), reason: git.ReasonCorrupt},
		{name: "entries twice", build: rooted(func(r *gittest.Repo) string {
			one, two := r.Object("blob", goFile), r.Object("blob", "package b\n")
			return gittest.Entry("100644", "a.go", one) + gittest.Entry("100644", "a.go", two) + gittest.Entry("40000", "a.go", r.Object("tree", gittest.Entry("100644", "b.go", one)))
		}), check: counts(2, 2)},
		{name: "odd modes", build: rooted(func(r *gittest.Repo) string {
			blob := r.Object("blob", goFile)
			return gittest.Entry("100600", "a.go", blob) + gittest.Entry("000000", "b.go", blob) + gittest.Entry("177777", "c.go", blob)
		})},
		{name: "a tree where a file should be", build: rooted(func(r *gittest.Repo) string {
			return gittest.Entry("100644", "a.go", r.Object("tree", "")) + gittest.Entry("100644", "b.go", strings.Repeat("7", 40))
		}), check: counts(2, 0)},
		{name: "links in a circle", build: rooted(func(r *gittest.Repo) string {
			return gittest.Entry("120000", "a", r.Object("blob", "b")) + gittest.Entry("120000", "b", r.Object("blob", "a")) +
				gittest.Entry("120000", "c.go", r.Object("blob", "/etc/passwd")) + gittest.Entry("120000", ".mailmap", r.Object("blob", "../../secret"))
		}), check: skips(report.SkipSymlink, 4)},
		{name: "submodules in a circle", build: func(t *testing.T) *gittest.Repo {
			t.Helper()
			r := gittest.Init(t)
			first := r.CommitTree(r.Object("tree", gittest.Entry("100644", "a.go", r.Object("blob", goFile))))
			modules := r.Object("blob", "[submodule \"self\"]\n\tpath = self\n\turl = ./\n\tupdate = !touch pwned\n")
			r.CommitTree(r.Object("tree", gittest.Entry("100644", ".gitmodules", modules)+gittest.Entry("160000", "self", first)), first)
			return r
		}, check: skips(report.SkipSubmodule, 1)},
		{name: "deep folders", build: files(map[string]string{deep + "a.go": goFile}), check: counts(1, 1)},
		{name: "code that nests", build: files(map[string]string{
			"a.go": "package a\n\nvar x = " + nested("(", ")") + "\n", "a.py": "x = " + nested("[", "]"), "a.js": nested("{", "}"), "a.ts": "let x: " + nested("Array<", ">"),
			"A.java": "class A { int x = " + nested("(", ")") + "; }", "b.json": nested("[", "]"), "b.yaml": nested("[", "]"), "README.md": nested("> ", ""), "c.xml": nested("<a>", "</a>"),
		})},
		{name: "one long line", build: files(map[string]string{
			"large.js": strings.Repeat("a=1;", 2_500_000), "small.js": strings.Repeat("a=1;", 200_000), "a.go": "package a; var x = []int{" + strings.Repeat("1,", 400_000) + "}",
			"a.py": "x = [" + strings.Repeat("1,", 400_000) + "]", "README.md": strings.Repeat("word ", 180_000),
		}), check: skips(report.SkipTooLarge, 1)},
		{name: "names and texts that are not UTF-8", build: rooted(func(r *gittest.Repo) string {
			return gittest.Entry("100644", "\xff\xfe.go", r.Object("blob", "package a\n\n// \xff\xfe\nfunc \xc3\x28() {}\n")) +
				gittest.Entry("100644", "a\nb.py", r.Object("blob", "x = '\xff'\n")) + gittest.Entry("100644", "\u202egpj.js", r.Object("blob", "let a\n"))
		}), check: counts(3, 3)},
		{name: "a blob that inflates", build: files(map[string]string{"zeros.go": strings.Repeat("\x00", 24<<20), "spaces.py": strings.Repeat(" ", 24<<20)}), check: skips(report.SkipTooLarge, 2), bytes: 64 << 20},
		{name: "many files in one folder", build: func(t *testing.T) *gittest.Repo { return crowd(t, 3000, 1) }, check: counts(3000, 3000)},
		{name: "a commit of nothing but parents", build: func(t *testing.T) *gittest.Repo {
			t.Helper()
			r := gittest.Init(t)
			tree := r.Object("tree", gittest.Entry("100644", "a.go", r.Object("blob", goFile)))
			var parents []string
			for range 60 {
				parents = append(parents, r.CommitTree(tree, parents...))
			}
			return r
		}, check: func(t *testing.T, r *report.CodeReport) {
			t.Helper()
			if r.Window.Commits != 60 || r.Window.Merges != 58 {
				t.Errorf("%+v", r.Window)
			}
		}},
		{name: "a commit that is no commit", build: func(t *testing.T) *gittest.Repo {
			t.Helper()
			r := gittest.Init(t)
			r.CommitTree(r.Object("tree", ""), r.Object("commit", "tree "+strings.Repeat("0", 40)+"\n\n"))
			return r
		}, reason: git.ReasonCorrupt},
		{name: "nothing", build: rooted(func(*gittest.Repo) string { return "" }), check: counts(0, 0)},
	} {
		t.Run(h.name, h.run)
	}
}

// crowd is a repository of one commit with so many small files, in folders of
// one level.
func crowd(t *testing.T, n, folders int) *gittest.Repo {
	t.Helper()
	r := gittest.Init(t)
	var stream bytes.Buffer
	fmt.Fprintf(&stream, "blob\nmark :1\ndata %d\n%s\ncommit refs/heads/main\nmark :2\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 0\n", len(goFile), goFile)
	for i := range n {
		fmt.Fprintf(&stream, "M 100644 :1 d%d/f%d.go\n", i%folders, i)
	}
	r.Import(stream.String())
	return r
}
