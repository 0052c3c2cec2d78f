package assistant_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant"
)

// TestWithoutModel asks what newcomers ask, and nothing but the repository.
func TestWithoutModel(t *testing.T) {
	eachHarbour(t, func(t *testing.T, a *asked) {
		where := a.ask("Where is the smallest free berth found?")
		says(t, where, "Assign", "`berth/berth.go`", "func Assign(length int")
		cites(t, where, "berth/berth.go", 13)
		what := a.ask("What does berth.Assign do?")
		says(t, what, "Assign finds the smallest free berth that a ship of a length fits into.", "`Arrive` in `cmd/harbour/main.go`")
		cites(t, what, "cmd/harbour/main.go", 14)
		if what.Diagram == nil || !strings.Contains(*what.Diagram, "Arrive") {
			t.Errorf("the drawing is %v", what.Diagram)
		}
		how := a.ask("How do I run the tests?")
		says(t, how, "```sh\nmake test\n```", "`Makefile`")
		cites(t, how, "Makefile", 1)
		says(t, a.ask("how can I build it?"), "make build")
		breaks := a.ask("What breaks if I change Assign?")
		says(t, breaks, "`Arrive`", "`berth/berth_test.go`", "Tests to run")
		cites(t, breaks, "berth/berth.go", 13)
		document := a.ask("When is the pilot called by radio?")
		says(t, document, "two hours before arrival")
		cites(t, document, "README.md", 7)
		for _, answer := range []rampforge.Answer{where, what, how, breaks, document} {
			if answer.Abstained || answer.Model != "extractive" || answer.Confidence == rampforge.ConfidenceNone || answer.Tokens != (rampforge.TokenUse{}) || len(answer.FollowUps) == 0 {
				t.Errorf("%q: %+v", answer.Question, answer)
			}
		}
	})
}

// TestReasons tells why lines are as they are by the commit that wrote them.
func TestReasons(t *testing.T) {
	t.Parallel()
	a := overHarbour(t)
	why := a.ask("Why does the code look at the Tide() first?")
	says(t, why, "Look at the tide before a ship is moored", "Two ferries touched ground at low water in May")
	cites(t, why, "berth/berth.go", 28)
	cites(t, why, "Look at the tide before a ship is moored", 0)
	// Nothing is blamed without the repository; the commits of the file are there.
	a.Assistant.Files = nil
	says(t, a.ask("Why does the code look at the Tide() first?"), "Two ferries touched ground")
	when := a.ask("When was the tide added?")
	says(t, when, "1 June 2025", "Look at the tide before a ship is moored")
}

// TestWhoKnows names people in the order of the alphabet, and leaves out who
// does not want to be named.
func TestWhoKnows(t *testing.T) {
	t.Parallel()
	a := overHarbour(t)
	who := a.ask("Who knows berth/berth.go?")
	says(t, who, "Ada Stone, Ben Wood")
	code := a.Assistant.Code
	a.Assistant.Code = hiding(code, "Ada Stone")
	who = a.ask("Who knows berth/berth.go?")
	if says(t, who, "Ben Wood"); strings.Contains(who.Text+who.Citations[0].Excerpt, "Ada") {
		t.Errorf("somebody is named who does not want that: %s", who.Text)
	}
}

// TestAbstains says so where the sources do not say.
func TestAbstains(t *testing.T) {
	t.Parallel()
	a := overHarbour(t)
	for _, question := range []string{
		"Where are customs declarations printed?",
		"What does CraneScheduler do?",
		"How is the OAuth token refreshed?",
		"Who knows the payroll module?",
		"Why was Kafka chosen?",
		"What breaks if I change berth/crane.go?",
		"Which ship carries bananas?",
	} {
		answer := a.ask(question)
		if !answer.Abstained || answer.Confidence != rampforge.ConfidenceNone || answer.Diagram != nil || !strings.HasPrefix(answer.Text, "I don't know: ") {
			t.Errorf("%q is answered: %s", question, answer.Text)
		}
		if !strings.Contains(answer.Text, "I looked for") {
			t.Errorf("%q does not say what was looked at: %s", question, answer.Text)
		}
	}
}

// TestFocusAndEarlier answer what points at what is looked at or was talked of.
func TestFocusAndEarlier(t *testing.T) {
	t.Parallel()
	a := overHarbour(t)
	focused := a.askOf(assistant.Question{Text: "Who knows this?", Focus: assistant.Focus{Path: "berth/berth.go"}})
	says(t, focused, "Ada Stone, Ben Wood")
	first := a.ask("What does berth.Assign do?")
	then := a.askOf(assistant.Question{Text: "And what breaks if I change it?", Earlier: []rampforge.Answer{first}})
	says(t, then, "`Assign`", "`Arrive`")
}
