// Package ci reads the definitions of continuous integration: what a project
// really runs. It is pure; it may import analysis/report and the evidence,
// shell and syntax packages beside it.
package ci

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// system is one CI system.
type system struct {
	name string
	is   func(file string) bool
	read func(s *scripts, doc *syntax.Node)
}

// systems are all that are known. Where read is nil the file is listed as a
// definition and its content is not understood.
var systems = []system{
	{"GitHub Actions", isWorkflow, readGitHub},
	{"GitLab CI", named(".gitlab-ci.yml", ".gitlab-ci.yaml"), readGitLab},
	{"CircleCI", named(".circleci/config.yml", ".circleci/config.yaml"), readCircle},
	{"Azure Pipelines", isAzure, readAzure},
	{"Travis CI", named(".travis.yml"), readTravis},
	{"Jenkins", func(f string) bool { return path.Base(f) == "Jenkinsfile" }, nil},
	{"Bitbucket Pipelines", named("bitbucket-pipelines.yml"), readSteps},
	{"Drone", named(".drone.yml"), readSteps},
	{"Woodpecker", isWoodpecker, readWoodpecker},
	{"AppVeyor", named("appveyor.yml", ".appveyor.yml"), nil},
	{"Cirrus CI", named(".cirrus.yml"), nil},
	{"Buildkite", named(".buildkite/pipeline.yml"), readSteps},
}

func named(files ...string) func(string) bool {
	return func(file string) bool { return slices.Contains(files, file) }
}

func isYAML(file string) bool {
	ext := path.Ext(file)
	return ext == ".yml" || ext == ".yaml"
}

func isWorkflow(file string) bool { return path.Dir(file) == ".github/workflows" && isYAML(file) }

func isAzure(file string) bool {
	return isYAML(file) && (strings.HasPrefix(path.Base(file), "azure-pipelines") || path.Dir(file) == ".azure-pipelines")
}

// isWoodpecker tells the one workflow of a tree, or one of several in a folder.
func isWoodpecker(file string) bool {
	return isYAML(file) && (path.Dir(file) == ".woodpecker" || strings.TrimSuffix(file, path.Ext(file)) == ".woodpecker")
}

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	for _, s := range systems {
		if s.is(file) {
			return s.name
		}
	}
	return ""
}

// Read adds what the CI definitions of a tree run.
func Read(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Kept() {
		for _, sys := range systems {
			if !sys.is(file) {
				continue
			}
			f.CI = append(f.CI, file)
			s := &scripts{tree: t, file: file, system: sys.name, findings: f, weight: 1}
			base := path.Base(file)
			if shell.IsAside(strings.TrimSuffix(base, path.Ext(base))) {
				s.weight = 0.8 // a workflow for releases or documents
			}
			if sys.name == "Jenkins" {
				readJenkins(s, string(t.Content(file)))
			} else if doc, err := syntax.YAML(t.Content(file)); err == nil && sys.read != nil {
				sys.read(s, doc)
			}
			break
		}
	}
}

// scripts collects the commands of one definition.
type scripts struct {
	tree         *evidence.Tree
	file, system string
	findings     *evidence.Findings
	weight       float64
}

// The cuts in how sure a command of CI is.
const (
	shortCommand = 20    // bytes; beyond it, a command is made for a machine,
	lessByte     = 0.002 // more with every byte
	mostLonger   = 0.25  // up to this
	lessVariable = 0.2   // it needs variables that CI sets
	lessInstall  = 0.35  // it installs packages by name that the machine lacks
	lessAside    = 0.25  // it serves a release or CI itself
)

var (
	// ciVariable is a reference to a variable of the shell.
	ciVariable = regexp.MustCompile(`\$\{?[A-Za-z_]`)
	// ciOwn is one that only a machine of CI has.
	ciOwn = regexp.MustCompile(`\$\{?(?:RUNNER|GITHUB|CI|CIRCLE|TRAVIS|BITBUCKET|DRONE|BUILDKITE|AGENT|BUILD|SYSTEM)_[A-Z]`)
	// beside is a path that leads out of the tree.
	beside = regexp.MustCompile(`(?:^|[\s=])\.\./`)
)

// makeInstall is make with a target for an installation.
var makeInstall = regexp.MustCompile(`\bg?make(?: \S+)* (install[\w-]*)$`)

// ownMachine tells a command that serves CI itself or a release.
var ownMachine = regexp.MustCompile(`\.github/|\brelease\b|\bupgrade pip\b|>>|\bpublish\b|\bdeploy\b`)

// add adds the commands of a script that stand for themselves. The script
// starts at a line of the definition. A stage of its own says what commands are
// for that are not known.
func (s *scripts) add(script, dir, job string, line int, stage shell.Purpose) {
	weight := s.weight
	if shell.IsAside(job) {
		weight *= 0.85
	}
	for _, l := range shell.Split(script) {
		dir, ok := s.within(dir, l)
		if !ok || ciOwn.MatchString(l.Text) || dir == "." && beside.MatchString(l.Text) && !strings.HasPrefix(l.Text, "cd ") {
			continue // nobody else has what it needs
		}
		purpose := shell.For(l.Text)
		if purpose == shell.Other {
			purpose = stage
		}
		if m := makeInstall.FindStringSubmatch(l.Text); m != nil && !s.findings.Targets["make "+m[1]] {
			continue // it puts what was built into the machine
		}
		sure := evidence.SureCI*weight - min(mostLonger, max(0, lessByte*float64(len(l.Text)-shortCommand)))
		if ciVariable.MatchString(l.Text) {
			sure -= lessVariable
		}
		if shell.InstallsPublished(l.Text) {
			sure -= lessInstall
		}
		if ownMachine.MatchString(l.Text) {
			sure -= lessAside
		}
		why := s.system + " runs it"
		if job != "" {
			why += " in job " + job
		}
		s.findings.AddCommand(evidence.Command{Purpose: purpose, Dir: dir, CI: true, Command: report.Command{
			Command: l.Text, Source: s.file, Line: line + l.Line - 1, Why: why, Confidence: sure,
		}})
	}
}

// within is the folder of the tree that a command of a script runs in. A machine
// fetches other repositories and makes folders beside the tree: what runs there
// is theirs.
func (s *scripts) within(dir string, l shell.Line) (string, bool) {
	for _, to := range l.Through {
		if at := evidence.Join(dir, to); to == shell.Nowhere || at == "" || !s.tree.HasDir(at) {
			return "", false
		}
	}
	if l.At == shell.Nowhere {
		return "", false
	}
	at := evidence.Join(dir, l.At)
	return at, at != "" && s.tree.HasDir(at)
}

// job adds a job as an entry point: where a machine starts to run this tree.
func (s *scripts) job(name string, line int) {
	s.findings.AddEntry(s.file, line, evidence.EntryJob, name)
}

// folder is a working directory of the definition, "." when it is the root or
// not known.
func folder(n *syntax.Node) string {
	dir := strings.TrimSuffix(strings.TrimPrefix(n.String(), "./"), "/")
	if dir == "" || strings.ContainsAny(dir, "$ ") || path.IsAbs(dir) {
		return "."
	}
	return evidence.Join(".", dir)
}
