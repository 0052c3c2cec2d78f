package cli

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// maxSyncAges bounds the series of services: more than anybody has.
const maxSyncAges = 500

var (
	syncAge = prometheus.NewDesc("rampforge_service_sync_age_seconds",
		"Since when a service that is enabled and connected was not synced to its end; before the first sync, since it was added.", []string{"service_id", "service_type"}, nil)
	syncInterval = prometheus.NewDesc("rampforge_service_sync_interval_seconds",
		"How often such a service is synced by itself; absent for one that is synced by hand only.", []string{"service_id", "service_type"}, nil)
	serviceCount = prometheus.NewDesc("rampforge_services", "Enabled services by type and by what became of the last attempt to reach them.", []string{"service_type", "status"}, nil)
)

// registerFigures registers the metrics that are read by a query.
func (s *server) registerFigures() error {
	for name, read := range map[string]func(context.Context) ([]prometheus.Metric, error){
		"queue":    func(ctx context.Context) ([]prometheus.Metric, error) { return s.queue.Figures(ctx, time.Now()) },
		"services": s.serviceFigures,
	} {
		if err := s.registry.Register(telemetry.NewFigures(telemetry.FiguresOptions{Name: name, Read: read, Logger: s.logger})); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) serviceFigures(ctx context.Context) ([]prometheus.Metric, error) {
	ages, err := s.store.SyncAges(ctx, maxSyncAges)
	if err != nil {
		return nil, err
	}
	counts, err := s.store.ServiceCounts(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]prometheus.Metric, 0, 2*len(ages)+len(counts))
	for _, a := range ages {
		all = append(all, prometheus.MustNewConstMetric(syncAge, prometheus.GaugeValue, max(time.Since(a.Since).Seconds(), 0), a.ServiceID, string(a.Type)))
		every := s.config.SyncInterval
		if a.Interval != nil {
			every = time.Duration(*a.Interval) * time.Minute
		}
		if every > 0 {
			all = append(all, prometheus.MustNewConstMetric(syncInterval, prometheus.GaugeValue, every.Seconds(), a.ServiceID, string(a.Type)))
		}
	}
	for _, c := range counts {
		all = append(all, prometheus.MustNewConstMetric(serviceCount, prometheus.GaugeValue, float64(c.Count), string(c.Type), string(c.Status)))
	}
	return all, nil
}
