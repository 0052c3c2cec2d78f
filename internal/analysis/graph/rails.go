package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Rails: what is used by convention and not by a constant. Associations name
// classes, controllers and mailers have a template for each action, views
// render views and call helpers, factories make models. Each use is there only
// if the file it leads to is, and is less sure than one by a name.

// How sure the uses by convention are, in percent.
const (
	sureWritten  = 95 // the class or template is written out: class_name: "User", render "form"
	sureNamed    = 90 // a convention gives its name: has_many :comments, an action's template
	sureThrough  = 80 // as above, with an option that may change it; a helper's name
	sureSpeaking = 50 // a variable's name may say it: render @comments
)

// maxHelpers is how many modules may define a helper that a view calls.
const maxHelpers = 4

// railsTree is what the conventions are looked up in.
type railsTree struct {
	helpers map[string][]int32 // modules of helpers by method, ascending
	views   []string           // folders named app/views, the shortest first, at most maxViews
	// templates are the files in these, by their path without what follows the
	// first dot of their name.
	templates map[string][]int32
}

// maxViews is how many folders of views of others a template is looked for in.
const maxViews = 50

func (r *rubyResolver) readRails(files []int32) {
	r.rails.helpers = map[string][]int32{}
	for _, i := range files {
		if !strings.Contains("/"+r.t.files[i].Path, "/helpers/") || r.t.files[i].Test {
			continue
		}
		for k := range r.t.files[i].Facts.Declares {
			d := &r.t.files[i].Facts.Declares[k]
			if list := r.rails.helpers[d.Name]; d.Kind == language.KindMethod && !slices.Contains(list, i) {
				r.rails.helpers[d.Name] = append(list, i)
			}
		}
	}
	r.rails.templates = map[string][]int32{}
	for i := range r.t.files {
		if p := r.t.files[i].Path; strings.Contains("/"+p, "/app/views/") {
			stem := stemOf(p)
			r.rails.templates[stem] = append(r.rails.templates[stem], int32(i))
		}
	}
	for dir := range r.t.folders {
		if dir == "app/views" || strings.HasSuffix(dir, "/app/views") {
			r.rails.views = append(r.rails.views, dir)
		}
	}
	slices.SortFunc(r.rails.views, func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	r.rails.views = r.rails.views[:min(len(r.rails.views), maxViews)]
}

// stemOf is a path without what follows the first dot of the file's name.
func stemOf(p string) string {
	dir, name := path.Split(p)
	name, _, _ = strings.Cut(name, ".")
	return dir + name
}

// conventions adds what a file of Ruby uses by convention.
func (r *rubyResolver) conventions(from int32, f *language.Facts, nestings []string) {
	dir, place := r.viewsOf(r.t.files[from].Path)
	r.place = place
	inView := dir == "" && strings.Contains("/"+r.t.files[from].Path, "/app/views/") // Builder, Jbuilder
	if inView {
		dir, r.place = inViews(r.t.files[from].Path)
		r.calledHelpers()
	}
	for k := range f.Invocations {
		inv := &f.Invocations[k]
		switch {
		case inv.Name == "render" || inv.Name == "render_to_string":
			r.render(inv, dir, inView)
		case inv.Name == "partial!" && inView:
			r.render(&language.Invocation{Args: inv.Args}, dir, true)
		case inv.Name == "layout" && inv.Function < 0 && dir != "" && len(inv.Args) > 0 && inv.Args[0].Kind == language.ArgString:
			r.template("layouts/"+inv.Args[0].Text, dir, false, sureWritten)
		case associations[inv.Name] && inv.Receiver == "" && inv.Function < 0 && len(inv.Args) > 0:
			r.association(from, inv, nestings)
		case inv.Name == "factory" && r.t.files[from].Test && len(inv.Args) > 0:
			r.factory(from, inv)
		case makes[inv.Name] && r.t.files[from].Test && (inv.Receiver == "" || strings.HasPrefix(inv.Receiver, "Factory")) && len(inv.Args) > 0:
			if name, ok := symbol(&inv.Args[0]); ok {
				for _, to := range r.factories[name] {
					r.b.perhaps(to, "", 1, 1, sureNamed)
				}
			}
		}
	}
	r.component(from)
	if place != "" {
		r.views(dir, place, f)
	}
}

// views adds the templates of the actions of a controller or mailer.
func (r *rubyResolver) views(dir, place string, f *language.Facts) {
	for k := range f.Declares {
		if d := &f.Declares[k]; d.Kind == language.KindMethod && d.Exported {
			r.template(place+"/"+d.Name, dir, false, sureNamed)
		}
	}
	r.template("layouts/"+place, dir, false, sureNamed)
}

// viewsOf are the folder app/views that belongs to a file of Ruby, and what the
// folder of its templates is called there: of app/controllers/admin/users_controller.rb,
// app/views and admin/users. Both are "" for what renders nothing.
func (r *rubyResolver) viewsOf(file string) (dir, place string) {
	for _, kind := range []string{"controllers", "mailers", "helpers", "components", "cells"} {
		before, after, ok := strings.Cut("/"+file, "/app/"+kind+"/")
		if !ok {
			continue
		}
		dir = strings.TrimPrefix(before+"/app/views", "/")
		switch name := strings.TrimSuffix(after, ".rb"); kind {
		case "controllers":
			place = strings.TrimPrefix(strings.TrimSuffix(name, "_controller"), "concerns/")
		case "mailers":
			place = name
		}
		return dir, place
	}
	return "", ""
}

// associations are the macros that tie models.
var associations = words("has_many has_one belongs_to has_and_belongs_to_many embeds_many embeds_one embedded_in")

// association reads has_many :comments, class_name: "Note".
func (r *rubyResolver) association(from int32, inv *language.Invocation, nestings []string) {
	name, ok := symbol(&inv.Args[0])
	if !ok {
		return
	}
	class, sure := inflect.Camel(inflect.Singular(name)), uint8(sureNamed)
	for k := range inv.Args {
		switch a := &inv.Args[k]; a.Name {
		case "class_name":
			if a.Kind != language.ArgString {
				return
			}
			class, sure = strings.TrimPrefix(a.Text, "::"), sureWritten
		case "polymorphic":
			return
		case "through", "source":
			sure = sureThrough
		}
	}
	r.class(from, class, nestings, sure)
}

// class adds the use of a class that a convention names, if the tree has it.
func (r *rubyResolver) class(from int32, class string, nestings []string, sure uint8) {
	for _, nest := range append(slices.Clone(nestings), "") {
		name := class
		if nest != "" {
			name = nest + "::" + class
		}
		all := r.constants[name]
		classes := slices.DeleteFunc(slices.Clone(all), func(d declared) bool { return d.member || r.t.files[d.file].Test })
		if len(classes) == 0 || len(classes) > maxDefinitions {
			continue
		}
		to, ok := r.named(from, classes, name)
		if !ok {
			to, ok = r.t.nearest(from, classes)
		}
		if ok {
			r.b.perhaps(to, lastConstant(class), 1, len(classes), sure)
			return
		}
	}
	if to, ok := r.byPath(from, class); ok {
		r.b.perhaps(to, lastConstant(class), 1, 1, sure)
	}
}

// symbol is the text of a symbol or a literal.
func symbol(a *language.Argument) (string, bool) {
	switch {
	case a.Kind == language.ArgString && a.Name == "":
		return a.Text, true
	case a.Kind == language.ArgName && a.Name == "" && strings.HasPrefix(a.Text, ":"):
		return a.Text[1:], true
	}
	return "", false
}

// makes are the methods that make what a factory describes.
var makes = words("create build build_stubbed attributes_for create_list build_list create_pair build_pair build_stubbed_list")

// factory reads factory :user, class: "Account".
func (r *rubyResolver) factory(from int32, inv *language.Invocation) {
	name, ok := symbol(&inv.Args[0])
	if !ok {
		return
	}
	class := inflect.Camel(name)
	for k := range inv.Args {
		if a := &inv.Args[k]; a.Name == "class" && (a.Kind == language.ArgString || a.Kind == language.ArgName) {
			class = inflect.Camel(strings.TrimPrefix(strings.TrimPrefix(a.Text, "::"), ":"))
		}
	}
	r.class(from, class, nil, sureNamed)
}

// findFactories lists the files that declare each factory.
func (r *rubyResolver) findFactories(files []int32) {
	r.factories = map[string][]int32{}
	for _, i := range files {
		if !r.t.files[i].Test {
			continue
		}
		f := r.t.files[i].Facts
		for k := range f.Invocations {
			inv := &f.Invocations[k]
			if inv.Name != "factory" || len(inv.Args) == 0 {
				continue
			}
			if name, ok := symbol(&inv.Args[0]); ok && len(r.factories[name]) < maxHelpers && !slices.Contains(r.factories[name], i) {
				r.factories[name] = append(r.factories[name], i)
			}
		}
	}
}

// render reads render "form", render partial: "x", render :edit, render
// template: "a/b" and render @comments. In a view a name alone is that of a
// partial.
func (r *rubyResolver) render(inv *language.Invocation, dir string, inView bool) {
	if dir == "" || inv.Receiver != "" && inv.Receiver != "self" {
		return
	}
	place := r.place
	for k := range inv.Args {
		a := &inv.Args[k]
		text, literal := a.Text, a.Kind == language.ArgString
		if a.Kind == language.ArgName && strings.HasPrefix(text, ":") {
			text, literal = text[1:], true
		}
		switch {
		case a.Name == "partial" && literal:
			r.partial(text, dir, place)
		case (a.Name == "template" || a.Name == "action") && literal:
			r.template(under(place, text), dir, false, sureWritten)
		case a.Name == "layout" && literal:
			r.template("layouts/"+text, dir, false, sureWritten)
		case a.Name != "" || k > 0:
		case literal && inView:
			r.partial(text, dir, place)
		case literal:
			r.template(under(place, text), dir, false, sureWritten)
		case a.Kind == language.ArgName && !strings.Contains(text, "."):
			of := inflect.Plural(strings.TrimPrefix(text, "@"))
			r.template(of+"/"+inflect.Singular(of), dir, true, sureSpeaking)
		}
	}
}

// under is a template's name beside another's: one with a folder stands alone.
func under(place, name string) string {
	if strings.Contains(name, "/") || place == "" {
		return strings.TrimPrefix(name, "/")
	}
	return place + "/" + name
}

// partial adds the partial of a name: beside what renders it, else the one that
// all share.
func (r *rubyResolver) partial(name, dir, place string) {
	if !r.template(under(place, name), dir, true, sureWritten) && !strings.Contains(name, "/") {
		r.template("application/"+name, dir, true, sureWritten)
	}
}

// maxFormats is how many files of one name a template may have.
const maxFormats = 16

// template adds the templates of a name, in any format, and reports whether
// there are some: those of the application or engine itself, else of another.
func (r *rubyResolver) template(name, dir string, partial bool, sure uint8) bool {
	folder, base := path.Split(name)
	if base == "" || strings.Contains(name, "{}") {
		return false
	}
	if partial {
		base = "_" + base
	}
	for _, root := range append([]string{dir}, r.rails.views...) {
		if list := r.rails.templates[path.Join(root, folder, base)]; len(list) > 0 {
			for _, to := range list[:min(len(list), maxFormats)] {
				r.b.perhaps(to, "", 1, 1, sure)
			}
			return true
		}
	}
	return false
}

// view adds what a template uses: constants, helpers, other templates.
func (r *rubyResolver) view(from int32, f *language.Facts) {
	seen := map[string]bool{}
	for _, ref := range r.b.refs {
		if c := strings.TrimPrefix(ref.Name, "::"); c != "" && c[0] >= 'A' && c[0] <= 'Z' {
			r.constant(from, ref, nil, seen)
		}
	}
	r.calledHelpers()
	var dir string
	dir, r.place = inViews(r.t.files[from].Path)
	for k := range f.Invocations {
		if inv := &f.Invocations[k]; inv.Name == "render" {
			r.render(inv, dir, true)
		}
	}
}

// component adds the template that lies beside a component of its name.
func (r *rubyResolver) component(from int32) {
	file := r.t.files[from].Path
	if !strings.Contains("/"+file, "/app/components/") {
		return
	}
	stem := strings.TrimSuffix(file, ".rb")
	for _, to := range r.t.within[path.Dir(file)] {
		if rest, ok := strings.CutPrefix(r.t.files[to].Path, stem+"."); ok && rest != "rb" {
			r.b.perhaps(to, "", 1, 1, sureNamed)
		}
	}
}

// inViews are the folder app/views that a template is in, and the folder below
// it.
func inViews(file string) (dir, place string) {
	before, after, ok := strings.Cut("/"+file, "/app/views/")
	if !ok {
		return "", ""
	}
	return strings.TrimPrefix(before+"/app/views", "/"), path.Dir(after)
}

// calledHelpers adds the modules whose methods a template calls.
func (r *rubyResolver) calledHelpers() {
	for _, ref := range r.b.refs {
		if list := r.rails.helpers[ref.Name]; len(list) > 0 && len(list) <= maxHelpers {
			for _, to := range list {
				r.b.perhaps(to, ref.Name, ref.Count, len(list), uint8(sureThrough/len(list))) //nolint:gosec // percent
			}
		}
	}
}
