package assistant_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
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

// TestWhole answers what the project as a whole is, from the report.
func TestWhole(t *testing.T) {
	t.Parallel()
	a := overHarbour(t)
	for _, question := range []string{"What is this project?", "What is Harbour?", "what does it do?"} {
		answer := a.ask(question)
		says(t, answer, "**Harbour**: Harbour assigns berths to ships that arrive. [1]", "Go (95 %)", "`cmd/harbour`, 1 file: ")
		cites(t, answer, "README.md", 3)
	}
	parts := a.ask("How is the code organised?")
	says(t, parts, "`berth`", "assigns berths")
	first := a.ask("Where should I start?")
	says(t, first, "1. `README.md`", "`cmd/harbour/main.go`")
	cites(t, first, "cmd/harbour/main.go", 1)
	needs := a.ask("Which Go version does it need?")
	says(t, needs, "go 1.24", "`go.mod`")
	cites(t, needs, "go.mod", 3)
	if node := a.ask("Which Node version does it need?"); strings.Contains(node.Text, "1.24") {
		t.Errorf("another tool's version is told: %s", node.Text)
	}
	// What is looked at, or was talked of, comes before the whole.
	says(t, a.askOf(assistant.Question{Text: "What is this?", Focus: assistant.Focus{Path: "berth/berth.go"}}), "`berth/berth.go` is a file")
	says(t, a.askOf(assistant.Question{Text: "What does it do?", Earlier: []rampforge.Answer{a.ask("Who knows berth.Assign?")}}), "Assign finds the smallest free berth")
}

// TestOrdinaryWords reads whom to ask of a place that is named in ordinary words,
// how the same was done before, and that no reason is made up.
func TestOrdinaryWords(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, harbour+`
-- crane/crane.go --
// Package crane unloads ships.
package crane

// Unload takes the load of a ship.
func Unload() {}
-- commit: Add a crane --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
`))
	says(t, a.ask("Who knows about the crane?"), "`crane`", "Ben Wood")
	says(t, a.ask("How do I add another crane?"), "It was done like this before", "Add a crane", "`crane/crane.go`")
	why := a.ask("Why does Unload take the load?")
	if says(t, why, "None of that gives a reason."); why.Confidence != rampforge.ConfidenceLow {
		t.Errorf("an answer without a reason is sure: %+v", why)
	}
	says(t, a.ask("What is Unload?"), "**Unload** is a function in `crane/crane.go`")
	says(t, a.ask("Who may unload ships?"), "Unload takes the load of a ship.")
}

// TestBackticks keeps the citations of an answer whose sources have backticks
// that close nowhere.
func TestBackticks(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, harbour+`
-- walrus.md --
# Walruses

Walruses rest beside a `+"` on the quay"+` at noon.
-- commit: Paint the walrus `+"`"+` bridge --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
-- walrus.md --
# Walruses

Walruses rest beside a `+"` on the quay"+` at noon. They sleep.
-- commit: Paint the walrus bridge again --
author: Ben Wood <ben@example.com>
date: 2025-06-11T09:00:00Z
`))
	for _, question := range []string{"Why was the walrus bridge painted?", "When was the walrus bridge painted?", "Where do walruses rest at noon?"} {
		answer := a.ask(question)
		if says(t, answer); len(answer.Citations) == 0 || answer.Abstained {
			t.Errorf("%q: %+v", question, answer)
		}
		for _, m := range regexp.MustCompile(`\[(\d+)\]`).FindAllStringSubmatch(answer.Text, -1) {
			if n, _ := strconv.Atoi(m[1]); n > len(answer.Citations) {
				t.Errorf("%q cites %s of %d: %s", question, m[0], len(answer.Citations), answer.Text)
			}
		}
	}
}

// TestOffered tells which requests are answered, where one is, and the terms.
func TestOffered(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, `
-- requirements.txt --
flask==3.0
-- LICENSE --
MIT License

Copyright (c) 2025 The harbour

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
-- app.py --
from flask import Flask

app = Flask(__name__)
MAX_BERTHS = 12


@app.get("/berths/<int:id>")
def berth(id):
    """Shows a berth."""
    return str(id)


@app.post("/ships")
def arrive():
    return "taken in"
-- commit: Take ships in --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
`))
	all := a.ask("Which endpoints are there?")
	says(t, all, "`GET /berths/{id}` by `berth` in `app.py`, line 8", "Shows a berth", "`POST /ships`")
	cites(t, all, "app.py", 8)
	says(t, a.ask("What happens when I open /berths/7?"), "It is answered by", "`GET /berths/{id}`")
	if other := a.ask("What happens when I open /cranes?"); strings.Contains(other.Text, "It is answered by") {
		t.Errorf("a request that is not there is answered: %s", other.Text)
	}
	terms := a.ask("What is the license?")
	says(t, terms, "The licence is MIT")
	cites(t, terms, "LICENSE", 1)
	says(t, a.ask("What is MAX_BERTHS?"), "MAX_BERTHS = 12")
}

// TestTermsNobodyKnows quotes a licence that is not known, and never a commit that
// speaks of one.
func TestTermsNobodyKnows(t *testing.T) {
	t.Parallel()
	build := func(files string) *asked {
		return over(t, store.New(storetest.SQLite(t)), gittest.Build(t, "\n-- go.mod --\nmodule example.com/quay\n-- quay.go --\n// Package quay takes ships.\npackage quay\n"+files+"-- commit: Add the missing line of the licence --\nauthor: Ada Stone <ada@example.com>\ndate: 2025-06-10T09:00:00Z\n"))
	}
	told := build("-- COPYING --\nThe Quay Terms, first edition\n\nShips may moor here as long as they leave by night.\n").ask("What licence is this under?")
	says(t, told, "The terms are in `COPYING`", "The Quay Terms, first edition", "Ships may moor here")
	cites(t, told, "COPYING", 1)
	if told.Confidence != rampforge.ConfidenceMedium || strings.Contains(told.Text, "missing line") {
		t.Errorf("%+v", told)
	}
	if none := build("").ask("What licence is this under?"); !none.Abstained {
		t.Errorf("%s", none.Text)
	}
}

// TestVariableOfDocuments tells an environment variable that documents explain and
// that code does not name.
func TestVariableOfDocuments(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, "\n-- go.mod --\nmodule example.com/quay\n-- quay.go --\n// Package quay takes ships.\npackage quay\n-- README.md --\n# Quay\n\n## Proxies\n\nThe environment variable `QUAY_BYPASS` turns the proxy off for some addresses.\n-- commit: Take ships --\nauthor: Ada Stone <ada@example.com>\ndate: 2025-06-10T09:00:00Z\n"))
	answer := a.ask("What does the QUAY_BYPASS environment variable do?")
	says(t, answer, "turns the proxy off for some addresses")
	if answer.Abstained || strings.Contains(answer.Text, "No file and no symbol") {
		t.Errorf("%+v", answer)
	}
	if answer := a.ask("What does the QUAY_HARBOUR environment variable do?"); !answer.Abstained {
		t.Errorf("%s", answer.Text)
	}
}
