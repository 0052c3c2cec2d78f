package task

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// The bounds of one Makefile with what it includes.
const (
	maxIncludes = 50
	maxTargets  = 2_000
)

// makeReader reads a Makefile and the files that it includes.
type makeReader struct {
	tree    *evidence.Tree
	dir     string // of the Makefile: what make's paths are relative to
	seen    map[string]bool
	phony   map[string]bool
	targets []target
	names   map[string]bool
}

func readMakefile(file string, t *evidence.Tree, f *evidence.Findings) {
	r := makeReader{tree: t, dir: path.Dir(file), seen: map[string]bool{}, phony: map[string]bool{}, names: map[string]bool{}}
	r.read(file)
	for _, tg := range r.targets {
		if !r.phony[tg.name] {
			// What is not declared phony is a file that the rule makes, unless
			// its name looks like a command.
			if strings.ContainsAny(tg.name, "/.") {
				continue
			}
			tg.weight = 0.95
			if at := path.Join(r.dir, tg.name); t.Has(at) || t.HasDir(at) {
				tg.weight, tg.note = 0.6, "it is not .PHONY and "+at+" exists, so make may hold it for done"
			}
		}
		add("make", "Makefile target", r.dir, tg, f)
	}
}

func (r *makeReader) read(file string) {
	if r.seen[file] || len(r.seen) >= maxIncludes {
		return
	}
	r.seen[file] = true
	help := ""
	inDefine := false
	var open []int // the targets whose recipe is being read
	number := 0
	for line := range strings.Lines(string(r.tree.Content(file))) {
		number++
		line = strings.TrimRight(line, "\r\n \t")
		switch {
		case len(line) > 4096:
		case strings.HasPrefix(line, "define ") || inDefine:
			inDefine = !strings.HasPrefix(line, "endef")
		case strings.HasPrefix(line, "\t"):
			r.recipe(open, line)
			open = nil
		case line == "":
			help = ""
		case line[0] == '#':
			help = firstHelp(help, line)
		default:
			if names, ok := directive(line, "include", "-include", "sinclude"); ok {
				r.include(names)
			} else {
				open = r.rule(file, number, line, help)
			}
			help = ""
		}
	}
}

// directive returns the words after a directive of one of these names.
func directive(line string, names ...string) ([]string, bool) {
	words := strings.Fields(line)
	if len(words) > 1 && slices.Contains(names, words[0]) {
		return words[1:], true
	}
	return nil, false
}

// include reads included files that lie in the tree. Names that are computed
// are not known.
func (r *makeReader) include(names []string) {
	for _, name := range names {
		if strings.Contains(name, "$") {
			continue
		}
		if file := evidence.Join(r.dir, name); r.tree.Content(file) != nil {
			r.read(file)
		}
	}
}

// firstHelp keeps the first line of the comment above a target that says
// something.
func firstHelp(help, line string) string {
	text := strings.Trim(strings.TrimLeft(line, "#"), " -=*\t")
	if help != "" || text == "" || strings.HasPrefix(text, "!") {
		return help
	}
	// "##@ General" and "## test: runs the tests" are conventions of help targets.
	text = strings.TrimPrefix(text, "@")
	return strings.TrimSpace(text)
}

// rule reads the line of a rule, and returns the targets that it adds.
func (r *makeReader) rule(file string, number int, line, help string) []int {
	left, right, ok := cutRule(line)
	if !ok {
		return nil
	}
	if left == ".PHONY" {
		right, _, _ = strings.Cut(right, "#")
		for name := range strings.FieldsSeq(strings.TrimSuffix(right, "\\")) {
			r.phony[name] = true
		}
		return nil
	}
	if _, comment, ok := strings.Cut(right, "##"); ok {
		help = strings.TrimSpace(comment)
	}
	var added []int
	for name := range strings.FieldsSeq(left) {
		if !isTarget(name) || r.names[name] || len(r.targets) >= maxTargets {
			continue
		}
		r.names[name] = true
		text := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(help, name), ":"))
		r.targets = append(r.targets, target{name: name, line: number, source: file, help: text, weight: 1})
		added = append(added, len(r.targets)-1)
	}
	return added
}

// cutRule splits a rule at its colon; assignments are no rules.
func cutRule(line string) (left, right string, ok bool) {
	at := strings.IndexByte(line, ':')
	if at <= 0 || strings.ContainsAny(line[:at], "=()$") {
		return "", "", false
	}
	right = strings.TrimPrefix(line[at+1:], ":")
	if strings.HasPrefix(right, "=") || strings.HasPrefix(right, ":=") {
		return "", "", false
	}
	// "test: export FLAG = 1" sets a variable for a target.
	before, _, _ := strings.Cut(right, "#")
	if strings.Contains(before, "=") {
		return "", "", false
	}
	return strings.TrimSpace(line[:at]), right, true
}

// isTarget reports whether a name is one that a person would type: no pattern,
// no special target, nothing that needs quoting.
func isTarget(name string) bool {
	return name[0] != '.' && name[0] != '_' && !strings.ContainsAny(name, `%$*?"'\&|;<>`+"`") && len(name) <= 60
}

// recipe notes the first command of the targets.
func (r *makeReader) recipe(open []int, line string) {
	for _, i := range open {
		r.targets[i].does = strings.TrimLeft(line, "\t @-+")
	}
}
