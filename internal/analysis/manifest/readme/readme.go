// Package readme reads the commands that a README and its companions show, and
// checks them against what the tree holds. It is pure; it may import
// analysis/report, analysis/document and the evidence and shell packages beside
// it.
package readme

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// stems are the documents whose commands are for people who work on the code.
// The README speaks to users as well, so its commands weigh less.
var stems = map[string]float64{
	"readme": evidence.SureDocumented - 0.05, "contributing": evidence.SureDocumented, "development": evidence.SureDocumented, "developing": evidence.SureDocumented,
	"hacking": evidence.SureDocumented, "install": evidence.SureDocumented - 0.1, "building": evidence.SureDocumented, "testing": evidence.SureDocumented,
}

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	dir := path.Dir(file)
	base := strings.ToLower(path.Base(file))
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	// In a folder of documents, only what hosts show there is for this tree.
	if dir != "." && (stem != "contributing" || dir != "docs" && dir != ".github" && dir != "doc") {
		return ""
	}
	if _, ok := stems[stem]; !ok || !slices.Contains([]string{".md", ".markdown", ".rst", ".adoc", ".txt", ""}, ext) {
		return ""
	}
	return "README"
}

// Read adds the commands that the documents show. It needs the targets that
// the other readers found, so it comes last.
func Read(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Matching(func(p string) bool { return Kind(p) != "" }) {
		r := reader{file: file, tree: t, findings: f}
		base := strings.ToLower(path.Base(file))
		r.sure = stems[strings.TrimSuffix(base, path.Ext(base))]
		for _, code := range document.Codes(file, t.Content(file)) {
			if isShell(code.Language) {
				r.code(code)
			}
		}
	}
}

func isShell(language string) bool {
	switch language {
	case "", "sh", "bash", "shell", "console", "zsh", "shell-session", "shellsession", "shellscript", "terminal", "text", "bash-session", "command":
		return true
	}
	return false
}

type reader struct {
	file     string
	tree     *evidence.Tree
	findings *evidence.Findings
	sure     float64
}

var (
	prompt = regexp.MustCompile(`^\s*(?:\([\w.-]+\)\s*)?[$%❯➜]\s+`)
	change = regexp.MustCompile(`^cd\s+([\w./-]+)\s*;?$`)
)

// code adds the commands of one block. Where lines start with a prompt, the
// others are output. A cd into a folder of the tree holds for the lines after
// it; any other is taken as the one into the clone.
func (r reader) code(code document.Code) {
	lines := strings.Split(code.Text, "\n")
	prompted := slices.ContainsFunc(lines, prompt.MatchString)
	dirs := make([]string, len(lines)+1)
	dir := "."
	for i, line := range lines {
		if prompted {
			if !prompt.MatchString(line) {
				lines[i] = ""
			}
			lines[i] = prompt.ReplaceAllString(lines[i], "")
		}
		if m := change.FindStringSubmatch(strings.TrimSpace(lines[i])); m != nil {
			if dir = evidence.Join(dir, m[1]); dir == "" || !r.tree.HasDir(dir) {
				dir = "."
			}
		}
		dirs[i+1] = dir
	}
	for _, l := range shell.Split(strings.Join(lines, "\n")) {
		purpose := shell.For(l.Text)
		if purpose == shell.Other {
			continue
		}
		at := dirs[min(l.Line, len(lines))]
		if purpose == shell.Run && r.startsServices(l.Text) {
			purpose = shell.Setup
		}
		sure, why, flagged := r.judge(l.Text, at, code.Section)
		r.findings.AddCommand(evidence.Command{Purpose: purpose, Dir: at, Flagged: flagged, Command: report.Command{
			Command: l.Text, Source: r.file, Line: code.Line + l.Line - 1, Why: why, Confidence: sure,
		}})
	}
}

// startsServices reports whether a command starts services of a Compose file that
// holds nothing else: they are what the software needs.
func (r reader) startsServices(command string) bool {
	return composeUp.MatchString(command) && slices.ContainsFunc(r.findings.Commands, func(c evidence.Command) bool {
		return c.Purpose == shell.Setup && c.Command.Command == "docker compose up"
	})
}

// composeUp starts single services.
var composeUp = regexp.MustCompile(`^docker[ -]compose up (?:-\S+ )*[a-z][\w-]*(?: [a-z][\w-]*)*$`)

// judge says how sure a shown command is. One that refers to what the tree does
// not hold is likely out of date.
func (r reader) judge(command, dir, section string) (sure float64, why string, flagged bool) {
	why = path.Base(r.file) + " shows it"
	if section != "" {
		why += fmt.Sprintf(" under %q", clip(section))
	}
	sure = r.sure
	if shell.InstallsPublished(command) {
		return sure - 0.3, why + ", for people who use it", false
	}
	if missing := r.missing(command, dir); missing != "" {
		return sure * 0.4, why + ", but " + missing, true
	}
	if forExample.MatchString(section) {
		sure -= 0.25 // what a user of the software would do
	}
	return sure, why, false
}

func clip(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}

// forExample are headings of sections for users.
var forExample = regexp.MustCompile(`(?i)example|usage|quick ?start|your first|hello`)

// missing says what a command refers to that is not in the tree, "" when all
// is there or nothing can be told.
func (r reader) missing(command, dir string) string {
	words := strings.Fields(command)
	for len(words) > 1 && strings.Contains(words[0], "=") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	switch program := path.Base(words[0]); program {
	case "make", "just", "task":
		return r.missingTarget(program, words[1:], dir)
	case "npm", "pnpm", "yarn", "bun":
		return r.missingScript(program, words[1:])
	case "go":
		for _, w := range words[1:] {
			if strings.HasSuffix(w, ".go") {
				return r.missingFile(w, dir)
			}
		}
	case "python", "python3", "node", "bash", "sh", "ruby":
		if len(words) > 1 && !strings.HasPrefix(words[1], "-") {
			return r.missingFile(words[1], dir)
		}
		return ""
	}
	if strings.HasPrefix(words[0], "./") || strings.HasPrefix(words[0], "scripts/") || strings.HasPrefix(words[0], "bin/") {
		if path.Ext(words[0]) == "" && r.compiles(dir) {
			return "" // what the build makes is in no tree
		}
		return r.missingFile(words[0], dir)
	}
	for i, w := range words[:len(words)-1] {
		if w == "-r" && strings.HasPrefix(words[0], "pip") {
			return r.missingFile(words[i+1], dir)
		}
	}
	return ""
}

// compiles reports whether a build may write programs into a folder or below.
func (r reader) compiles(dir string) bool {
	builds := []string{"Makefile", "makefile", "GNUmakefile", "CMakeLists.txt", "meson.build", "configure", "configure.ac", "Cargo.toml", "go.mod", "build.zig"}
	return slices.ContainsFunc(builds, func(name string) bool { return r.tree.Has(name) || r.tree.Has(path.Join(dir, name)) })
}

func (r reader) missingFile(file, dir string) string {
	if strings.ContainsAny(file, "$*~<>|&;") || path.IsAbs(file) || !strings.ContainsAny(file, "./") {
		return ""
	}
	at := evidence.Join(dir, file)
	if at == "" || r.tree.Has(at) || r.tree.HasDir(at) || strings.HasPrefix(file, "./build/") || strings.HasPrefix(file, "./bin/") || strings.HasPrefix(file, "./dist/") {
		return ""
	}
	return at + " is not in the tree"
}

func (r reader) missingTarget(program string, args []string, dir string) string {
	for _, a := range args {
		if strings.HasPrefix(a, "-") || strings.ContainsAny(a, "=$&|;<>") {
			return ""
		}
		if r.findings.Targets[program+" "+a] {
			continue
		}
		// A Makefile that a configure step writes is not in the tree, and a rule
		// may be a pattern or a file.
		if program == "make" && (r.tree.HasDir(path.Join(dir, a)) || r.tree.FirstExisting("configure", "configure.ac", "CMakeLists.txt", "Makefile.in", "Makefile.am", path.Join(dir, a)) != "") {
			return ""
		}
		return "no target " + a + " is declared"
	}
	return ""
}

func (r reader) missingScript(program string, args []string) string {
	if len(args) == 0 {
		return ""
	}
	script := args[0]
	switch {
	case (script == "run" || script == "run-script") && len(args) > 1:
		script = args[1]
	case script == "test" || script == "start":
	default:
		return ""
	}
	if strings.HasPrefix(script, "-") || strings.ContainsAny(script, "$&|;<>*{") || r.findings.Targets["script "+script] || program == "bun" {
		return ""
	}
	return "no package.json has a script " + script
}
