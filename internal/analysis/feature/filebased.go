package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Frameworks in which the path of a file is the path of a route.

// webEndings are the endings of files that can be a route or a page.
var webEndings = []string{".tsx", ".ts", ".jsx", ".js", ".mjs", ".mts", ".mdx", ".md", ".vue"}

// routeFile takes the ending of a file off; ok says that it had one of those
// that hold routes.
func routeFile(p string) (stem string, ok bool) {
	for _, ending := range webEndings {
		if stem, ok := strings.CutSuffix(p, ending); ok && !strings.HasSuffix(stem, ".d") {
			return stem, true
		}
	}
	return "", false
}

// folders are the folders of the packages that depend on one of some names,
// and every subfolder given, nearest to the root first.
func (m *model) packagesOn(names ...string) []string {
	var out []string
	for _, e := range m.in.External {
		if e.Ecosystem == "npm" && slices.ContainsFunc(names, func(n string) bool { return e.Name == n || strings.HasSuffix(n, "/") && strings.HasPrefix(e.Name, n) }) {
			if dir := folderOf(e.Manifest); !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		}
	}
	slices.Sort(out)
	return out
}

// under yields the files of the product below dir/sub for each sub, with their path from there.
func (m *model) under(dir string, subs []string, visit func(f *file, rest string)) {
	for _, sub := range subs {
		prefix := path.Join(dir, sub) + "/"
		for i := range m.files {
			f := &m.files[i]
			if rest, ok := strings.CutPrefix(f.Path, prefix); ok && !f.Test && !f.Aside {
				visit(f, rest)
			}
		}
	}
}

// at is a scan of a file by a rule of the tree.
func (m *model) at(f *file, r *rule) *scan { return &scan{file: f, m: m, rule: r} }

var httpMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// exports returns the line of what a file exports under a name.
func (f *file) exports(name string) (line int, ok bool) {
	if f.Facts == nil {
		return 0, false
	}
	for i := range f.Facts.Declares {
		if d := &f.Facts.Declares[i]; d.Name == name && d.Exported && d.Owner == "" {
			return d.Line, true
		}
	}
	for _, e := range f.Facts.Exports {
		if e.Name == name {
			return f.lineOf(e.Local), true
		}
	}
	for i := range f.Facts.Imports {
		if imp := &f.Facts.Imports[i]; imp.Reexport && slices.Contains(imp.Names, name) {
			return imp.Line, true
		}
	}
	return 0, false
}

func (f *file) lineOf(name string) int {
	for i := range f.Facts.Declares {
		if d := &f.Facts.Declares[i]; d.Name == name && d.Owner == "" {
			return d.Line
		}
	}
	return 1
}

// component is the name of what a file exports as its default, nil when it has
// none.
func (f *file) component() *string {
	if f.Facts == nil {
		return nil
	}
	if name := f.exportedAs(defaultName); name != "" && name != defaultName {
		return &name
	}
	if len(f.Facts.Exports) > 0 {
		return nil
	}
	for i := range f.Facts.Declares { // what is exported and named as components are
		if d := &f.Facts.Declares[i]; d.Exported && d.Kind == language.KindFunction && d.Owner == "" && d.Name != "" && d.Name[:1] == strings.ToUpper(d.Name[:1]) && !slices.Contains(httpMethods, d.Name) {
			return &d.Name
		}
	}
	return nil
}

// verbsOf registers a route for each method that a file exports by its name.
func (s *scan) verbsOf(path string) {
	for _, method := range httpMethods {
		if line, ok := s.exports(method); ok {
			s.route(route{sure: true, on: none, method: method, path: path, handler: handler{name: method, path: s.Path, line: line}, line: line})
		}
	}
}

// readNext reads Next.js: page and route files of the app router, and the
// pages router with its pages/api. Folders in parentheses group, @ names a
// slot, _ hides, and what intercepts another route is no page of its own.
func readNext(m *model, r *rule) bool {
	dirs := m.packagesOn("next")
	for _, dir := range dirs {
		m.under(dir, []string{"app", "src/app"}, func(f *file, rest string) {
			stem, ok := routeFile(rest)
			if !ok || hiddenRoute(stem) {
				return
			}
			switch s := m.at(f, r); path.Base(stem) {
			case "page":
				s.page(report.Page{Path: brackets(dotless(folderOf(stem))), Component: f.component()}, 1)
			case "route":
				s.verbsOf(brackets(dotless(folderOf(stem))))
			}
		})
		m.under(dir, []string{"pages", "src/pages"}, func(f *file, rest string) { m.nextPage(f, rest, r) })
	}
	return len(dirs) > 0
}

func dotless(dir string) string {
	if dir == "." {
		return ""
	}
	return dir
}

// hiddenRoute reports whether a folder keeps a file out of the routes.
func hiddenRoute(stem string) bool {
	for part := range strings.SplitSeq(stem, "/") {
		if strings.HasPrefix(part, "_") || strings.HasPrefix(part, "(.") {
			return true
		}
	}
	return false
}

func (m *model) nextPage(f *file, rest string, r *rule) {
	stem, ok := routeFile(rest)
	if !ok || strings.HasPrefix(path.Base(stem), "_") {
		return
	}
	stem = strings.TrimSuffix("/"+stem, "/index")
	s := m.at(f, r)
	if !strings.HasPrefix(stem, "/api/") {
		if f.Facts == nil || f.component() != nil || hasDefault(f) {
			s.page(report.Page{Path: brackets(stem), Component: f.component()}, 1)
		}
		return
	}
	h := handler{name: "default", path: f.Path, line: 1}
	if name := f.component(); name != nil {
		h.name, h.line = *name, f.lineOf(*name)
	}
	if hasDefault(f) || h.name != "default" {
		s.route(route{sure: true, on: none, path: brackets(stem), handler: h, line: h.line})
	}
}

// hasDefault reports whether a file has a default export, as far as can be told.
func hasDefault(f *file) bool {
	_, ok := f.exports(defaultName)
	return ok || f.Facts != nil && len(f.Facts.Exports) == 0 && slices.ContainsFunc(f.Facts.Declares, func(d language.Declaration) bool { return d.Exported })
}

// readNuxt reads Nuxt: pages, and server/api and server/routes, in which an
// ending such as .get chooses the method.
func readNuxt(m *model, r *rule) bool {
	dirs := m.packagesOn("nuxt", "nuxt3", "nitropack")
	for _, dir := range dirs {
		m.under(dir, []string{"pages", "app/pages", "src/pages"}, func(f *file, rest string) {
			if stem, ok := strings.CutSuffix(rest, ".vue"); ok {
				m.at(f, r).page(report.Page{Path: brackets(strings.TrimSuffix("/"+stem, "/index"))}, 1)
			}
		})
		for sub, prefix := range map[string]string{"server/api": "/api/", "server/routes": "/"} {
			m.under(dir, []string{sub, "src/" + sub}, func(f *file, rest string) {
				if stem, ok := routeFile(rest); ok {
					m.nuxtRoute(f, prefix+stem, r)
				}
			})
		}
	}
	return len(dirs) > 0
}

func (m *model) nuxtRoute(f *file, stem string, r *rule) {
	method := ""
	if i := strings.LastIndexByte(stem, '.'); i > 0 && slices.Contains(httpMethods, strings.ToUpper(stem[i+1:])) {
		method, stem = stem[i+1:], stem[:i]
	}
	stem = strings.TrimSuffix(stem, "/index")
	m.at(f, r).route(route{sure: true, on: none, method: method, path: brackets(stem), handler: handler{name: "default", path: f.Path, line: 1}, line: 1})
}

// readSvelteKit reads SvelteKit: +page and +server below src/routes.
func readSvelteKit(m *model, r *rule) bool {
	dirs := m.packagesOn("@sveltejs/kit")
	for _, dir := range dirs {
		m.under(dir, []string{"src/routes"}, func(f *file, rest string) {
			at := brackets(dotless(folderOf(rest)))
			switch base := path.Base(rest); {
			case base == "+page.svelte" || base == "+page.svx" || strings.HasPrefix(base, "+page@"):
				m.at(f, r).page(report.Page{Path: at}, 1)
			case base == "+server.ts" || base == "+server.js":
				m.at(f, r).verbsOf(at)
			}
		})
	}
	return len(dirs) > 0
}

// readRemix reads Remix and React Router in framework mode: flat routes
// (users.$id.tsx) and nested ones (users/$id.tsx) below app/routes. A route
// without a component answers requests: loader GET, action the rest.
func readRemix(m *model, r *rule) bool {
	dirs := m.packagesOn("@remix-run/", "@react-router/fs-routes")
	for _, dir := range dirs {
		m.under(dir, []string{"app/routes"}, func(f *file, rest string) {
			stem, ok := routeFile(rest)
			if !ok {
				return
			}
			if parent := folderOf(stem); parent != "." && strings.Contains(parent, ".") || path.Base(stem) == "route" {
				if path.Base(stem) != "route" {
					return // a module beside the route of its folder
				}
				stem = parent
			}
			m.remixRoute(f, remixPath(stem), stem, r)
		})
	}
	return len(dirs) > 0
}

func (m *model) remixRoute(f *file, at, stem string, r *rule) {
	s := m.at(f, r)
	_, loader := f.exports("loader")
	_, action := f.exports("action")
	if f.component() != nil || !loader && !action {
		if !strings.HasPrefix(path.Base(stem), "_") || strings.Contains(stem, "_index") || strings.Contains(strings.TrimPrefix(path.Base(stem), "_"), ".") {
			s.page(report.Page{Path: at, Component: f.component()}, 1)
		}
		return
	}
	if line, ok := f.exports("loader"); ok {
		s.route(route{sure: true, on: none, method: "GET", path: at, handler: handler{name: "loader", path: f.Path, line: line}, line: line})
	}
	if line, ok := f.exports("action"); ok {
		s.route(route{sure: true, on: none, method: "POST", path: at, handler: handler{name: "action", path: f.Path, line: line}, line: line})
	}
}

// remixPath is the path of a route by its file: dots and slashes separate,
// $id is a parameter, a leading _ has no segment, a trailing _ leaves the
// layout only, (x) is optional, [x] is literal.
func remixPath(stem string) string {
	var out []string
	for _, part := range remixSegments(stem) {
		switch part = strings.Trim(part, "()"); {
		case part == "" || part == "index" || strings.HasPrefix(part, "_"):
		case part == "$":
			out = append(out, "{rest...}")
		case strings.HasPrefix(part, "$"):
			out = append(out, "{"+strings.TrimSuffix(word(part[1:]), "_")+"}")
		default:
			out = append(out, strings.TrimSuffix(strings.NewReplacer("[", "", "]", "").Replace(part), "_"))
		}
	}
	return "/" + strings.Join(out, "/")
}

// remixSegments splits at dots and slashes outside of square brackets.
func remixSegments(stem string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(stem) {
		switch stem[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '.', '/':
			if depth == 0 {
				out, start = append(out, stem[start:i]), i+1
			}
		}
	}
	return append(out, stem[start:])
}
