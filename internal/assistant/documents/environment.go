package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/assistant/environ"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// variable is an environment variable.
type variable struct {
	name    string
	example string // as a file gives it; "" for none, or for what looks like a secret
	said    string // the comment above it
	where   []string
	order   int
}

var (
	variableUse = lazyregexp.New(`^\$?\{?([A-Z][A-Z0-9_]+)`)
)

// The bounds of what is looked through for variables.
const (
	maxVariables  = 120
	maxEnvFiles   = 4000
	maxPlaces     = 2
	maxExampleLen = 80
)

// variables are those that files name and that code reads.
type variables struct {
	*part

	list []*variable
	at   map[string]*variable
}

func (v *variables) of(name string) *variable {
	if v.at[name] == nil {
		v.at[name] = &variable{name: name, order: len(v.list)}
		v.list = append(v.list, v.at[name])
	}
	return v.at[name]
}

func (v *variable) place(text string) {
	if len(v.where) < maxPlaces && text != "" {
		v.where = append(v.where, text)
	}
}

func (v *variable) give(value string) {
	value, _, _ = strings.Cut(value, " #")
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	if v.example == "" && value != "" && !environ.SecretName.MatchString(v.name) && !strings.Contains(value, "@") && len(value) <= maxExampleLen {
		v.example = value
	}
}

// environment lists the environment variables with where they are set and read.
func (c *composer) environment() *part {
	p := c.section("environment", "Environment variables")
	v := &variables{part: p, at: map[string]*variable{}}
	for _, file := range c.named(environ.ExampleFile, 6) {
		v.fromExample(file)
	}
	services := c.services()
	for i := range services {
		v.fromCompose(&services[i])
	}
	for _, file := range c.named(lazyregexp.New(`^(Dockerfile|Containerfile)(\.[\w-]+)?$`), 6) {
		for n, line := range c.file(file) {
			if m := environ.DockerEnv.FindStringSubmatch(line); m != nil {
				at := v.of(m[1])
				at.give(m[2])
				at.place("set in " + span(file) + p.lines(file, n+1, n+1))
			}
		}
	}
	v.fromCode()
	var list []string
	for _, at := range v.list {
		if len(at.where) == 0 || environ.Everywhere.MatchString(at.name) {
			continue
		}
		if len(list) == maxVariables {
			break
		}
		text := span(at.name)
		if at.example != "" {
			text += ", for example " + span(at.example)
		}
		if at.said != "" {
			text += ": " + quote(at.said, 160)
		}
		list = append(list, text+" ("+strings.Join(at.where, "; ")+")")
	}
	p.list(list)
	return p
}

func (v *variables) fromExample(file string) {
	said := []string{}
	for n, line := range v.file(file) {
		m := environ.Assignment.FindStringSubmatch(line)
		if m == nil {
			if bare := strings.TrimSpace(line); strings.HasPrefix(bare, "#") {
				said = append(said, strings.TrimSpace(strings.TrimLeft(bare, "# ")))
			} else {
				said = said[:0]
			}
			continue
		}
		at := v.of(m[1])
		at.give(m[2])
		if at.said == "" && len(said) > 0 && len(said) < 5 {
			at.said = strings.Join(said, " ")
		}
		said = said[:0]
		at.place("in " + span(file) + v.lines(file, n+1, n+1))
	}
}

func (v *variables) fromCompose(s *service) {
	add := func(name, value string, line int) {
		if !variableUse.MatchString(name) {
			return
		}
		at := v.of(name)
		if !strings.Contains(value, "${") {
			at.give(value)
		}
		at.place(fmt.Sprintf("set for the service %s in %s%s", span(s.name), span(path.Base(s.file)), v.lines(s.file, line, line)))
	}
	env := s.node.Get("environment")
	for _, f := range env.Each() {
		add(f.Key, f.Value.String(), f.Line)
	}
	for _, item := range env.List() {
		name, value, _ := strings.Cut(item.String(), "=")
		add(name, value, lineOf(item))
	}
}

func lineOf(n *syntax.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// fromCode finds where the code reads variables.
func (v *variables) fromCode() {
	if v.in.Files == nil || v.err != nil {
		return
	}
	var uses []environ.Use
	err := v.in.Files.Read(v.ctx, v.codeFiles(), func(file string, content []byte) error {
		if len(content) <= maxFile {
			uses = append(uses, environ.Uses(file, string(content), func(name string) bool { return v.at[name] != nil })...)
		}
		return nil
	})
	if err != nil {
		v.err = err
		return
	}
	slices.SortStableFunc(uses, func(a, b environ.Use) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	said := map[string]bool{}
	for _, u := range uses {
		if said[u.Name+u.Path] {
			continue
		}
		said[u.Name+u.Path] = true
		if environ.Everywhere.MatchString(u.Name) {
			continue
		}
		at := v.of(u.Name)
		if len(at.where) >= maxPlaces+1 || len(v.list) > 2*maxVariables {
			continue
		}
		if mark := v.lines(u.Path, u.Line, u.Line); mark != "" {
			at.where = append(at.where, "used in "+span(u.Path)+mark)
		}
	}
}

// codeFiles are the files in which reads of variables are looked for.
func (v *variables) codeFiles() []string {
	var out []string
	for i := range v.index.Files {
		f := &v.index.Files[i]
		if f.Kind == "programming" && !v.isAside(f.Path) && len(out) < maxEnvFiles {
			out = append(out, f.Path)
		}
	}
	return out
}
