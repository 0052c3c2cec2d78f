package analysis_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis"
	"github.com/rampforgeai/rampforge/internal/analysis/analysistest"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var update = flag.Bool("update", false, "write the expected reports")

func load(t *testing.T, name string) *analysistest.Repository {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := analysistest.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func options(r *analysistest.Repository, name string) analysis.Options {
	return analysis.Options{
		Name: name, Commit: r.Commit, CommittedAt: r.CommittedAt, Ref: "main", Type: rampforge.AnalysisFull, IncludeDependencies: true,
		Parsers: builtin.Parsers(), Limits: analysis.DefaultLimits(), Workers: 2,
	}
}

func analyze(t *testing.T, r *analysistest.Repository, o analysis.Options) *report.CodeReport {
	t.Helper()
	got, _, err := analysis.Analyze(t.Context(), r, r, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func encode(t *testing.T, r *report.CodeReport) []byte {
	t.Helper()
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

var repositories = []string{"go", "python", "javascript", "java", "monorepo", "empty", "hostile"}

func TestReports(t *testing.T) {
	t.Parallel()
	for _, name := range repositories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := load(t, name)
			got := analyze(t, r, options(r, name))
			checkLists(t, reflect.ValueOf(*got), "report")
			golden := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(golden, encode(t, got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(encode(t, got))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// checkLists fails for a list that would be written as null.
func checkLists(t *testing.T, v reflect.Value, at string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Tag.Get("json") != "-" && field.IsExported() {
				checkLists(t, v.Field(i), at+"."+field.Name)
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			t.Errorf("%s is nil", at)
		}
		for i := range v.Len() {
			checkLists(t, v.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	default:
	}
}

// memory is a cache of facts.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	hits   int
}

func (m *memory) Get(key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	if ok {
		m.hits++
	}
	return v, ok
}

func (m *memory) Put(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = bytes.Clone(value)
}

// TestSameBytes analyses each tree in many ways that must not matter.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, name := range repositories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := load(t, name)
			want := encode(t, analyze(t, r, options(r, name)))
			cache := &memory{values: map[string][]byte{}}
			for _, how := range []string{"one worker", "nine workers", "the report alone", "fills the cache", "cached", "damaged cache"} {
				o := options(r, name)
				switch how {
				case "one worker":
					o.Workers = 1
				case "nine workers":
					o.Workers = 9
				case "the report alone":
					o.ReportOnly = true
				case "damaged cache":
					for key, value := range cache.values {
						cache.values[key] = value[:len(value)/2]
					}
					fallthrough
				default:
					o.Facts = cache
				}
				if diff := cmp.Diff(string(want), string(encode(t, analyze(t, r, o)))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestCacheSparesReading(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	cache := &memory{values: map[string][]byte{}}
	o := options(r, "go")
	o.Facts = cache
	analyze(t, r, o)
	blob := blobOf(t, r, "internal/voyage/voyage.go")
	if r.Read[blob] != 1 {
		t.Fatalf("the first analysis read a blob %d times", r.Read[blob])
	}
	analyze(t, r, o)
	if r.Read[blob] != 1 || cache.hits == 0 {
		t.Errorf("the second analysis read a blob that it knows, with %d hits", cache.hits)
	}
	o.Parsers = []language.Parser{newer{builtin.Parsers()[0]}}
	analyze(t, r, o)
	if r.Read[blob] != 2 {
		t.Error("a newer parser did not read the file again")
	}
}

// newer is a later version of a parser.
type newer struct{ language.Parser }

func (n newer) Version() string { return n.Parser.Version() + "+" }

func blobOf(t *testing.T, r *analysistest.Repository, path string) string {
	t.Helper()
	for _, f := range r.Files() {
		if f.Path == path {
			return f.Blob
		}
	}
	t.Fatalf("there is no %s", path)
	return ""
}

func TestQuickAnalysis(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	o := options(r, "go")
	o.Type, o.IncludeDependencies = rampforge.AnalysisQuick, false
	got := analyze(t, r, o)
	if got.Window.Complete || got.Window.Reason == "" || got.Window.From != nil || got.Knowledge.TruckFactor != nil || len(got.Hotspots) > 0 || len(got.External) > 0 {
		t.Errorf("a quick analysis tells of the history or the dependencies: %+v", got.Window)
	}
	if got.Totals.Functions == 0 || len(got.ReadingOrder) == 0 {
		t.Error("a quick analysis leaves the code out")
	}
	if !hasNote(got, "quick_analysis") {
		t.Errorf("the notes do not say so: %+v", got.Notes)
	}
}

func hasNote(r *report.CodeReport, code string) bool {
	for _, n := range r.Notes {
		if n.Code == code {
			return true
		}
	}
	return false
}

func skipReason(r *report.CodeReport, reason report.SkipReason) int {
	for _, s := range r.Skipped.Reasons {
		if s.Reason == reason {
			return s.Files
		}
	}
	return 0
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*analysis.Limits){
		"files": func(l *analysis.Limits) { l.Files = 5 },
		"bytes": func(l *analysis.Limits) { l.TotalBytes = 900 },
	} {
		r := load(t, "go")
		o := options(r, "go")
		set(&o.Limits)
		got := analyze(t, r, o)
		if skipReason(got, report.SkipBudget) == 0 || !hasNote(got, "budget_reached") || got.Totals.AnalysedFiles == 0 {
			t.Errorf("%s: skipped %+v, notes %+v", name, got.Skipped, got.Notes)
		}
		o.Workers = 7
		if diff := cmp.Diff(got, analyze(t, r, o)); diff != "" {
			t.Errorf("%s: not the same a second time:\n%s", name, diff)
		}
		o.Facts = &memory{values: map[string][]byte{}}
		limits := o.Limits
		o.Limits = analysis.DefaultLimits()
		analyze(t, r, o)
		o.Limits = limits
		if diff := cmp.Diff(got, analyze(t, r, o)); diff != "" {
			t.Errorf("%s: a cache that knows more files changes the report:\n%s", name, diff)
		}
	}
	r := load(t, "go")
	o := options(r, "go")
	o.Limits.FileBytes = 100
	if got := analyze(t, r, o); skipReason(got, report.SkipTooLarge) == 0 {
		t.Errorf("no file is too large: %+v", got.Skipped)
	}
}

// slow is a parser that takes until it is told to end.
type slow struct{ language.Parser }

func (slow) Parse(ctx context.Context, _ string, _ []byte) (*language.Facts, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestSlowParser(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	cache := &memory{values: map[string][]byte{}}
	o := options(r, "go")
	o.Parsers, o.Facts, o.Limits.ParseTime = []language.Parser{slow{builtin.Parsers()[0]}}, cache, time.Millisecond
	got := analyze(t, r, o)
	if n := skipReason(got, report.SkipParseFailed); n != 4 || !hasNote(got, "parse_failures") {
		t.Errorf("%d files could not be parsed, want the 4 of Go; notes %+v", n, got.Notes)
	}
	if got.Languages[0].Name != "Go" || got.Languages[0].Lines.Code == 0 {
		t.Errorf("their lines do not count: %+v", got.Languages)
	}
	o.Parsers = builtin.Parsers()[:1]
	if again := analyze(t, r, o); again.Totals.Functions == 0 {
		t.Error("a parser that ran out of time is remembered")
	}
}

func TestMissingObjects(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	r.Lacks["internal/voyage/voyage.go"], r.Lacks["go.mod"] = true, true
	r.Partial = "the clone is shallow"
	got := analyze(t, r, options(r, "go"))
	if skipReason(got, report.SkipMissing) != 2 || !hasNote(got, "missing_objects") || !hasNote(got, "partial_history") || got.Knowledge.TruckFactor != nil {
		t.Errorf("skipped %+v, notes %+v, truck factor %v", got.Skipped, got.Notes, got.Knowledge.TruckFactor)
	}
}

// late shows only at its end that it is not complete.
type late struct {
	*analysistest.Repository
	ended bool
}

func (l *late) Commits(ctx context.Context) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) {
		for c, err := range l.Repository.Commits(ctx) {
			if !yield(c, err) {
				return
			}
		}
		l.ended = true
	}
}

func (l *late) Complete() (bool, string) {
	return !l.ended, strings.Repeat("it lacks files", btoi(l.ended))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestHistoryThatLacksFiles(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	got, _, err := analysis.Analyze(t.Context(), r, &late{Repository: r}, options(r, "go"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Window.Complete || got.Window.Reason != "it lacks files" || !hasNote(got, "renames_unknown") {
		t.Errorf("window %+v, notes %+v", got.Window, got.Notes)
	}
}

// broken is a history that ends early.
type broken struct{ *analysistest.Repository }

var errBroken = errors.New("git was killed")

func (broken) Commits(context.Context) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) { yield(rampforge.Commit{}, errBroken) }
}

func TestFaults(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	if _, _, err := analysis.Analyze(t.Context(), r, broken{r}, options(r, "go")); !errors.Is(err, errBroken) {
		t.Errorf("a history that ends early gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := options(r, "go")
	o.Progress = func(rampforge.Progress) { cancel() }
	if _, _, err := analysis.Analyze(ctx, r, r, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled analysis gave %v", err)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	o := options(r, "go")
	o.Workers = 8
	var mu sync.Mutex
	var stages []string
	o.Progress = func(p rampforge.Progress) {
		if !mu.TryLock() {
			t.Error("progress is told from two goroutines at a time")
			return
		}
		defer mu.Unlock()
		if p.Total > 0 && p.Done > p.Total {
			t.Errorf("%d of %d %s", p.Done, p.Total, p.Unit)
		}
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
	}
	analyze(t, r, o)
	if want := []string{"reading files", "resolving imports", "reading history", "drawing the map"}; !cmp.Equal(want, stages) {
		t.Errorf("stages %q, want %q", stages, want)
	}
}
