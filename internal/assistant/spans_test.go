package assistant_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// maintained has a branch of maintenance beside the main one, and dates that do not
// go with the order of the commits.
const maintained = `
-- lock.go --
// Package lock keeps ships level.
package lock
-- commit: Build the lock --
date: 2025-01-01T09:00:00Z
-- gate.go --
package lock
-- commit: Hang the gates --
date: 2025-05-20T09:00:00Z
-- valve.go --
package lock
-- commit: Fix the valve --
branch: 1.1
from: main
date: 2025-04-01T09:00:00Z
-- valve_test.go --
package lock
-- commit: Fix the valve again --
branch: 1.1
date: 2025-04-02T09:00:00Z
-- pump.go --
package lock
-- commit: Add a pump --
branch: main
date: 2025-02-01T09:00:00Z
-- light.go --
package lock
-- commit: Add a light --
branch: main
date: 2025-02-02T09:00:00Z
-- bell.go --
package lock
-- commit: Add a bell --
branch: main
date: 2025-02-03T09:00:00Z
`

// TestSpans tells what lies between versions by ancestry, where the dates say
// something else, and how versions stand to each other.
func TestSpans(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, maintained)
	for name, revision := range map[string]string{"lock-1.0.0": "main~4", "lock-1.1.0": "main~3", "lock-1.1.1": "1.1~1", "lock-1.1.2": "1.1", "lock-1.2.0rc1": "main~2", "lock-1.2.0": "main~1", "nightly": "main"} {
		tag(t, repo, name, revision)
	}
	a := over(t, store.New(storetest.SQLite(t)), repo)
	bell := repo.Git("rev-parse", "main~1")[:9]
	for question, want := range map[string][]string{
		"What changed in 1.1.2?":                          {"Between `lock-1.1.1` of 1 April 2025 and `lock-1.1.2` of 2 April 2025: 1 commit.", "Fix the valve again, 2 April 2025"},
		"What changed in lock 1.1.1?":                     {"Between `lock-1.1.0` of 20 May 2025 and `lock-1.1.1` of 1 April 2025: 1 commit.", "Fix the valve, 1 April 2025"},
		"What changed in lock-1.2.0?":                     {"Between `lock-1.1.0` of 20 May 2025 and `lock-1.2.0` of 2 February 2025: 2 commits.", "Add a pump", "Add a light", "Tagged of these: `lock-1.2.0rc1`"},
		"What changed in 1.2.0rc1?":                       {"Between `lock-1.1.0`", "`lock-1.2.0rc1` of 1 February 2025: 1 commit.", "Add a pump"},
		"What is new since lock-1.1?":                     {"Since `lock-1.1.0` of 20 May 2025: 3 commits.", "Add a bell"},
		"What changed since 1.1.2?":                       {"Since `lock-1.1.2` of 2 April 2025: 3 commits.", "`lock-1.1.2` does not lead to the analysed commit", "2 commits of its own"},
		"What changed between lock-1.1.2 and lock-1.2.0?": {"Between `lock-1.1.2` of 2 April 2025 and `lock-1.2.0` of 2 February 2025: 2 commits.", "does not lead to `lock-1.2.0`"},
		"What changed between 1.2.0 and 1.0?":             {"Between `lock-1.0.0` of 1 January 2025 and `lock-1.2.0` of 2 February 2025: 3 commits."},
		"What changed since commit " + bell + "?":         {": 1 commit.", "Add a bell"},
		"What changed since the last release?":            {"Since `lock-1.1.0`"},
		"What changed between 2025-03-01 and 2025-01-15?": {"From 15 January to 1 March 2025: 3 commits."},
		"What changed since nightly?":                     {"No commit lies since `nightly`"},
	} {
		answer := a.ask(question)
		if says(t, answer, want...); answer.Abstained {
			t.Errorf("%q: %s", question, answer.Text)
		}
	}
	maintenance := a.ask("What changed in 1.1.2?")
	if cites(t, maintenance, "Fix the valve again", 0); strings.Contains(maintenance.Text, "pump") || maintenance.Citations[1].Kind != rampforge.PassageCommit {
		t.Errorf("%+v", maintenance)
	}
	for question, want := range map[string]string{
		"What changed in 1.0.0?":                          "no version before `lock-1.0.0`",
		"What changed since lock-3.0?":                    "no tag of the repository is `lock-3.0`",
		"What changed since commit 0123456789?":           "no commit of the repository is `0123456789`",
		"What changed between 2025-13-40 and 2025-01-15?": "one of its dates is in no calendar",
	} {
		if answer := a.ask(question); !answer.Abstained || !strings.Contains(answer.Text, want) {
			t.Errorf("%q: %s", question, answer.Text)
		}
	}
	// Without the repository no number is given.
	a.Assistant.Files = nil
	if answer := a.ask("What changed in 1.1.2?"); !answer.Abstained || !strings.Contains(answer.Text, "not on this machine") {
		t.Errorf("%s", answer.Text)
	}
}

// TestChangelog tells what the changelog says of a version, where one kind of change
// is asked for.
func TestChangelog(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, `
-- CHANGELOG.md --
# Changelog

## [0.3.0] - 2025-03-01

Be careful.

### Removed

* The second pump.

### Fixed

- A valve that was removed by mistake
  is back.

## 0.2.0 (1st February, 2025)

**Deprecations**:

* The `+"`depth`"+` argument is deprecated.

**Also**:

* The deprecated `+"`width`"+` argument has now been removed.
* Fix the gauge.
* Keep the log. Use a rag to remove ink.

## 0.1.0

* Everything.
-- lock.go --
// Package lock keeps ships level.
package lock
-- commit: Build the lock --
-- commit: Paint it --
`)
	tag(t, repo, "0.2.0", "main~1")
	tag(t, repo, "0.3.0", "main")
	a := over(t, store.New(storetest.SQLite(t)), repo)
	for question, want := range map[string][2]string{
		"What was removed in 0.3.0?":           {"The second pump.", "valve"},
		"What was fixed in v0.3.0?":            {"A valve that was removed by mistake is back.", "pump"},
		"What was removed in 0.2.0?":           {"`width` argument has now been removed.", "ink"},
		"What was deprecated in 0.2?":          {"`depth` argument is deprecated.", "width"},
		"What was fixed in the release 0.2.0?": {"Fix the gauge.", "width"},
	} {
		answer := a.ask(question)
		if says(t, answer, "`CHANGELOG.md` has as ", want[0]); strings.Contains(answer.Text, want[1]) || len(answer.Citations) != 1 {
			t.Errorf("%q: %s", question, answer.Text)
		}
	}
	if answer := a.ask("What was deprecated in 0.3.0?"); !strings.Contains(answer.Text, "Of 1 change between") || strings.Contains(answer.Text, "Paint") {
		t.Errorf("%s", answer.Text)
	}
	says(t, a.ask("What was added in 0.3.0?"), "Between `0.2.0`", "Paint it") // the changelog does not say
}
