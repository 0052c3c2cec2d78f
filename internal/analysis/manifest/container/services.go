package container

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// Service is a service of a Compose file.
type Service struct {
	File, Name string
	Line       int
	Node       *syntax.Node
	Image      string // with the defaults of variables filled in; "" for none
	Built      bool   // from the tree
	Needs      []string
	// Optional says why a person who sets the software up does not need it, as the end
	// of a sentence; "" for what is needed.
	Optional string
}

// aside are words in the name of a Compose file that is not for running the
// software, and beside are those of files that change or add to another one.
var (
	asideCompose  = regexp.MustCompile(`(?i)(^|[._-])(tests?|testing|e2e|ci|cypress|bench(mark)?s?|integration)([._-]|$)`)
	besideCompose = regexp.MustCompile(`(?i)(^|[._-])(override|prod(uction)?|staging|debug|monitoring|extra)([._-]|$)`)
)

// mainCompose are the names that Compose takes by itself.
var mainCompose = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}

// Services are those of some Compose files, by path in their order. One is optional
// that has a profile; that stands only in a file which adds to the main one of its
// folder, or which is for tests; or that uses the software and is used by nothing.
func Services(paths []string, files map[string]*syntax.Node) []Service {
	mains := map[string]bool{} // folders with a file that Compose takes by itself
	for _, p := range paths {
		if files[p] != nil && slices.Contains(mainCompose, path.Base(p)) {
			mains[path.Dir(p)] = true
		}
	}
	var all []Service
	for _, p := range paths {
		for _, s := range files[p].Get("services").Each() {
			v := Service{File: p, Name: s.Key, Line: s.Line, Node: s.Value, Built: s.Value.Get("build") != nil, Optional: whyBeside(p, mains[path.Dir(p)])}
			if image := s.Value.Get("image"); image.Is(syntax.Scalar) {
				v.Image = expand(image.Text, nil)
			}
			if names := s.Value.Get("profiles").Scalars(); len(names) > 0 {
				v.Optional = fmt.Sprintf("only with the profile %s", names[0].Text)
			}
			for _, key := range []string{"depends_on", "links"} {
				needs := s.Value.Get(key)
				for _, n := range needs.List() {
					name, _, _ := strings.Cut(n.String(), ":")
					v.Needs = append(v.Needs, name)
				}
				for _, n := range needs.Each() {
					v.Needs = append(v.Needs, n.Key)
				}
			}
			all = append(all, v)
		}
	}
	for i := range all {
		if all[i].Optional == "" && onTop(all, i) {
			all[i].Optional = "it uses the software, and nothing uses it"
		}
	}
	return needed(all)
}

// ForTests reports whether a file is a Compose file that is there for tests, by its
// name.
func ForTests(file string) bool {
	base := path.Base(file)
	return isCompose(base) && !slices.Contains(mainCompose, base) && asideCompose.MatchString(strings.TrimSuffix(base, path.Ext(base)))
}

// whyBeside says why what stands in a file alone is optional.
func whyBeside(file string, hasMain bool) string {
	base := path.Base(file)
	if slices.Contains(mainCompose, base) {
		return ""
	}
	stem := strings.TrimSuffix(base, path.Ext(base))
	if asideCompose.MatchString(stem) || hasMain || besideCompose.MatchString(stem) && strings.Contains(stem, "override") {
		return "only in " + base
	}
	return ""
}

// onTop reports whether a service uses the software, or what the software uses,
// and is used by nothing.
func onTop(all []Service, i int) bool {
	s := &all[i]
	if s.Built || len(s.Needs) == 0 {
		return false
	}
	software := false // something is built, and says what it needs
	for j := range all {
		o := &all[j]
		if path.Dir(o.File) != path.Dir(s.File) {
			continue
		}
		if slices.Contains(o.Needs, s.Name) {
			return false
		}
		software = software || o.Built && (len(o.Needs) > 0 || slices.Contains(s.Needs, o.Name))
	}
	return software
}

// needed takes back what is needed by what is needed, and by a second file that has
// the service too.
func needed(all []Service) []Service {
	for changed := true; changed; {
		changed = false
		for i := range all {
			s := &all[i]
			if s.Optional == "" {
				continue
			}
			for j := range all {
				o := &all[j]
				if o.Optional == "" && path.Dir(o.File) == path.Dir(s.File) && (slices.Contains(o.Needs, s.Name) || o.Name == s.Name) {
					s.Optional, changed = "", true
					break
				}
			}
		}
	}
	return all
}
