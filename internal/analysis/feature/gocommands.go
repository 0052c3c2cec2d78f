package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var goCommandRules = []rule{
	{framework: "cobra", languages: []string{"Go"}, concerns: importing("github.com/spf13/cobra"), read: readCobra},
	{framework: "urfave/cli", languages: []string{"Go"}, concerns: importing("github.com/urfave/cli"), read: readUrfave},
	{framework: "flag", languages: []string{"Go"}, concerns: importing("flag"), read: readFlagSets},
}

// command is a command before it is known what it is a command of. Commands are
// nodes like routers: what a command is added to is its parent.
type command struct {
	node  node
	word  string
	file  *file
	line  int
	found report.CLICommand
	runs  bool // it does something by itself
	below bool // it is no program, even when it is added to nothing
}

// commandNode says that invocation i makes a command.
func (s *scan) commandNode(i int32, word string, about, handler *language.Argument) {
	c := command{node: s.result(i), word: word, file: s.file, line: int(s.Facts.Invocations[i].Line)}
	if c.node == none || word == "" || len(s.m.found) >= maxListed*2 {
		return
	}
	c.found.Framework = s.rule.framework
	c.found.Location = s.location(c.line)
	if about != nil {
		if text, ok := s.m.textOf(s.file, about, maxConstants); ok && text != "" {
			c.found.Description = &text
		}
	}
	if handler != nil && handler.Kind == language.ArgName {
		name := handler.Text
		c.found.Handler = &name
	}
	c.runs = handler != nil
	s.m.found = append(s.m.found, c)
}

// addCommand puts a command on another.
func (s *scan) addCommand(parent, child node) {
	s.m.put(child, mount{parent: parent, prefix: " "})
}

// readCobra reads cobra.Command{Use: "add NAME"} and parent.AddCommand(child).
func readCobra(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n) //nolint:gosec // at most MaxInvocations
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.New && inv.Name == "Command" && s.fromModule(inv.Receiver, []string{"github.com/spf13/cobra"}):
			handler := keyword(inv.Args, "RunE")
			if handler == nil {
				handler = keyword(inv.Args, "Run")
			}
			if use := keyword(inv.Args, "Use"); use != nil {
				text, _ := s.m.textOf(s.file, use, maxConstants)
				word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
				s.commandNode(i, word, keyword(inv.Args, "Short"), handler)
			}
		case inv.Name == "AddCommand":
			for k := range inv.Args {
				s.addCommand(s.on(i), s.argument(i, k))
			}
		}
	}
}

// readUrfave reads cli.Command{Name: "add"} and the lists of commands in others.
func readUrfave(s *scan) {
	module := []string{"github.com/urfave/cli"}
	for n := range s.Facts.Invocations {
		i := int32(n) //nolint:gosec // at most MaxInvocations
		inv := &s.Facts.Invocations[i]
		if !inv.New || inv.Name != "Command" && inv.Name != "App" || !s.fromModule(inv.Receiver, module) {
			continue
		}
		if name := keyword(inv.Args, "Name"); name != nil {
			text, _ := s.m.textOf(s.file, name, maxConstants)
			s.commandNode(i, text, keyword(inv.Args, "Usage"), keyword(inv.Args, "Action"))
			// Before version 3 the program is an App.
			if k := len(s.m.found) - 1; k >= 0 && inv.Name == "Command" && !s.fromModule(inv.Receiver, []string{"github.com/urfave/cli/v3"}) {
				s.m.found[k].below = true
			}
		}
		for _, list := range []string{"Commands", "Subcommands"} {
			if a := keyword(inv.Args, list); a != nil {
				for k := range a.List {
					s.addCommand(s.result(i), s.value(&a.List[k], i, 0))
				}
			}
		}
		// Lists are cut, but not what stands in them.
		if inv.Within >= 0 && inv.Argument >= 0 && int(inv.Argument) < len(s.Facts.Invocations[inv.Within].Args) {
			if in := s.Facts.Invocations[inv.Within].Args[inv.Argument].Name; in == "Commands" || in == "Subcommands" {
				s.addCommand(s.result(inv.Within), s.result(i))
			}
		}
	}
}

// readFlagSets reads flag.NewFlagSet("add", …): a command with flags of its own.
func readFlagSets(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n) //nolint:gosec // at most MaxInvocations
		inv := &s.Facts.Invocations[i]
		if inv.Name != "NewFlagSet" || !s.fromModule(inv.Receiver, []string{"flag"}) {
			continue
		}
		if name, ok := s.written(i, 0); ok && !strings.Contains(name, "{}") {
			s.commandNode(i, name, nil, nil)
		}
	}
}

// commands gives commands the words of those that they are added to, but for
// the program's own.
func (m *model) commands() {
	at := make(map[node]int, len(m.found))
	for c := range m.found {
		at[m.found[c].node] = c
	}
	above := make([]int, len(m.found))
	has := map[int]bool{}
	for c := range m.found {
		above[c] = m.commandAbove(m.found[c].node, at)
		has[above[c]] = true
	}
	for c := range m.found {
		words := m.found[c].word
		for up, depth := above[c], 0; up >= 0 && depth < maxDepth; up, depth = above[up], depth+1 {
			if above[up] < 0 && !m.found[up].below {
				break // the program
			}
			words = m.found[up].word + " " + words
		}
		if has[c] && !m.found[c].runs {
			continue // does nothing by itself
		}
		m.found[c].found.Name = words
		m.out.Commands = append(m.out.Commands, m.found[c].found)
	}
}

// commandAbove finds the command that a node was added to, -1 for none.
func (m *model) commandAbove(n node, at map[node]int) int {
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
		if c, ok := at[now.n]; ok && now.added {
			return c
		}
		for _, e := range m.nodes[now.n].parents {
			queue = append(queue, step{e.parent, now.added || !e.same})
		}
	}
	return -1
}
