package feature

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var hostedBases = map[string]bool{"BackgroundService": true, "IHostedService": true}

// What a service that runs beside the requests does until its next turn: it waits
// for a time, or for what is put into a queue.
var (
	waitsForTime  = []string{"PeriodicTimer", "Timer", "WaitForNextTickAsync", "Delay"}
	waitsForQueue = []string{"ReadAllAsync", "WaitToReadAsync", "ReadAsync", "DequeueAsync", "BasicConsumeAsync", "BasicConsume", "StartProcessingAsync"}
)

// readHostedServices reads what runs beside the requests. A service that only
// starts with the host, and waits for nothing, is no job.
func readHostedServices(s *scan) {
	for _, c := range s.jvmClasses() {
		d := c.declaration()
		if d.Kind != language.KindType || !s.m.isWork(c, hostedBases, func(*file) bool { return true }) {
			continue
		}
		var kind string
		switch {
		case s.m.anyCalls(c, waitsForTime):
			kind = kindScheduled
		case s.m.anyCalls(c, waitsForQueue):
			kind = "queue"
		default:
			continue
		}
		handler := d.Name
		s.job(report.Job{Name: d.Name, Kind: kind, Handler: &handler}, d.Line)
	}
}

// anyCalls reports whether a class, or one of the tree that it extends, calls
// something that has one of the names.
func (m *model) anyCalls(c jvmClass, names []string) bool {
	for _, of := range m.family(c) {
		facts := of.file.Facts
		if slices.ContainsFunc(facts.Calls, func(call language.Call) bool {
			return call.Function >= 0 && slices.Contains(names, call.Name) && ownerName(facts.Functions[call.Function].Name) == of.qualified()
		}) {
			return true
		}
	}
	return false
}
