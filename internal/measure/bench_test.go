package measure_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// benched is a work item with ten changes, a body and comments, as a tracker's.
func benched(d *rand.Rand, i int, start time.Time) rampforge.Record {
	at := start.Add(time.Duration(i) * 11 * time.Minute)
	who := func() *rampforge.Account {
		n := strconv.Itoa(d.IntN(300))
		return &rampforge.Account{ID: "5b10ac8d82e05b22cc7d4e" + n, Login: "login" + n, Name: "Somebody With A Name " + n}
	}
	w := &rampforge.WorkItem{
		Key: "PROJ-" + strconv.Itoa(i), Type: []string{"Story", "Bug", "Task"}[d.IntN(3)], Title: "A title of about the usual length, number " + strconv.Itoa(i),
		Body: strings.Repeat("What is to be done, and why. ", 20), URL: "https://tracker.example.com/browse/PROJ-" + strconv.Itoa(i), Labels: []string{"backend", "team-" + strconv.Itoa(d.IntN(9))},
		Reporter: who(), CreatedAt: at, Status: "S0", StatusID: "10000", SprintIDs: []string{strconv.Itoa(100 + i/1000)}, Links: []rampforge.WorkItemLink{},
	}
	for range 2 {
		w.Comments = append(w.Comments, rampforge.Comment{ID: strconv.Itoa(d.IntN(1e9)), Author: who(), Body: strings.Repeat("Something to say about it. ", 5), CreatedAt: at.Add(time.Hour), UpdatedAt: at.Add(time.Hour)})
	}
	for j := range 10 {
		e := rampforge.WorkItemEvent{ID: fmt.Sprint(d.IntN(1e9), ".", j), At: at, Actor: who()}
		switch j {
		case 2:
			a := who()
			e.Field, e.ToID, e.To = rampforge.FieldAssignee, a.ID, a.Name
			w.Assignees = []rampforge.Account{*a}
		default:
			n := (d.IntN(5) + 1 + int(w.StatusID[4]-'0')) % 6
			e.Field, e.From, e.FromID, e.To, e.ToID = rampforge.FieldStatus, w.Status, w.StatusID, "S"+strconv.Itoa(n), "1000"+strconv.Itoa(n)
			w.Status, w.StatusID = e.To, e.ToID
		}
		at = at.Add(time.Duration(d.IntN(72)) * time.Hour)
		e.At, w.UpdatedAt = at, at
		w.Events = append(w.Events, e)
	}
	w.StatusCategory = []rampforge.StatusCategory{"todo", "todo", "in_progress", "in_progress", "in_progress", "done"}[w.StatusID[4]-'0']
	return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: strconv.Itoa(10000 + i), UpdatedAt: w.UpdatedAt, Raw: []byte(`{}`), WorkItem: w}
}

// BenchmarkRefresh makes the facts and the report of 100,000 work items with
// 1,000,000 changes from nothing, and again after 100 of them changed, by a
// process that has the facts ready and by one that has not.
func BenchmarkRefresh(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *world{"sqlite": benchWorld(false), "postgres": benchWorld(true)} {
		b.Run(name, func(b *testing.B) {
			const items = 100_000
			w := open(b)
			d := rand.New(rand.NewPCG(1, 1))
			p := w.project("p", "r1")
			w.sync(func(c store.SyncClaim) {
				at, err := w.Position(w.ctx(), store.Place{ServiceID: "svc", ResourceID: "r1", Stream: rampforge.StreamWorkItems})
				w.must(err)
				for i := 0; i < items; i += 500 {
					var page []rampforge.Record
					for j := range 500 {
						page = append(page, benched(d, i+j, w.now.Add(-800*24*time.Hour)))
					}
					w.must(w.PutPage(w.ctx(), c, &at, page, []byte(strconv.Itoa(i)), nil, w.now))
				}
			})
			if w.db.Engine() == "postgres" {
				w.exec(`VACUUM ANALYZE records`)
			}
			w.exec(`UPDATE workflows SET status = 'current', done = wanted`)
			timed := func(what string, do func()) {
				w.logs.Reset()
				began := time.Now()
				do()
				b.ReportMetric(float64(time.Since(began).Milliseconds()), what+"-ms")
				b.Logf("%s: %s %s", what, time.Since(began), w.logs)
			}
			change := func() {
				w.now = w.now.Add(time.Hour)
				w.sync(func(c store.SyncClaim) {
					at, err := w.Position(w.ctx(), store.Place{ServiceID: "svc", ResourceID: "r1", Stream: rampforge.StreamWorkItems})
					w.must(err)
					var page []rampforge.Record
					for range 100 {
						page = append(page, benched(d, d.IntN(items), w.now.Add(-800*24*time.Hour)))
					}
					w.must(w.PutPage(w.ctx(), c, &at, page, []byte(w.now.String()), nil, w.now))
				})
			}
			w.now = w.now.Add(time.Hour)
			w.must(w.StaleWorkflow(w.ctx(), p, w.now))
			timed("nothing", func() { w.refresh(p) })
			change()
			timed("warm", func() { w.refresh(p) })
			change()
			w.m = w.measurer()
			timed("cold", func() { w.refresh(p) })
			timed("window", func() {
				if text, err := w.m.Report(w.ctx(), p, measure.Query{From: w.now.Add(-30 * 24 * time.Hour)}); err != nil || !bytes.Contains(text, []byte(`"total":100000`)) {
					b.Errorf("%v: %.200s", err, text)
				}
			})
			w.m = w.measurer()
			timed("cold-window", func() {
				_, err := w.m.Report(w.ctx(), p, measure.Query{From: w.now.Add(-30 * 24 * time.Hour)})
				w.must(err)
			})
			timed("kept", func() {
				_, err := w.WorkflowReport(w.ctx(), p)
				w.must(err)
			})
		})
	}
}

func benchWorld(postgres bool) func(testing.TB) *world {
	return func(t testing.TB) *world {
		db := storetest.SQLite
		if postgres {
			db = storetest.Postgres
		}
		return newWorld(t, db(t))
	}
}
