package cache

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics tell how the cache is used, and whether Redis is there.
type metrics struct {
	hits, misses prometheus.Counter
	failures     prometheus.Counter
}

// newMetrics registers the metrics of c. Whether Redis is lost is told only where
// there should be one.
func newMetrics(registry prometheus.Registerer, c *Cache, shared bool) (*metrics, error) {
	reads := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rampforge_cache_reads_total", Help: "Values that were looked for in the cache: hit or miss.",
	}, []string{"result"})
	m := &metrics{
		hits: reads.WithLabelValues("hit"), misses: reads.WithLabelValues("miss"),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "rampforge_cache_redis_failures_total", Help: "Commands that Redis did not answer."}),
	}
	if registry == nil {
		return m, nil
	}
	err := errors.Join(registry.Register(reads), registry.Register(m.failures))
	if shared {
		err = errors.Join(err, registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "rampforge_cache_redis_lost", Help: "1 while Redis does not answer and this process goes on alone.",
		}, func() float64 {
			if c.lost.Load() {
				return 1
			}
			return 0
		})))
	}
	return m, err
}

func (m *metrics) asked(found bool) {
	if found {
		m.hits.Inc()
	} else {
		m.misses.Inc()
	}
}
