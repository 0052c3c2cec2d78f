package feature

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Commands of Artisan: classes that lead to one of Laravel's own, and closures
// in routes/console.php.

const artisanClosures = `Illuminate\Support\Facades\Artisan`

func readArtisan(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind == language.KindType && d.Owner == "" && len(d.Bases) > 0 {
			s.artisanClass(jvmClass{s.file, int32(k)})
		}
	}
	if !s.speaksFacade("Artisan", artisanClosures) {
		return
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.commandClosure(i)
		if !ok {
			continue
		}
		c := report.CLICommand{Name: name}
		for _, option := range s.following(i) {
			if called := &s.Facts.Invocations[option]; called.Name == "purpose" || called.Name == "describe" {
				if text, ok := s.text(option, 0); ok {
					c.Description = &text
				}
			}
		}
		s.command(c, int(inv.Line))
	}
}

// commandClosure is the name of the command that Artisan::command makes.
func (s *scan) commandClosure(i int32) (string, bool) {
	inv := &s.Facts.Invocations[i]
	if inv.Name != "command" || lastName(inv.Receiver) != "Artisan" || len(inv.Args) < 2 {
		return "", false
	}
	text, _ := s.text(i, 0)
	return commandName(text)
}

// commandName is the first word of a signature: what follows are arguments. A
// name that is computed is none.
func commandName(signature string) (string, bool) {
	words := strings.Fields(signature)
	if len(words) == 0 || strings.Contains(words[0], "{") {
		return "", false
	}
	return words[0], true
}

// speaksFacade reports whether a name is the facade of Laravel in a file: by its
// import, or in a file of routes, where the alias is enough.
func (s *scan) speaksFacade(name, facade string) bool {
	for _, l := range s.locals[name] {
		return s.Facts.Imports[l.imp].Path == facade
	}
	return inRoutes(s.Path) || importing(facade)(s.file)
}

// following lists the calls on the result of an invocation, the first one first.
func (s *scan) following(i int32) []int32 {
	var out []int32
	for n := i + 1; int(n) < len(s.Facts.Invocations) && len(out) < maxDepth; n++ {
		if s.Facts.Invocations[n].On == i {
			out, i = append(out, n), n
		}
	}
	return out
}

// artisanClass reads a class with a signature or a name: its own, or one that it
// has from above when nothing extends the class itself.
func (s *scan) artisanClass(c jvmClass) {
	family := s.m.family(c)
	if !slices.ContainsFunc(family, isArtisan) {
		return
	}
	signature := textOf(positionalOf(s.annotation(c.decl, "Signature")))
	description := textOf(positionalOf(s.annotation(c.decl, "Description")))
	if a := s.annotation(c.decl, "AsCommand"); a != nil {
		signature, description = cmp.Or(signature, textOf(keywordOrFirst(a.Args, "name"))), cmp.Or(description, textOf(keyword(a.Args, "description")))
	}
	for at := 0; signature == nil && at < len(family); at++ {
		if at > 0 && s.m.isExtended(c) {
			break
		}
		for _, field := range []string{"signature", "name"} {
			if text, ok := family[at].fieldText(field); ok && signature == nil {
				signature = &text
			}
		}
	}
	if signature == nil {
		return
	}
	name, ok := commandName(*signature)
	if !ok {
		return
	}
	d := c.declaration()
	found := report.CLICommand{Name: name, Handler: &d.Name, Description: description}
	for at := 0; found.Description == nil && at < len(family); at++ {
		if text, ok := family[at].fieldText("description"); ok {
			found.Description = &text
		}
	}
	s.command(found, d.Line)
}

// positionalOf is the first argument of an annotation, nil for none.
func positionalOf(a *language.Annotation) *language.Argument {
	if a == nil || len(a.Args) == 0 {
		return nil
	}
	return &a.Args[0]
}

// isArtisan reports whether a class extends one of Laravel's commands, by the
// whole name of the base.
func isArtisan(c jvmClass) bool {
	c.file.prepare()
	return slices.ContainsFunc(c.declaration().Bases, func(base string) bool {
		whole := strings.TrimPrefix(base, `\`)
		for _, l := range c.file.locals[whole] {
			whole = c.file.Facts.Imports[l.imp].Path
		}
		return strings.HasPrefix(whole, `Illuminate\`) && strings.HasSuffix(whole, "Command")
	})
}

// fieldText is the text that a field of a class holds. A long one is cut, and
// ends with an ellipsis then.
func (c jvmClass) fieldText(name string) (string, bool) {
	owner := c.qualified()
	for k := range c.file.Facts.Declares {
		d := &c.file.Facts.Declares[k]
		if d.Name != name || d.Owner != owner || d.Kind != language.KindField {
			continue
		}
		if _, text, ok := strings.Cut(d.Signature, `= "`); ok {
			return strings.ReplaceAll(strings.TrimSuffix(text, `"`), `\'`, "'"), true
		}
	}
	return "", false
}
