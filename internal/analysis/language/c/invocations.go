package c

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// What a program's user types is compared with its arguments, or stands in a
// table. Both are told as invocations, and nothing else is: C has no frameworks.
//
//   - strcmp(argv[i], "--all") and the like are calls with the name of the argument
//     and the text; argv[1], the first argument, is called argv.1
//   - a row of an array whose type is that of options (struct option), or whose
//     name or type speaks of commands, is a call of "=" that is handed the row's
//     first text and its first other name: {"add", add_command}. Its receiver is the
//     type and its result the array.

// compares are the functions that hold one text against another.
var compares = set(`strcmp strcasecmp strncmp strncasecmp stricmp _stricmp _strcmpi g_strcmp0 g_str_equal streq strequal STREQ`)

// argument is what a program's own arguments are called.
var argument = regexp.MustCompile(`^[(*+ ]*(argv|args?|av|opt)\b(\[1\]$)?`)

// compared tells of a comparison with an argument.
func (r *reader) compared(i int) {
	list := r.tree.Child(i, fieldArguments)
	if list < 0 {
		return
	}
	name, text, first := "", "", false
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindString:
			text = r.literal(child)
		default:
			if m := argument.FindSubmatch(clip(r.tree.Text(child))); m != nil {
				name = string(m[1])
				first = len(m[2]) > 0
			}
		}
	}
	// What is not called argv is an argument where an option is looked for.
	if name == "" || text == "" || name != "argv" && name != "av" && text[0] != '-' {
		return
	}
	if first {
		name += ".1"
	}
	r.invoke(i, language.Invocation{Name: string(r.tree.Text(r.tree.Child(i, fieldFunction))), Args: []language.Argument{
		{Kind: language.ArgName, Text: name, Call: -1}, {Kind: language.ArgString, Text: text, Call: -1},
	}})
}

func (r *reader) invoke(i int, v language.Invocation) {
	if len(r.facts.Invocations) >= language.MaxInvocations {
		return
	}
	v.On, v.Within, v.Argument, v.Function = -1, -1, -1, int32(r.scope.function)    //nolint:gosec // bounded by the file
	v.Line, v.EndLine = int32(r.tree.Nodes[i].Line), int32(r.tree.Nodes[i].EndLine) //nolint:gosec // bounded by the file
	r.facts.Invocations = append(r.facts.Invocations, v)
}

// literal is the text of a string literal, "" where it is too long to be a word.
func (r *reader) literal(i int) string {
	text := string(clip(r.tree.Text(i)))
	if len(text) < 2 || text[0] != '"' || len(text) > maxName {
		return ""
	}
	return strings.Trim(text, `"`)
}

// optionTypes are the types of the rows of getopt_long, argp, GLib and popt.
var optionTypes = set(`option argp_option GOptionEntry poptOption`)

// aboutCommands is a name that speaks of commands, word by word.
var aboutCommands = regexp.MustCompile(`(?i)(?:^|_)(?:sub)?(?:commands?|cmds?)(?:$|_)|[a-z]Commands?(?:$|[A-Z])|^Commands?(?:$|[A-Z])`)

// row tells of a row of a table of options or commands.
func (r *reader) row(i int) {
	table := r.tree.Parent(i)
	if r.tree.Kind(table) != kindInitializerList || r.tree.ParentKind(table) != kindInitDeclarator {
		return
	}
	declared := r.tree.Parent(table)
	declaration := r.tree.Parent(declared)
	typ := r.tree.Child(declaration, fieldType)
	d := r.declaratorOf(r.tree.Child(declared, fieldDeclarator))
	if r.tree.Kind(declaration) != kindDeclaration || typ < 0 || d.name < 0 {
		return
	}
	words := bytes.Fields(clip(r.tree.Text(typ)))
	if len(words) == 0 || len(words) > 2 { // a struct that is declared on the spot
		return
	}
	of, name := string(words[len(words)-1]), language.Flat(r.tree.Text(d.name), maxName)
	if !optionTypes[of] && !aboutCommands.MatchString(of) && !aboutCommands.MatchString(name) {
		return
	}
	text, does := r.cells(i)
	if text == "" {
		return
	}
	args := []language.Argument{{Kind: language.ArgString, Text: text, Call: -1}}
	if does != "" {
		args = append(args, language.Argument{Kind: language.ArgName, Text: does, Call: -1})
	}
	r.invoke(i, language.Invocation{Name: "=", Receiver: of, Result: name, Args: args})
}

// cells are the first text of a row, where it comes before any name, and the first
// name after it.
func (r *reader) cells(i int) (text, does string) {
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindInitializerPair {
			child = r.tree.Child(child, fieldValue)
		}
		if child < 0 {
			continue
		}
		switch kind := r.tree.Kind(child); {
		case text == "" && kind == kindString:
			text = r.literal(child)
		case kind == kindIdentifier && text == "":
			return "", ""
		case kind == kindIdentifier && does == "" && !isMacro(r.tree.Text(child)):
			does = language.Flat(r.tree.Text(child), maxName)
		}
	}
	return text, does
}
