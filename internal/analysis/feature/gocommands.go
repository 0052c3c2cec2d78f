package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var (
	cobraModule  = []string{"github.com/spf13/cobra"}
	urfaveModule = []string{"github.com/urfave/cli"}
	ffModule     = []string{"github.com/peterbourgon/ff"}
)

var goCommandRules = []rule{
	{framework: "cobra", languages: []string{"Go"}, concerns: importing(cobraModule...), read: readCobra},
	{framework: "urfave/cli", languages: []string{"Go"}, concerns: importing(urfaveModule...), read: func(s *scan) { s.readCommandLiterals(&urfave) }},
	{framework: "ff", languages: []string{"Go"}, concerns: importing(ffModule...), read: func(s *scan) { s.readCommandLiterals(&ffCommands) }},
	{framework: "simplecobra", languages: []string{"Go"}, concerns: importing(simplecobraModule...), read: readCommanders},
	{framework: "google/subcommands", languages: []string{"Go"}, concerns: importing(subcommandsModule...), read: readCommanders},
	{framework: "mitchellh/cli", languages: []string{"Go"}, concerns: importing(factoryModules...), read: readCommandFactories},
	{framework: "kong", languages: []string{"Go"}, read: readKong},
	{framework: "go-flags", languages: []string{"Go"}, read: readGoFlags},
	{framework: "kingpin", languages: []string{"Go"}, concerns: importing(kingpinModules...), read: readKingpin},
	{framework: "flag", languages: []string{"Go"}, concerns: importing("flag"), read: readFlagSets},
}

// command is a command before it is known what it is a command of. Commands are
// nodes like routers: what a command is added to is its parent.
type command struct {
	node  node
	word  string // "" of a program without a name, and of one that is not known
	file  *file
	line  int
	found report.CLICommand
	runs  bool // it does something by itself
	below bool // it is no program, even when it is added to nothing
	// made is the function that makes the command of its parameters, given those
	// that tell its word and what it is about: each call makes another.
	made       *function
	word1, doc string
}

// commandAt says that a node is a command. The answer is only good until the
// next command; it is nil when there are too many.
func (s *scan) commandAt(n node, line int, word string) *command {
	if n == none || len(s.m.found) >= maxListed*2 {
		return nil
	}
	c := command{node: n, word: word, file: s.file, line: line}
	c.found.Framework, c.found.Location = s.rule.framework, s.location(line)
	s.m.foundAt[n] = len(s.m.found)
	s.m.found = append(s.m.found, c)
	return &s.m.found[len(s.m.found)-1]
}

// commandNode says that invocation i makes a command.
func (s *scan) commandNode(i int32, word string, about, handler *language.Argument) *command {
	c := s.commandAt(s.result(i), int(s.Facts.Invocations[i].Line), word)
	if c != nil {
		s.about(c, about)
		s.runs(c, handler)
	}
	return c
}

// about sets what a command says of itself.
func (s *scan) about(c *command, a *language.Argument) {
	if a == nil {
		return
	}
	if text, ok := s.m.textOf(s.file, a, maxConstants); ok && text != "" {
		c.found.Description = &text
	}
}

// runs sets what a command does.
func (s *scan) runs(c *command, a *language.Argument) {
	c.runs = a != nil && (a.Kind != language.ArgLiteral || a.Text != "nil")
	c.found.Handler = nil
	if c.runs && a.Kind == language.ArgName {
		name := a.Text
		c.found.Handler = &name
	}
}

// addCommand puts a command on another.
func (s *scan) addCommand(parent, child node) {
	s.m.put(child, mount{parent: parent, prefix: " "})
}

// firstWord is the word of a usage: "add" of "add NAME".
func (s *scan) firstWord(a *language.Argument) string {
	if a == nil {
		return ""
	}
	text, _ := s.m.textOf(s.file, a, maxConstants)
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if strings.Contains(word, "{}") {
		return ""
	}
	return word
}

// parameterOf is the name of an argument if that is a parameter of the function
// around an invocation.
func (s *scan) parameterOf(i int32, a *language.Argument) string {
	fn := s.Facts.Invocations[i].Function
	if a == nil || a.Kind != language.ArgName || fn < 0 || !slices.ContainsFunc(s.parameters(fn), func(p parameter) bool { return p.name == a.Text }) {
		return ""
	}
	return a.Text
}

// closures joins the calls of function literals in variables with what these
// return, and speaks of what stands in lists that are returned.
func (s *scan) closures() {
	for _, i := range s.bindings["return[]"] {
		s.result(i)
	}
	for n := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[n]
		if inv.Receiver != "" || inv.On >= 0 || inv.New {
			continue
		}
		for _, made := range s.bindings[inv.Name+"()"] {
			if s.Facts.Invocations[made].Function == inv.Function {
				s.m.put(s.result(made), mount{parent: s.result(int32(n)), same: true})
			}
		}
	}
}

// readCobra reads cobra.Command{Use: "add NAME"}, cmd.Use = "add NAME" and
// parent.AddCommand(child).
func readCobra(s *scan) {
	s.closures()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.New && inv.Name == "Command" && s.fromModule(inv.Receiver, cobraModule):
			handler := keyword(inv.Args, "RunE")
			if handler == nil {
				handler = keyword(inv.Args, "Run")
			}
			use, short := keyword(inv.Args, "Use"), keyword(inv.Args, "Short")
			c := s.commandNode(i, s.firstWord(use), short, handler)
			if word := s.parameterOf(i, use); c != nil && c.word == "" && word != "" {
				c.made, c.word1, c.doc = &function{s.at, inv.Function}, word, s.parameterOf(i, short)
			}
		case inv.Name == "AddCommand":
			for k := range inv.Args {
				s.addCommand(s.on(i), s.argument(i, k))
			}
		case inv.Name == "=" && len(inv.Args) == 1:
			s.cobraField(s.m.commandOf(s.on(i)), &inv.Args[0])
		}
	}
}

// commandOf is the command that a node is, nil when it is none so far.
func (m *model) commandOf(n node) *command {
	if at, ok := m.foundAt[n]; ok && n != none {
		return &m.found[at]
	}
	return nil
}

// cobraField sets a field of a command.
func (s *scan) cobraField(c *command, a *language.Argument) {
	if c == nil || c.found.Framework != s.rule.framework {
		return
	}
	switch a.Name {
	case "Use":
		c.word = s.firstWord(a)
	case "Short":
		s.about(c, a)
	case "Run", "RunE":
		s.runs(c, a)
	}
}

// commandLiterals is a library whose commands are literals of its type Command,
// with lists of others in them.
type commandLiterals struct {
	module []string
	about  []string // fields that say what a command is about
	action string
	// From this version of the module on the program is a Command as the others
	// are; before, what is added to nothing is none.
	program []string
}

var urfave = commandLiterals{module: urfaveModule, about: []string{"Usage"}, action: "Action", program: []string{"github.com/urfave/cli/v3"}}

var ffCommands = commandLiterals{module: ffModule, about: []string{"ShortHelp"}, action: "Exec", program: ffModule}

// commandLists are the fields that hold the commands of a command.
var commandLists = []string{"Commands", "Subcommands"}

// readCommandLiterals reads cli.Command{Name: "add"} and the lists of commands in
// others.
func (s *scan) readCommandLiterals(l *commandLiterals) {
	s.closures()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name == "=" && len(inv.Args) == 1 {
			s.literalField(l, i, &inv.Args[0])
			continue
		}
		if !inv.New || inv.Name != "Command" && inv.Name != "App" || !s.fromModule(inv.Receiver, l.module) {
			continue
		}
		name := s.firstWord(keyword(inv.Args, "Name"))
		if c := s.commandNode(i, name, nil, keyword(inv.Args, l.action)); c != nil {
			for _, about := range l.about {
				s.about(c, keyword(inv.Args, about))
			}
			c.below = inv.Name == "Command" && !s.fromModule(inv.Receiver, l.program)
		}
		for _, list := range commandLists {
			if a := keyword(inv.Args, list); a != nil {
				s.addList(s.result(i), i, a)
			}
		}
		// Lists are cut, but not what stands in them.
		if s.standsIn(i, commandLists...) {
			s.addCommand(s.result(inv.Within), s.result(i))
		}
	}
}

func (s *scan) addList(parent node, i int32, a *language.Argument) {
	for k := range a.List {
		s.addCommand(parent, s.value(&a.List[k], i, 0))
	}
}

// standsIn reports whether an invocation stands in an argument of one of the
// names.
func (s *scan) standsIn(i int32, names ...string) bool {
	inv := &s.Facts.Invocations[i]
	if inv.Within < 0 || inv.Argument < 0 || int(inv.Argument) >= len(s.Facts.Invocations[inv.Within].Args) {
		return false
	}
	return slices.Contains(names, s.Facts.Invocations[inv.Within].Args[inv.Argument].Name)
}

// literalField sets a field of a command.
func (s *scan) literalField(l *commandLiterals, i int32, a *language.Argument) {
	n := s.on(i)
	c := s.m.commandOf(n)
	switch {
	case slices.Contains(commandLists, a.Name):
		s.addList(n, i, a)
	case c == nil || c.found.Framework != s.rule.framework:
	case a.Name == "Name":
		c.word = s.firstWord(a)
	case a.Name == l.action:
		s.runs(c, a)
	case slices.Contains(l.about, a.Name):
		s.about(c, a)
	}
}

// readFlagSets reads flag.NewFlagSet("add", …): a command with flags of its own.
// One that is called as the program is the program.
func readFlagSets(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "NewFlagSet" || !s.fromModule(inv.Receiver, []string{"flag"}) {
			continue
		}
		name, ok := s.written(i, 0)
		if ok && name != "" && !strings.Contains(name, "{}") && name != path.Base(folderOf(s.Path)) && name != s.m.in.Name {
			s.commandNode(i, name, nil, nil)
		}
	}
}

// commands gives commands the words of those that they are added to, but for
// the program's own.
func (m *model) commands() {
	m.makeCommands()
	above := make([]int, len(m.found))
	has := map[int]bool{}
	for c := range m.found {
		above[c] = m.commandAbove(m.found[c].node)
		has[above[c]] = true
	}
	for c := range m.found {
		words := m.found[c].word
		for up, depth := above[c], 0; up >= 0 && depth < maxDepth; up, depth = above[up], depth+1 {
			if above[up] < 0 && !m.found[up].below {
				break // the program
			}
			if m.found[up].word != "" {
				words = m.found[up].word + " " + words
			}
		}
		if m.found[c].word == "" || has[c] && !m.found[c].runs {
			continue // has no name, or does nothing by itself
		}
		m.found[c].found.Name = words
		m.out.Commands = append(m.out.Commands, m.found[c].found)
	}
}

// makeCommands makes the commands of functions that are given their words, one
// for each call.
func (m *model) makeCommands() {
	made := map[function][]int{}
	for c := range m.found {
		if f := m.found[c].made; f != nil {
			made[*f] = append(made[*f], c)
		}
	}
	if len(made) == 0 {
		return
	}
	for at := range m.files {
		f := &m.files[at]
		if !f.prepared || f.Language != "Go" {
			continue
		}
		for n := range f.Facts.Invocations {
			inv := &f.Facts.Invocations[n]
			if inv.On >= 0 || inv.New {
				continue
			}
			for _, fn := range m.callee(f, inv.Name, inv.Receiver, inv.Function) {
				for _, c := range made[fn] {
					m.makeCommand(f, int32(n), fn, c)
				}
			}
		}
	}
}

// makeCommand makes command c of one call of the function that makes it.
func (m *model) makeCommand(f *file, i int32, fn function, c int) {
	inv := &f.Facts.Invocations[i]
	given := func(name string) string {
		for k, p := range m.files[fn.file].parameters(fn.at) {
			if p.name == name && name != "" && k < len(inv.Args) {
				text, _ := m.textOf(f, &inv.Args[k], maxConstants)
				return text
			}
		}
		return ""
	}
	word, _, _ := strings.Cut(strings.TrimSpace(given(m.found[c].word1)), " ")
	if word == "" || strings.Contains(word, "{}") || len(m.found) >= maxListed*2 {
		return
	}
	one := m.found[c]
	one.made, one.word, one.node, one.file, one.line = nil, word, m.node(key{kind: byResult, file: f.at, at: i}), f, int(inv.Line)
	one.found.Location = report.Location{Path: f.Path, Line: one.line}
	if about := given(one.doc); about != "" {
		one.found.Description = &about
	}
	if one.node == none {
		return
	}
	m.foundAt[one.node] = len(m.found)
	m.found = append(m.found, one)
}

// commandAbove finds the command that a node was added to, -1 for none.
func (m *model) commandAbove(n node) int {
	type step struct {
		n     node
		added bool
	}
	seen := map[step]bool{}
	queue := []step{{n, false}}
	for len(queue) > 0 && len(seen) < 1000 {
		now := queue[0]
		queue = queue[1:]
		if seen[now] {
			continue
		}
		seen[now] = true
		if c, ok := m.foundAt[now.n]; ok && now.added {
			return c
		}
		for _, e := range m.nodes[now.n].parents {
			queue = append(queue, step{e.parent, now.added || !e.same})
		}
	}
	return -1
}
