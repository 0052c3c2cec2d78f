package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/web"
)

// verdict is how one check ended.
type verdict string

const (
	fine   verdict = "ok"
	warned verdict = "warn"
	broken verdict = "FAIL"
)

// finding is the outcome of one check: what was seen, and what to do about it.
type finding struct {
	verdict verdict
	seen    string
	remedy  string
}

func ok(format string, args ...any) finding {
	return finding{verdict: fine, seen: fmt.Sprintf(format, args...)}
}

func newDoctor(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that the server needs, and say what to do about each fault",
		Long: "Check git, the database, the queue, the cache, the disk, the keys, the folders of\n" +
			"local repositories, the web pages and the model. Nothing is changed. Ends with 1 when something is broken.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), 30*time.Second)
			defer cancel()
			return doctor(ctx, s.out)
		},
	}
}

func doctor(ctx context.Context, w io.Writer) error {
	c, err := loadConfig()
	if err != nil {
		fmt.Fprintf(w, "%-4s  %-13s %s\n", broken, "configuration", strings.ReplaceAll(err.Error(), "\n", "\n                    "))
		return quietError{err}
	}
	checks := []struct {
		name string
		run  func(context.Context, *config.Config) finding
	}{
		{"configuration", func(context.Context, *config.Config) finding { return ok("every variable is readable") }},
		{"git", checkGit},
		{"data folder", checkDisk},
		{"keys", checkKeys},
		{"database", checkDatabase},
		{"queue", checkQueue},
		{"cache", checkCache},
		{"local folders", checkLocalRoots},
		{"port", checkPort},
		{"web pages", checkWeb},
		{"AI", checkAI},
		{"Embeddings", checkEmbeddings},
	}
	failed := 0
	for _, check := range checks {
		f := check.run(ctx, c)
		fmt.Fprintf(w, "%-4s  %-13s %s\n", f.verdict, check.name, f.seen)
		if f.remedy != "" {
			fmt.Fprintf(w, "%20s→ %s\n", "", f.remedy)
		}
		if f.verdict == broken {
			failed++
		}
	}
	if failed > 0 {
		return quietError{fmt.Errorf("%d checks failed", failed)}
	}
	return nil
}

// minGit is the oldest git that knows what the product asks of it:
// http.curloptResolve came with 2.37.
var minGit = [2]int{2, 37}

var gitVersion = regexp.MustCompile(`(\d+)\.(\d+)(\.\d+)*`)

func checkGit(ctx context.Context, _ *config.Config) finding {
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		return finding{broken, "git does not run: " + err.Error(), "install git and make sure that it is on the PATH"}
	}
	m := gitVersion.FindStringSubmatch(string(out))
	if m == nil {
		return finding{warned, "git does not say its version: " + strings.TrimSpace(string(out)), "make sure that it is 2.37 or newer"}
	}
	major, _ := strconv.Atoi(m[1]) // digits, by the expression
	minor, _ := strconv.Atoi(m[2])
	if major < minGit[0] || major == minGit[0] && minor < minGit[1] {
		return finding{broken, "git " + m[0] + " is too old", "install git 2.37 or newer"}
	}
	return ok("git %s", m[0])
}

// lowDisk is the free space below which a database and a few mirrors soon
// fill the disk.
const lowDisk = 1 << 30

func checkDisk(_ context.Context, c *config.Config) finding {
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return finding{broken, err.Error(), "set DATA_DIR to an absolute path"}
	}
	existing := dir
	for {
		if _, err := os.Stat(existing); err == nil || filepath.Dir(existing) == existing {
			break
		}
		existing = filepath.Dir(existing)
	}
	temp, err := os.CreateTemp(existing, ".rampforge-doctor-*")
	if err != nil {
		return finding{broken, dir + " cannot be written", "make it writable for this user, or set DATA_DIR to a folder that is"}
	}
	_ = errors.Join(temp.Close(), os.Remove(temp.Name()))
	var fs syscall.Statfs_t
	if err := syscall.Statfs(existing, &fs); err != nil {
		return finding{warned, fmt.Sprintf("%s: the free space cannot be read: %v", dir, err), ""}
	}
	free := fs.Bavail * uint64(fs.Bsize) //nolint:gosec // a block has a size above 0
	if free < lowDisk {
		return finding{warned, fmt.Sprintf("%s has %d MiB free", dir, free>>20), "free some space: mirrors and the database grow"}
	}
	return ok("%s, %d GiB free", dir, free>>30)
}

func checkKeys(_ context.Context, c *config.Config) finding {
	if c.SecretKey != "" {
		if len(c.SecretKey) < 32 {
			return finding{warned, "SECRET_KEY is short: accepted on loopback and with DEBUG only", "make one with: openssl rand -hex 32"}
		}
		return ok("SECRET_KEY is set")
	}
	path := filepath.Join(c.DataDir, secret.KeyFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return ok("none yet: one will be made in %s", path)
	}
	if _, err := secret.LoadOrCreate(c.DataDir); err != nil {
		return finding{broken, "the kept key cannot be used", err.Error()}
	}
	return ok("kept in %s", path)
}

func checkDatabase(ctx context.Context, c *config.Config) finding {
	return withDatabase(ctx, c, func(db *database.DB) finding {
		pending, err := db.Pending(ctx)
		switch {
		case err != nil:
			return finding{broken, "the schema cannot be read: " + sentence(err), "check that the user may read the tables"}
		case pending < 0:
			return finding{broken, "the schema is newer than this program", "install the version that migrated it, or a newer one"}
		case pending > 0:
			return finding{warned, fmt.Sprintf("%s, %d migrations to run", db.Engine(), pending), "rampforge serve runs them at its start; rampforge migrate runs them now"}
		}
		return ok("%s, schema up to date", db.Engine())
	})
}

// withDatabase opens the database without creating one: a check changes
// nothing.
func withDatabase(ctx context.Context, c *config.Config, check func(*database.DB) finding) finding {
	if path, isFile := database.SQLitePath(c.DatabaseURL); isFile {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return ok("none yet: %s will be made", path)
		}
	}
	db, err := database.Open(ctx, database.Options{URL: c.DatabaseURL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return finding{broken, sentence(err), "check DATABASE_URL, and that the database runs and accepts this user"}
	}
	defer db.Close()
	return check(db)
}

func checkQueue(ctx context.Context, c *config.Config) finding {
	return withDatabase(ctx, c, func(db *database.DB) finding {
		if pending, err := db.Pending(ctx); err != nil || pending != 0 {
			return finding{warned, "not known before the migrations ran", "run rampforge migrate"}
		}
		counts, err := store.New(db).JobCounts(ctx)
		if err != nil {
			return finding{broken, "the jobs cannot be read: " + sentence(err), "run rampforge migrate, and check that the user may read the tables"}
		}
		if counts.Silent > 0 {
			return finding{warned, fmt.Sprintf("%d queued, %d running, %d of them silent for a minute", counts.Queued, counts.Running, counts.Silent), "start a server with JOB_WORKERS above 0: it takes them over"}
		}
		return ok("%d queued, %d running", counts.Queued, counts.Running)
	})
}

func checkCache(ctx context.Context, c *config.Config) finding {
	if c.RedisURL == "" {
		return ok("in memory; replicas count requests in PostgreSQL")
	}
	shared, err := cache.New(cache.Options{URL: c.RedisURL, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		defer shared.Close()
		err = shared.Ping(ctx)
	}
	if err != nil {
		return finding{broken, strings.TrimSuffix(sentence(err), "."), "check REDIS_URL, and that Redis runs; until then requests are counted in the database, and each process keeps values for itself"}
	}
	return ok("Redis answers")
}

// rootFault is a folder of LOCAL_REPOSITORY_ROOTS in which no repository can be
// found as things are.
type rootFault struct{ root, problem string }

// rootFaults looks at the folders that local repositories must lie in. A
// folder that can be entered is enough: it need not be listed.
func rootFaults(c *config.Config) []rootFault {
	if !c.LocalAllowed() {
		return nil
	}
	var faults []rootFault
	for _, root := range c.LocalRoots {
		_, err := os.Stat(root + "/.") // the dot asks for a folder, and for the right to enter it
		switch {
		case err == nil:
		case errors.Is(err, os.ErrNotExist):
			faults = append(faults, rootFault{root, "does not exist"})
		case errors.Is(err, syscall.ENOTDIR):
			faults = append(faults, rootFault{root, "is no folder"})
		default:
			faults = append(faults, rootFault{root, "cannot be entered by this user"})
		}
	}
	return faults
}

func checkLocalRoots(_ context.Context, c *config.Config) finding {
	switch {
	case c.LocalAllowed():
	case c.AllowLocal != nil && !*c.AllowLocal:
		return ok("none: ALLOW_LOCAL_REPOSITORIES is false")
	case c.AllowLocal == nil && !c.Loopback():
		return ok("none: the server does not listen on loopback")
	default:
		return finding{warned, "no folder is known that local repositories may lie in", "set LOCAL_REPOSITORY_ROOTS, or ALLOW_LOCAL_REPOSITORIES=false"}
	}
	faults := rootFaults(c)
	if len(faults) == 0 {
		return ok("%s", strings.Join(c.LocalRoots, ", "))
	}
	seen := make([]string, len(faults))
	for i, f := range faults {
		seen[i] = f.root + " " + f.problem
	}
	return finding{warned, strings.Join(seen, "; "), "make it a folder that this user may enter, or correct LOCAL_REPOSITORY_ROOTS: no repository there can be analysed"}
}

func checkPort(ctx context.Context, c *config.Config) finding {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Address())
	if err != nil {
		return finding{warned, c.Address() + " is taken: a server runs already, or another program", "set API_PORT to a free port if it is another program"}
	}
	_ = l.Close()
	return ok("%s is free", c.Address())
}

func checkWeb(context.Context, *config.Config) finding {
	if !web.Built() {
		return finding{warned, "not built into this program", "build with make build (needs Node); the API works without"}
	}
	return ok("built in")
}

// checkEmbeddings asks whether the model that embeds is there. It takes no tokens.
func checkEmbeddings(ctx context.Context, c *config.Config) finding {
	if c.AIEmbeddings == config.EmbeddingsOff {
		return ok("off: the search goes by words")
	}
	e := rawEmbedder(ctx, c)
	if pinger, can := e.(interface {
		Ping(ctx context.Context) error
	}); can {
		if err := pinger.Ping(ctx); err != nil {
			return finding{warned, strings.TrimSuffix(err.Error(), "."), "the search goes by words until it works; check the AI_EMBEDDING, VERTEX_AI_, GEMINI_ and OPENAI_ variables"}
		}
	}
	return ok("%s by %s answers", e.Name(), c.AIEmbeddings)
}

// checkAI asks whether the model is there. It takes no tokens.
func checkAI(ctx context.Context, c *config.Config) finding {
	if c.Provider() == config.ProviderExtractive {
		return ok("no model: answers are quotes of the sources")
	}
	model := rawModel(ctx, c)
	pinger, can := model.(interface {
		Ping(ctx context.Context) error
	})
	if !can {
		return ok("%s by %s", model.Name(), c.Provider())
	}
	if err := pinger.Ping(ctx); err != nil {
		return finding{warned, strings.TrimSuffix(err.Error(), "."), "answers are quotes of the sources until it works; check the AI_, VERTEX_AI_, GEMINI_ and OPENAI_ variables"}
	}
	return ok("%s by %s answers", model.Name(), c.Provider())
}
