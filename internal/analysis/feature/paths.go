package feature

import (
	"regexp"
	"strings"
)

// join joins prefixes and a path into one clean path.
func join(parts ...string) string { return cleanPath(strings.Join(parts, "/")) }

// cleanPath has one slash at the front, none at the end and none twice. The
// address of a host before it and a query after it are taken off.
func cleanPath(p string) string {
	if i := strings.Index(p, "://"); i >= 0 && !strings.Contains(p[:i], "/") {
		p = p[i+3:]
		p = p[min(len(p), strings.IndexByte(p+"/", '/')):]
	}
	if i := strings.IndexAny(p, "?#"); i >= 0 {
		p = p[:i]
	}
	return "/" + strings.Join(strings.FieldsFunc(p, func(r rune) bool { return r == '/' }), "/")
}

// identifier says which bytes a parameter's name is made of.
func identifier(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// word returns the identifier that a text begins with.
func word(s string) string {
	n := 0
	for n < len(s) && identifier(s[n]) {
		n++
	}
	return s[:n]
}

// colon converts /users/:id, :id(\d+), :id?, *rest and * (Express, gin, echo,
// fiber, Sinatra, Koa, Hono). A star without a name is {rest...}.
func colon(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		c := p[i]
		rest := p[i+1:]
		switch name := word(rest); {
		case c == ':' && name != "":
			b.WriteString("{" + name + "}")
			i += 1 + len(name)
			i += group(p[i:])
			if i < len(p) && strings.IndexByte("?+*", p[i]) >= 0 {
				i++
			}
		case c == '*':
			if name == "" {
				name = "rest"
			}
			b.WriteString("{" + name + "...}")
			i = len(p) // a star takes what is left
		case c == '(' && group(p[i:]) > 0:
			inner := strings.TrimSuffix(p[i+1:i+group(p[i:])], ")")
			b.WriteString(optional(inner))
			i += group(p[i:])
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// optional converts what stands in parentheses: (.:format) of Grape says
// nothing, the rest is a part of the path.
func optional(inner string) string {
	if strings.HasPrefix(inner, ".") {
		return ""
	}
	if strings.HasPrefix(inner, "/") || strings.HasPrefix(inner, ":") {
		return colon(inner)
	}
	return "{}"
}

// group returns the length of the parentheses that a text begins with.
func group(s string) int {
	if s == "" || s[0] != '(' {
		return 0
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// angle converts <id>, <int:id>, <path:rest>, <id:re:.*>, <id..> (Flask,
// Django, Bottle, Rocket, Sanic). The name is what follows the converter,
// except for a filter of Bottle, which follows the name.
func angle(p string) string {
	var b strings.Builder
	for {
		start := strings.IndexByte(p, '<')
		end := strings.IndexByte(p, '>')
		if start < 0 || end < start {
			b.WriteString(p)
			return b.String()
		}
		b.WriteString(p[:start] + angleName(p[start+1:end]))
		p = p[end+1:]
	}
}

var bottleFilters = map[string]bool{"re": true, "int": true, "float": true, "path": true, "str": true, "uuid": true}

func angleName(inside string) string {
	parts := strings.SplitN(inside, ":", 3)
	name, converter := parts[len(parts)-1], ""
	if len(parts) > 1 {
		name, converter = parts[1], parts[0]
		if bottleFilters[word(parts[1])] && !bottleFilters[word(parts[0])] {
			name, converter = parts[0], parts[1]
		}
	}
	name, rest := strings.CutSuffix(name, "..")
	if word(converter) == "path" || rest {
		return "{" + word(name) + "...}"
	}
	return "{" + word(name) + "}"
}

// braces converts {id}, {id:\d+}, {id?}, {id=5}, {id:int}, {*rest}, {**rest},
// {rest...}, {id<\d+>} (chi, gorilla, FastAPI, Spring, JAX-RS, ASP.NET, Laravel,
// Symfony, Ktor, actix) and a star at the end.
func braces(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		if p[i] == '*' && !strings.Contains(p[i:], "/") || strings.HasPrefix(p[i:], "**") {
			b.WriteString("{rest...}")
			return b.String()
		}
		if p[i] != '{' {
			b.WriteByte(p[i])
			i++
			continue
		}
		n := braced(p[i:])
		b.WriteString(braceName(p[i+1 : i+n-1]))
		i += n
	}
	return b.String()
}

// braced returns the length of the braces that a text begins with.
func braced(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s) + 1 // never closed: the rest is its name
}

func braceName(inside string) string {
	name := strings.TrimLeft(strings.TrimSpace(inside), "*")
	rest := len(name) < len(strings.TrimSpace(inside)) || strings.Contains(inside, "...") || strings.HasSuffix(inside, ":path") ||
		strings.HasSuffix(inside, ":.*") || strings.HasSuffix(inside, ":.+")
	name = word(strings.ReplaceAll(name, "-", "_"))
	if rest {
		return "{" + name + "...}"
	}
	return "{" + name + "}"
}

// brackets converts [id], [...rest], [[...rest]] and the groups (name) and
// slots @name of file-based routers, segment by segment.
func brackets(p string) string {
	var out []string
	for segment := range strings.SplitSeq(p, "/") {
		switch {
		case segment == "", strings.HasPrefix(segment, "(") && strings.HasSuffix(segment, ")"), strings.HasPrefix(segment, "@"):
		default:
			out = append(out, bracketed.ReplaceAllStringFunc(segment, bracketName))
		}
	}
	return "/" + strings.Join(out, "/")
}

var bracketed = regexp.MustCompile(`\[\[?[^\[\]]*\]\]?`)

func bracketName(s string) string {
	name := strings.Trim(s, "[]")
	name, rest := strings.CutPrefix(name, "...")
	name = word(strings.ReplaceAll(name, "-", "_"))
	if rest {
		return "{" + name + "...}"
	}
	return "{" + name + "}"
}

// pattern converts a regular expression: ^users/(?P<id>\d+)/$ (Django,
// Tornado). Groups without a name are {}.
func pattern(p string) string {
	p = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(p, "^"), "$"), `\Z`)
	var b strings.Builder
	for i := 0; i < len(p); {
		switch n := group(p[i:]); {
		case n > 0:
			b.WriteString(groupName(p[i : i+n]))
			i += n
			for i < len(p) && strings.IndexByte("?+*", p[i]) >= 0 {
				i++
			}
		case p[i] == '\\' && i+1 < len(p):
			if !identifier(p[i+1]) {
				b.WriteByte(p[i+1])
			}
			i += 2
		case p[i] == '?' || p[i] == '$' || p[i] == '^':
			i++
		default:
			b.WriteByte(p[i])
			i++
		}
	}
	return b.String()
}

func groupName(g string) string {
	rest := ""
	if strings.Contains(g, ".*") || strings.Contains(g, ".+") {
		rest = "..."
	}
	for _, open := range []string{"(?P<", "(?<"} {
		if name, ok := strings.CutPrefix(g, open); ok {
			return "{" + word(name) + rest + "}"
		}
	}
	if strings.HasPrefix(g, "(?:") {
		return pattern(g[3 : len(g)-1])
	}
	return "{}"
}
