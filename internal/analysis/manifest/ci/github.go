package ci

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// setups are actions that install a tool, with the input that names its
// version.
var setups = map[string]struct{ tool, input string }{
	"actions/setup-go":     {"go", "go-version"},
	"actions/setup-node":   {"node", "node-version"},
	"actions/setup-python": {"python", "python-version"},
	"actions/setup-java":   {"java", "java-version"},
	"actions/setup-dotnet": {"dotnet", "dotnet-version"},
	"ruby/setup-ruby":      {"ruby", "ruby-version"},
	"pnpm/action-setup":    {"pnpm", "version"},
}

// actions are actions that stand for a command that anybody can run.
var actions = map[string]struct {
	purpose shell.Purpose
	command string
}{
	"golangci/golangci-lint-action": {shell.Lint, "golangci-lint run"},
	"pre-commit/action":             {shell.Lint, "pre-commit run --all-files"},
	"psf/black":                     {shell.Lint, "black --check ."},
	"astral-sh/ruff-action":         {shell.Lint, "ruff check ."},
}

func readGitHub(s *scripts, doc *syntax.Node) {
	whole := doc.Get("defaults", "run", "working-directory")
	for _, job := range doc.Get("jobs").Each() {
		s.job(job.Key, job.Line)
		dir := whole
		if own := job.Value.Get("defaults", "run", "working-directory"); own != nil {
			dir = own
		}
		foreign := map[string]bool{} // folders with another repository
		for _, step := range job.Value.Get("steps").List() {
			if dir, ok := otherCheckout(step); ok {
				foreign[dir] = true
			}
			if !foreign["."] {
				githubStep(s, job.Key, dir, foreign, step)
			}
		}
	}
}

// otherCheckout is the folder into which a step fetches a repository that is
// named in the workflow: what runs there is not in this tree.
func otherCheckout(step *syntax.Node) (string, bool) {
	action, _, _ := strings.Cut(step.Get("uses").String(), "@")
	repository := step.Get("with", "repository").String()
	if action != "actions/checkout" || repository == "" || strings.Contains(repository, "${{") {
		return "", false
	}
	return folder(step.Get("with", "path")), true
}

func githubStep(s *scripts, job string, dir *syntax.Node, foreign map[string]bool, step *syntax.Node) {
	if own := step.Get("working-directory"); own != nil {
		dir = own
	}
	if top, _, _ := strings.Cut(folder(dir), "/"); foreign[top] || foreign[folder(dir)] {
		return
	}
	if run := step.Get("run"); run.Is(syntax.Scalar) {
		if sh := step.Get("shell").String(); sh != "" && sh != "bash" && sh != "sh" {
			return
		}
		s.add(run.Text, folder(dir), job, run.Line, shell.Other)
		return
	}
	action, _, _ := strings.Cut(step.Get("uses").String(), "@")
	if a, ok := actions[action]; ok {
		s.findings.AddCommand(evidence.Command{Purpose: a.purpose, Dir: folder(dir), CI: true, Command: report.Command{
			Command: a.command, Source: s.file, Line: step.Get("uses").At(), Why: "GitHub Actions runs " + action + " in job " + job, Confidence: evidence.SureCI * s.weight,
		}})
	}
	if setup, ok := setups[action]; ok && s.weight == 1 {
		if v := step.Get("with", setup.input); v.Is(syntax.Scalar) && v.Text != "" && !strings.ContainsAny(v.Text, "$\n") {
			s.findings.AddRequirement(setup.tool, v.Text, s.file, v.Line)
		}
	}
}
