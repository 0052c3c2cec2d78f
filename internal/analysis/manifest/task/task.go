// Package task reads what a project declares as its own commands: Makefiles,
// Taskfiles, justfiles and the scripts in its folders. It is pure; it may
// import analysis/report and the evidence, shell and syntax packages beside it.
package task

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

// maxHelp is how much of a target's description a reason carries, in bytes.
const maxHelp = 90

var (
	makefiles = []string{"GNUmakefile", "makefile", "Makefile"}
	taskfiles = []string{"Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml"}
	justfiles = []string{"justfile", "Justfile", ".justfile"}
)

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch {
	case slices.Contains(makefiles, base), path.Ext(base) == ".mk", strings.HasPrefix(base, "Makefile.") && path.Ext(base) != ".in" && path.Ext(base) != ".am":
		return "Makefile"
	case slices.Contains(taskfiles, base):
		return "Taskfile.yml"
	case slices.Contains(justfiles, base):
		return "justfile"
	case isInstaller(file):
		return "install.sh"
	}
	return ""
}

// Read adds what a tree declares as commands.
func Read(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Named(makefiles...) {
		readMakefile(file, t, f)
	}
	for _, file := range t.Named(taskfiles...) {
		readTaskfile(file, t, f)
	}
	for _, file := range t.Named(justfiles...) {
		readJustfile(file, t, f)
	}
	readScripts(t, f)
}

// target is one declared command.
type target struct {
	name   string
	line   int
	source string
	help   string
	does   string // the first command that it runs, "" when unknown
	weight float64
	note   string
}

// add adds a target, called by a program in a folder.
func add(program, kind, dir string, tg target, f *evidence.Findings) {
	f.Targets[program+" "+tg.name] = true
	purpose, sure := shell.ForName(tg.name)
	if purpose == shell.Other && !shell.IsAside(tg.name) {
		purpose, sure = shell.For(tg.does), 0.6
	}
	// "make install" sets up a clone in some projects and puts what was built
	// into the system in others.
	if tg.name == "install" && shell.For(tg.does) != shell.Setup {
		sure *= 0.6
	}
	why := kind + " " + tg.name
	if tg.help != "" {
		why += ": " + clip(tg.help)
	}
	if tg.note != "" {
		why += "; " + tg.note
	}
	f.AddCommand(evidence.Command{Purpose: purpose, Dir: dir, Command: report.Command{
		Command: program + " " + tg.name, Source: tg.source, Line: tg.line, Why: why, Confidence: evidence.SureDeclared * sure * tg.weight,
	}})
}

// clip shortens a description at a word and leaves out what is no plain text.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) <= maxHelp {
		return s
	}
	s = s[:maxHelp]
	if at := strings.LastIndexByte(s, ' '); at > 0 {
		s = s[:at]
	}
	return strings.ToValidUTF8(s, "") + " …"
}

func readTaskfile(file string, t *evidence.Tree, f *evidence.Findings) {
	doc, err := syntax.YAML(t.Content(file))
	if err != nil {
		return
	}
	for _, task := range doc.Get("tasks").Each() {
		if task.Value.Get("internal").String() == "true" || !plainName.MatchString(task.Key) {
			continue
		}
		cmds := task.Value.Get("cmds")
		if cmds == nil {
			cmds = task.Value
		}
		does := ""
		for _, c := range cmds.Scalars() {
			does = c.Text
			break
		}
		add("task", "Taskfile task", path.Dir(file), target{
			name: task.Key, line: task.Line, source: file, help: task.Value.Get("desc").String(), does: does, weight: 1,
		}, f)
	}
}

var (
	plainName  = regexp.MustCompile(`^[A-Za-z0-9][\w:.-]*$`)
	justRecipe = regexp.MustCompile(`^@?([A-Za-z][\w-]*)((?:\s+[^:=]+(?:=[^:]*)?)*)\s*:([^=].*)?$`)
)

func readJustfile(file string, t *evidence.Tree, f *evidence.Findings) {
	help, private := "", false
	lines := strings.Split(string(t.Content(file)), "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, "\r ")
		if len(line) > 1000 {
			continue
		}
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			help = strings.TrimSpace(strings.TrimPrefix(comment, "!"))
			continue
		}
		if strings.HasPrefix(line, "[") {
			private = private || strings.Contains(line, "private")
			continue
		}
		m := justRecipe.FindStringSubmatch(line)
		// A recipe whose parameters have no default cannot be called as it is.
		if m != nil && !private && !needsArguments(m[2]) {
			does := ""
			if i+1 < len(lines) {
				does = strings.TrimLeft(lines[i+1], " \t@-")
			}
			add("just", "justfile recipe", path.Dir(file), target{name: m[1], line: i + 1, source: file, help: help, does: does, weight: 1}, f)
		}
		help, private = "", false
	}
}

func needsArguments(parameters string) bool {
	for p := range strings.FieldsSeq(parameters) {
		if !strings.Contains(p, "=") && !strings.HasPrefix(p, "*") {
			return true
		}
	}
	return false
}

// scriptFolders are where projects keep scripts for people.
var scriptFolders = map[string]bool{".": true, "script": true, "scripts": true, "bin": true, "dev": true, "hack": true, "tools": true, "tasks": true}

// interpreters say how a script with that ending is called.
var interpreters = map[string]string{"": "./", ".sh": "./", ".bash": "./", ".py": "python ", ".js": "node ", ".mjs": "node ", ".rb": "ruby "}

// isInstaller reports whether a script is named for an installation: what it says
// tells of what.
func isInstaller(file string) bool {
	base := path.Base(file)
	ext := path.Ext(base)
	return scriptFolders[path.Dir(file)] && (ext == "" || ext == ".sh" || ext == ".bash") && strings.Contains(strings.ToLower(base), "install")
}

// fetchesRelease is what a script has that brings a published release to users:
// it sets no clone up.
var fetchesRelease = regexp.MustCompile(`/releases/(?:latest|download|tags)\b`)

// sureEnough is how clearly a script must be named for a purpose.
const sureEnough = 0.75

// readScripts adds scripts that are named for a purpose.
func readScripts(t *evidence.Tree, f *evidence.Findings) {
	for _, p := range t.Under(".") {
		dir, base := path.Dir(p), path.Base(p)
		how, ok := interpreters[path.Ext(base)]
		if !ok || !scriptFolders[dir] || !plainName.MatchString(base) || dir == "." && how != "./" {
			continue
		}
		stem := strings.TrimSuffix(base, path.Ext(base))
		// In the root, a name without an ending is rather a folder's or a build
		// tool's own file; those that are scripts by custom are few.
		if dir == "." && path.Ext(base) == "" && base != "configure" && base != "bootstrap" {
			continue
		}
		purpose, sure := shell.ForName(stem)
		if sure < sureEnough || purpose == shell.Setup && fetchesRelease.Match(t.Content(p)) {
			continue
		}
		f.AddCommand(evidence.Command{Purpose: purpose, Dir: ".", Command: report.Command{
			Command: how + p, Source: p, Line: 1, Why: "a script named for it", Confidence: evidence.SureScript * sure,
		}})
	}
}
