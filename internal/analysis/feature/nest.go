package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// nestApps are the applications of a tree and what their modules stand under.
type nestApps struct {
	apps     []nestApp
	prefixes map[class]string // of controllers, by the router module
}

// nestApp is a program that makes an application of NestJS.
type nestApp struct {
	folder     string
	prefix     string
	versioned  bool // versions stand in paths
	marker     string
	byDefault  []string // versions of what has none
	excluded   []string // paths that the global prefix does not stand before
	file       int32
	invocation int32
}

// nestVerbs are the decorators of methods that answer requests.
var nestVerbs = map[string]string{
	"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD", "Options": "OPTIONS", "All": methodAny, "Sse": "GET",
}

// readNest reads NestJS: controllers and their methods, under the global prefix,
// versions, and the paths that the router module gives to modules.
func readNest(s *scan) {
	apps := s.m.nestApps()
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		if a.Name == "Controller" && a.Declaration >= 0 && a.Parameter == "" {
			s.nestController(apps, a)
		}
	}
}

// nestApps looks through the tree for what stands in front of controllers, once.
func (m *model) nestApps() *nestApps {
	if m.nest != nil {
		return m.nest
	}
	m.nest = &nestApps{prefixes: map[class]string{}}
	for k := range m.files {
		f := &m.files[k]
		if f.Facts == nil || f.Test || f.Aside || !importing("@nestjs")(f) {
			continue
		}
		f.prepare()
		m.nestBoot(f)
		for i := range f.Facts.Invocations {
			inv := &f.Facts.Invocations[i]
			if inv.Receiver == "RouterModule" && len(inv.Args) > 0 {
				m.nestRoutes(f, &inv.Args[0], "", maxDepth)
			}
		}
	}
	return m.nest
}

// nestBoot reads NestFactory.create, setGlobalPrefix and enableVersioning.
func (m *model) nestBoot(f *file) {
	app := nestApp{folder: folderOf(f.Path), marker: "v", file: f.at, invocation: -1}
	for i := range f.Facts.Invocations {
		inv := &f.Facts.Invocations[i]
		switch {
		case inv.Receiver == "NestFactory":
			app.invocation = int32(i)
		case inv.Name == "setGlobalPrefix" && len(inv.Args) > 0:
			app.prefix, _ = (&scan{file: f, m: m}).constant(&inv.Args[0])
			app.excluded = nestExcluded(inv)
		case inv.Name == "enableVersioning":
			app.versioned = true
			if len(inv.Args) > 0 {
				kind := keyword(inv.Args[0].List, "type")
				app.versioned = kind == nil || lastName(kind.Text) == "URI"
				app.byDefault = nestVersions(keyword(inv.Args[0].List, "defaultVersion"))
				if marker := keyword(inv.Args[0].List, "prefix"); marker != nil {
					app.marker = ""
					if marker.Kind == language.ArgString {
						app.marker = marker.Text
					}
				}
			}
		}
	}
	if app.invocation >= 0 || app.prefix != "" || app.versioned {
		m.nest.apps = append(m.nest.apps, app)
	}
}

// nestRoutes reads [{ path, module, children }].
func (m *model) nestRoutes(f *file, a *language.Argument, prefix string, depth int) {
	if a.Kind == language.ArgName {
		for _, b := range f.bindings[a.Text] {
			if list := &f.Facts.Invocations[b]; list.Name == "=" {
				a = &list.Args[0]
			}
		}
	}
	if depth == 0 {
		return
	}
	for k := range a.List {
		e := &a.List[k]
		if e.Kind == language.ArgName {
			m.nestModule(f, e.Text, prefix)
			continue
		}
		at := prefix
		if path := keyword(e.List, "path"); path != nil && path.Kind == language.ArgString {
			at = join(prefix, path.Text)
		}
		if module := keyword(e.List, "module"); module != nil {
			m.nestModule(f, module.Text, at)
		}
		if children := keyword(e.List, "children"); children != nil {
			m.nestRoutes(f, children, at, depth-1)
		}
	}
}

// nestModule notes the prefix of the controllers that a module has.
func (m *model) nestModule(f *file, name, prefix string) {
	for _, c := range m.classesOf(f, name) {
		other := &m.files[c.file]
		for k := range other.Facts.Annotations {
			a := &other.Facts.Annotations[k]
			if a.Name != "Module" || a.Declaration != c.at || len(a.Args) == 0 {
				continue
			}
			controllers := keyword(a.Args[0].List, "controllers")
			if controllers == nil {
				continue
			}
			for e := range controllers.List {
				for _, controller := range m.classesOf(other, controllers.List[e].Text) {
					m.nest.prefixes[controller] = prefix
					break
				}
			}
		}
	}
}

// of is the application that a file belongs to: the one in the nearest folder
// above it, else the only one.
func (n *nestApps) of(path string) nestApp {
	best, found := nestApp{}, false
	for _, app := range n.apps {
		if (app.folder == "." || strings.HasPrefix(path, app.folder+"/")) && (!found || len(app.folder) > len(best.folder)) {
			best, found = app, true
		}
	}
	if !found && len(n.apps) == 1 {
		return n.apps[0]
	}
	return best
}

func (s *scan) nestController(apps *nestApps, a *language.Annotation) {
	c := class{s.at, a.Declaration}
	d := &s.Facts.Declares[a.Declaration]
	paths, versions := []string{""}, []string(nil)
	if len(a.Args) > 0 {
		first := &a.Args[0]
		if first.Kind == language.ArgMap {
			versions = nestVersions(keyword(first.List, "version"))
			if path := keyword(first.List, "path"); path != nil {
				first = path
			}
		}
		if list, ok := s.paths(first); ok {
			paths = list
		}
	}
	app := apps.of(s.Path)
	if len(versions) == 0 {
		versions = app.byDefault
	}
	for _, path := range paths {
		s.m.nestMethods(s, c, map[string]bool{}, maxBases, func(at *scan, m *language.Annotation) {
			at.nestMethod(app, apps.prefixes[c], path, versions, m, d.Name)
		})
	}
}

// nestMethods visits the methods of a class that answer requests, and those that
// it inherits: what a class declares again hides what stands above, decorators
// and all.
func (m *model) nestMethods(from *scan, c class, hidden map[string]bool, depth int, visit func(at *scan, a *language.Annotation)) {
	f := &m.files[c.file]
	f.prepare()
	s := &scan{file: f, m: m, rule: from.rule}
	d := &f.Facts.Declares[c.at]
	owner := language.Qualify(d.Owner, d.Name)
	for n := range f.Facts.Annotations {
		a := &f.Facts.Annotations[n]
		if nestVerbs[a.Name] == "" || a.Declaration < 0 || a.Parameter != "" || f.Facts.Declares[a.Declaration].Owner != owner {
			continue
		}
		if !hidden[f.Facts.Declares[a.Declaration].Name] {
			visit(s, a)
		}
	}
	if depth == 0 {
		return
	}
	for k := range f.Facts.Declares {
		if f.Facts.Declares[k].Owner == owner {
			hidden[f.Facts.Declares[k].Name] = true
		}
	}
	for _, base := range d.Bases {
		if above := m.classesOf(f, base); len(above) > 0 && above[0] != c {
			m.nestMethods(s, above[0], hidden, depth-1, visit)
		}
	}
}

// nestVersions are the versions of an argument: '1', ['1', '2'], VERSION_NEUTRAL.
func nestVersions(a *language.Argument) []string {
	if a != nil && a.Kind == language.ArgName && lastName(a.Text) == nestNeutral {
		return []string{nestNeutral}
	}
	return texts(a)
}

const nestNeutral = "VERSION_NEUTRAL"

// nestExcluded reads setGlobalPrefix("api", { exclude: ["health", { path: "ready" }] }).
func nestExcluded(inv *language.Invocation) []string {
	if len(inv.Args) < 2 {
		return nil
	}
	exclude := keyword(inv.Args[1].List, "exclude")
	if exclude == nil {
		return nil
	}
	var out []string
	for k := range exclude.List {
		e := &exclude.List[k]
		if path := keyword(e.List, "path"); path != nil {
			e = path
		}
		if e.Kind == language.ArgString {
			out = append(out, cleanPath(colon(e.Text)))
		}
	}
	return out
}

func (s *scan) nestMethod(app nestApp, module, controller string, versions []string, a *language.Annotation, owner string) {
	own := []string{""}
	if len(a.Args) > 0 {
		if list, ok := s.paths(&a.Args[0]); ok {
			own = list
		}
	}
	for n := range s.Facts.Annotations {
		if v := &s.Facts.Annotations[n]; v.Name == "Version" && v.Declaration == a.Declaration && len(v.Args) > 0 {
			versions = nestVersions(&v.Args[0])
		}
	}
	if !app.versioned || len(versions) == 0 {
		versions = []string{""}
	}
	m := &s.Facts.Declares[a.Declaration]
	h := handler{name: owner + "." + m.Name, path: s.Path, line: m.Line, doc: m.Doc}
	for _, version := range versions {
		if version != "" && version != nestNeutral {
			version = app.marker + version
		} else {
			version = ""
		}
		for _, path := range own {
			prefix, below := app.prefix, colon(join(module, controller, path))
			if slices.Contains(app.excluded, cleanPath(below)) {
				prefix = ""
			}
			s.route(route{
				on: none, sure: true, method: nestVerbs[a.Name], path: colon(join(prefix, version)) + below, handler: h, line: int(a.Line),
			})
		}
	}
}
