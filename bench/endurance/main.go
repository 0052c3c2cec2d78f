// Command endurance keeps the real program under mixed traffic for long, at a
// share of what it was found to bear, and watches its memory, goroutines and file
// descriptors. It prints one line of JSON for each result. Loopback only.
package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // databases of its own are made and dropped

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/internal/store"
)

type options struct {
	program, ingest, postgres, redis string
	duration, find                   time.Duration
	share                            float64
	connections, replicas            int
}

func main() {
	var o options
	flag.StringVar(&o.program, "rampforge", "bin/rampforge", "the program")
	flag.StringVar(&o.ingest, "ingest", "bin/ingest", "bench/ingest, which is the vendor")
	flag.StringVar(&o.postgres, "postgres", "", "URL of a PostgreSQL server on which a database may be made and dropped; none: SQLite alone")
	flag.StringVar(&o.redis, "redis", "", "URL of a Redis beside PostgreSQL; may be empty")
	flag.DurationVar(&o.duration, "d", 30*time.Minute, "how long each database is under load, at most 4h")
	flag.DurationVar(&o.find, "find", 15*time.Second, "how long the capacity is looked for")
	flag.Float64Var(&o.share, "share", 0.7, "of the capacity")
	flag.IntVar(&o.connections, "c", 32, "connections, at most 256")
	flag.IntVar(&o.replicas, "replicas", 3, "up to how many API replicas behind a proxy are measured; 0 leaves that out")
	flag.Parse()
	o.duration, o.connections = min(o.duration, 4*time.Hour), min(max(o.connections, 1), 256)
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "endurance:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if err := endure(o, "sqlite", ""); err != nil || o.postgres == "" {
		return err
	}
	if err := withDatabase(o.postgres, func(address string) error { return endure(o, "postgres", address) }); err != nil {
		return err
	}
	return withDatabase(o.postgres, func(address string) error { return scale(o, address) })
}

// withDatabase makes a database for f and drops it afterwards.
func withDatabase(server string, f func(address string) error) error {
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer admin.Close()
	u, err := url.Parse(server)
	if err != nil {
		return err
	}
	name := strings.ToLower(store.NewID("rfendurance"))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return err
	}
	defer func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			fmt.Fprintln(os.Stderr, "endurance:", err)
		}
	}()
	u.Path = "/" + name
	return f(u.String())
}

// environment is what each server has besides what every measurement has.
func environment(o options, dir, kind string) []string {
	env := []string{"METRICS_TOKEN=metrics", "RATE_LIMIT_ANALYZE=off", "RATE_LIMIT_ASK=off", "LOCAL_REPOSITORY_ROOTS=" + dir, "SYNC_INTERVAL=0"}
	if kind == "postgres" && o.redis != "" {
		env = append(env, "REDIS_URL="+o.redis)
	}
	return env
}

// startVendor starts the vendor and returns its address and how to end it.
func startVendor(o options) (string, func(), error) {
	cmd := exec.Command(o.ingest, "-vendor", "-items", "500", "-pulls", "50")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", nil, err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	stop := func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	if err != nil {
		stop()
	}
	return strings.TrimSpace(address), stop, err
}

// endure looks for the capacity on one database, and keeps the load up.
func endure(o options, kind, address string) error {
	dir, err := os.MkdirTemp("", "endurance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	vendor, stop, err := startVendor(o)
	if err != nil {
		return err
	}
	defer stop()
	s, err := program.Start(o.program, dir, address, environment(o, dir, kind)...)
	if err != nil {
		return err
	}
	defer s.Stop()
	w, err := newWorld(s, o, dir, vendor)
	if err != nil {
		return err
	}
	capacity := w.drive([]string{s.Address}, o, o.find, 0)
	report(map[string]any{"database": kind, "what": "capacity", "connections": o.connections, "per_second": round(capacity.perSecond), "errors": capacity.errors, "first_error": capacity.first, "load_average": loadAverage()})
	watch := follow(s)
	r := w.drive([]string{s.Address}, o, o.duration, capacity.perSecond*o.share)
	h := watch.end()
	for _, kindOf := range r.kinds() {
		p := r.percentiles(kindOf)
		report(map[string]any{"database": kind, "what": "latency", "kind": kindOf, "requests": p.n, "p50_ms": p.p50, "p95_ms": p.p95, "p99_ms": p.p99, "max_ms": p.most})
	}
	report(map[string]any{
		"database": kind, "what": "endurance", "share": o.share, "seconds": round(r.took.Seconds()), "per_second": round(r.perSecond), "requests": r.requests, "errors": r.errors, "first_error": r.first,
		"rss_mib": round(h.last.rss / (1 << 20)), "rss_slope_bytes_per_minute": round(h.slope(func(x sample) float64 { return x.rss })),
		"goroutines": h.last.goroutines, "goroutine_slope_per_minute": round(h.slope(func(x sample) float64 { return x.goroutines })),
		"descriptors": h.last.descriptors, "descriptor_slope_per_minute": round(h.slope(func(x sample) float64 { return x.descriptors })), "load_average": loadAverage(),
	})
	report(verdict(kind, r, h))
	return nil
}

// verdict holds a run against the targets.
func verdict(kind string, r *outcome, h *history) map[string]any {
	plain := r.percentiles("read", "write")
	minutes := max(r.took.Minutes(), 1)
	missed := []string{}
	miss := func(bad bool, what string) {
		if bad {
			missed = append(missed, what)
		}
	}
	miss(plain.p99 >= 100, fmt.Sprintf("p99 of plain reads and writes is %.1f ms, not below 100", plain.p99))
	miss(r.errors > 0, fmt.Sprintf("%d errors", r.errors))
	// What grows by less in the whole run than these is no growth.
	rss := h.slope(func(x sample) float64 { return x.rss })
	miss(rss*minutes > 16<<20 && rss > 256<<10, fmt.Sprintf("memory grows by %.2f MiB a minute", rss/(1<<20)))
	miss(h.slope(func(x sample) float64 { return x.goroutines })*minutes > 20, "goroutines grow")
	miss(h.slope(func(x sample) float64 { return x.descriptors })*minutes > 20, "file descriptors grow")
	return map[string]any{"database": kind, "what": "verdict", "plain_p99_ms": plain.p99, "met": len(missed) == 0, "missed": missed}
}

func report(line map[string]any) { _ = json.NewEncoder(os.Stdout).Encode(line) }

func round(x float64) float64 { return float64(int64(x*10+sign(x)*0.5)) / 10 }

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// loadAverage tells how busy the machine was besides, "" where it does not say.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// repository makes a repository of a few commits.
func repository(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	script := "git init -q -b main .\n"
	for n := range 20 {
		script += fmt.Sprintf("mkdir -p p%d; printf 'package p%d\\n\\nfunc F%d(n int) int { return n }\\n' > p%d/f%d.go; git add -A; git commit -q -m 'Step %d'\n", n%4, n%4, n, n%4, n, n)
	}
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = path
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+filepath.Join(path, "none"), "GIT_AUTHOR_NAME=Bench", "GIT_AUTHOR_EMAIL=bench@example.com", "GIT_COMMITTER_NAME=Bench", "GIT_COMMITTER_EMAIL=bench@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("making a repository: %w: %s", err, out)
	}
	return nil
}
