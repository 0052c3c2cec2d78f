package assistant

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	tree "github.com/rampforgeai/rampforge/internal/analysis/source"
	"github.com/rampforgeai/rampforge/internal/assistant/environ"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// asksVariablesForm asks which environment variables there are.
var asksVariablesForm = lazyregexp.New(`(?i)^\W*(?:(?:and|so)\W+)*(?:what|which|list|show|are there|does|tell|give|name)\b.*\b(?:environment|env)[ -]?(?:variables?|vars?|settings?)\b`)

// The bounds of what is looked through for variables, and of what is told.
const (
	maxVariableFiles = 4000
	filesAtOnce      = 400
	maxVariableBytes = 1 << 20 // of a file
	maxVariables     = 40
	maxUses          = 2 // places of one that are cited
)

// variable is an environment variable with where it is read or set.
type variable struct {
	name string
	uses []environ.Use
	set  bool // uses are files that give an example, not code
}

// sayVariables lists the environment variables that the code reads, with where it
// does: all, or those that the question is about.
func (d *dossier) sayVariables(ctx context.Context, c *composition) error {
	if d.code == nil || d.Files == nil || d.repository == nil || !asksVariablesForm.MatchString(d.asked.text) || len(d.asked.names) > 0 {
		return nil
	}
	all, err := d.variables(ctx)
	if err != nil {
		d.note(ctx, "the environment variables", err) // the repository is not on this machine
		return nil
	}
	topic := slices.DeleteFunc(slices.Clone(d.asked.terms), func(t string) bool { return ofVariables[t] })
	about := slices.DeleteFunc(slices.Clone(all), func(v *variable) bool {
		name := d.set(v.name)
		return slices.ContainsFunc(topic, func(t string) bool { return !hasShort(name, t) })
	})
	head := "It reads these environment variables"
	switch {
	case len(topic) > 0 && len(about) > 0:
		all = about
	case len(topic) > 0:
		head = "None is named for " + d.written(topic) + "; it reads these environment variables"
	}
	lines := make([]string, 0, maxVariables)
	for _, v := range all[:min(len(all), maxVariables)] {
		var where []string
		for _, u := range v.uses[:min(len(v.uses), maxUses)] {
			if mark := d.citeLine(ctx, u.Path, u.Line); mark != "" {
				where = append(where, fmt.Sprintf("%s, line %d%s", markdown.Span(u.Path), u.Line, mark))
			}
		}
		if len(where) == 0 {
			continue
		}
		how := "read in "
		if v.set {
			how = "set in "
		}
		lines = append(lines, markdown.Span(v.name)+", "+how+strings.Join(where, " and "))
	}
	c.list(head, lines, len(all))
	return nil
}

// ofVariables are terms of such questions that say nothing of which.
var ofVariables = func() map[string]bool {
	out := map[string]bool{}
	d := &dossier{splitter: terms.NewSplitter()}
	for t := range d.set("environment env variables variable vars settings read reads understand understands support supports configure configuration configured set available recognise recognize need needs app application server list show there") {
		out[t] = true
	}
	return out
}()

// variables reads them, by name.
func (d *dossier) variables(ctx context.Context) ([]*variable, error) {
	var code, examples []string
	for i := range d.code.Index.Files {
		f := &d.code.Index.Files[i]
		switch {
		case environ.ExampleFile.MatchString(path.Base(f.Path)):
			examples = append(examples, f.Path)
		case f.Kind == "programming" && !f.Test && !tree.IsTest(f.Path) && !beside.Never(f.Path) && len(code) < maxVariableFiles:
			code = append(code, f.Path)
		}
	}
	known := map[string]*variable{}
	of := func(name string) *variable {
		if known[name] == nil {
			known[name] = &variable{name: name}
		}
		return known[name]
	}
	named := map[string][]environ.Use{}
	err := d.texts(ctx, examples, func(file, content string) {
		for n, line := range strings.Split(content, "\n") {
			if m := environ.Assignment.FindStringSubmatch(line); m != nil {
				named[m[1]] = append(named[m[1]], environ.Use{Name: m[1], Path: file, Line: n + 1})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = d.texts(ctx, code, func(file, content string) {
		for _, u := range environ.Uses(file, content, func(name string) bool { return named[name] != nil }) {
			if v := of(u.Name); !environ.Everywhere.MatchString(u.Name) && !slices.ContainsFunc(v.uses, func(o environ.Use) bool { return o.Path == u.Path && o.Line == u.Line }) {
				v.uses = append(v.uses, u)
			}
		}
	})
	for name, uses := range named {
		if v := of(name); len(v.uses) == 0 && !environ.Everywhere.MatchString(name) {
			v.uses, v.set = uses, true
		}
	}
	var out []*variable
	for _, v := range known {
		if len(v.uses) > 0 {
			slices.SortFunc(v.uses, func(a, b environ.Use) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line)) })
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *variable) int { return cmp.Compare(a.name, b.name) })
	return out, err
}

// texts reads files at the commit of the analysis, some at once.
func (d *dossier) texts(ctx context.Context, paths []string, visit func(file, content string)) error {
	for some := range slices.Chunk(paths, filesAtOnce) {
		texts, err := d.Files.Texts(ctx, *d.repository, d.code.Index.Commit, some)
		if err != nil {
			return err
		}
		for _, file := range some {
			if content := texts[file]; len(content) <= maxVariableBytes {
				visit(file, strings.ToValidUTF8(string(content), "\uFFFD"))
			}
		}
	}
	return nil
}
