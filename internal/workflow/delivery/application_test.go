package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func deployments(w *world) string {
	var ids []string
	for _, app := range w.report().Dora.Applications {
		for _, row := range app.DeploymentFrequency.Explain.Rows {
			if row.Detail != "unsuccessful" {
				ids = append(ids, row.ID)
			}
		}
	}
	return strings.Join(ids, " ")
}

func TestWhatIsADeployment(t *testing.T) {
	t.Parallel()
	state := func(w *world, s string) func(*facts.Deployment) {
		return func(d *facts.Deployment) { d.State = w.symbols.Add(s) }
	}
	for name, test := range map[string]struct {
		build func(w *world)
		want  string
	}{
		"failed and cancelled ones are none": {func(w *world) {
			w.deploy("a", 10, state(w, "failed"))
			w.deploy("b", 20, state(w, "cancelled"))
			w.deploy("c", 30, nil)
		}, "d3"},
		"inactive is superseded after success": {func(w *world) {
			w.deploy("a", 10, state(w, "inactive"))
			w.deploy("b", 20, func(d *facts.Deployment) { d.State, d.Finished = w.symbols.Add("inactive"), 0 }) // skipped
			w.deploy("c", 30, nil)
		}, "d1 d3"},
		"three jobs of one run are one": {func(w *world) {
			w.deploy("a", 10, nil)
			w.deploy("a", 10.4, nil)
			w.deploy("a", 11.3, nil)
			w.deploy("b", 11.4, nil)
		}, "d3 d4"},
		"the same commit on another day is another": {func(w *world) {
			w.deploy("a", 10, nil)
			w.deploy("a", 34, nil)
		}, "d1 d2"},
		"other environments are none": {func(w *world) {
			w.deploy("a", 10, func(d *facts.Deployment) { d.Environment = w.symbols.Add("staging") })
			w.deploy("a", 20, func(d *facts.Deployment) { d.Environment = w.symbols.Add("PRODUCTION ") })
		}, "d2"},
		"settings name the environments": {func(w *world) {
			w.settings.ProductionEnvironments = []string{"Staging"}
			w.deploy("a", 10, func(d *facts.Deployment) { d.Environment = w.symbols.Add("staging") })
			w.deploy("a", 20, nil)
		}, "d1"},
		"named pipelines stand in the place of their source's environments": {func(w *world) {
			w.settings.DeploymentPipelines = []string{"Release"}
			w.deploy("a", 10, nil)
			w.deploy("a", 20, func(d *facts.Deployment) { d.Environment, d.Pipeline = 0, w.symbols.Add("release") })
			w.deploy("a", 30, func(d *facts.Deployment) { d.Environment, d.Pipeline = 0, w.symbols.Add("tests") })
		}, "d2"},
		"what ends after as_of is none": {func(w *world) { w.deploy("a", wholeWindow+1, nil); w.deploy("a", 10, nil) }, "d2"},
		"what ends out of the window is none": {func(w *world) {
			w.in.From, w.in.To = at(10), at(20)
			w.deploy("a", 9.9, nil)
			w.deploy("b", 10, nil)
			w.deploy("c", 20, nil)
		}, "d2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.build(w)
			if got := deployments(w); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNothingIsDeployed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		build func(w *world)
		state basis.State
		says  string
	}{
		"nothing at all": {func(*world) {}, basis.NoData, "no deployments are known"},
		"another environment": {func(w *world) {
			w.deploy("a", 10, func(d *facts.Deployment) { d.Environment = w.symbols.Add("staging") })
		}, basis.NotConfigured, "production_environments"},
		"runs only": {func(w *world) {
			w.deploy("a", 10, func(d *facts.Deployment) { d.Environment, d.Pipeline = 0, w.symbols.Add("release") })
		}, basis.NotConfigured, "deployment_pipelines"},
		"another name": {func(w *world) {
			w.settings.DeploymentPipelines = []string{"ship"}
			w.deploy("a", 10, func(d *facts.Deployment) { d.Environment, d.Pipeline = 0, w.symbols.Add("release") })
		}, basis.NotConfigured, "deployment_pipelines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.build(w)
			d := w.report().Dora
			if d.State != test.state || !strings.Contains(d.Reason, test.says) || d.Headline.ChangeLeadTime.State != test.state || d.Applications == nil {
				t.Errorf("got %s: %s", d.State, d.Reason)
			}
			if h := d.Headline; h.DeploymentFrequency.Value != nil || h.ChangeFailRate.Value != nil || h.RecoveryTime.Value != nil || h.ReworkRate.Value != nil {
				t.Errorf("there are values: %+v", h)
			}
		})
	}
}

// Two applications are told apart and never as one.
func TestApplicationsAreNotBlended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		w.deploy("a", float64(10+i*5), nil)
	}
	w.deploy("a", 20, func(d *facts.Deployment) { d.Source = w.source("another") })
	d := w.report().Dora
	if len(d.Applications) != 2 || d.N != 2 || d.Applications[0].ResourceID != "another" || *d.Applications[1].Environment != "production" {
		t.Fatalf("got %+v", d.Applications)
	}
	if a, b := d.Applications[0].DeploymentFrequency.Deployments, d.Applications[1].DeploymentFrequency.Deployments; a != 1 || b != 10 {
		t.Errorf("they have %d and %d deployments", a, b)
	}
	if h := d.Headline.DeploymentFrequency; h.State != basis.NotConfigured || h.Value != nil || !strings.Contains(h.Reason, "applications") {
		t.Errorf("the headline is %+v", h)
	}
}

// The window is of 28 days from a Monday, four whole weeks. With deployments on
// three days in two weeks and on one day in the others the median is two days.
func TestFrequency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.in.From, w.in.To, w.in.AsOf = facts.At(start), at(28*24), at(28*24)
	for week, days := range []int{3, 1, 3, 1} {
		for day := range days {
			w.deploy("a", float64(week*7*24+day*24+12), nil)
		}
	}
	w.deploy("a", 14, nil) // the second of its day
	f := w.app().DeploymentFrequency
	if f.N != 28 || f.Deployments != 9 || f.DaysWith != 8 || f.Bucket == nil || *f.Bucket != "weekly" {
		t.Errorf("got %+v", f)
	}
	same(t, "the frequency", f.Value, 9.0/28)
	same(t, "the median", f.MedianDaysPerWeek, 2)
}

// A window has the days that the zone has: one that begins at one o'clock has
// what comes after, and one that was left out is none.
func TestFrequencyWhereThereIsNoMidnight(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from time.Time
		days int
		want int
	}{
		"America/Santiago": {time.Date(2023, 9, 3, 3, 30, 0, 0, time.UTC), 2, 2}, // 23:30 on the 2nd; the 3rd begins half an hour later
		"Pacific/Apia":     {time.Date(2011, 12, 30, 9, 30, 0, 0, time.UTC), 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.in.Zone, w.in.From, w.in.To = zone, facts.At(test.from), facts.At(test.from.Add(12*time.Hour))
			w.in.AsOf = w.in.To
			for commit, after := range map[string]time.Duration{"a": 0, "b": time.Hour} {
				w.deploy(commit, 1, func(d *facts.Deployment) {
					d.Created = facts.At(test.from.Add(after))
					d.Finished = d.Created
				})
			}
			if f := w.app().DeploymentFrequency; f.N != test.days || f.DaysWith != test.want {
				t.Errorf("%d days, %d with deployments", f.N, f.DaysWith)
			}
		})
	}
}

// Deployments are on three days of the first and the last of four weeks. Where
// the window cuts these weeks only the two between are whole.
func TestWeeksThatTheWindowCuts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ from, to, want float64 }{
		"whole":                {0, 28 * 24, 1.5},  // of 3, 0, 0, 3
		"from Monday at noon":  {11, 28 * 24, 0},   // 0, 0, 3
		"until Sunday at noon": {0, 28*24 - 12, 0}, // 3, 0, 0
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.in.From, w.in.To = facts.At(start)+at(test.from+1)-at(1), at(test.to)
			for _, day := range []float64{0, 1, 2, 21, 22, 23} {
				w.deploy("a", day*24+12, nil)
			}
			f := w.app().DeploymentFrequency
			same(t, "the median", f.MedianDaysPerWeek, test.want)
			if f.N != 28 {
				t.Errorf("there are %d days", f.N)
			}
		})
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		days  int // of the window, from Monday 5 January
		every int // days
		want  string
	}{
		"each day":                        {56, 1, "daily"},
		"each fifth day":                  {56, 5, "weekly"},
		"each third week":                 {100, 21, "monthly"},
		"each third week, no whole month": {50, 21, ""},
		"once":                            {100, 1000, "yearly"},
		"a window without a whole week":   {6, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.in.From, w.in.To = facts.At(start), at(float64(test.days*24))
			for day := 0; day < test.days; day += test.every {
				w.deploy("a", float64(day*24+12), nil)
			}
			got := ""
			if f := w.app().DeploymentFrequency; f.Bucket != nil {
				got = *f.Bucket
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
