// Package inflect has the rules of inflection by which Rails, Laravel and the
// like name classes, controllers, parameters and files, as far as names of
// resources need them. Standard library only.
package inflect

import (
	"strings"
	"unicode"
)

var irregular = map[string]string{
	"person": "people", "man": "men", "woman": "women", "child": "children", "sex": "sexes", "move": "moves", "zombie": "zombies",
	"ox": "oxen", "mouse": "mice", "datum": "data", "medium": "media", "criterion": "criteria", "cookie": "cookies", "movie": "movies",
	"status": "statuses", "alias": "aliases", "bus": "buses", "quiz": "quizzes", "axis": "axes", "shoe": "shoes", "cache": "caches",
	"virus": "viri", "octopus": "octopi", "leaf": "leaves", "life": "lives", "wife": "wives", "index": "indices", "matrix": "matrices", "vertex": "vertices",
}

var uncountable = map[string]bool{
	"equipment": true, "information": true, "rice": true, "money": true, "species": true, "series": true, "fish": true, "sheep": true,
	"jeans": true, "police": true, "news": true,
}

// tailed applies a change to the last word of a name of several.
func tailed(name string, change func(string) string) string {
	at := strings.LastIndexAny(name, "_-/") + 1
	return name[:at] + change(name[at:])
}

// Singular is the singular of a name; of several words the last is changed.
func Singular(name string) string {
	return tailed(name, func(w string) string {
		if uncountable[w] {
			return w
		}
		for one, many := range irregular {
			if w == many || w == one {
				return one
			}
		}
		switch {
		case strings.HasSuffix(w, "ies") && len(w) > 4:
			return strings.TrimSuffix(w, "ies") + "y"
		case strings.HasSuffix(w, "ives"), strings.HasSuffix(w, "oves"):
			return strings.TrimSuffix(w, "s")
		case strings.HasSuffix(w, "lves"), strings.HasSuffix(w, "rves"):
			return strings.TrimSuffix(w, "ves") + "f"
		case strings.HasSuffix(w, "yses"), strings.HasSuffix(w, "ises") && strings.HasPrefix(w, "cris"):
			return strings.TrimSuffix(w, "es") + "is"
		case hasAnySuffix(w, "sses", "shes", "ches", "xes", "oes", "uses"):
			return strings.TrimSuffix(w, "es")
		case strings.HasSuffix(w, "ss"), !strings.HasSuffix(w, "s"):
			return w
		}
		return strings.TrimSuffix(w, "s")
	})
}

// Plural is the plural of a name; of several words the last is changed.
func Plural(name string) string {
	return tailed(name, func(w string) string {
		if uncountable[w] {
			return w
		}
		if many := irregular[w]; many != "" {
			return many
		}
		for _, many := range irregular {
			if w == many {
				return w
			}
		}
		switch {
		case strings.HasSuffix(w, "y") && len(w) > 1 && !strings.ContainsAny(w[len(w)-2:len(w)-1], "aeiou"):
			return strings.TrimSuffix(w, "y") + "ies"
		case hasAnySuffix(w, "ss", "sh", "ch", "x", "us"):
			return w + "es"
		case strings.HasSuffix(w, "s"):
			return w
		}
		return w + "s"
	})
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

// Camel is the constant of a path: shop/line_item is Shop::LineItem.
func Camel(path string) string {
	var b strings.Builder
	up := true
	for _, c := range path {
		switch {
		case c == '_' || c == '-':
			up = true
		case c == '/':
			b.WriteString("::")
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(c))
			up = false
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Underscore is the path of a constant by ActiveSupport's rules of inflection:
// HTTPServer::Config is http_server/config.
func Underscore(constant string) string {
	var b strings.Builder
	runes := []rune(strings.ReplaceAll(constant, "::", "/"))
	for i, c := range runes {
		if unicode.IsUpper(c) && i > 0 && runes[i-1] != '/' {
			before := runes[i-1]
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) || next && unicode.IsUpper(before) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
