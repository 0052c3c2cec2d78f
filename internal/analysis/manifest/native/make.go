package native

import (
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// makeReader reads a Makefile, or what Automake makes one of, with what it
// includes.
type makeReader struct {
	*script

	seen  map[string]bool
	rules []rule
	lists []string // variables that list programs: bin_PROGRAMS
}

type rule struct{ targets, needs string }

var (
	assignment = regexp.MustCompile(`^\s*(?:(?:override|export)\s+)*([\w.-]+)\s*(?:\+|:|::|\?)?=\s*(.*)$`)
	// programList is a variable of Automake that lists programs. Those that are
	// made to check something are none.
	programList = regexp.MustCompile(`^(?:nobase_|dist_|nodist_)*(?:bin|sbin|libexec|pkglibexec|noinst|sudo)_PROGRAMS$`)
)

func (r *makeReader) read(file string) {
	if r.seen[file] || len(r.seen) >= maxDepth {
		return
	}
	r.seen[file] = true
	for _, line := range logicalLines(string(r.tree.Content(file))) {
		if len(line) > maxLine || line == "" || line[0] == '\t' || line[0] == '#' {
			continue
		}
		if words := strings.Fields(line); len(words) == 2 && (words[0] == "include" || words[0] == "-include") {
			if at := evidence.Join(r.dir, r.expand(words[1])); r.tree.Content(at) != nil {
				r.read(at)
			}
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		if m := assignment.FindStringSubmatch(line); m != nil {
			r.values[m[1]] = append(r.values[m[1]], m[2])
			if programList.MatchString(m[1]) {
				r.lists = append(r.lists, m[1])
			}
			continue
		}
		if targets, needs, ok := strings.Cut(line, ":"); ok && len(r.rules) < maxWords && !strings.HasPrefix(targets, ".") {
			r.rules = append(r.rules, rule{targets, needs})
		}
	}
}

// programs are the names that lists of Automake have, and the targets without an
// ending that need objects or sources.
func (r *makeReader) programs() []evidence.Program {
	var out []evidence.Program
	add := func(name, words string, internal bool) {
		if p, ok := r.program(name, strings.Fields(words)); ok && len(out) < maxPrograms {
			p.Internal = internal
			out = append(out, p)
		}
	}
	for _, list := range r.lists {
		for name := range strings.FieldsSeq(r.expand("$(" + list + ")")) {
			name = strings.TrimSuffix(name, ".exe")
			sources := r.expand("$(" + canonical.ReplaceAllString(name, "_") + "_SOURCES)")
			if sources == "" {
				sources = name + ".c"
			}
			add(path.Base(name), sources, strings.Contains(list, "noinst"))
		}
	}
	for _, rl := range r.rules {
		if strings.Contains(rl.targets, "%") || len(strings.Fields(rl.targets)) != 1 {
			continue
		}
		name := r.name(rl.targets)
		if path.Ext(name) == "" && name != "." {
			add(name, r.expand(rl.needs), false)
		}
	}
	return out
}

// canonical is what Automake writes as _ in the name of a variable.
var canonical = regexp.MustCompile(`[^A-Za-z0-9_@]`)
