package workflow

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// A workflow in a foreign language is read from the categories: no name is
// looked at.
func TestConfigureByCategory(t *testing.T) {
	t.Parallel()
	h := newHistory(t).
		status("Erledigt", rampforge.StatusDone).
		status("In Prüfung", rampforge.StatusInProgress).
		status("Offen", rampforge.StatusToDo).
		status("Done", rampforge.StatusToDo) // the tracker says so
	h.item("A-1", "2026-03-02 09:00 Offen", "2026-03-02 10:00 Altlast", "2026-03-02 11:00 Erledigt")

	c := Configure(rampforge.WorkflowSettings{}, h.log)
	if got, want := stateNames(c), "Offen, Done, Altlast, In Prüfung, Erledigt"; got != want {
		t.Fatalf("states are %s, want %s", got, want)
	}
	if c.Commitment != 3 || c.Done != 4 {
		t.Errorf("commitment is %d and done %d", c.Commitment, c.Done)
	}
	if s := c.States[2]; s.Category != rampforge.StatusUnknown || s.CategoryBy != "" {
		t.Errorf("nobody places Altlast, and it is %+v", s)
	}
	if s := c.States[0]; s.CategoryBy != ByTracker {
		t.Errorf("the tracker places Offen, and it is %+v", s)
	}
	status, _ := h.log.Symbols.Find(facts.StatusKey("svc_1", "", "In Prüfung"))
	if c.StateOf(status) != 3 || c.StateOf(0) != -1 || c.StateOf(1<<30) != -1 {
		t.Errorf("a status leads to state %d, none to %d", c.StateOf(status), c.StateOf(0))
	}
}

func TestConfigureBySettings(t *testing.T) {
	t.Parallel()
	wait := true
	h := kanban(t).status("Parked", rampforge.StatusInProgress)
	h.item("A-1", "2026-03-02 09:00 To Do")
	c := Configure(rampforge.WorkflowSettings{
		Zone: "Europe/Berlin",
		States: []rampforge.StateSettings{
			{Name: "review", Order: new(1), Wait: &wait},
			{Name: "Doing", Order: new(2), Category: new(rampforge.StatusToDo)},
			{Name: "Released", Category: new(rampforge.StatusDone)}, // no item was there yet
		},
		CommitmentState: "Parked",
		DoneState:       "released",
	}, h.log)
	// Review and Doing as ordered; each other one after the last whose category is
	// not later than its own: To Do after Doing, which is to do as well.
	if got, want := stateNames(c), "Review, Doing, To Do, Parked, Done, Released"; got != want {
		t.Fatalf("states are %s, want %s", got, want)
	}
	if c.Commitment != 3 || c.Done != 5 || c.ended[4] || !c.ended[5] {
		t.Errorf("commitment is %d, done %d, ended %v", c.Commitment, c.Done, c.ended)
	}
	if s := c.States[0]; s.Wait == nil || !*s.Wait || s.CategoryBy != ByTracker {
		t.Errorf("Review is %+v", s)
	}
	if s := c.States[1]; s.Category != rampforge.StatusToDo || s.CategoryBy != ByProject {
		t.Errorf("Doing is %+v", s)
	}
	if !c.begun(3) || !c.begun(5) || c.begun(2) || c.begun(-1) || c.doing(5) || !c.doing(4) {
		t.Error("begun from the commitment state on, and doing until done")
	}
	if c.Zone.String() != "Europe/Berlin" {
		t.Errorf("the zone is %s", c.Zone)
	}
}

// Activities of an imported log have no category and no position: they stand as
// items move, also where some went back.
func TestConfigureByMovement(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.item("1", "2026-03-02 09:00 register", "2026-03-02 10:00 check", "2026-03-02 11:00 decide", "2026-03-02 12:00 archive")
	h.item("2", "2026-03-02 09:00 register", "2026-03-02 10:00 decide", "2026-03-02 11:00 check", "2026-03-02 12:00 decide", "2026-03-02 13:00 archive")
	c := Configure(rampforge.WorkflowSettings{}, h.log)
	if got, want := stateNames(c), "register, check, decide, archive"; got != want {
		t.Errorf("states are %s, want %s", got, want)
	}
	if c.Commitment != -1 || c.Done != -1 {
		t.Errorf("commitment is %d and done %d without a category", c.Commitment, c.Done)
	}

	c = Configure(rampforge.WorkflowSettings{CommitmentState: "check", DoneState: "archive"}, h.log)
	if c.Commitment != 1 || c.Done != 3 || c.doing(0) || !c.doing(2) || c.doing(3) {
		t.Errorf("commitment is %d and done %d", c.Commitment, c.Done)
	}
	if c = Configure(rampforge.WorkflowSettings{CommitmentState: "nowhere"}, h.log); c.Commitment != -1 {
		t.Errorf("a state that does not exist is %d", c.Commitment)
	}
}

// A status without a position goes before the first one that items move on to
// from it.
func TestConfigureFitsInUnplaced(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.log.Statuses = append(h.log.Statuses, facts.Status{Status: h.symbol(facts.StatusKey("svc_1", "", "Ready")), Name: "Ready", Category: h.symbol("in_progress")})
	h.item("A-1", "2026-03-02 09:00 Doing", "2026-03-02 10:00 Ready", "2026-03-02 11:00 Review")
	c := Configure(rampforge.WorkflowSettings{}, h.log)
	if got, want := stateNames(c), "To Do, Doing, Ready, Review, Done"; got != want {
		t.Errorf("states are %s, want %s", got, want)
	}
}
