package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// metrics counts requests by route, so that the ids in paths make no series of
// their own.
type metrics struct {
	requests   *prometheus.HistogramVec
	streams    prometheus.Gauge
	deliveries *prometheus.CounterVec

	mu     sync.RWMutex
	series map[seriesKey]prometheus.Observer
}

type seriesKey struct {
	pattern string
	method  string
	status  int
}

func newMetrics(registry *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewHistogramVec(telemetry.Histogram("rampforge_http_request_duration_seconds", "Duration of HTTP requests by method, route and status.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}), []string{"method", "route", "status"}),
		streams:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "rampforge_event_streams", Help: "Open event streams."}),
		deliveries: newDeliveries(),
		series:     map[seriesKey]prometheus.Observer{},
	}
	for _, c := range []prometheus.Collector{m.requests, m.streams, m.deliveries} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(r *http.Request, status int, took time.Duration) {
	key := seriesKey{r.Pattern, knownMethod(r.Method), status}
	m.mu.RLock()
	observer, ok := m.series[key]
	m.mu.RUnlock()
	if !ok {
		observer = m.requests.WithLabelValues(key.method, routeOf(key.pattern), strconv.Itoa(status))
		m.mu.Lock()
		m.series[key] = observer
		m.mu.Unlock()
	}
	observer.Observe(took.Seconds())
}

// knownMethod bounds the series that invented methods could make.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// Metrics returns the page that Prometheus reads, without a token: for a
// listener of its own.
func (a *API) Metrics() http.Handler {
	return promhttp.HandlerFor(a.options.Registry, promhttp.HandlerOpts{Registry: a.options.Registry})
}

// serveMetrics asks for the configured token.
func (a *API) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !a.isMetricsToken(bearerOf(r.Header.Get("Authorization"))) {
		writeError(w, r, rampforge.Errorf(rampforge.CodeUnauthenticated, "The metrics ask for METRICS_TOKEN as a bearer token."))
		return
	}
	a.Metrics().ServeHTTP(w, r)
}
