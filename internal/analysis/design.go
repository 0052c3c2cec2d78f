package analysis

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// typeFacts is a type with what its file declares of it.
type typeFacts struct {
	path, language string
	declaration    language.Declaration
	methods        []language.Declaration
	fields         []language.Declaration
}

// method reports whether the type has a method of one of these names, whatever
// their case and underscores.
func (t *typeFacts) method(names ...string) bool {
	return slices.ContainsFunc(t.methods, func(m language.Declaration) bool { return slices.Contains(names, plainName(m.Name)) })
}

// plainName is a name without case and underscores: FindById, find_by_id.
func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// typesOf collects the types of the product's own code, in the order of files
// and lines.
func typesOf(files []source.File) []*typeFacts {
	var list []*typeFacts
	for i := range files {
		f := &files[i]
		if f.Facts == nil || !f.Code() || f.Test || f.Documentation || f.TestData {
			continue
		}
		byName := map[string]*typeFacts{}
		for _, d := range f.Facts.Declares {
			if d.Kind == language.KindType || d.Kind == language.KindInterface {
				t := &typeFacts{path: f.Path, language: f.Language, declaration: d}
				byName[language.Qualify(d.Owner, d.Name)] = t
				list = append(list, t)
			}
		}
		for _, d := range f.Facts.Declares {
			t := byName[d.Owner]
			switch {
			case t == nil || d.Owner == "":
			case d.Kind == language.KindMethod || d.Kind == language.KindFunction:
				t.methods = append(t.methods, d)
			case d.Kind == language.KindField:
				t.fields = append(t.fields, d)
			}
		}
	}
	return list
}

// design is a rule that tells a design pattern by its shape. A name alone is not
// enough: the type must also do what the pattern does.
type design struct {
	name       string
	confidence float64
	fits       func(t *typeFacts) bool
}

var (
	verbsOfReading = regexp.MustCompile(`^(?:get|find|list|fetch|load|query|select|count|exists|search|all|by)`)
	verbsOfWriting = regexp.MustCompile(`^(?:save|create|insert|update|upsert|delete|remove|store|put|add|persist)`)
	verbsOfMaking  = regexp.MustCompile(`^(?:create|make|build|new|produce)`)
	nextHandler    = regexp.MustCompile(`(?i)(?:^|\bfunc)\((?:\w+ )?http\.Handler(?:Func)?\)\s*http\.Handler(?:Func)?$|HandlerFunc\)\s*\S*HandlerFunc$|\bRequestDelegate\b|\breq\w*\b[^,]*,[^,]*\bres\w*\b[^,]*,[^,]*\bnext\b`)
)

var designs = []design{
	{"repository", 0.8, func(t *typeFacts) bool {
		return hasSuffix(t, "repository", "repo", "dao") && counted(t, verbsOfReading) > 0 && counted(t, verbsOfWriting) > 0
	}},
	{"factory", 0.8, func(t *typeFacts) bool { return hasSuffix(t, "factory") && counted(t, verbsOfMaking) > 0 }},
	{"builder", 0.8, func(t *typeFacts) bool { return hasSuffix(t, "builder") && t.method("build") && len(t.methods) >= 3 }},
	{"singleton", 0.7, func(t *typeFacts) bool {
		// One that is given what to make an instance of makes many.
		return slices.ContainsFunc(t.methods, func(m language.Declaration) bool {
			return slices.Contains([]string{"getinstance", "sharedinstance"}, plainName(m.Name)) && withoutParameters(m.Signature)
		})
	}},
	{"observer", 0.7, func(t *typeFacts) bool {
		if t.declaration.Kind == language.KindInterface { // which may describe what others have, such as a browser
			return false
		}
		joins := t.method("subscribe", "addlistener", "addobserver", "on", "attach", "register", "addeventlistener")
		leaves := t.method("unsubscribe", "removelistener", "removeobserver", "off", "detach", "unregister", "removeeventlistener")
		tells := t.method("notify", "notifyall", "notifyobservers", "emit", "publish", "fire", "dispatch", "broadcast", "dispatchevent")
		return joins && tells && (leaves || t.method("subscribe"))
	}},
	{"command handler", 0.7, func(t *typeFacts) bool {
		return hasSuffix(t, "commandhandler", "queryhandler") && t.method("handle", "execute", "invoke")
	}},
	{"state machine", 0.6, func(t *typeFacts) bool {
		return hasSuffix(t, "statemachine", "fsm") && t.method("transition", "fire", "trigger", "next", "advance")
	}},
	{"adapter", 0.6, func(t *typeFacts) bool {
		return hasSuffix(t, "adapter") && len(t.declaration.Bases) > 0 && len(t.methods) > 0
	}},
}

func hasSuffix(t *typeFacts, suffixes ...string) bool {
	name := plainName(t.declaration.Name)
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

func counted(t *typeFacts, verbs *regexp.Regexp) (n int) {
	for _, m := range t.methods {
		if verbs.MatchString(plainName(m.Name)) {
			n++
		}
	}
	return n
}

// withoutParameters reports whether a function takes nothing but the object or
// type that it is called on.
func withoutParameters(signature string) bool {
	taken, _, closed := strings.Cut(strings.TrimPrefix(strings.TrimSpace(signature), "("), ")")
	return closed && slices.Contains([]string{"", "self", "&self", "cls", "void"}, strings.TrimSpace(taken))
}

// decorators are types that hold a field of one of their own bases, and do what
// it does: the base is declared in the tree, and the two have a method in
// common. Without that, a type that holds what it extends may be anything, such
// as a collection of collections. Go's types name what they embed and not what
// they implement, so it has none here.
func decorators(types []*typeFacts) []report.Location {
	methods := map[[2]string]map[string]bool{}
	for _, t := range types {
		key := [2]string{t.language, t.declaration.Name}
		if methods[key] == nil {
			methods[key] = map[string]bool{}
		}
		for _, m := range t.methods {
			methods[key][plainName(m.Name)] = true
		}
	}
	var found []report.Location
	for _, t := range types {
		if t.declaration.Kind != language.KindType || t.language == "Go" {
			continue
		}
		for _, base := range t.declaration.Bases {
			short := base[strings.LastIndexAny(base, ".:\\")+1:]
			if of := methods[[2]string{t.language, short}]; short != t.declaration.Name && holds(t, short) &&
				slices.ContainsFunc(t.methods, func(m language.Declaration) bool { return of[plainName(m.Name)] }) {
				found = append(found, report.Location{Path: t.path, Line: t.declaration.Line})
				break
			}
		}
	}
	return found
}

// holds reports whether a type has a field of a type of this name.
func holds(t *typeFacts, name string) bool {
	return len(name) > 1 && slices.ContainsFunc(t.fields, func(f language.Declaration) bool { return typeWord(f.Signature) == name })
}

// typeWord is the type of a field without its package, pointer and arguments.
func typeWord(signature string) string {
	s := strings.TrimLeft(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(signature), ":")), "*&?")
	if end := strings.IndexAny(s, "<[ ="); end >= 0 {
		s = s[:end]
	}
	return s[strings.LastIndexAny(s, ".:\\")+1:]
}

// designPatterns are the design patterns that types of the tree follow.
func designPatterns(files []source.File) []report.Pattern {
	types := typesOf(files)
	var list []report.Pattern
	for _, d := range designs {
		var found []report.Location
		for _, t := range types {
			if d.fits(t) {
				found = append(found, report.Location{Path: t.path, Line: t.declaration.Line})
			}
		}
		list = append(list, seen(d.name, d.confidence, found)...)
	}
	list = append(list, seen("decorator", 0.6, decorators(types))...)
	list = append(list, seen("interface with several implementations", 0.8, interfaces(types))...)
	list = append(list, seen("middleware chain", 0.8, middlewares(files))...)
	return append(list, seen("dependency injection", 0.9, injected(files))...)
}

// seen is a pattern with its first places as evidence, none when there are none.
func seen(name string, confidence float64, found []report.Location) []report.Pattern {
	if len(found) == 0 {
		return nil
	}
	return []report.Pattern{{Name: name, Occurrences: len(found), Confidence: confidence, Evidence: slices.Clone(found[:min(len(found), evidenceCount)])}}
}

// interfaces are those of one to three methods that at least three types of the
// same language name as their base. One without a method is a mark and not
// something to implement. Go's types do not name theirs, so it has none here.
func interfaces(types []*typeFacts) []report.Location {
	implementers := map[[2]string]int{}
	for _, t := range types {
		for _, base := range t.declaration.Bases {
			implementers[[2]string{t.language, base[strings.LastIndexAny(base, ".:\\")+1:]}]++
		}
	}
	var found []report.Location
	for _, t := range types {
		key := [2]string{t.language, t.declaration.Name}
		if t.language != "Go" && t.declaration.Kind == language.KindInterface && len(t.methods) > 0 && len(t.methods) <= 3 && implementers[key] >= 3 {
			found = append(found, report.Location{Path: t.path, Line: t.declaration.Line})
			delete(implementers, key) // two interfaces of one name are not both meant
		}
	}
	return found
}

// middlewares are functions that take the next handler.
func middlewares(files []source.File) []report.Location {
	var found []report.Location
	each(files, func(f *source.File) {
		for _, d := range f.Facts.Declares {
			if (d.Kind == language.KindFunction || d.Kind == language.KindMethod) && takesNext(d.Signature) {
				found = append(found, report.Location{Path: f.Path, Line: d.Line})
			}
		}
	})
	return found
}

// takesNext reports whether a signature fits nextHandler. The words of which it
// needs one are looked for first: most signatures have none, and the expression
// is slow.
func takesNext(signature string) bool {
	lower := strings.ToLower(signature)
	return (strings.Contains(lower, "handler") || strings.Contains(lower, "next") || strings.Contains(lower, "requestdelegate")) && nextHandler.MatchString(signature)
}

// The annotations that ask a container for what a type needs.
var injections = []string{"Inject", "Autowired", "Injectable", "inject", "injectable", "ApplicationScoped", "RequiredArgsConstructor"}

// The calls that tell a container what there is.
var bindings = []string{"AddScoped", "AddSingleton", "AddTransient", "Depends"}

// injected are the places at which a container is asked or told.
func injected(files []source.File) []report.Location {
	var found []report.Location
	each(files, func(f *source.File) {
		var here []report.Location
		for _, a := range f.Facts.Annotations {
			if slices.Contains(injections, a.Name[strings.LastIndexByte(a.Name, '.')+1:]) {
				here = append(here, report.Location{Path: f.Path, Line: int(a.Line)})
			}
		}
		for _, c := range f.Facts.Calls {
			framework := (c.Receiver == "wire" || c.Receiver == "fx") && (c.Name == "Build" || c.Name == "NewSet" || c.Name == "Provide")
			if framework || slices.Contains(bindings, c.Name) {
				here = append(here, report.Location{Path: f.Path, Line: int(c.Line)})
			}
		}
		slices.SortStableFunc(here, func(a, b report.Location) int { return cmp.Compare(a.Line, b.Line) })
		found = append(found, here...)
	})
	return found
}

// each visits the parsed files of the product's own code.
func each(files []source.File, visit func(*source.File)) {
	for i := range files {
		if f := &files[i]; f.Facts != nil && f.Code() && !f.Test && !f.Documentation && !f.TestData {
			visit(f)
		}
	}
}
