package ci

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// lists adds each command of a list, or a script that is one text. One shell
// runs the whole list, so that what follows a cd runs in that folder.
func (s *scripts) lists(n *syntax.Node, dir, job string, stage shell.Purpose) {
	for _, item := range n.Scalars() {
		if to, ok := strings.CutPrefix(strings.TrimSpace(item.Text), "cd "); ok && !strings.ContainsAny(to, ";&|\n") {
			if dir = into(dir, to); dir == "" {
				return // out of the tree, or known to the machine alone
			}
			continue
		}
		s.add(item.Text, dir, job, item.Line, stage)
	}
	// GitLab allows lists in lists, from anchors.
	for _, item := range n.List() {
		if item.Is(syntax.List) {
			s.lists(item, dir, job, stage)
		}
	}
}

// into is the folder that cd leads to, "" when it is not known.
func into(dir, to string) string {
	to = strings.Trim(strings.TrimSpace(to), `"'`)
	if to == "" || to == "-" || strings.ContainsAny(to, "$~` ") {
		return ""
	}
	return evidence.Join(dir, to)
}

// gitlabWords are the keys of a GitLab definition that are no jobs.
var gitlabWords = []string{"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script", "after_script", "pages", "spec"}

func readGitLab(s *scripts, doc *syntax.Node) {
	s.lists(doc.Get("before_script"), ".", "", shell.Setup)
	s.lists(doc.Get("default", "before_script"), ".", "", shell.Setup)
	s.image(doc.Get("image"))
	s.image(doc.Get("default", "image"))
	for _, job := range doc.Each() {
		if slices.Contains(gitlabWords, job.Key) || !job.Value.Is(syntax.Map) {
			continue
		}
		script := job.Value.Get("script")
		if script != nil && !strings.HasPrefix(job.Key, ".") {
			s.job(job.Key, job.Line)
		}
		s.image(job.Value.Get("image"))
		s.lists(job.Value.Get("before_script"), ".", job.Key, shell.Other)
		s.lists(script, ".", job.Key, shell.Other)
	}
}

// image adds the image that a job runs in as a tool with its version.
func (s *scripts) image(n *syntax.Node) {
	if n.Is(syntax.Map) {
		n = n.Get("name")
	}
	name, version, _ := strings.Cut(n.String(), ":")
	name = name[strings.LastIndexByte(name, '/')+1:]
	if name != "" && !strings.Contains(n.String(), "$") {
		s.findings.AddRequirement(name, version, s.file, n.At())
	}
}

func readCircle(s *scripts, doc *syntax.Node) {
	for _, section := range []string{"jobs", "commands"} {
		for _, job := range doc.Get(section).Each() {
			if section == "jobs" {
				s.job(job.Key, job.Line)
			}
			for _, step := range job.Value.Get("steps").List() {
				run := step.Get("run")
				dir := folder(run.Get("working_directory"))
				if run.Is(syntax.Map) {
					run = run.Get("command")
				}
				if run.Is(syntax.Scalar) {
					s.add(run.Text, dir, job.Key, run.Line, shell.Other)
				}
			}
		}
	}
}

func readTravis(s *scripts, doc *syntax.Node) {
	for _, phase := range []struct {
		key   string
		stage shell.Purpose
	}{{"before_install", shell.Other}, {"install", shell.Setup}, {"before_script", shell.Other}, {"script", shell.Test}} {
		if n := doc.Get(phase.key); n != nil {
			s.lists(n, ".", "", phase.stage)
		}
	}
	if n := doc.Field("script"); n != nil {
		s.job("script", n.Line)
	}
	for _, job := range doc.Get("jobs", "include").List() {
		s.lists(job.Get("script"), ".", job.Get("name").String(), shell.Test)
	}
	for _, tool := range []string{"go", "node_js", "python", "jdk", "ruby", "rust", "php"} {
		versions := doc.Get(tool).Scalars()
		if len(versions) == 1 {
			s.findings.AddRequirement(strings.TrimSuffix(tool, "_js"), versions[0].Text, s.file, versions[0].Line)
		}
	}
}

// readWoodpecker reads the steps of a workflow: a list of steps with names, or
// a map by their names. Before version 1 they were called the pipeline.
func readWoodpecker(s *scripts, doc *syntax.Node) {
	for _, section := range []string{"steps", "pipeline"} {
		for _, step := range doc.Get(section).List() {
			s.lists(step.Get("commands"), folder(step.Get("directory")), step.Get("name").String(), shell.Other)
		}
		for _, step := range doc.Get(section).Each() {
			s.lists(step.Value.Get("commands"), folder(step.Value.Get("directory")), step.Key, shell.Other)
		}
	}
}

// readAzure reads the steps of an Azure pipeline, which may stand in stages
// and jobs.
func readAzure(s *scripts, doc *syntax.Node) { s.walk(doc, "", 0) }

// readSteps reads systems whose steps are found by their keys alone.
func readSteps(s *scripts, doc *syntax.Node) { s.walk(doc, "", 0) }

// walk finds scripts by the keys that hold them.
func (s *scripts) walk(n *syntax.Node, job string, depth int) {
	if depth > 20 {
		return
	}
	for _, key := range []string{"job", "name"} {
		if own := n.Get(key).String(); own != "" {
			job = own
		}
	}
	if f := n.Field("job"); f != nil && f.Value.Is(syntax.Scalar) {
		s.job(f.Value.Text, f.Line)
	}
	for _, f := range n.Each() {
		switch f.Key {
		case "script", "bash", "commands", "command":
			s.lists(f.Value, folder(n.Get("workingDirectory")), job, shell.Other)
		default:
			s.walk(f.Value, job, depth+1)
		}
	}
	for _, item := range n.List() {
		s.walk(item, job, depth+1)
	}
}

// jenkinsStep is a shell step of a Jenkinsfile, whichever quotes it has.
var jenkinsStep = regexp.MustCompile(`(?s)\bsh\s*\(?\s*(?:script\s*:\s*)?(?:'''(.*?)'''|"""(.*?)"""|'([^'\n]*)'|"([^"\n]*)")`)

// jenkinsStage is the head of a stage.
var jenkinsStage = regexp.MustCompile(`\bstage\s*\(\s*['"]([^'"\n]+)['"]`)

func readJenkins(s *scripts, content string) {
	for _, m := range jenkinsStage.FindAllStringSubmatchIndex(content, 200) {
		s.job(content[m[2]:m[3]], 1+strings.Count(content[:m[0]], "\n"))
	}
	for _, m := range jenkinsStep.FindAllStringSubmatchIndex(content, 200) {
		for group := 2; group+1 < len(m); group += 2 {
			if m[group] >= 0 {
				s.add(content[m[group]:m[group+1]], ".", "", 1+strings.Count(content[:m[group]], "\n"), shell.Other)
			}
		}
	}
}
