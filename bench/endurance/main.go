// Command endurance keeps the real program under mixed traffic for long, at a
// share of what it was found to bear, and watches its memory, goroutines and file
// descriptors. On PostgreSQL and Redis, which are its own, it lets both of them
// fail meanwhile. It prints one line of JSON for each result. Loopback only.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/bench/services"
)

type options struct {
	program, ingest, databases, profiles string
	duration, find, faultsEvery          time.Duration
	share, processors                    float64
	connections, replicas                int
	seed                                 uint64
}

func main() {
	var o options
	flag.StringVar(&o.program, "rampforge", "bin/rampforge", "the program")
	flag.StringVar(&o.ingest, "ingest", "bin/ingest", "bench/ingest, which is the vendor")
	flag.StringVar(&o.databases, "databases", "sqlite,postgres,replicas", "what is measured: SQLite, PostgreSQL with Redis, and one to three replicas over them")
	flag.StringVar(&o.profiles, "profiles", "", "a folder for profiles of the heap, taken after a third of the time and at its end")
	flag.DurationVar(&o.duration, "d", 30*time.Minute, "how long each database is under load, at most 4h")
	flag.DurationVar(&o.find, "find", time.Minute, "how long the capacity is looked for; what comes by the clock must come some times in it")
	flag.DurationVar(&o.faultsEvery, "faults", 2*time.Minute, "how long after one fault of PostgreSQL or Redis the next comes; 0: none")
	flag.Float64Var(&o.share, "share", 0.7, "of the capacity")
	flag.Float64Var(&o.processors, "processors", 0.2, "what each replica has of a processor when replicas are counted; 0: no limit")
	flag.IntVar(&o.connections, "c", 32, "connections, at most 256")
	flag.IntVar(&o.replicas, "replicas", 3, "up to how many API replicas behind a proxy are measured")
	flag.Uint64Var(&o.seed, "seed", 1, "of what fails when")
	flag.Parse()
	o.duration, o.connections = min(o.duration, 4*time.Hour), min(max(o.connections, 1), 256)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "endurance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	for what := range strings.SplitSeq(o.databases, ",") {
		var err error
		switch what {
		case "sqlite":
			err = endure(ctx, o, nil)
		case "postgres":
			err = withServices(func(b *backing) error { return endure(ctx, o, b) })
		case "replicas":
			err = withServices(func(b *backing) error { return scale(ctx, o, b) })
		default:
			err = fmt.Errorf("-databases: %q is none of sqlite, postgres, replicas", what)
		}
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// backing is what a server stands on besides its own disk.
type backing struct {
	postgres services.Postgres
	redis    services.Redis
}

func withServices(f func(*backing) error) error {
	dir, err := os.MkdirTemp("", "endurance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL does not run as root
		return err
	}
	var b backing
	defer b.redis.Stop()
	defer b.postgres.Stop("immediate")
	if err := errors.Join(b.postgres.Make(filepath.Join(dir, "postgres")), b.redis.Make(dir)); err != nil {
		return err
	}
	return f(&b)
}

// url is that of the database; none is SQLite.
func (b *backing) url() string {
	if b == nil {
		return ""
	}
	return b.postgres.URL()
}

// environment is what each server has besides what every measurement has.
// Passwords cost what they cost where nobody has set it otherwise.
func (b *backing) environment(dir string) []string {
	env := []string{"RATE_LIMIT_ANALYZE=off", "RATE_LIMIT_ASK=off", "LOCAL_REPOSITORY_ROOTS=" + dir, "SYNC_INTERVAL=0", "BCRYPT_COST=12", "SECRET_KEY=" + strings.Repeat("made-up-", 8)}
	if b != nil {
		env = append(env, "REDIS_URL="+b.redis.URL())
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

// setUp starts the vendor and the first server, and makes what the traffic is
// about. What it returns ends all of it.
func setUp(o options, b *backing, environment ...string) (s *program.Server, w *world, end func(), err error) {
	dir, err := os.MkdirTemp("", "endurance")
	if err != nil {
		return nil, nil, nil, err
	}
	ends := []func(){func() { _ = os.RemoveAll(dir) }}
	end = func() {
		for _, f := range slices.Backward(ends) {
			f()
		}
	}
	vendor, stop, err := startVendor(o)
	if err == nil {
		ends = append(ends, stop)
		s, err = program.Start(o.program, dir, b.url(), append(b.environment(dir), environment...)...)
	}
	if err == nil {
		ends = append(ends, s.Stop)
		w, err = newWorld(s, o, dir, vendor)
	}
	if err != nil {
		end()
	}
	return s, w, end, err
}

// endure looks for the capacity on one database, and keeps the load up.
func endure(ctx context.Context, o options, b *backing) error {
	kind := "sqlite"
	if b != nil {
		kind = "postgres and redis"
	}
	port, err := services.FreePort()
	if err != nil {
		return err
	}
	metrics := "127.0.0.1:" + port
	s, w, end, err := setUp(o, b, "METRICS_ADDR="+metrics)
	if err != nil {
		return err
	}
	defer end()
	capacity := w.drive(ctx, s.Address, o, pace{lasts: o.find, timed: true})
	report(map[string]any{"database": kind, "what": "capacity", "connections": o.connections, "per_second": round(capacity.perSecond), "errors": capacity.errors, "first_error": capacity.first, "load_average": loadAverage()})
	watch := follow(s.PID(), metrics)
	var faulty faults
	stopFaults := faulty.begin(ctx, o, b)
	awake, stopAwake := context.WithCancel(ctx)
	defer stopAwake()
	still := make(chan time.Duration, 1)
	go func() { still <- noteStandstills(awake, &faulty.windows) }()
	if o.profiles != "" {
		defer time.AfterFunc(o.duration/3, func() { profile(metrics, filepath.Join(o.profiles, kind+"-third.pb.gz")) }).Stop()
	}
	r := w.drive(ctx, s.Address, o, pace{lasts: o.duration, perSecond: capacity.perSecond * o.share, timed: true, windows: &faulty.windows})
	h := watch.end()
	stopAwake()
	if err := cmp.Or(stopFaults(), ctx.Err()); err != nil { // what was broken off shows nothing
		return err
	}
	if o.profiles != "" {
		profile(metrics, filepath.Join(o.profiles, kind+"-end.pb.gz"))
	}
	for _, kindOf := range r.kinds() {
		p := percentilesOf(r.of(kindOf))
		report(map[string]any{"database": kind, "what": "latency", "kind": kindOf, "requests": p.n, "p50_ms": p.p50, "p95_ms": p.p95, "p99_ms": p.p99, "max_ms": p.most})
	}
	report(map[string]any{
		"database": kind, "what": "endurance", "share": o.share, "seconds": round(r.took.Seconds()), "per_second": round(r.perSecond), "requests": r.requests, "errors": r.errors, "first_error": r.first,
		"faults": faulty.counted, "faulty_seconds": round(faulty.windows.Total().Seconds()), "machine_stood_still_seconds": round((<-still).Seconds()), "requests_in_faults": r.disturbed, "errors_in_faults": r.disturbedErrors,
		"rss_mib": round(h.last.rss / (1 << 20)), "rss_slope_bytes_per_minute": round(h.slope(func(x sample) float64 { return x.rss })),
		"heap_mib": round(h.last.heap / (1 << 20)), "heap_slope_bytes_per_minute": round(h.slope(func(x sample) float64 { return x.heap })),
		"goroutines": h.last.goroutines, "goroutine_slope_per_minute": round(h.slope(func(x sample) float64 { return x.goroutines })),
		"descriptors": h.last.descriptors, "descriptor_slope_per_minute": round(h.slope(func(x sample) float64 { return x.descriptors })), "stolen_percent": round(h.last.stolenSince(h.samples[0])), "load_average": loadAverage(),
	})
	before := h.samples[0]
	for _, line := range h.course() {
		plain := percentilesOf(r.plainBetween(before.minutes, line.minutes))
		report(map[string]any{"database": kind, "what": "course", "minute": round(line.minutes), "plain_p99_ms": plain.p99, "stolen_percent": round(line.stolenSince(before)), "rss_mib": round(line.rss / (1 << 20)), "heap_mib": round(line.heap / (1 << 20)), "goroutines": line.goroutines, "descriptors": line.descriptors})
		before = line
	}
	report(verdict(kind, r, h))
	return nil
}

// verdict holds a run against the targets.
func verdict(kind string, r *outcome, h *history) map[string]any {
	plain := percentilesOf(r.plainBetween(0, math.Inf(1)))
	minutes := max(r.took.Minutes(), 1)
	missed := []string{}
	miss := func(bad bool, what string) {
		if bad {
			missed = append(missed, what)
		}
	}
	miss(plain.n == 0, "nothing was asked")
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
