package workflow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// history builds the facts of a test in a few lines. Times are written as
// "2026-03-02 09:00", in the history's zone.
type history struct {
	t    testing.TB
	log  *facts.Log
	zone *time.Location
}

func newHistory(t testing.TB) *history {
	t.Helper()
	return &history{t: t, log: &facts.Log{Symbols: facts.NewSymbols(nil)}, zone: time.UTC}
}

// kanban is a history whose tracker has the four states that most tests need.
func kanban(t testing.TB) *history {
	t.Helper()
	return newHistory(t).
		status("To Do", rampforge.StatusToDo).
		status("Doing", rampforge.StatusInProgress).
		status("Review", rampforge.StatusInProgress).
		status("Done", rampforge.StatusDone)
}

func (h *history) in(zone string) *history {
	h.t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		h.t.Fatal(err)
	}
	h.zone = location
	return h
}

func (h *history) symbol(text string) facts.Symbol { return h.log.Symbols.Add(text) }

// status says what the tracker says of a status; its position is its place
// among those said.
func (h *history) status(name string, category rampforge.StatusCategory) *history {
	h.log.Statuses = append(h.log.Statuses, facts.Status{
		Status: h.symbol(facts.StatusKey("svc_1", "", name)), Name: name,
		Category: h.symbol(string(category)), Position: len(h.log.Statuses) + 1,
	})
	return h
}

// item adds a work item that was in statuses: "2026-03-02 09:00 Doing". It is
// created when the first begins.
func (h *history) item(key string, visits ...string) *facts.Item {
	h.t.Helper()
	item := facts.Item{Source: h.symbol(facts.SourceKey("svc_1", "proj")), ID: "id-" + key, Key: key, Type: h.symbol("Story")}
	for _, v := range visits {
		at, name := h.split(v)
		item.Visits = append(item.Visits, facts.Visit{Status: h.symbol(facts.StatusKey("svc_1", "", name)), At: at})
	}
	if len(item.Visits) > 0 {
		item.Created = item.Visits[0].At
	}
	h.log.Items = append(h.log.Items, item)
	return &h.log.Items[len(h.log.Items)-1]
}

func (h *history) split(visit string) (at facts.Time, rest string) {
	h.t.Helper()
	if len(visit) < len("2026-03-02 09:00") {
		h.t.Fatalf("%q is no time and name", visit)
	}
	return h.at(visit[:len("2026-03-02 09:00")]), strings.TrimSpace(visit[len("2026-03-02 09:00"):])
}

func (h *history) at(text string) facts.Time {
	h.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, h.zone)
	if err != nil {
		h.t.Fatal(err)
	}
	return facts.At(at)
}

// calc configures the workflow and follows the items: of the window from–to,
// as of its end.
func (h *history) calc(settings rampforge.WorkflowSettings, from, to string) *calc {
	h.t.Helper()
	q := &Query{From: h.at(from).UTC(), To: h.at(to).UTC(), AsOf: h.at(to).UTC(), Granularity: ByDay, Explain: &ExplainQuery{Limit: 1000}}
	return newCalc(h.log, Configure(settings, h.log), q)
}

func stateNames(c *Config) string {
	names := []string{}
	for i := range c.States {
		names = append(names, c.States[i].Name)
	}
	return strings.Join(names, ", ")
}

func describe(c *calc, f *flow) string {
	hours := func(t facts.Time) string {
		if t == 0 {
			return "-"
		}
		return t.UTC().In(c.config.Zone).Format("01-02 15:04")
	}
	now := "-"
	if f.now >= 0 {
		now = c.config.States[f.now].Name
	}
	return fmt.Sprintf("started %s finished %s left %s now %s reopened %d rework %d", hours(f.started), hours(f.finished), hours(f.left), now, f.reopened, f.rework)
}
