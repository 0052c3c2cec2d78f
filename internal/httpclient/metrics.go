package httpclient

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge"
)

// VendorMetrics tell what services are asked and what their limits leave. One is
// for all services. A nil one tells nobody.
type VendorMetrics struct {
	requests *prometheus.HistogramVec
	left     *prometheus.GaugeVec
	limit    *prometheus.GaugeVec
}

// NewVendorMetrics registers the metrics of services.
func NewVendorMetrics(registry prometheus.Registerer) (*VendorMetrics, error) {
	labels := []string{"service_id", "service_type", "resource"}
	m := &VendorMetrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rampforge_vendor_request_duration_seconds", Help: "Duration of single attempts to ask services, by type of service and by outcome: 2xx to 5xx, timeout, cancelled, error.",
			Buckets:                     []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 60, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"service_type", "outcome"}),
		left: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rampforge_vendor_limit_remaining_requests", Help: "Requests that a service's own limit left at its last answer to this process, by the kind of request that it limits apart.",
		}, labels),
		limit: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rampforge_vendor_limit_requests", Help: "Requests that a service's own limit allows in its window, as it said last.",
		}, labels),
	}
	return m, errors.Join(registry.Register(m.requests), registry.Register(m.left), registry.Register(m.limit))
}

func (m *VendorMetrics) attempted(vendor rampforge.ServiceType, class string, took time.Duration) {
	if m != nil {
		m.requests.WithLabelValues(string(vendor), class).Observe(took.Seconds())
	}
}

// told reads what an answer says of the limit. One that says nothing leaves what
// is known.
func (m *VendorMetrics) told(key string, vendor rampforge.ServiceType, resource string, h http.Header) {
	if m == nil || key == "" {
		return
	}
	if resource == "" {
		resource = "all"
	}
	for gauge, names := range map[*prometheus.GaugeVec][2]string{
		m.left: {"X-RateLimit-Remaining", "RateLimit-Remaining"}, m.limit: {"X-RateLimit-Limit", "RateLimit-Limit"},
	} {
		if n, err := strconv.ParseFloat(strings.TrimSpace(first(h, names[0], names[1])), 64); err == nil && n >= 0 && n < 1e12 {
			gauge.WithLabelValues(key, string(vendor), resource).Set(n)
		}
	}
}

// Forget drops what is known of a service's limits: it was removed, or nobody
// asked it for long.
func (m *VendorMetrics) Forget(key string) {
	if m != nil {
		m.left.DeletePartialMatch(prometheus.Labels{"service_id": key})
		m.limit.DeletePartialMatch(prometheus.Labels{"service_id": key})
	}
}
