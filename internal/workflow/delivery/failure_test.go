package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// week deploys n times, at 10, 20, 30, … of the tests' hours, another commit
// each time.
func week(w *world, n int) {
	for i := range n {
		w.deploy("c"+fmt.Sprint(i), float64(10+10*i), nil)
	}
}

// Ten deployments, at 10, 20, …, 100. Incidents at 15 and 16 belong to the first,
// at 45 and 90 to the fourth and the ninth; the one at 5 was there before all,
// the duplicate and the bug are none. Three of ten failed: not 4 of 10.
//
//	15–18  before the next deployment: it cost none
//	16–25  the deployment at 20 came of it
//	45–85  the one at 50 did, those at 60, 70 and 80 are not counted
//	90–    the one at 100 did
//
// Recovered: the first at 25 (15 hours after 10), the fourth at 85 (45 after 40);
// the ninth, of 90, is open.
func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week(w, 10)
	w.incident(5, 6, nil)
	w.incident(15, 18, nil)
	w.incident(16, 25, nil)
	w.incident(45, 85, nil)
	w.incident(90, 0, nil)
	w.incident(65, 66, func(i *facts.Item) { i.Resolution = w.symbols.Add("Duplicate") })
	w.incident(75, 76, func(i *facts.Item) { i.Type = w.symbols.Add("Bug") })
	d := w.report().Dora
	app := d.Applications[0]
	same(t, "the change fail rate", app.ChangeFailRate.Value, 0.3)
	same(t, "the rework rate", app.ReworkRate.Value, 0.3)
	if app.ChangeFailRate.Failed != 3 || app.ChangeFailRate.N != 10 || app.ReworkRate.Rework != 3 || d.UnlinkedIncidents != 1 {
		t.Errorf("got %+v, %+v, %d unlinked", app.ChangeFailRate, app.ReworkRate, d.UnlinkedIncidents)
	}
	var rework []string
	for _, row := range app.ReworkRate.Explain.Rows {
		if *row.Value == 1 {
			rework = append(rework, row.ID)
		}
	}
	if got := strings.Join(rework, " "); got != "d2 d5 d10" {
		t.Errorf("rework are %s", got)
	}
	r := app.RecoveryTime
	if r.N != 3 || r.Recovered != 2 || r.Open != 1 || r.State != basis.InsufficientData || r.Value != nil {
		t.Errorf("got %+v", r)
	}
	same(t, "the oldest", r.OldestHours, wholeWindow-90)
	for i, want := range []float64{15, 45, wholeWindow - 90} {
		same(t, "a recovery", r.Explain.Rows[i].Value, want)
	}
	if d.Headline.ChangeFailRate.Failed != 3 {
		t.Error("the only application is not the headline")
	}
}

// Twelve deployments fail. Five are made good after 1 to 5 hours, seven are not:
// fewer than half, so there is no median. With a sixth, after 6 hours, the
// survival falls to a half there: Kaplan and Meier's median is 6 hours. Were the
// open ones left out, it would be 3.5.
func TestRecoveryCountsWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week(w, 12)
	for i := range 12 {
		deployed, finished := float64(10+10*i), 0.0
		if i < 5 {
			finished = deployed + float64(1+i)
		}
		w.incident(deployed+0.5, finished, nil)
	}
	r := w.app().RecoveryTime
	if r.State != basis.OK || r.Value != nil || r.Reason == "" || r.Open != 7 {
		t.Errorf("got %+v", r)
	}
	w.log.Items[5].Visits = append(w.log.Items[5].Visits, facts.Visit{Status: w.symbols.Add("done"), At: at(66)})
	r = w.app().RecoveryTime
	same(t, "the median", r.Value, 6)
	if r.Reason != "" || r.Recovered != 6 {
		t.Errorf("got %+v", r)
	}
}

// The deployment at 10 had two incidents: the first lasts from 11 to 40, the
// second from 12 to 13. It is made good at 40. The one at 20 had an incident from
// 21 to 22, over before the deployment at 30, which is no rework; that at 20 is.
func TestRecoveryEndsWithTheLastIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week(w, 3)
	w.incident(11, 40, nil)
	w.incident(12, 13, nil)
	w.incident(21, 22, nil)
	app := w.app()
	same(t, "the first recovery", app.RecoveryTime.Explain.Rows[0].Value, 30)
	same(t, "the second", app.RecoveryTime.Explain.Rows[1].Value, 2)
	for i, want := range []float64{0, 1, 0} {
		same(t, "rework", app.ReworkRate.Explain.Rows[i].Value, want)
	}
	// An imported log tells of no creation: the first event is it.
	w.log.Items[2].Created, w.log.Items[2].Imported = 0, true
	if r := w.app().RecoveryTime; r.N != 2 {
		t.Errorf("got %+v", r)
	}
}

func TestRecoveryEndsWithTheLastReopening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week(w, 1)
	w.incident(12, 14, func(i *facts.Item) {
		i.Visits = append(i.Visits, facts.Visit{Status: w.symbols.Add("open"), At: at(20)}, facts.Visit{Status: w.symbols.Add("done"), At: at(30)})
	})
	same(t, "the recovery", w.app().RecoveryTime.Explain.Rows[0].Value, 20)
	w.in.AsOf, w.in.To = at(25), at(25)
	if r := w.app().RecoveryTime; r.Open != 1 || *r.OldestHours != 15 {
		t.Errorf("at 25 it is %+v", r)
	}
}

func TestNoRulesForIncidents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week(w, 10)
	app := w.app()
	for name, b := range map[string]basis.Basis{"fail": app.ChangeFailRate.Basis, "recovery": app.RecoveryTime.Basis, "rework": app.ReworkRate.Basis} {
		if b.State != basis.NotConfigured || !strings.Contains(b.Reason, "incidents") || b.Convention == "" {
			t.Errorf("%s is %+v", name, b)
		}
	}
	if app.ChangeFailRate.Value != nil {
		t.Error("the change fail rate has a value")
	}
	// With rules, and none that happened, none of ten failed.
	w.settings.Incidents.Labels = []string{"Outage"}
	same(t, "the change fail rate", w.app().ChangeFailRate.Value, 0)
	w.log.Items = append(w.log.Items, facts.Item{ID: "i", Created: at(12), Labels: []facts.Symbol{w.symbols.Add("urgent"), w.symbols.Add("outage")}})
	same(t, "the change fail rate", w.app().ChangeFailRate.Value, 0.1)
}

// An issue of a repository belongs to what is deployed from it, one of the
// tracker to whatever was deployed last.
func TestIncidentsBelongToTheirSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deploy("a", 10, nil)
	w.deploy("b", 20, func(d *facts.Deployment) { d.Source = w.source("another") })
	w.incident(25, 0, func(i *facts.Item) { i.Source = w.source("repo") })
	w.incident(26, 0, nil)
	w.incident(27, 0, nil)
	apps := w.report().Dora.Applications
	if another, repo := *apps[0].ChangeFailRate.Explain.Rows[0].Value, *apps[1].ChangeFailRate.Explain.Rows[0].Value; another != 2 || repo != 1 {
		t.Errorf("they have %v and %v incidents, want 2 and 1", another, repo)
	}
}
