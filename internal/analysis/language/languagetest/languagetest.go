// Package languagetest is the conformance suite that every parser of a
// language runs. It may import the package language and the standard library,
// go-cmp and txtar.
//
// A parser's test is a few lines:
//
//	func TestPython(t *testing.T) {
//		languagetest.Run(t, python.New(), languagetest.Cases{
//			Path:    "sample.py",
//			Comment: "# Only a comment.\n",
//			Deep:    []languagetest.Nest{{Open: "(", Close: ")"}, {Open: "[", Close: "]"}},
//		})
//	}
//
// and a folder testdata of txtar archives. Each file X in an archive has its
// expected facts beside it in X.facts, in the notation of [Describe];
// go test -update writes them. A file may have any name and extension that the
// parser reads, so one archive can hold a test file beside a program.
//
// Every source in the archives is also read cut off in the middle, with other
// line ends, with a byte order mark and by several goroutines at once.
package languagetest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var update = flag.Bool("update", false, "write the expected facts")

const (
	// patience is far more than any parse of these small sources needs, on any
	// machine; a parse that is not done by then hangs.
	patience = time.Minute
	// cuts is how many prefixes of each source are read.
	cuts = 48
	// deepBytes is the length of the deeply nested sources: what is quadratic
	// shows at this length. TestLongDeepNesting of the package builtin reads
	// longer ones.
	deepBytes = 1 << 15
)

// Cases says what the suite needs to know of a language.
type Cases struct {
	Dir     string // folder of txtar archives, "testdata" when empty
	Path    string // a path that the parser reads: "sample.py"
	Comment string // a valid source that holds nothing but a comment
	Deep    []Nest // ways to nest in the language
	// LineFeedOnly says that a carriage return alone is no line end in the
	// language.
	LineFeedOnly bool
}

// Nest is something that can be nested without bound: Open is repeated, closed
// and unclosed.
type Nest struct{ Open, Close string }

// Run runs the whole suite.
func Run(t *testing.T, parser language.Parser, cases Cases) {
	t.Helper()
	t.Run("about", func(t *testing.T) {
		t.Parallel()
		if len(parser.Languages()) == 0 || parser.Version() == "" {
			t.Errorf("languages %q, version %q: both must be there", parser.Languages(), parser.Version())
		}
	})
	dir := cases.Dir
	if dir == "" {
		dir = "testdata"
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives in %s: %v", dir, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runArchive(t, parser, name, cases)
		})
	}
	t.Run("odd sources", func(t *testing.T) { oddSources(t, parser, cases) })
	t.Run("deep nesting", func(t *testing.T) { deepNesting(t, parser, cases) })
}

func runArchive(t *testing.T, parser language.Parser, name string, cases Cases) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	var sources []txtar.File
	for _, file := range archive.Files {
		if source, ok := strings.CutSuffix(file.Name, ".facts"); ok {
			want[source] = string(file.Data)
			continue
		}
		sources = append(sources, file)
	}
	golden := &txtar.Archive{Comment: archive.Comment}
	for _, source := range sources {
		facts := parse(t, parser, source.Name, source.Data)
		got := Describe(facts)
		golden.Files = append(golden.Files, source, txtar.File{Name: source.Name + ".facts", Data: []byte(got)})
		if !*update {
			if diff := cmp.Diff(want[source.Name], got); diff != "" {
				t.Errorf("facts of %s, go test -update writes them (-want +got):\n%s", source.Name, diff)
			}
		}
		checkFacts(t, source.Name, source.Data, facts)
		checkProperties(t, parser, source, facts, cases)
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(golden), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func checkProperties(t *testing.T, parser language.Parser, source txtar.File, facts *language.Facts, cases Cases) {
	t.Helper()
	same := func(what string, src []byte) {
		t.Helper()
		if diff := cmp.Diff(facts, parse(t, parser, source.Name, src)); diff != "" {
			t.Errorf("%s changes the facts of %s (-without +with):\n%s", what, source.Name, diff)
		}
	}
	same("reading it again", source.Data)
	same("CRLF", bytes.ReplaceAll(source.Data, []byte("\n"), []byte("\r\n")))
	same("a byte order mark", append([]byte("\uFEFF"), source.Data...))
	if !cases.LineFeedOnly {
		same("CR", bytes.ReplaceAll(source.Data, []byte("\n"), []byte("\r")))
	}

	if diff := cmp.Diff(facts, parse(t, parser, language.PathShape(source.Name), source.Data)); diff != "" {
		t.Errorf("the shape of the path of %s gives other facts (-path +shape):\n%s", source.Name, diff)
	}

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { same("concurrent use", source.Data) })
	}
	wg.Wait()

	step := max(1, len(source.Data)/cuts)
	for end := step / 2; end < len(source.Data); end += step {
		cut := source.Data[:end]
		checkFacts(t, source.Name, cut, parse(t, parser, source.Name, cut))
	}
	for _, odd := range []byte{0x8a, 0xff, 0} {
		damaged := bytes.Clone(source.Data)
		for at := int(odd) % 31; at < len(damaged); at += 97 {
			if damaged[at] != '\n' {
				damaged[at] = odd
			}
		}
		if facts, err := parseErr(t, parser, source.Name, damaged); err == nil {
			checkFacts(t, source.Name+", damaged", damaged, facts)
		}
	}
}

func oddSources(t *testing.T, parser language.Parser, cases Cases) {
	t.Helper()
	t.Parallel()
	for _, tt := range []struct {
		name, src string
		empty     bool // there is nothing in it
	}{
		{name: "empty", empty: true},
		{name: "blank lines", src: "\n\n  \n\t\n", empty: true},
		{name: "byte order mark alone", src: "\uFEFF", empty: true},
		{name: "comment", src: cases.Comment, empty: true},
		{name: "invalid UTF-8 in a comment", src: strings.Replace(cases.Comment, "comment", "comm\xff\xfe\xc3ent", 1), empty: true},
		{name: "NUL", src: "\x00"},
		{name: "NUL in a comment", src: strings.Replace(cases.Comment, "comment", "comm\x00ent", 1)},
		{name: "invalid UTF-8", src: "\xff\xfe\x80 \xed\xa0\x80 \xf4\x90\x80\x80"},
		{name: "UTF-16", src: "i\x00f\x00 \x00(\x00a\x00)\x00\n\x00"},
		{name: "controls", src: "\x01\x02\x1b[0m\x7f\x0c\x0b"},
		{name: "other scripts", src: "変数 = 関数(값)\n"},
	} {
		facts := parse(t, parser, cases.Path, []byte(tt.src))
		checkFacts(t, tt.name, []byte(tt.src), facts)
		if tt.empty && (len(facts.Functions) > 0 || len(facts.Imports) > 0 || len(facts.Declares) > 0 || len(facts.References) > 0 || facts.LLOC != 0) {
			t.Errorf("%s: there are facts in it:\n%s", tt.name, Describe(facts))
		}
	}
}

// deepNesting reads what no person writes. That it ends is all that is asked:
// a parser may give an error, no facts or facts.
func deepNesting(t *testing.T, parser language.Parser, cases Cases) {
	t.Helper()
	t.Parallel()
	for _, nest := range cases.Deep {
		n := deepBytes / (len(nest.Open) + len(nest.Close))
		for _, src := range []string{
			strings.Repeat(nest.Open, 2*n),
			strings.Repeat(nest.Open, n) + strings.Repeat(nest.Close, n),
			strings.Repeat(nest.Close, n),
		} {
			facts, err := parseErr(t, parser, cases.Path, []byte(src))
			if err == nil {
				checkFacts(t, nest.Open, []byte(src), facts)
			}
		}
	}
}

func parse(tb testing.TB, parser language.Parser, path string, src []byte) *language.Facts {
	tb.Helper()
	facts, err := parseErr(tb, parser, path, src)
	if err != nil {
		tb.Fatalf("%s, %d bytes: %v", path, len(src), err)
	}
	return facts
}

func parseErr(tb testing.TB, parser language.Parser, path string, src []byte) (*language.Facts, error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	before := bytes.Clone(src)
	facts, err := parser.Parse(ctx, path, src)
	if ctx.Err() != nil {
		tb.Errorf("%s, %d bytes starting with %.40q: not done after %v", path, len(src), src, patience)
	}
	if !bytes.Equal(before, src) {
		tb.Errorf("%s: the parser changed the source", path)
	}
	if err == nil && facts == nil {
		tb.Fatalf("%s: neither facts nor an error", path)
	}
	return facts, err
}

// Fuzz runs the invariants of facts on what the fuzzer finds, starting from
// seeds and every source in testdata.
func Fuzz(f *testing.F, parser language.Parser, path string, seeds ...string) {
	f.Helper()
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if !strings.HasSuffix(file.Name, ".facts") {
				f.Add(file.Data)
			}
		}
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		facts, err := parseErr(t, parser, path, src)
		if err != nil {
			return // too hard is an answer
		}
		checkFacts(t, path, src, facts)
		if diff := cmp.Diff(facts, parse(t, parser, path, src)); diff != "" {
			t.Errorf("reading it again changes the facts:\n%s", diff)
		}
	})
}

// Benchmark reads every source in testdata, joined into one file of about
// 100 kB, once an iteration, and reports the speed.
func Benchmark(b *testing.B, parser language.Parser, path, source string) {
	b.Helper()
	src := []byte(strings.Repeat(source, 1+100_000/max(1, len(source))))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parser.Parse(b.Context(), path, src); err != nil {
			b.Fatal(err)
		}
	}
}
