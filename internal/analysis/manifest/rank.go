package manifest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxPerPurpose is how many commands of one purpose a newcomer gets.
const maxPerPurpose = 8

// maxAlike is how many of them may differ in their flags only.
const maxAlike = 2

// What changes how sure a command is.
const (
	boostCI      = 0.06 // CI runs the same command
	depthPenalty = 0.1  // for every folder between the root and where it runs
	asidePenalty = 0.4  // it belongs to examples, documentation or tests
	boostSaid    = 0.1  // the README or CONTRIBUTING of the root tells people to
	ciPenalty    = 0.3  // CI runs it for its own ends: for another machine, or in a folder although the root says how
	ciScript     = 0.15 // it is a script of CI's own
	ciSetup      = 0.25 // what CI alone installs is for its own jobs more often than for a clone
	ciRunPenalty = 0.25 // what CI starts is a test of the program more often than its use
	sureLeast    = 0.3  // what is less sure is left out
	sureMost     = 0.97
)

// rank makes the short lists: duplicates merged, best first.
func rank(f *evidence.Findings) report.Build {
	b := report.Build{CI: slices.Compact(slices.Sorted(slices.Values(f.CI))), Requirements: requirements(f)}
	if b.CI == nil {
		b.CI = []string{}
	}
	lists := map[shell.Purpose]*[]report.Command{
		shell.Setup: &b.Setup, shell.Build: &b.Build, shell.Run: &b.Run, shell.Test: &b.Test, shell.Lint: &b.Lint,
	}
	for purpose, list := range lists {
		*list = rankPurpose(f.Commands, purpose)
	}
	return b
}

func rankPurpose(all []evidence.Command, purpose shell.Purpose) []report.Command {
	best := map[string]*evidence.Command{}
	inCI := map[string]*evidence.Command{}
	var order []string
	root := slices.ContainsFunc(all, func(c evidence.Command) bool { return c.Purpose == purpose && c.Dir == "." && !c.CI && !c.Flagged })
	for _, c := range all {
		if c.Purpose != purpose || purpose == shell.Build && evidence.PlaceOf(c.Dir+"/") == evidence.Tests {
			continue // what is built among the tests is not the software
		}
		c.Confidence = confidence(c, root)
		key := canonical(c.Command.Command)
		if best[key] == nil && inCI[key] == nil {
			order = append(order, key)
		}
		from := best
		if c.CI {
			from = inCI
		}
		if have := from[key]; have == nil || c.Confidence > have.Confidence {
			from[key] = &c
		}
	}
	out := make([]report.Command, 0, len(order))
	for _, key := range order {
		if c, ok := merge(best[key], inCI[key]); ok {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b report.Command) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), evidence.ByDepth(a.Source, b.Source), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Command, b.Command))
	})
	out = varied(out)
	slices.SortStableFunc(out, func(a, b report.Command) int {
		return cmp.Compare(stage(purpose, a.Command), stage(purpose, b.Command))
	})
	return out
}

// stage is when a command of its purpose comes: what prepares a database has to be
// installed itself, and what fills one needs its tables.
func stage(purpose shell.Purpose, command string) shell.Stage {
	if purpose != shell.Setup {
		return shell.Install
	}
	return max(shell.StageOf(command), shell.Install)
}

// varied takes the best commands, at most two that differ in their flags only:
// CI runs the same thing in many ways.
func varied(sorted []report.Command) []report.Command {
	out := []report.Command{}
	heads := map[string]int{}
	for _, c := range sorted {
		h := head(c.Command)
		if heads[h] >= maxAlike || len(out) == maxPerPurpose {
			continue
		}
		heads[h]++
		out = append(out, c)
	}
	return out
}

// head is a command up to its first flag.
func head(command string) string {
	before, _, _ := strings.Cut(command, " -")
	return before
}

// merge makes one command of what the project says and of what CI runs. The
// place where the project says it is the better source for a person.
func merge(said, ci *evidence.Command) (report.Command, bool) {
	c := said
	if said == nil {
		c = ci
	} else if ci != nil {
		c.Confidence = max(said.Confidence, ci.Confidence) + boostCI
		c.Why += "; CI runs it (" + ci.Source + ")"
	}
	if c.Confidence < sureLeast && !c.Flagged {
		return report.Command{}, false
	}
	c.Confidence = min(sureMost, max(0.05, c.Confidence))
	c.Confidence = float64(int(c.Confidence*100+0.5)) / 100
	return c.Command, true
}

// canonical is the command without what makes no difference to a person, so
// that duplicates meet.
func canonical(command string) string {
	command = strings.Join(strings.Fields(command), " ")
	for _, prefix := range []string{"bash ", "sh ", "./"} {
		command = strings.TrimPrefix(command, prefix)
	}
	for _, same := range [][2]string{{"npm run test", "npm test"}, {"npm run start", "npm start"}, {"yarn run ", "yarn "}, {"pnpm run ", "pnpm "}, {"yarn install", "yarn"}, {"npm i", "npm install"}, {"python3 ", "python "}, {"python -m pip ", "pip "}} {
		if strings.HasPrefix(command, same[0]) && same[0] != "npm i" || command == same[0] {
			command = same[1] + strings.TrimPrefix(command, same[0])
		}
	}
	return command
}

// confidence weakens what lies deep in the tree or beside the product, and what
// CI runs for its own ends. root says that the root has a command of the same
// purpose that is no one's but the project's.
func confidence(c evidence.Command, root bool) float64 {
	sure := c.Confidence
	if c.Dir != "." {
		sure -= depthPenalty * float64(1+strings.Count(c.Dir, "/"))
		if evidence.PlaceOf(c.Dir+"/") != evidence.Product {
			sure -= asidePenalty
		}
	}
	switch {
	case c.CI && (c.Dir != "." && root || elsewhere.MatchString(c.Command.Command)):
		sure -= ciPenalty
	case c.CI && ownScript.MatchString(c.Command.Command):
		sure -= ciScript
	case c.CI && c.Purpose == shell.Run:
		sure -= ciRunPenalty
	case c.CI && c.Purpose == shell.Setup:
		sure -= ciSetup
		if sure < sureLeast && sure+ciSetup >= sureLeast && !strings.Contains(c.Command.Command, "$") {
			sure = sureLeast // last, and not lost
		}
	case !c.CI && !c.Flagged && c.Dir == "." && said.MatchString(c.Source) && c.Purpose != shell.Setup && c.Purpose != shell.Lint:
		sure += boostSaid
	}
	return sure
}

var (
	// elsewhere is what a command has that builds for another machine or a part
	// of the tree.
	elsewhere = regexp.MustCompile(`(?:^|\s)--(?:target|manifest-path|platform)\b`)
	ownScript = regexp.MustCompile(`^(?:\./)?(?:\.?ci|\.github|\.circleci)/`)
	// said are the files of the root that tell people what to do.
	said = regexp.MustCompile(`(?i)^(?:readme|contributing|building|hacking|install|development)(?:\.\w+)?$`)
)

// requirements are the tools asked for, every version once, from the file
// nearest to the root.
func requirements(f *evidence.Findings) []report.Requirement {
	out := []report.Requirement{}
	seen := map[string]bool{}
	declared := map[string]bool{}
	all := slices.Clone(f.Requirements)
	slices.SortStableFunc(all, func(a, b report.Requirement) int { return evidence.ByDepth(a.Source, b.Source) })
	for _, r := range all {
		declared[r.Tool] = declared[r.Tool] || !slices.Contains(f.CI, r.Source)
	}
	for _, r := range all {
		// What CI installs counts only where the project does not say itself.
		if declared[r.Tool] && slices.Contains(f.CI, r.Source) {
			continue
		}
		key := fmt.Sprintf("%q %q", r.Tool, r.Version)
		if place := evidence.PlaceOf(r.Source); seen[key] || place != evidence.Product && !strings.HasPrefix(r.Source, ".") {
			continue
		}
		seen[key] = true
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b report.Requirement) int {
		return cmp.Or(cmp.Compare(a.Tool, b.Tool), evidence.ByDepth(a.Source, b.Source), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Version, b.Version))
	})
	return out
}
