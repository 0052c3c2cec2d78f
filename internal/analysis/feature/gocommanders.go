package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Libraries whose commands are types of one's own that have the methods of an
// interface: simplecobra's Commander (Name, Init, Run, Commands), the Command of
// google/subcommands (Name, Synopsis, Execute), that of mitchellh/cli and of
// hashicorp/cli, which is the same (Synopsis, Run).
var (
	simplecobraModule = []string{"github.com/bep/simplecobra"}
	subcommandsModule = []string{"github.com/google/subcommands"}
	factoryModules    = []string{"github.com/mitchellh/cli", "github.com/hashicorp/cli"}
)

// commander is a type whose values are commands.
type commander struct {
	file, at int32 // where it is declared
	line     int
	isOne    bool
	// What it gives by methods that do nothing else, by their names; empty for
	// one that does nothing at all.
	gives map[string][]language.Argument
	// What Init sets on the command of cobra.
	sets map[string]language.Argument
	has  map[string]bool // methods
	runs map[string]bool // fields that hold what is run
	in   *file           // where gives and sets stand
}

// field is the field of the value itself that a method gives, "" for none.
func (c *commander) field(method string) string {
	if given := c.gives[method]; len(given) == 1 && given[0].Kind == language.ArgName && strings.Count(given[0].Text, ".") == 1 {
		return lastName(given[0].Text)
	}
	return ""
}

// commanders are the types of a Go folder that look like commands, by name.
func (m *model) commanders(folder string) map[string]*commander {
	if known, ok := m.commanderOf[folder]; ok {
		return known
	}
	out := map[string]*commander{}
	for _, at := range m.folders[folder] {
		f := &m.files[at]
		if f.Language != "Go" || f.Facts == nil {
			continue
		}
		for d := range f.Facts.Declares {
			if one := &f.Facts.Declares[d]; one.Kind == language.KindType {
				out[one.Name] = &commander{
					file: at, at: int32(d), line: one.Line, in: f,
					gives: map[string][]language.Argument{}, sets: map[string]language.Argument{}, has: map[string]bool{}, runs: map[string]bool{},
				}
			}
		}
	}
	for _, at := range m.folders[folder] {
		if f := &m.files[at]; f.Language == "Go" && f.Facts != nil {
			f.readMethods(out)
		}
	}
	for name, c := range out {
		if c.isOne = c.has["Name"] && (c.has["Init"] || c.has["Execute"]); !c.isOne && !c.has["Synopsis"] {
			delete(out, name)
		}
	}
	m.commanderOf[folder] = out
	return out
}

// readMethods notes what the methods of types do.
func (f *file) readMethods(types map[string]*commander) {
	for d := range f.Facts.Declares {
		one := &f.Facts.Declares[d]
		c := types[one.Owner]
		if c == nil {
			continue
		}
		switch one.Kind { //nolint:exhaustive // what else a type has says nothing here
		case language.KindMethod:
			c.has[one.Name] = true
			c.in = f
		case language.KindField:
			name := strings.ToLower(one.Name)
			if strings.HasPrefix(one.Signature, "func(") && (name == "run" || name == "rune" || name == "exec" || name == "execute" || name == "action") {
				c.runs[one.Name] = true
			}
		}
	}
	for k := range f.Facts.Annotations {
		if a := &f.Facts.Annotations[k]; a.Name == "return" && a.Declaration >= 0 {
			if one := &f.Facts.Declares[a.Declaration]; types[one.Owner] != nil {
				types[one.Owner].gives[one.Name] = append([]language.Argument{}, a.Args...)
			}
		}
	}
	for k := range f.Facts.Invocations {
		inv := &f.Facts.Invocations[k]
		if inv.Name != "=" || len(inv.Args) != 1 || inv.Function < 0 {
			continue
		}
		if name := f.Facts.Functions[inv.Function].Name; lastName(name) == "Init" && types[ownerName(name)] != nil {
			types[ownerName(name)].sets[inv.Args[0].Name] = inv.Args[0]
		}
	}
}

// commanderOf is the commander of which an invocation is a literal, nil for none.
func (s *scan) commanderOf(i int32) *commander {
	inv := &s.Facts.Invocations[i]
	switch {
	case !inv.New:
		return nil
	case inv.Receiver == "":
		return s.m.commanders(folderOf(s.Path))[inv.Name]
	}
	for _, l := range s.locals[inv.Receiver] {
		for _, at := range s.m.filesOf(s.file, l) {
			return s.m.commanders(folderOf(s.m.files[at].Path))[inv.Name]
		}
	}
	return nil
}

// readCommanders reads the literals of types that are commands, and the lists of
// commands in them.
func readCommanders(s *scan) {
	s.closures()
	for n := range s.Facts.Invocations {
		i := int32(n)
		if c := s.commanderOf(i); c != nil && c.isOne {
			s.commanderLiteral(i, c)
		} else if owner := s.givenBy(i); owner != nil {
			s.addCommand(s.typeNode(owner), s.result(i))
		}
	}
}

// typeNode stands for every value of a type.
func (s *scan) typeNode(c *commander) node {
	return s.m.node(key{kind: byClass, file: c.file, at: c.at})
}

// givenBy is the type in whose method Commands an invocation stands by itself.
func (s *scan) givenBy(i int32) *commander {
	inv := &s.Facts.Invocations[i]
	if inv.Function < 0 || inv.Within >= 0 || inv.Name == "=" {
		return nil
	}
	name := s.Facts.Functions[inv.Function].Name
	if c := s.m.commanders(folderOf(s.Path))[ownerName(name)]; lastName(name) == "Commands" && c != nil && c.isOne {
		return c
	}
	return nil
}

func (s *scan) commanderLiteral(i int32, t *commander) {
	inv := &s.Facts.Invocations[i]
	word, _, _ := strings.Cut(strings.TrimSpace(s.commanderText(inv, t, "", "Use")), " ")
	if word == "" {
		word = s.commanderText(inv, t, "Name", "")
	}
	fixed := t.field("Name") == ""
	c := s.commandAt(s.result(i), int(inv.Line), word)
	if c == nil {
		return
	}
	if fixed { // the type is the command, wherever a value of it is made
		c.found.Location.Path, c.found.Location.Line = s.m.files[t.file].Path, t.line
	}
	about := s.commanderText(inv, t, "Synopsis", "Short")
	if about != "" {
		c.found.Description = &about
	}
	c.runs = s.commanderRuns(inv, t)
	if fixed && c.runs {
		for _, method := range []string{"Run", "Execute"} {
			if t.has[method] {
				handler := inv.Name + "." + method
				c.found.Handler = &handler
			}
		}
	}
	s.m.put(s.typeNode(t), mount{parent: s.result(i), same: true})
	s.commanderList(i, t)
	if owner := s.givenBy(i); owner != nil && owner != t {
		s.addCommand(s.typeNode(owner), s.result(i))
	}
}

// commanderText is a text that a value of the type gives: what a constructor
// sets, a field of the value, or what a method returns.
func (s *scan) commanderText(inv *language.Invocation, t *commander, method, set string) string {
	a, in := s.commanderValue(inv, t, method, set)
	if a == nil {
		return ""
	}
	value, _ := s.m.textOf(in, a, maxConstants)
	return value
}

func (s *scan) commanderValue(inv *language.Invocation, t *commander, method, set string) (*language.Argument, *file) {
	if a, ok := t.sets[set]; ok && set != "" {
		if a.Kind != language.ArgName || strings.Count(a.Text, ".") != 1 {
			return &a, t.in
		}
		if own := keyword(inv.Args, lastName(a.Text)); own != nil {
			return own, s.file
		}
	}
	if field := t.field(method); field != "" {
		return keyword(inv.Args, field), s.file
	}
	if given := t.gives[method]; len(given) == 1 {
		return &given[0], t.in
	}
	return nil, nil
}

// commanderList puts the commands that stand in a value's list below it.
func (s *scan) commanderList(i int32, t *commander) {
	inv := &s.Facts.Invocations[i]
	list := t.field("Commands")
	if a := keyword(inv.Args, list); a != nil && list != "" {
		s.addList(s.result(i), i, a)
	}
	for n := int(i) + 1; n < len(s.Facts.Invocations) && list != ""; n++ {
		if at := int32(n); s.Facts.Invocations[n].Within == i && s.standsIn(at, list) { //nolint:gosec // at most MaxInvocations
			s.addCommand(s.result(i), s.result(at))
		}
	}
}

// commanderRuns reports whether a command does something by itself.
func (s *scan) commanderRuns(inv *language.Invocation, t *commander) bool {
	for _, field := range []string{"Run", "RunE"} {
		if a, ok := t.sets[field]; ok && a.Text == "nil" {
			return false
		}
	}
	if given, ok := t.gives["Run"]; ok && !slices.ContainsFunc(given, func(a language.Argument) bool { return a.Text != "nil" }) {
		return false
	}
	if len(t.runs) == 0 {
		return true
	}
	for field := range t.runs {
		if keyword(inv.Args, field) != nil {
			return true
		}
	}
	return false
}

// readCommandFactories reads map[string]cli.CommandFactory{"kv get": func() …}.
// The keys hold all words.
func readCommandFactories(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if !inv.New || inv.Name != "CommandFactory" || len(inv.Args) == 0 || !s.fromModule(inv.Receiver, factoryModules) {
			continue
		}
		word, _ := s.written(i, 0)
		if word = strings.Join(strings.Fields(word), " "); word == "" || strings.Contains(word, "{}") {
			continue
		}
		c := s.commandAt(s.result(i), int(inv.Line), word)
		if c == nil {
			return
		}
		c.runs, c.below = true, true
		s.factoryMakes(i, c)
	}
}

// factoryMakes reads of the command that a factory makes what it does.
func (s *scan) factoryMakes(i int32, c *command) {
	for k := int(i) + 1; k < len(s.Facts.Invocations); k++ {
		if s.Facts.Invocations[k].Within != i {
			continue
		}
		t := s.commanderOf(int32(k)) //nolint:gosec // at most MaxInvocations
		if t == nil {
			continue
		}
		handler := s.Facts.Invocations[k].Name + ".Run"
		c.found.Handler = &handler
		if given := t.gives["Synopsis"]; len(given) == 1 {
			if about, ok := s.m.textOf(t.in, &given[0], maxConstants); ok && about != "" {
				c.found.Description = &about
			}
		}
		return
	}
}
