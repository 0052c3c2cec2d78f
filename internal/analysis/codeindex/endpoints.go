package codeindex

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// answering is what answers under one method and path.
type answering struct {
	name     string   // method and path, as they are written
	handlers []string // each once, sorted: several where hosts or conditions tell them apart
	files    []string // where they are registered, likewise
}

// answerings gathers endpoints by method and path. What a parameter is called
// makes no difference to whoever calls, so that it makes none here.
func answerings(endpoints []report.Endpoint) map[string]*answering {
	out := map[string]*answering{}
	for i := range endpoints {
		e := &endpoints[i]
		key := e.Method + " " + unnamedParameters(e.Path)
		at := out[key]
		if at == nil {
			at = &answering{name: e.Method + " " + e.Path}
			out[key] = at
		}
		handler := "a function without a name"
		if e.Handler != nil {
			handler = *e.Handler
		}
		at.handlers, at.files = insert(at.handlers, handler), insert(at.files, e.Location.Path)
	}
	return out
}

// insert adds a text to a sorted list that has each once.
func insert(list []string, s string) []string {
	at, known := slices.BinarySearch(list, s)
	if known {
		return list
	}
	return slices.Insert(list, at, s)
}

// unnamedParameters takes the names out of a path: /orders/{id} is /orders/{},
// /files/{path...} is /files/{...}.
func unnamedParameters(path string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		out.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			if found {
				out.WriteString("{" + rest)
			}
			return out.String()
		}
		out.WriteByte('{')
		if strings.HasSuffix(name, "...") {
			out.WriteString("...")
		}
		out.WriteByte('}')
		path = after
	}
}

// diffEndpoints tells which endpoints came and went, and which of those that
// stayed are answered by other code, registered in another file, or written with
// other names of parameters.
func (c *Comparison) diffEndpoints(from, to []report.Endpoint) []Change {
	before, now := answerings(from), answerings(to)
	out := []Change{}
	for key, was := range before {
		is := now[key]
		if is == nil {
			out = append(out, Change{Name: was.name, Change: removed, Detail: was.place()})
			continue
		}
		var details []string
		if was.name != is.name {
			details = append(details, "was "+was.name)
		}
		if !slices.Equal(was.handlers, is.handlers) {
			details = append(details, strings.Join(was.handlers, ", ")+" → "+strings.Join(is.handlers, ", "))
		}
		if !slices.Equal(was.files, is.files) {
			details = append(details, strings.Join(was.files, ", ")+" → "+strings.Join(is.files, ", "))
		}
		if len(details) > 0 {
			out = append(out, Change{Name: is.name, Change: changed, Detail: strings.Join(details, "; ")})
		}
	}
	for key, is := range now {
		if before[key] == nil {
			out = append(out, Change{Name: is.name, Change: added, Detail: is.place()})
		}
	}
	return c.settle("endpoints", out)
}

func (a *answering) place() string {
	return strings.Join(a.handlers, ", ") + " in " + strings.Join(a.files, ", ")
}
