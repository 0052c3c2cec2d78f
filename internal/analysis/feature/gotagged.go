package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var (
	kongModule     = []string{"github.com/alecthomas/kong"}
	goFlagsModules = []string{"github.com/jessevdk/go-flags"}
	kingpinModules = []string{"github.com/alecthomas/kingpin", "gopkg.in/alecthomas/kingpin"}
)

// imports reports whether a file of the product imports one of these modules.
func (m *model) imports(modules []string) bool {
	k := modules[0]
	known, ok := m.importsOf[k]
	if !ok {
		concerns := importing(modules...)
		known = slices.ContainsFunc(m.files, func(f file) bool { return f.Facts != nil && !f.Test && !f.Aside && concerns(&f) })
		m.importsOf[k] = known
	}
	return known
}

// readKong reads the commands that fields with the tag cmd are. Files with such
// types need not import kong.
func readKong(s *scan) {
	if !s.m.imports(kongModule) {
		return
	}
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Declaration < 0 {
			continue
		}
		d := &s.Facts.Declares[a.Declaration]
		raw := ""
		if a.Name == "kong" && len(a.Args) > 0 {
			raw = a.Args[0].Text
		}
		switch {
		case d.Kind != language.KindField:
		case a.Name == "cmd" || hasOption(raw, "cmd"):
			word := s.tag(a.Declaration, "name")
			if word == "" {
				word = option(raw, "name")
			}
			if word == "" {
				word = strings.Join(wordsOf(d.Name), "-")
			}
			about := s.tag(a.Declaration, "help")
			if about == "" {
				about = option(raw, "help")
			}
			s.taggedCommand(a.Declaration, word, about)
		case a.Name == "embed" || hasOption(raw, "embed"):
			s.m.put(s.typePlace(d.Signature), mount{parent: s.fieldsOwner(d.Owner), same: true})
		}
	}
	s.embeddedCommands()
}

// embeddedCommands gives a type the commands of those that it embeds.
func (s *scan) embeddedCommands() {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind != language.KindType {
			continue
		}
		for _, base := range d.Bases {
			s.m.put(s.typePlace(base), mount{parent: s.fieldsOwner(d.Name), same: true})
		}
	}
}

// hasOption and option read the options in one tag: cmd,help='Adds.'.
func hasOption(raw, name string) bool {
	return slices.ContainsFunc(strings.Split(raw, ","), func(o string) bool { return strings.TrimSpace(o) == name })
}

func option(raw, name string) string {
	_, rest, ok := strings.Cut(raw, name+"=")
	if !ok || rest == "" {
		return ""
	}
	if rest[0] == '\'' {
		value, _, _ := strings.Cut(rest[1:], "'")
		return value
	}
	value, _, _ := strings.Cut(rest, ",")
	return value
}

// tag is the value of a struct tag of a field, "" for none.
func (s *scan) tag(declaration int32, name string) string {
	for k := range s.Facts.Annotations {
		if a := &s.Facts.Annotations[k]; a.Declaration == declaration && a.Name == name && len(a.Args) > 0 {
			return a.Args[0].Text
		}
	}
	return ""
}

// fieldsOwner stands for what the fields of a type of this folder are put on.
func (s *scan) fieldsOwner(name string) node {
	return s.m.node(key{kind: byField, file: -1, name: folderOf(s.Path) + ":" + name})
}

// typePlace is the same of a type as a file writes it.
func (s *scan) typePlace(written string) node {
	written = strings.TrimLeft(written, "*")
	pkg, name, ok := strings.Cut(written, ".")
	if !ok {
		return s.fieldsOwner(written)
	}
	for _, l := range s.locals[pkg] {
		for _, at := range s.m.filesOf(s.file, l) {
			return s.m.node(key{kind: byField, file: -1, name: folderOf(s.m.files[at].Path) + ":" + name})
		}
	}
	return none
}

// taggedCommand says that a field is a command of the type that has it. What the
// field's own type has is put on the command.
func (s *scan) taggedCommand(declaration int32, word, about string) {
	d := &s.Facts.Declares[declaration]
	n := s.fieldsOwner(d.Owner + "." + d.Name)
	c := s.commandAt(n, d.Line, word)
	if c == nil {
		return
	}
	c.below = true
	if about != "" {
		c.found.Description = &about
	}
	s.addCommand(s.fieldsOwner(d.Owner), n)
	if !strings.HasPrefix(d.Signature, "struct") {
		s.m.put(s.typePlace(d.Signature), mount{parent: n, same: true})
	}
}

// readGoFlags reads the commands of go-flags: fields with the tag command, and
// parser.AddCommand("add", short, long, data).
func readGoFlags(s *scan) {
	if !s.m.imports(goFlagsModules) {
		return
	}
	tagged := false
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Name == "command" && a.Declaration >= 0 && len(a.Args) > 0 && a.Args[0].Text != "" && s.Facts.Declares[a.Declaration].Kind == language.KindField {
			s.taggedCommand(a.Declaration, a.Args[0].Text, s.tag(a.Declaration, "description"))
			tagged = true
		}
	}
	if tagged {
		s.embeddedCommands()
	}
	if !importing(goFlagsModules...)(s.file) {
		return
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "AddCommand" || len(inv.Args) != 4 {
			continue
		}
		if word, ok := s.written(i, 0); ok && word != "" && !strings.Contains(word, "{}") {
			if c := s.commandNode(i, word, &inv.Args[1], nil); c != nil {
				c.below = true
				s.addCommand(s.on(i), s.result(i))
			}
		}
	}
}

// kingpinChain are the methods of a command of kingpin that give it back.
var kingpinChain = []string{"Alias", "Action", "PreAction", "Hidden", "Default", "HelpLong", "Validate"}

// readKingpin reads app.Command("add", "Adds.") and the commands of commands.
func readKingpin(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.On >= 0 && slices.Contains(kingpinChain, inv.Name):
			s.m.put(s.result(i), mount{parent: s.result(inv.On), same: true})
			if c := s.m.commandOf(s.result(inv.On)); c != nil && inv.Name == "Action" && len(inv.Args) == 1 {
				s.m.foundAt[s.result(i)] = s.m.foundAt[s.result(inv.On)]
				s.runs(c, &inv.Args[0])
			}
		case inv.Name == "Command" && !inv.New && len(inv.Args) == 2:
			first, _, _ := strings.Cut(inv.Receiver, ".")
			if s.locals[first] != nil && !s.fromModule(first, kingpinModules) {
				continue // exec.Command
			}
			word, ok := s.written(i, 0)
			_, help := s.written(i, 1)
			if !ok || !help || word == "" || strings.Contains(word, "{}") {
				continue
			}
			if c := s.commandNode(i, word, &inv.Args[1], nil); c != nil {
				c.below = true
				s.addCommand(s.on(i), s.result(i))
			}
		}
	}
}
