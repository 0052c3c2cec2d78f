// Command search measures the index of a search: how fast it is built of a
// repository, and how fast questions are answered over as many passages as are
// asked for, on SQLite and on PostgreSQL. docs/benchmarks.md says how to read
// what it prints.
//
//	search -repository PATH [-passages 1000000] [-postgres URL [-again]]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/bench/scope"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/terms"
)

func main() {
	repository := flag.String("repository", "", "a local repository")
	passages := flag.Int("passages", 1_000_000, "how many passages are searched; the repository's are repeated")
	postgres := flag.String("postgres", "", "URL of an empty PostgreSQL database; none: SQLite alone")
	again := flag.Bool("again", false, "ask the PostgreSQL database that a run before filled, and nothing else")
	flag.Parse()
	run := measure
	if *again {
		run = askAgain
	}
	if err := run(context.Background(), *repository, *passages, *postgres); err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}

// result is a line of the output.
type result struct {
	Database  string  `json:"database"`
	What      string  `json:"what"`
	Passages  int64   `json:"passages"`
	MB        float64 `json:"mb,omitempty"` // of source
	OnDisk    float64 `json:"mb_on_disk,omitempty"`
	Seconds   float64 `json:"seconds,omitempty"`
	MBPerS    float64 `json:"mb_per_second,omitempty"`
	Questions int     `json:"questions,omitempty"`
	P50       float64 `json:"p50_ms,omitempty"`
	P95       float64 `json:"p95_ms,omitempty"`
	Most      float64 `json:"max_ms,omitempty"`
}

func measure(ctx context.Context, repository string, passages int, postgres string) error {
	sources, err := read(ctx, repository)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "search")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, url := range []string{"sqlite:///" + filepath.Join(dir, "search.db"), postgres} {
		if url == "" {
			continue
		}
		if err := on(ctx, url, sources, passages); err != nil {
			return err
		}
	}
	return nil
}

// askAgain asks what a run before wrote.
func askAgain(ctx context.Context, repository string, _ int, postgres string) error {
	sources, err := read(ctx, repository)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, database.Options{URL: postgres, MaxConns: 8})
	if err != nil {
		return err
	}
	defer db.Close()
	var project string
	if err := db.Read().QueryRowContext(ctx, `SELECT id FROM projects`).Scan(&project); err != nil {
		return fmt.Errorf("looking for what a run before wrote: %w", err)
	}
	return ask(ctx, store.New(db), string(db.Engine()), project, sources)
}

// read analyses the repository and returns its passages.
func read(ctx context.Context, repository string) ([]inspect.PassageSource, error) {
	in := inspect.New(inspect.Options{Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Hour}})
	r := inspect.Request{Source: repository, AllowLocal: true}
	found, err := in.Inspect(ctx, r)
	if err != nil {
		return nil, err
	}
	var out []inspect.PassageSource
	started := time.Now()
	err = in.Passages(ctx, r, found.Index, inspect.PassageSink{
		Known: func(rampforge.PassageKind, string, string) bool { return false },
		Put:   func(s inspect.PassageSource) error { out = append(out, s); return nil },
		Weigh: func(string, float64) {},
	})
	say(result{What: "reading", Passages: count(out), MB: size(out), Seconds: time.Since(started).Seconds(), MBPerS: size(out) / time.Since(started).Seconds()})
	return out, err
}

func count(sources []inspect.PassageSource) (n int64) {
	for i := range sources {
		n += int64(len(sources[i].Passages))
	}
	return n
}

func size(sources []inspect.PassageSource) float64 {
	n := 0
	for i := range sources {
		for _, p := range sources[i].Passages {
			n += len(p.Text)
		}
	}
	return float64(n) / 1e6
}

func say(r result) {
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

func on(ctx context.Context, url string, sources []inspect.PassageSource, passages int) error {
	db, err := database.Open(ctx, database.Options{URL: url, MaxConns: 8})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	s := store.New(db)
	project, claim, err := scope.Make(ctx, s)
	if err != nil {
		return err
	}
	for round, written := 0, int64(0); written < int64(passages); round++ {
		started := time.Now()
		if err := write(ctx, s, claim, sources, round); err != nil {
			return err
		}
		written += count(sources)
		took := time.Since(started).Seconds()
		if round < 2 || written >= int64(passages) {
			say(result{Database: string(db.Engine()), What: "building", Passages: written, MB: size(sources), Seconds: took, MBPerS: size(sources) / took})
		}
	}
	if db.Engine() == database.Postgres {
		if _, err := db.Write().ExecContext(ctx, `VACUUM ANALYZE`); err != nil {
			return err
		}
	}
	if err := onDisk(ctx, db, sources, passages); err != nil {
		return err
	}
	return ask(ctx, s, string(db.Engine()), project, sources)
}

// onDisk says how large the database is with all of its passages.
func onDisk(ctx context.Context, db *database.DB, sources []inspect.PassageSource, passages int) error {
	text := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if db.Engine() == database.Postgres {
		text = `SELECT pg_database_size(current_database())`
	}
	var bytes float64
	err := db.Read().QueryRowContext(ctx, text).Scan(&bytes)
	rounds := (int64(passages) + count(sources) - 1) / count(sources)
	say(result{Database: string(db.Engine()), What: "on disk", Passages: rounds * count(sources), MB: size(sources) * float64(rounds), OnDisk: bytes / 1e6})
	return err
}

// batch is how many bytes of text are written at once.
const batch = 1 << 20

// write writes all passages once more, under names of their own.
func write(ctx context.Context, s *store.Store, claim store.SearchClaim, sources []inspect.PassageSource, round int) error {
	var change store.PassageChange
	bytes := 0
	flush := func() error {
		_, err := s.ChangePassages(ctx, claim, change, time.Now())
		change, bytes = store.PassageChange{}, 0
		return err
	}
	for i := range sources {
		for _, p := range sources[i].Passages {
			p.Key = fmt.Sprint(round, ":", p.Key)
			change.Put = append(change.Put, p)
			bytes += len(p.Text)
		}
		if bytes > batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// ask asks questions made of the words of passages: rare ones, common ones, and
// commits' subjects as they are.
func ask(ctx context.Context, s *store.Store, engine, project string, sources []inspect.PassageSource) error {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same questions each time
	questions := map[string][]string{"common words": {
		"where is the error returned", "how does this function return the value", "what if the test is not new", "get set add new return if error", "string name type value",
	}}
	for range 200 {
		p := sources[random.IntN(len(sources))]
		if len(p.Passages) == 0 {
			continue
		}
		one := p.Passages[random.IntN(len(p.Passages))]
		kind := "words of code"
		if one.Kind == rampforge.PassageCommit {
			kind = "subjects of commits"
		}
		text := one.Text[:min(len(one.Text), 200)]
		if kind == "subjects of commits" {
			text = one.Title
		}
		questions[kind] = append(questions[kind], text)
	}
	splitter := terms.NewSplitter()
	for kind, list := range questions {
		var times []float64
		var total int64
		for range 3 {
			for _, q := range list {
				var words []string
				for _, t := range splitter.Terms(q) {
					words = append(words, t.Text)
				}
				started := time.Now()
				found, err := s.Search(ctx, store.Viewer{Admin: true}, project, store.SearchQuery{Terms: words, Limit: 300})
				if err != nil {
					return err
				}
				total = found.Total
				times = append(times, float64(time.Since(started).Microseconds())/1000)
			}
		}
		slices.Sort(times)
		say(result{Database: engine, What: kind, Passages: total, Questions: len(times), P50: times[len(times)/2], P95: times[len(times)*95/100], Most: times[len(times)-1]})
	}
	return nil
}
