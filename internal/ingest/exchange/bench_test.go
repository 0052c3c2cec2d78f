package exchange_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

func BenchmarkExport(b *testing.B) {
	db := storetest.SQLite(b)
	at := newBench(b, store.New(db), db)
	if _, err := at.load(bytes.NewReader([]byte(log(60_000)))); err != nil {
		b.Fatal(err)
	}
	x := exchange.Exporter{Store: at.Store}
	for b.Loop() {
		if n, err := x.EventLog(b.Context(), io.Discard, rampforge.Project{ID: at.project}, eventlog.XES, exchange.Filter{}); err != nil || n != 60_000 {
			b.Fatal(n, err)
		}
	}
}
