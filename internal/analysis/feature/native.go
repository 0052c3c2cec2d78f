package feature

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Programs of C and C++ have no frameworks of their own. Their users meet the
// programs themselves, called as the build calls them, their long options, and
// commands: words that are compared with argv, the rows of tables, and documents
// that describe commands and name the function of each.

var nativeLanguages = []string{"C", "C++"}

// optionTables are the types of tables of options, and whose they are.
var optionTables = map[string]string{"option": "getopt_long", "argp_option": "argp", "GOptionEntry": "GLib", "poptOption": "popt"}

// maxOptions bounds the options of one program.
const maxOptions = 200

// nativeProgram is a program of C or C++.
type nativeProgram struct {
	name string
	main *file
	seen map[string]bool // options and commands of its own
}

func readNative(m *model, r *rule) bool {
	programs := m.nativePrograms()
	for _, p := range programs {
		line := 0
		for k := range p.main.Facts.Functions {
			if fn := &p.main.Facts.Functions[k]; fn.Name == "main" && !fn.Test {
				line = fn.Line
				break
			}
		}
		m.at(p.main, r).command(report.CLICommand{Name: p.name}, line)
	}
	found := len(programs) > 0
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || f.Facts == nil || !slices.Contains(nativeLanguages, f.Language) {
			continue
		}
		m.at(f, r).given(m.programOf(f, programs), len(programs))
	}
	return found
}

// nativePrograms are those that the build names and puts into the system; where no
// file tells of the build, those with a main that lie among the product.
func (m *model) nativePrograms() []*nativeProgram {
	built := manifest.ByMain(m.in.Programs, func(p string) bool {
		at, ok := m.byPath[p]
		return ok && m.files[at].Facts != nil && m.files[at].Facts.Main && !m.files[at].Test
	})
	if !m.isNative() {
		return nil
	}
	var out []*nativeProgram
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || f.Facts == nil || !f.Facts.Main || !slices.Contains(nativeLanguages, f.Language) {
			continue
		}
		p, known := built[f.Path]
		name := p.Name
		if !known {
			if name = fileStem(f.Path); name == "main" && folderOf(f.Path) != "." {
				name = path.Base(folderOf(f.Path))
			}
		}
		if known && p.Internal || len(built) > 0 && !known || evidence.PlaceOf(f.Path) != evidence.Product {
			continue
		}
		out = append(out, &nativeProgram{name: name, main: f, seen: map[string]bool{}})
	}
	return out
}

// isNative reports whether much of the product is written in C and C++: a helper
// in C is no program that the users of a service meet.
func (m *model) isNative() bool {
	native, all := 0, 0
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || f.Facts == nil || len(f.Facts.Functions) == 0 {
			continue
		}
		all++
		if slices.Contains(nativeLanguages, f.Language) {
			native++
		}
	}
	return native*4 >= all
}

// programOf is the program whose arguments a file reads: its own, the only one
// that uses it, or the only one of its folder; nil for none.
func (m *model) programOf(f *file, programs []*nativeProgram) *nativeProgram {
	for _, is := range []func(p *nativeProgram) bool{
		func(p *nativeProgram) bool { return p.main == f },
		func(p *nativeProgram) bool { return slices.Contains(m.uses(p.main), f.at) },
		func(p *nativeProgram) bool { return path.Dir(p.main.Path) == path.Dir(f.Path) },
	} {
		var one *nativeProgram
		for _, p := range programs {
			if is(p) {
				if one != nil {
					return nil
				}
				one = p
			}
		}
		if one != nil {
			return one
		}
	}
	return nil
}

// given reads what a file compares with arguments, and its tables.
func (s *scan) given(p *nativeProgram, programs int) {
	rows := map[string]int{} // of each table
	for k := range s.Facts.Invocations {
		if v := &s.Facts.Invocations[k]; v.Name == "=" && len(v.Args) > 1 {
			rows[v.Result]++
		}
	}
	for k := range s.Facts.Invocations {
		v := &s.Facts.Invocations[k]
		if len(v.Args) == 0 {
			continue
		}
		switch options, text := optionTables[v.Receiver], v.Args[0].Text; {
		case v.Name != "=" && len(v.Args) > 1:
			s.compared(p, v)
		case v.Name != "=":
		case options != "":
			s.option(p, options, "--"+text, int(v.Line))
		case len(v.Args) > 1 && commandWord(text) && text != "help" && text != "version":
			c := report.CLICommand{Name: text, Handler: &v.Args[1].Text}
			if p != nil && programs > 1 && rows[v.Result] <= manyRows {
				c.Name = p.name + " " + text
			}
			s.command(c, int(v.Line))
		}
	}
}

// manyRows is how many commands a table needs to be what the repository is about,
// so that the name of its program says nothing.
const manyRows = 30

// compared reads strcmp(argv[i], "--all"), and in main strcmp(argv[1], "serve").
func (s *scan) compared(p *nativeProgram, v *language.Invocation) {
	text := v.Args[1].Text
	if strings.HasPrefix(text, "-") {
		s.option(p, "argv", text, int(v.Line))
		return
	}
	inMain := v.Function >= 0 && s.Facts.Functions[v.Function].Name == "main"
	if p != nil && p.main == s.file && inMain && v.Args[0].Text == "argv.1" && commandWord(text) && text != "help" && text != "version" && !p.seen[text] && len(p.seen) < maxOptions {
		p.seen[text] = true
		s.command(report.CLICommand{Name: p.name + " " + text}, int(v.Line))
	}
}

// option adds a long option of a program. One letter says nothing by itself, and
// every program tells of its help and its version.
func (s *scan) option(p *nativeProgram, framework, text string, line int) {
	text, _, _ = strings.Cut(text, "=")
	word := strings.TrimPrefix(text, "--")
	if p == nil || word == text || !commandWord(word) || word == "help" || word == "version" || p.seen[text] || len(p.seen) >= maxOptions {
		return
	}
	p.seen[text] = true
	s.command(report.CLICommand{Name: p.name + " " + text}, line)
	s.m.out.Commands[len(s.m.out.Commands)-1].Framework = framework
}

// commandWord reports whether a text is a word of more than a letter, as commands
// and options are.
func commandWord(text string) bool {
	if len(text) < 2 || len(text) > 60 {
		return false
	}
	for i, c := range text {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '_' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

// commandDocument describes a command.
type commandDocument struct {
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Group       string `json:"group"`
	Container   string `json:"container"`
	Function    string `json:"function"`
	Handler     string `json:"handler"`
}

// fewDocuments is how many documents of commands are no chance.
const fewDocuments = 3

// readCommandDocuments reads documents in a folder called commands, each of which
// says of one command what it does and which function of the tree does it.
// Programs are generated from such documents, so that no table is in the tree.
func readCommandDocuments(m *model, r *rule) bool {
	functions := m.exportedFunctions()
	var found []report.CLICommand
	var groups []string
	for i := range m.files {
		f := &m.files[i]
		if f.Content == nil || f.Test || f.Aside || !isCommandDocument(f.Path) {
			continue
		}
		var all map[string]commandDocument
		if json.Unmarshal(f.Content, &all) != nil || len(all) != 1 {
			continue
		}
		for name, d := range all {
			handler, text := firstOf(d.Function, d.Handler), firstOf(d.Summary, d.Description)
			at, known := functions[handler]
			if !known || text == "" || !commandWord(name) {
				continue
			}
			name = strings.TrimSpace(d.Container + " " + name)
			found = append(found, report.CLICommand{Name: name, Description: docPointer(text), Handler: &handler, Framework: r.framework, Location: at})
			groups = append(groups, d.Group)
		}
	}
	if len(found) < fewDocuments {
		return false
	}
	for i, c := range found {
		m.groups[commandKey{c.Name, c.Location}] = strings.ReplaceAll(groups[i], "_", "-")
		m.out.Commands = append(m.out.Commands, c)
	}
	return true
}

// exportedFunctions are those of the product, by name; of several of a name the
// first.
func (m *model) exportedFunctions() map[string]report.Location {
	functions := map[string]report.Location{}
	for i := range m.files {
		f := &m.files[i]
		if f.Facts == nil || f.Test || f.Aside {
			continue
		}
		for k := range f.Facts.Functions {
			if fn := &f.Facts.Functions[k]; fn.Exported {
				if _, known := functions[fn.Name]; !known {
					functions[fn.Name] = report.Location{Path: f.Path, Line: fn.Line}
				}
			}
		}
	}
	return functions
}

// commandKey names a command among those that were found.
type commandKey struct {
	name string
	at   report.Location
}

func isCommandDocument(file string) bool {
	return path.Ext(file) == ".json" && path.Base(path.Dir(file)) == "commands"
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
