package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// phpRules are the frameworks of this family.
var phpRules = []rule{
	{framework: "Laravel", languages: []string{"PHP"}, concerns: speaksLaravel, read: readLaravel},
	{framework: "Symfony", languages: []string{"PHP"}, concerns: speaksSymfony, read: readSymfony},
	{framework: "Slim", languages: []string{"PHP"}, concerns: importing("Slim"), read: readSlim},
	{framework: "Laravel", languages: []string{"PHP"}, concerns: importing(`Illuminate\Database\Eloquent`, `Illuminate\Foundation\Auth`), read: readEloquent},
	{framework: "Laravel", languages: []string{"PHP"}, read: readQueued},
	{framework: "Laravel", languages: []string{"PHP"}, read: readArtisan},
	{framework: "Laravel", languages: []string{"PHP"}, concerns: speaksSchedule, read: readLaravelSchedule},
	{framework: "Doctrine", languages: []string{"PHP"}, concerns: attributed("ORM.Entity", "Entity"), read: readDoctrine},
	{framework: "Symfony", languages: []string{"PHP"}, concerns: attributed("AsCommand", "AsMessageHandler"), read: readConsole},
}

// phpHandler is the handler that an argument names: a class that is called
// itself, a class with a method in a list, "C@m", "C:m" and "C::m". A function
// written there has no name. Class is that of a group, for a bare method.
func (s *scan) phpHandler(a *language.Argument, class string) handler {
	if a == nil {
		return handler{}
	}
	method := ""
	switch a.Kind {
	case language.ArgName:
		class = strings.TrimSuffix(a.Text, "::class")
		if !strings.HasSuffix(a.Text, "::class") {
			return handler{name: a.Text}
		}
	case language.ArgList:
		if len(a.List) != 2 || a.List[1].Kind != language.ArgString {
			return handler{}
		}
		class, method = strings.TrimSuffix(a.List[0].Text, "::class"), a.List[1].Text
		if a.List[0].Kind == language.ArgName && class == "this" {
			class = ""
		}
	case language.ArgString:
		text := strings.TrimSuffix(a.Text, "()")
		at := strings.IndexAny(text, "@:")
		switch {
		case at >= 0:
			class, method = text[:at], strings.TrimLeft(text[at:], "@:")
		case class != "":
			method = text
		default:
			class = text
		}
	default:
		return handler{}
	}
	return s.phpMethod(class, method)
}

// phpMethod finds a method of a class, __invoke where none is named.
func (s *scan) phpMethod(class, method string) handler {
	short := lastPHP(class)
	h := handler{name: short}
	if method != "" {
		h.name = strings.TrimPrefix(short+"@"+method, "@")
	}
	f, ok := s.phpClass(class)
	if !ok {
		return h
	}
	if method == "" {
		method = "__invoke"
	}
	for i := range f.Facts.Declares {
		if d := &f.Facts.Declares[i]; d.Name == method && d.Kind == language.KindMethod && d.Owner == short {
			h.path, h.line, h.doc = f.Path, d.Line, d.Doc
			break
		}
	}
	return h
}

func lastPHP(name string) string { return name[strings.LastIndexAny(name, `\.`)+1:] }

// phpClass finds the file that declares a class: among the files in use, or by
// its whole name, or by its name alone where the tree has one of it.
func (s *scan) phpClass(class string) (*file, bool) {
	short := lastPHP(class)
	if short == "" {
		return nil, false
	}
	whole := strings.TrimPrefix(class, `\`)
	if whole == short {
		for _, l := range s.locals[short] {
			whole = s.Facts.Imports[l.imp].Path
		}
	}
	namespace := strings.TrimSuffix(strings.TrimSuffix(whole, short), `\`)
	for _, at := range s.m.uses(s.file) {
		if f := &s.m.files[at]; f.declaresPHP(short) && (namespace == "" || strings.HasSuffix(f.Facts.Package, namespace)) {
			return f, true
		}
	}
	var only *file
	for i := range s.m.files {
		f := &s.m.files[i]
		if !strings.HasSuffix(f.Path, "/"+short+".php") || !f.declaresPHP(short) {
			continue
		}
		if namespace != "" && f.Facts.Package == namespace {
			return f, true
		}
		if only != nil {
			return nil, false
		}
		only = f
	}
	return only, only != nil
}

// declaresPHP reports whether a file of the product declares a class.
func (f *file) declaresPHP(class string) bool {
	if f.Facts == nil || f.Language != "PHP" || f.Test {
		return false
	}
	for i := range f.Facts.Declares {
		if d := &f.Facts.Declares[i]; d.Name == class && d.Owner == "" && d.Kind == language.KindType {
			return true
		}
	}
	return false
}

// strings of a list, or the one that there is.
func literals(a *language.Argument) []string {
	if a == nil {
		return nil
	}
	if a.Kind == language.ArgString {
		return []string{a.Text}
	}
	var out []string
	for k := range a.List {
		switch e := &a.List[k]; e.Kind { //nolint:exhaustive // other arguments name nothing
		case language.ArgString:
			out = append(out, e.Text)
		case language.ArgName: // Request::METHOD_GET
			if _, method, ok := strings.Cut(e.Text, "::METHOD_"); ok {
				out = append(out, method)
			}
		}
	}
	return out
}
