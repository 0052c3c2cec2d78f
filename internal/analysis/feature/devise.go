package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// deviseRoute is a route that a module of Devise brings. Its path is made of
// names that path_names can change; the method of signing out is an option.
type deviseRoute struct{ method, path, action string }

// deviseModule is a controller of Devise with the module of a model that brings
// its routes.
type deviseModule struct {
	module, controller string
	routes             []deviseRoute
}

var deviseModules = []deviseModule{
	{"database_authenticatable", "sessions", []deviseRoute{{"GET", "sign_in", "new"}, {"POST", "sign_in", "create"}, {"", "sign_out", "destroy"}}},
	{"recoverable", "passwords", []deviseRoute{
		{"GET", "password/new", "new"}, {"GET", "password/edit", "edit"}, {"PATCH", "password", "update"}, {"PUT", "password", "update"}, {"POST", "password", "create"},
	}},
	{"registerable", "registrations", []deviseRoute{
		{"GET", "cancel", "cancel"}, {"GET", "sign_up", "new"}, {"GET", "edit", "edit"},
		{"PATCH", "", "update"}, {"PUT", "", "update"}, {"DELETE", "", "destroy"}, {"POST", "", "create"},
	}},
	{"confirmable", "confirmations", []deviseRoute{{"GET", "confirmation/new", "new"}, {"GET", "confirmation", "show"}, {"POST", "confirmation", "create"}}},
	{"lockable", "unlocks", []deviseRoute{{"GET", "unlock/new", "new"}, {"GET", "unlock", "show"}, {"POST", "unlock", "create"}}},
	{"omniauthable", "omniauth_callbacks", []deviseRoute{
		{"GET", "auth/:provider", "passthru"}, {"POST", "auth/:provider", "passthru"}, {"GET", "auth/:provider/callback", "callback"}, {"POST", "auth/:provider/callback", "callback"},
	}},
}

// devise reads devise_for :users: the routes of the modules that the model of
// that name has. Without its model nothing is known.
func (r *rails) devise(inv *language.Invocation, c railsContext) {
	for k := range inv.Args {
		name, ok := rubyWord(&inv.Args[k])
		if !ok || inv.Args[k].Name != "" {
			continue
		}
		modules := r.deviseModel(inv, name)
		at := name
		if word, ok := rubyWord(keyword(inv.Args, "path")); ok {
			at = word
		}
		for _, m := range deviseModules {
			if slices.Contains(modules, m.module) && deviseWants(inv, m.controller) {
				r.deviseRoutes(inv, c, at, m)
			}
		}
	}
}

func (r *rails) deviseRoutes(inv *language.Invocation, c railsContext, at string, m deviseModule) {
	controller := "devise/" + m.controller
	if c.module != "" {
		controller = c.module + m.controller
	}
	if word, ok := rubyWord(keyword(inv.Args, "module")); ok {
		controller = word + "/" + m.controller
	}
	if list := keyword(inv.Args, "controllers"); list != nil {
		if word, ok := rubyWord(keyword(list.List, m.controller)); ok {
			controller = word
		}
	}
	for _, route := range m.routes {
		methods := []string{route.method}
		if route.method == "" {
			if methods = rubyWords(keyword(inv.Args, "sign_out_via")); len(methods) == 0 {
				methods = []string{"DELETE"}
			}
		}
		parts := strings.Split(route.path, "/")
		if names := keyword(inv.Args, "path_names"); names != nil {
			for k := range parts {
				if word, ok := rubyWord(keyword(names.List, parts[k])); ok {
					parts[k] = word
				}
			}
		}
		for _, method := range methods {
			r.add(c.on, method, joinPrefix(c.prefix, railsPath(at), railsPath(strings.Join(parts, "/"))), controller+"#"+route.action, "", int(inv.Line))
		}
	}
}

// deviseWants reports whether the options of devise_for leave a controller in.
func deviseWants(inv *language.Invocation, controller string) bool {
	skip := rubyWords(keyword(inv.Args, "skip"))
	only := keyword(inv.Args, "only")
	return !slices.Contains(skip, controller) && !slices.Contains(skip, "all") && (only == nil || slices.Contains(rubyWords(only), controller))
}

// deviseModel are the modules of Devise that the model of devise_for names.
func (r *rails) deviseModel(inv *language.Invocation, name string) []string {
	file := inflect.Singular(name)
	if class, ok := rubyWord(keyword(inv.Args, "class_name")); ok {
		var parts []string
		for part := range strings.SplitSeq(strings.TrimPrefix(class, "::"), "::") {
			parts = append(parts, strings.Join(wordsOf(part), "_"))
		}
		file = path.Join(parts...)
	}
	at, ok := r.m.byPath["app/models/"+file+".rb"]
	if !ok || r.m.files[at].Facts == nil {
		return nil
	}
	var out []string
	for n := range r.m.files[at].Facts.Invocations {
		if call := &r.m.files[at].Facts.Invocations[n]; call.Name == "devise" && call.Receiver == "" {
			for k := range call.Args {
				if word, ok := rubyWord(&call.Args[k]); ok && call.Args[k].Name == "" {
					out = append(out, word)
				}
			}
		}
	}
	return out
}
