package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// rubyRules are the frameworks of this family.
var rubyRules = []rule{
	{framework: "Rails", languages: []string{"Ruby"}, concerns: drawsRoutes, read: readRails},
	{framework: "Sinatra", languages: []string{"Ruby"}, concerns: speaksSinatra, read: readSinatra},
	{framework: "Grape", languages: []string{"Ruby"}, concerns: extending("Grape::API", "Grape::API::Instance"), read: readGrape},
	{framework: "Rails", languages: []string{"Ruby"}, concerns: keepsRecords, read: readRecords},
	{framework: "Active Job", languages: []string{"Ruby"}, concerns: extending(workerBases...), read: readWorkers},
	{framework: "Rake", languages: []string{"Ruby"}, concerns: holdsTasks, read: readTasks},
}

// extending makes a rule's concern of files with a class that extends one of
// some.
func extending(bases ...string) func(*file) bool {
	return func(f *file) bool {
		for i := range f.Facts.Declares {
			if extends(&f.Facts.Declares[i], bases...) {
				return true
			}
		}
		return false
	}
}

// extends reports whether a class extends one of some.
func extends(d *language.Declaration, bases ...string) bool {
	for _, base := range d.Bases {
		for _, want := range bases {
			if strings.TrimPrefix(base, "::") == want {
				return true
			}
		}
	}
	return false
}

// inside lists the invocations directly in the blocks of others, by theirs.
func (f *file) inside() map[int32][]int32 {
	out := map[int32][]int32{}
	for n := range f.Facts.Invocations {
		if w := f.Facts.Invocations[n].Within; w >= 0 {
			out[w] = append(out[w], int32(n))
		}
	}
	return out
}

// hasBlock reports whether the last argument is a block.
func hasBlock(inv *language.Invocation) bool {
	return len(inv.Args) > 0 && inv.Args[len(inv.Args)-1].Kind == language.ArgFunction
}

// rubyWord is a literal of Ruby as a name: "users", :users.
func rubyWord(a *language.Argument) (string, bool) {
	switch {
	case a == nil:
		return "", false
	case a.Kind == language.ArgString:
		return a.Text, true
	case a.Kind == language.ArgName && strings.HasPrefix(a.Text, ":"):
		return strings.TrimPrefix(a.Text, ":"), true
	}
	return "", false
}

// rubyWords are the literals of a list, or the one that there is.
func rubyWords(a *language.Argument) []string {
	if a == nil {
		return nil
	}
	if word, ok := rubyWord(a); ok {
		return []string{word}
	}
	var out []string
	for k := range a.List {
		if word, ok := rubyWord(&a.List[k]); ok {
			out = append(out, word)
		}
	}
	return out
}

// isConstant reports whether an argument is a constant of Ruby.
func isConstant(text string) bool {
	text = strings.TrimPrefix(text, "::")
	return text != "" && text[0] >= 'A' && text[0] <= 'Z'
}

// classAt is the innermost class of a file around a line, -1 for none.
func (f *file) classAt(line int) int32 {
	best := int32(-1)
	for i := range f.Facts.Declares {
		d := &f.Facts.Declares[i]
		if d.Kind == language.KindType && d.Line <= line && line <= d.EndLine && (best < 0 || d.Line >= f.Facts.Declares[best].Line) {
			best = int32(i)
		}
	}
	return best
}

// rubyClass finds the class that a constant means: the one whose whole name
// ends with it, in the files in use first.
func (s *scan) rubyClass(constant string) (at, declaration int32, ok bool) {
	want := strings.ReplaceAll(strings.TrimPrefix(constant, "::"), "::", ".")
	look := func(at int32) bool {
		f := &s.m.files[at]
		if f.Facts == nil || f.Language != "Ruby" || f.Test || f.Aside {
			return false
		}
		for i := range f.Facts.Declares {
			d := &f.Facts.Declares[i]
			whole := language.Qualify(d.Owner, d.Name)
			if d.Kind == language.KindType && (whole == want || strings.HasSuffix(whole, "."+want)) {
				declaration = int32(i)
				return true
			}
		}
		return false
	}
	for _, at := range s.m.uses(s.file) {
		if look(at) {
			return at, declaration, true
		}
	}
	for i := range s.m.files {
		if look(int32(i)) {
			return int32(i), declaration, true
		}
	}
	return -1, -1, false
}

// rubyMount puts the router that a constant is under a prefix, if it is one of
// the tree.
func (s *scan) rubyMount(parent node, prefix, constant string) bool {
	at, d, ok := s.rubyClass(constant)
	if !ok {
		return false
	}
	s.mount(parent, prefix, s.m.node(key{kind: byClass, file: at, at: d}))
	return true
}
