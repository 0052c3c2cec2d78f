package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/rampforgeai/rampforge/internal/telemetry"
)

var depth = prometheus.NewDesc("depth", "A figure of this test.", nil, nil)

// figures are read by a query of this test, by a clock of this test.
type figures struct {
	registry *prometheus.Registry
	log      bytes.Buffer
	reads    atomic.Int64
	now      time.Time
	fails    error
}

func newFigures(t *testing.T) *figures {
	t.Helper()
	f := &figures{registry: prometheus.NewPedanticRegistry(), now: time.Unix(1_700_000_000, 0)}
	f.registry.MustRegister(telemetry.NewFigures(telemetry.FiguresOptions{
		Name: "test", Every: 10 * time.Second, Logger: telemetry.NewLogger(&f.log, telemetry.LogOptions{}), Now: func() time.Time { return f.now },
		Read: func(ctx context.Context) ([]prometheus.Metric, error) {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the reading is not bounded")
			}
			n := f.reads.Add(1)
			return []prometheus.Metric{prometheus.MustNewConstMetric(depth, prometheus.GaugeValue, float64(n))}, f.fails
		},
	}))
	return f
}

func (f *figures) want(t *testing.T, when, text string) {
	t.Helper()
	if err := testutil.GatherAndCompare(f.registry, strings.NewReader(text), "depth"); err != nil {
		t.Errorf("%s: %v", when, err)
	}
}

const first, second = "# HELP depth A figure of this test.\n# TYPE depth gauge\ndepth 1\n", "# HELP depth A figure of this test.\n# TYPE depth gauge\ndepth 2\n"

func TestFiguresAreReadOnceInAWhile(t *testing.T) {
	t.Parallel()
	f := newFigures(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { f.want(t, "at once", first) })
	}
	all.Wait()
	f.now = f.now.Add(9 * time.Second)
	f.want(t, "before they are due", first)
	f.now = f.now.Add(time.Second)
	f.want(t, "when they are due", second)
}

func TestFiguresThatCannotBeReadGrowOldAndGo(t *testing.T) {
	t.Parallel()
	f := newFigures(t)
	f.want(t, "at first", first)
	f.fails = errors.New("the database is away")
	for range 3 {
		f.now = f.now.Add(10 * time.Second)
		f.want(t, "a while after they failed", first)
	}
	f.now = f.now.Add(10 * time.Second)
	f.want(t, "long after they failed", "")
	if n := strings.Count(f.log.String(), "cannot be read"); n != 1 {
		t.Errorf("the log says it %d times:\n%s", n, f.log.String())
	}
	if err := testutil.GatherAndCompare(f.registry, strings.NewReader("# HELP rampforge_figures_failures_total How often figures that are read by a query could not be read.\n"+
		"# TYPE rampforge_figures_failures_total counter\nrampforge_figures_failures_total{figures=\"test\"} 4\n"), "rampforge_figures_failures_total"); err != nil {
		t.Error(err)
	}
	f.fails = nil
	f.now = f.now.Add(10 * time.Second)
	f.want(t, "when it is back", strings.Replace(first, "depth 1", "depth 6", 1))
}

func TestRegistryTellsWhatRuns(t *testing.T) {
	t.Parallel()
	registry := telemetry.NewRegistry("1.2.3")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range families {
		names[f.GetName()] = true
		if f.GetName() == "rampforge_build_info" && !strings.Contains(f.String(), "1.2.3") {
			t.Errorf("the build is %v", f)
		}
	}
	for _, want := range []string{"rampforge_build_info", "go_goroutines", "go_memstats_heap_alloc_bytes", "process_resident_memory_bytes", "process_open_fds"} {
		if !names[want] {
			t.Errorf("there is no %s", want)
		}
	}
}
