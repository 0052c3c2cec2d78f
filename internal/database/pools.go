package database

import (
	"database/sql"

	"github.com/prometheus/client_golang/prometheus"
)

// pools tells how the pools of connections are used. SQLite has one for reading
// and one for writing; PostgreSQL has one for both.
type pools struct {
	all map[string]*sql.DB // by name
}

func (db *DB) pools() pools {
	if db.read == db.write {
		return pools{map[string]*sql.DB{"all": db.write}}
	}
	return pools{map[string]*sql.DB{"read": db.read, "write": db.write}}
}

func poolDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("rampforge_database_connections_"+name, help, []string{"pool"}, nil)
}

var (
	poolMax         = poolDesc("max", "The most connections that a pool opens.")
	poolInUse       = poolDesc("in_use", "Connections that run a statement or hold a transaction.")
	poolIdle        = poolDesc("idle", "Open connections that nobody uses.")
	poolWaits       = poolDesc("waits_total", "How often somebody waited for a connection.")
	poolWaitSeconds = poolDesc("wait_seconds_total", "How long they waited together.")
)

// Describe implements prometheus.Collector.
func (p pools) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolMax, poolInUse, poolIdle, poolWaits, poolWaitSeconds} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p pools) Collect(to chan<- prometheus.Metric) {
	for name, pool := range p.all {
		s := pool.Stats()
		to <- prometheus.MustNewConstMetric(poolMax, prometheus.GaugeValue, float64(s.MaxOpenConnections), name)
		to <- prometheus.MustNewConstMetric(poolInUse, prometheus.GaugeValue, float64(s.InUse), name)
		to <- prometheus.MustNewConstMetric(poolIdle, prometheus.GaugeValue, float64(s.Idle), name)
		to <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.WaitCount), name)
		to <- prometheus.MustNewConstMetric(poolWaitSeconds, prometheus.CounterValue, s.WaitDuration.Seconds(), name)
	}
}
