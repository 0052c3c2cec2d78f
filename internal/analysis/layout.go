package analysis

import (
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// arrangement is a way to arrange folders that has a name. Each of its parts must
// have files in a folder of one of the part's names.
type arrangement struct {
	name  string
	parts [][]string
}

var arrangements = []arrangement{
	{"model–view–controller", [][]string{{"controllers", "controller"}, {"models", "model"}, {"views", "view", "templates"}}},
	{"ports and adapters", [][]string{{"ports", "port"}, {"adapters", "adapter"}}},
	{"domain, application, infrastructure", [][]string{{"domain"}, {"application", "app", "usecases", "use_cases", "usecase"}, {"infrastructure", "infra"}}},
	{"handlers, services, repositories", [][]string{{"handlers", "handler", "controllers", "controller", "routers", "routes"}, {"services", "service"}, {"repositories", "repository", "repos", "repo"}}},
	{"Go's cmd and internal", [][]string{{"cmd"}, {"internal"}}},
}

// arrangements of folders are seen where every part of one has files under the
// same parent folder: controllers here and views in another program are none.
func folderPatterns(files []source.File) []report.Pattern {
	first := map[string]map[string]string{} // parent → folder's name → first file in it
	count := map[string]map[string]int{}
	for i := range files {
		f := &files[i]
		if !f.Analysed() || f.Test || f.TestData || f.Documentation {
			continue
		}
		for dir := range foldersOf(f.Path) {
			parent, name := path.Dir(dir), strings.ToLower(path.Base(dir))
			if first[parent] == nil {
				first[parent], count[parent] = map[string]string{}, map[string]int{}
			}
			if count[parent][name]++; first[parent][name] == "" {
				first[parent][name] = f.Path
			}
		}
	}
	var list []report.Pattern
	for _, a := range arrangements {
		list = append(list, a.in(first, count)...)
	}
	return list
}

// foldersOf yields the folders around a path, the innermost first and the root
// never. A path may be absolute, or lead upwards: it comes from a tree that
// somebody else made.
func foldersOf(p string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := strings.LastIndexByte(p, '/'); i > 0; i = strings.LastIndexByte(p, '/') {
			if p = p[:i]; !yield(p) {
				return
			}
		}
	}
}

func (a *arrangement) in(first map[string]map[string]string, count map[string]map[string]int) []report.Pattern {
	p := report.Pattern{Name: a.name, Confidence: 0.8}
	parents := make([]string, 0, len(first))
	for parent := range first {
		parents = append(parents, parent)
	}
	slices.Sort(parents)
	for _, parent := range parents {
		var places []report.Location
		occurrences := 0
		for _, names := range a.parts {
			at := slices.IndexFunc(names, func(name string) bool { return count[parent][name] > 0 })
			if at < 0 {
				break
			}
			places = append(places, report.Location{Path: first[parent][names[at]]})
			occurrences += count[parent][names[at]]
		}
		if len(places) < len(a.parts) {
			continue
		}
		p.Occurrences += occurrences
		if p.Evidence == nil {
			p.Evidence = places
		}
	}
	if p.Occurrences < fewestCases {
		return nil
	}
	return []report.Pattern{p}
}

// conventional is a subject by conventionalcommits.org 1.0.
var conventional = regexp.MustCompile(`^[a-z]+(?:\([^()\n]+\))?!?: \S`)

// scoped is a subject that begins with the place it is about, as Go's and the
// kernel's do: "net/http: close idle connections".
var scoped = regexp.MustCompile(`^[A-Za-z0-9_][\w./*{},-]*: \S`)

// conventionalTypes are the types that projects use; without one of them
// "readme: fix" would be a type.
var conventionalTypes = []string{"feat", "fix", "docs", "chore", "refactor", "test", "tests", "ci", "build", "perf", "style", "revert", "deps", "release"}

// commitStyle counts how subjects are written. The zero value is ready.
type commitStyle struct{ all, conventional, scoped int }

func (s *commitStyle) add(c *rampforge.Commit) {
	if len(c.Parents) > 1 {
		return
	}
	s.all++
	kind := strings.FieldsFunc(c.Subject, func(r rune) bool { return strings.ContainsRune("(!:", r) })
	switch {
	case conventional.MatchString(c.Subject) && len(kind) > 0 && slices.Contains(conventionalTypes, kind[0]):
		s.conventional++
	case scoped.MatchString(c.Subject):
		s.scoped++
	}
}

// patterns is the style that nearly all subjects follow.
func (s *commitStyle) patterns() []report.Pattern {
	for _, v := range []struct {
		name string
		n    int
	}{{"commit subjects follow Conventional Commits", s.conventional}, {"commit subjects begin with the place that they are about", s.scoped}} {
		if p := convention(v.name, make([]string, v.n), s.all); p != nil {
			p.Evidence = []report.Location{}
			return []report.Pattern{*p}
		}
	}
	return nil
}
