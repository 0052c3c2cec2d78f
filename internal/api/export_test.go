package api

import "time"

// PlainRoutes returns the patterns of the routes that are not in the OpenAPI
// document.
func (a *API) PlainRoutes() []string { return a.plain }

// Watchers returns how many streams and waiting requests there are.
func (a *API) Watchers() int {
	a.hub.mu.Lock()
	defer a.hub.mu.Unlock()
	return len(a.hub.watchers)
}

// MetricRow is a row of the metrics that are exported.
type MetricRow = metricRow

// Flatten lists the numbers of an analysis.
func Flatten(analysis map[string]any) []MetricRow { return flatten(nil, "", analysis, metricRow{}) }

// MetricsCSV writes rows of metrics.
func MetricsCSV(rows []MetricRow) ([]byte, error) {
	return metricsCSV(rows, time.Time{}, time.Time{}, time.Time{})
}

// Compressible reports whether answers of a route may be compressed.
func Compressible(pattern string) bool { return compressible(pattern) }

// Busy returns how many requests hold a place.
func (a *API) Busy() int { return int(a.busy.Load()) }
