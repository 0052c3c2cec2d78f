package cache_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/rampforgeai/rampforge/internal/cache"
)

func metricsOf(t *testing.T, registry *prometheus.Registry, want string, names ...string) {
	t.Helper()
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

const lostIs = "# HELP rampforge_cache_redis_lost 1 while Redis does not answer and this process goes on alone.\n# TYPE rampforge_cache_redis_lost gauge\nrampforge_cache_redis_lost "

func TestReadsAreCounted(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{"memory": func(*testing.T) string { return "" }, "redis": redisURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			registry := prometheus.NewPedanticRegistry()
			c, err := cache.New(cache.Options{URL: url(t), Logger: slog.New(slog.DiscardHandler), Registry: registry})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			k := key(t, "a")
			if _, ok := c.Get(t.Context(), k); ok {
				t.Error("it is there before it was set")
			}
			c.Set(t.Context(), k, []byte("content"), time.Minute)
			for range 2 {
				if _, ok := c.Get(t.Context(), k); !ok {
					t.Error("it is not there")
				}
			}
			metricsOf(t, registry, "# HELP rampforge_cache_reads_total Values that were looked for in the cache: hit or miss.\n# TYPE rampforge_cache_reads_total counter\n"+
				"rampforge_cache_reads_total{result=\"hit\"} 2\nrampforge_cache_reads_total{result=\"miss\"} 1\n", "rampforge_cache_reads_total")
			want := ""
			if name == "redis" {
				want = lostIs + "0\n"
			}
			metricsOf(t, registry, want, "rampforge_cache_redis_lost")
		})
	}
}

func TestALostRedisIsTold(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	c, err := cache.New(cache.Options{URL: "redis://127.0.0.1:1", Logger: slog.New(slog.DiscardHandler), Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Add(t.Context(), key(t, "a"), time.Minute)
	metricsOf(t, registry, lostIs+"1\n", "rampforge_cache_redis_lost")
	metricsOf(t, registry, "# HELP rampforge_cache_redis_failures_total Commands that Redis did not answer.\n# TYPE rampforge_cache_redis_failures_total counter\n"+
		"rampforge_cache_redis_failures_total 1\n", "rampforge_cache_redis_failures_total")
}
