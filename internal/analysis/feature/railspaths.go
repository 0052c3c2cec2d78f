package feature

import "strings"

// Paths of Rails. Parentheses are optional parts wherever they stand, also right
// after a parameter, and may hold others: /recent(/page/:page)(.:format) answers
// /recent and /recent/page/{page}. They are kept until a route is whole, as a
// scope may begin with one, (:locale).

// maxForms is how many paths one with optional parts is taken apart into: ten
// parts by themselves would make a thousand.
const maxForms = 16

// railsPath converts :id and *rest, and leaves the optional parts.
func railsPath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		name := word(p[i+1:])
		switch {
		case p[i] == ':' && name != "":
			b.WriteString("{" + name + "}")
			i += 1 + len(name)
		case p[i] == '*':
			if name == "" {
				name = "rest"
			}
			b.WriteString("{" + name + "...}")
			i = min(len(p), i+1+len(name))
		default:
			b.WriteByte(p[i])
			i++
		}
	}
	return b.String()
}

// forms are the paths that one with optional parts stands for, the shortest
// first. A format says nothing. What is beyond the bound is taken as there.
func forms(p string) []string {
	if len(p) > maxPathBytes {
		return nil
	}
	out := []string{""}
	for p != "" {
		open := strings.IndexByte(p, '(')
		if open < 0 {
			return spreadForms(out, p, nil)
		}
		n := group(p[open:])
		if n == 0 { // never closed
			return spreadForms(out, strings.ReplaceAll(p, "(", ""), nil)
		}
		var inner []string
		if part := p[open+1 : open+n-1]; part != "" && part[0] != '.' {
			inner = forms(part)
		}
		out = spreadForms(out, p[:open], inner)
		p = p[open+n:]
	}
	return out
}

// spreadForms puts a fixed part behind each form, and then, or not, one of the
// forms of an optional part.
func spreadForms(before []string, fixed string, inner []string) []string {
	var out []string
	for _, b := range before {
		if len(inner) == 0 || (len(inner)+1)*len(before) <= maxForms {
			out = append(out, b+fixed)
		}
		for k, i := range inner {
			if (len(inner)+1)*len(before) <= maxForms || k == len(inner)-1 {
				out = append(out, b+fixed+i)
			}
		}
	}
	return out
}
