// Package native reads what programs of C and C++ are called, and which sources
// each is made of, from the files that build them: Makefiles, Makefile.am, CMake's
// lists and Meson's. Nothing is run: variables are put in where their values are
// written, conditions are passed over, and what a function computes is not known.
// It is pure; it may import the evidence package beside it.
package native

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// The bounds of what is read.
const (
	maxPrograms = 500
	maxWords    = 5_000 // of one value
	maxDepth    = 20    // of variables in variables, and of files in files
	maxNames    = 4     // of variables in a name
	maxName     = 100   // bytes of what a name is put together of
	maxLine     = 64 << 10
)

var makefiles = []string{"GNUmakefile", "makefile", "Makefile", automake}

const (
	automake = "Makefile.am"
	cmake    = "CMakeLists.txt"
	meson    = "meson.build"
)

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	switch base := path.Base(file); base {
	case automake, cmake, meson:
		return base
	}
	return ""
}

// Read adds the programs that a tree builds.
func Read(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Named(makefiles...) {
		r := makeReader{script: newScript(t, file), seen: map[string]bool{}}
		r.read(file)
		f.Programs = append(f.Programs, r.programs()...)
	}
	for _, file := range t.Named(cmake) {
		f.Programs = append(f.Programs, readCMake(newScript(t, file), string(t.Content(file)))...)
	}
	for _, file := range t.Named(meson) {
		f.Programs = append(f.Programs, readMeson(newScript(t, file), string(t.Content(file)))...)
	}
	f.Programs = f.Programs[:min(len(f.Programs), maxPrograms)]
}

// script is a file that builds, with the values of its variables.
type script struct {
	tree   *evidence.Tree
	file   string
	dir    string
	values map[string][]string // every value that a variable is given
}

func newScript(t *evidence.Tree, file string) *script {
	return &script{tree: t, file: file, dir: path.Dir(file), values: map[string][]string{}}
}

// reference is a variable: $(NAME), ${NAME}, $(NAME:.c=.o).
var reference = regexp.MustCompile(`\$[({]([\w.-]+)(?::[^)}]*)?[)}]`)

// function is a call of make's: what it makes of the last argument is near
// enough to that argument.
var function = regexp.MustCompile(`\$\((?:patsubst|addprefix|addsuffix|sort|filter|filter-out|strip|subst|notdir|basename)\s+(?:[^(),]*,)*`)

// expand puts the values of variables in a text, all of them where there are
// several. What is not known is nothing.
func (s *script) expand(text string) string {
	steps := 0
	return s.expandIn(text, map[string]bool{}, &steps)
}

// expandIn is expand among the variables that are open: one that holds itself
// says nothing.
func (s *script) expandIn(text string, open map[string]bool, steps *int) string {
	text = function.ReplaceAllString(text, "")
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := reference.FindStringSubmatch(ref)[1]
		if *steps++; *steps > maxWords || open[name] || len(open) > maxDepth {
			return ""
		}
		open[name] = true
		defer delete(open, name)
		var all []string
		words := 0
		for _, v := range s.values[name] {
			v = s.expandIn(v, open, steps)
			if words += len(strings.Fields(v)); words > maxWords {
				break
			}
			all = append(all, v)
		}
		return strings.Join(all, " ")
	})
}

// name is the first value of a name that is put together: redis$(SUFFIX) is redis
// where the suffix is empty or not known.
func (s *script) name(text string) string {
	return strings.TrimSuffix(path.Base(strings.TrimSpace(s.first(text, 0))), ".exe")
}

// first puts the first value of each variable in a text.
func (s *script) first(text string, depth int) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		values := s.values[reference.FindStringSubmatch(ref)[1]]
		if depth >= maxNames || len(values) == 0 || len(values[0]) > maxName {
			return ""
		}
		return s.first(values[0], depth+1)
	})
}

// program makes a program of the sources of the tree among some words.
func (s *script) program(name string, words []string) (evidence.Program, bool) {
	p := evidence.Program{Name: name, Manifest: s.file}
	if !programName.MatchString(name) {
		return p, false
	}
	for _, w := range words[:min(len(words), maxWords)] {
		w = strings.TrimPrefix(strings.Trim(w, `"')`), "./")
		if at, ok := s.source(w); ok && !slices.Contains(p.Sources, at) {
			p.Sources = append(p.Sources, at)
		}
	}
	return p, len(p.Sources) > 0
}

var programName = regexp.MustCompile(`^[A-Za-z0-9_][\w.+-]{0,59}$`)

var sourceEndings = []string{".c", ".cc", ".cpp", ".cxx", ".C", ".c++", ".m", ".mm"}

// source finds the source that a word means, which may be called by its object.
func (s *script) source(word string) (string, bool) {
	extension := path.Ext(word)
	stem := strings.TrimSuffix(word, extension)
	switch {
	case strings.ContainsAny(word, "$%*(){}"):
	case slices.Contains(sourceEndings, extension):
		at := evidence.Join(s.dir, word)
		return at, s.tree.Has(at)
	case extension == ".o" || extension == ".obj" || extension == ".lo":
		for _, base := range []string{stem, path.Base(stem)} { // objects may have a folder of their own
			for _, ending := range sourceEndings {
				if at := evidence.Join(s.dir, base+ending); s.tree.Has(at) {
					return at, true
				}
			}
		}
	}
	return "", false
}

// logicalLines joins lines that end in a backslash.
func logicalLines(content string) []string {
	content = strings.ReplaceAll(content, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(content, "\\\n", " "), "\n")
}
