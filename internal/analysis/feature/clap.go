package feature

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// clap of Rust: enums that derive Subcommand, whose variants are commands, and
// Command::new in chains. A variant that holds an enum of its own, by itself or
// in its arguments, has its name before theirs.

// readClap reads the tree: commands stand in several files.
func readClap(m *model, r *rule) bool {
	c := clap{m: m, rule: r, under: map[class][]clapPlace{}, words: map[class][]string{}, made: map[class]int{}}
	found := false
	for i := range m.files {
		f := &m.files[i]
		if f.Language != "Rust" || f.Test || f.Aside || f.Facts == nil || !importing("clap", "structopt")(f) {
			continue
		}
		found = true
		f.prepare()
		c.types(f)
		c.chains(f)
	}
	c.name()
	c.nameChains()
	return found
}

type clap struct {
	m     *model
	rule  *rule
	enums []class
	under map[class][]clapPlace // of an enum: the variants that hold it
	words map[class][]string    // what prefixes found
	made  map[class]int         // Command::new by its file and invocation, to its place in calls
	calls []clapCall
}

// clapPlace is a variant that holds an enum: none for what is flattened.
type clapPlace struct {
	in   class
	name string
}

// clapCall is a call of Command::new.
type clapCall struct {
	file  int32
	at    int32
	word  string
	about string
	above int // its place in calls, -1 for none
	holds bool
}

// clapAttributes are the attributes in which clap is told something.
var clapAttributes = map[string]bool{"command": true, "clap": true, "structopt": true, "subcommand": true}

func (c *clap) types(f *file) {
	for k := range f.Facts.Annotations {
		a := &f.Facts.Annotations[k]
		if a.Name != "derive" || a.Declaration < 0 || f.Facts.Declares[a.Declaration].Kind != language.KindType {
			continue
		}
		if slices.ContainsFunc(a.Args, func(arg language.Argument) bool {
			return lastName(strings.ReplaceAll(arg.Text, "::", ".")) == "Subcommand"
		}) {
			c.enums = append(c.enums, class{f.at, a.Declaration})
		}
	}
}

// told is what the attributes of clap say of a declaration: words alone are
// keys with an empty value.
func clapTold(f *file, declaration int32) map[string]string {
	told := map[string]string{}
	for k := range f.Facts.Annotations {
		a := &f.Facts.Annotations[k]
		if a.Declaration != declaration || !clapAttributes[a.Name] {
			continue
		}
		if a.Name == "subcommand" {
			told["subcommand"] = ""
		}
		for n := range a.Args {
			arg := &a.Args[n]
			switch {
			case arg.Name != "":
				told[arg.Name] = arg.Text
			case arg.Kind == language.ArgName:
				told[arg.Text] = ""
			}
		}
	}
	return told
}

// variants visits the variants of an enum with what clap is told of each.
func (c *clap) variants(e class, visit func(d int32, told map[string]string)) {
	f := &c.m.files[e.file]
	owner := &f.Facts.Declares[e.at]
	whole := language.Qualify(owner.Owner, owner.Name)
	for d := range f.Facts.Declares {
		if v := &f.Facts.Declares[d]; v.Kind == language.KindField && v.Owner == whole {
			visit(int32(d), clapTold(f, int32(d)))
		}
	}
}

// name lists the variants of all enums, under the names of those that hold them.
func (c *clap) name() {
	holds := map[class]map[int32]bool{}
	for _, e := range c.enums {
		f := &c.m.files[e.file]
		holds[e] = map[int32]bool{}
		c.variants(e, func(d int32, told map[string]string) {
			for _, inner := range c.heldBy(f, d, told) {
				name := clapName(f, e, d, told)
				if _, flat := told["flatten"]; flat {
					name = ""
				}
				c.under[inner] = append(c.under[inner], clapPlace{e, name})
				holds[e][d] = true
			}
		})
	}
	for _, e := range c.enums {
		f := &c.m.files[e.file]
		prefixes := c.prefixes(e, maxBases)
		c.variants(e, func(d int32, told map[string]string) {
			_, external := told["external_subcommand"]
			_, skipped := told["skip"]
			_, flat := told["flatten"]
			if holds[e][d] || external || skipped || flat {
				return
			}
			v := &f.Facts.Declares[d]
			for _, prefix := range prefixes {
				c.m.at(f, c.rule).command(report.CLICommand{Name: strings.TrimSpace(prefix + " " + clapName(f, e, d, told)), Description: docPointer(v.Doc)}, v.Line)
			}
		})
	}
}

// prefixes are the words before the variants of an enum.
func (c *clap) prefixes(e class, depth int) []string {
	if len(c.under[e]) == 0 || depth == 0 {
		return []string{""}
	}
	if known, ok := c.words[e]; ok {
		return known
	}
	c.words[e] = []string{""} // while it is asked for: an enum may hold itself
	var out []string
	for _, place := range c.under[e] {
		for _, above := range c.prefixes(place.in, depth-1) {
			if p := strings.TrimSpace(above + " " + place.name); len(out) < maxPlaces && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	c.words[e] = out
	return out
}

// heldBy are the enums that a variant holds: as it is marked, in its own fields,
// or in the struct of its arguments.
func (c *clap) heldBy(f *file, d int32, told map[string]string) []class {
	v := &f.Facts.Declares[d]
	_, marked := told["subcommand"]
	if _, flat := told["flatten"]; marked || flat {
		return c.enumsNamed(f, strings.Trim(v.Signature, "()"))
	}
	if inner := strings.Trim(v.Signature, "()"); strings.HasPrefix(v.Signature, "(") {
		for _, s := range c.typesNamed(f, inner) {
			other := &c.m.files[s.file]
			if list := c.fieldsOf(other, language.Qualify(other.Facts.Declares[s.at].Owner, other.Facts.Declares[s.at].Name)); len(list) > 0 {
				return list
			}
		}
		return nil
	}
	return c.fieldsOf(f, language.Qualify(v.Owner, v.Name))
}

// fieldsOf are the enums in the fields of a type that are marked.
func (c *clap) fieldsOf(f *file, owner string) []class {
	for d := range f.Facts.Declares {
		field := &f.Facts.Declares[d]
		if field.Kind != language.KindField || field.Owner != owner {
			continue
		}
		if _, ok := clapTold(f, int32(d))["subcommand"]; ok {
			return c.enumsNamed(f, field.Signature)
		}
	}
	return nil
}

func (c *clap) enumsNamed(f *file, typ string) []class {
	return slices.DeleteFunc(c.typesNamed(f, typ), func(t class) bool { return !slices.Contains(c.enums, t) })
}

// typesNamed finds a type as it is written: Option<remote::Commands>.
func (c *clap) typesNamed(f *file, typ string) []class {
	for {
		open := strings.IndexByte(typ, '<')
		if open < 0 || !strings.HasSuffix(typ, ">") {
			break
		}
		typ = typ[open+1 : len(typ)-1] // Option, Box
	}
	name := strings.TrimSpace(typ[strings.LastIndexByte(typ, ':')+1:])
	if d := f.typeNamed(name); d >= 0 {
		return []class{{f.at, d}}
	}
	for _, at := range c.m.uses(f) {
		if d := c.m.files[at].typeNamed(name); d >= 0 {
			return []class{{at, d}}
		}
	}
	return nil
}

// clapName is the word of a variant: as it is written, or in the style of the
// enum, which is with hyphens unless it says otherwise.
func clapName(f *file, e class, d int32, told map[string]string) string {
	if name := told["name"]; name != "" {
		return name
	}
	between := "-"
	switch style := clapTold(f, e.at)["rename_all"]; style {
	case "snake_case", "snake":
		between = "_"
	case "lower", "lowercase":
		between = ""
	}
	var b strings.Builder
	for i, r := range f.Facts.Declares[d].Name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteString(between)
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// chains notes the calls of Command::new, and which is handed to the chain of
// which.
func (c *clap) chains(f *file) {
	for n := range f.Facts.Invocations {
		inv := &f.Facts.Invocations[n]
		isNew := inv.Name == "new" && (lastName(inv.Receiver) == "Command" || lastName(inv.Receiver) == "App") || inv.Name == "with_name" && lastName(inv.Receiver) == "SubCommand"
		if isNew && len(inv.Args) > 0 && inv.Args[0].Kind == language.ArgString {
			at := int32(n)
			c.made[class{f.at, at}] = len(c.calls)
			c.calls = append(c.calls, clapCall{file: f.at, at: at, word: inv.Args[0].Text, above: -1})
		}
	}
}

// nameChains lists the commands of chains. One that nothing holds is the program.
func (c *clap) nameChains() {
	for k := range c.m.files {
		f := &c.m.files[k]
		if f.Language != "Rust" || !f.prepared {
			continue
		}
		for n := range f.Facts.Invocations {
			c.link(f, int32(n)) //nolint:gosec // at most MaxInvocations
		}
	}
	for i := range c.calls {
		call := &c.calls[i]
		if call.above < 0 || call.holds {
			continue
		}
		words := call.word
		for up, depth := call.above, 0; up >= 0 && c.calls[up].above >= 0 && depth < maxDepth; up, depth = c.calls[up].above, depth+1 {
			words = c.calls[up].word + " " + words
		}
		f := &c.m.files[call.file]
		c.m.at(f, c.rule).command(report.CLICommand{Name: words, Description: docPointer(call.about)}, int(f.Facts.Invocations[call.at].Line))
	}
}

// link reads what a call of a chain says of its command, and which ones it puts
// below it.
func (c *clap) link(f *file, n int32) {
	inv := &f.Facts.Invocations[n]
	above, ok := c.made[class{f.at, f.chainHead(n)}]
	switch {
	case !ok:
	case inv.Name == "about" && len(inv.Args) > 0 && inv.Args[0].Kind == language.ArgString:
		c.calls[above].about = inv.Args[0].Text
	case (inv.Name == "subcommand" || inv.Name == "subcommands") && len(inv.Args) > 0:
		args := inv.Args
		if args[0].Kind == language.ArgList {
			args = args[0].List
		}
		for a := range args {
			c.below(f, &args[a], above)
		}
	}
}

// chainHead is the first call of the chain that an invocation ends.
func (f *file) chainHead(i int32) int32 {
	for range maxCandidate {
		if f.Facts.Invocations[i].On < 0 {
			break
		}
		i = f.Facts.Invocations[i].On
	}
	return i
}

// below puts what an argument makes under a command: a chain that is written
// there, or those of the function that is called.
func (c *clap) below(f *file, a *language.Argument, above int) {
	if a.Kind != language.ArgCall || a.Call < 0 {
		return
	}
	head := f.chainHead(a.Call)
	put := func(i int) {
		if i != above && c.calls[i].above < 0 {
			c.calls[i].above, c.calls[above].holds = above, true
		}
	}
	if i, ok := c.made[class{f.at, head}]; ok {
		put(i)
		return
	}
	inv := &f.Facts.Invocations[head]
	for _, fn := range c.m.callee(f, inv.Name, inv.Receiver, inv.Function) {
		for i := range c.calls {
			call := &c.calls[i]
			at := &c.m.files[call.file].Facts.Invocations[call.at]
			if call.file == fn.file && at.Function == fn.at && at.Within < 0 {
				put(i)
			}
		}
	}
}
