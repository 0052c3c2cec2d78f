package view

import "strings"

// haml reads one line of Haml: = and - are Ruby, a tag may have attributes and
// a script after it, text may have #{}.
func haml(text string) line {
	switch {
	case strings.HasPrefix(text, "-#"), strings.HasPrefix(text, "/"), strings.HasPrefix(text, ":") && text != ":ruby":
		return line{skip: true}
	case text[0] == '-', text[0] == '=', text[0] == '~':
		return script(text[1:])
	case strings.HasPrefix(text, "!=") || strings.HasPrefix(text, "&="):
		return script(text[2:])
	case strings.IndexByte("%.#", text[0]) >= 0 && !strings.HasPrefix(text, "#{"):
		return hamlTag(text)
	}
	return line{code: interpolated(text)}
}

func script(code string) line {
	return line{code: strings.TrimSpace(strings.TrimLeft(code, "=<>'")), control: true}
}

// hamlTag reads %a.b#c{href: x}(d=e)[f]= code.
func hamlTag(text string) line {
	n := 0
	for n < len(text) && (word(text[n]) || strings.IndexByte("%.#:-@", text[n]) >= 0) {
		n++
	}
	l := line{}
	for n < len(text) && strings.IndexByte("{([", text[n]) >= 0 {
		end := closing(text[n:])
		switch text[n] {
		case '{':
			l.code += "tag(" + text[n:n+end] + ");"
		case '[':
			l.code += text[n:n+end] + ";"
		}
		n += end
		if end == 0 {
			return l
		}
	}
	rest := strings.TrimLeft(text[n:], "<>")
	switch {
	case strings.HasPrefix(rest, "="), strings.HasPrefix(rest, "!="), strings.HasPrefix(rest, "&="), strings.HasPrefix(rest, "~"):
		after := script(strings.TrimLeft(rest, "!&~="))
		after.code, after.control = l.code+after.code, l.code == ""
		return after
	}
	if code := interpolated(rest); code != "" {
		l.code += code
	}
	return l
}

// closing is the length of the brackets that a text begins with, that of the
// text when they are not closed on the line.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// interpolated is the Ruby in the #{} of a text.
func interpolated(text string) string {
	var b strings.Builder
	for {
		at := strings.Index(text, "#{")
		if at < 0 {
			return b.String()
		}
		n := closing(text[at+1:])
		b.WriteString(strings.TrimSuffix(text[at+2:at+1+n], "}") + ";")
		text = text[at+1+n:]
	}
}

func word(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// slim reads one line of Slim: = and - are Ruby, a tag may have attributes whose
// values are Ruby, and a script after them.
func slim(text string) line {
	switch {
	case strings.HasPrefix(text, "/"), strings.HasSuffix(text, ":") && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz:") == "":
		return line{skip: true}
	case text[0] == '-', text[0] == '=':
		return script(text[1:])
	case strings.IndexByte("|'<", text[0]) >= 0:
		return line{code: interpolated(text)}
	}
	n := 0
	for n < len(text) && (word(text[n]) || strings.IndexByte(".#:-@*", text[n]) >= 0) {
		n++
	}
	if rest := strings.TrimLeft(text[n:], "<>"); strings.HasPrefix(rest, "=") && (len(rest) == 1 || !word(rest[1])) {
		return script(rest)
	}
	return slimAttributes(text[n:])
}

// slimAttributes reads a href=path(x) class="y" = code.
func slimAttributes(text string) line {
	l := line{}
	for {
		text = strings.TrimLeft(text, " \t([{")
		n := 0
		for n < len(text) && (word(text[n]) || strings.IndexByte(":-@*", text[n]) >= 0) {
			n++
		}
		switch {
		case strings.HasPrefix(text, "="):
			after := script(text)
			return line{code: l.code + after.code, control: l.code == ""}
		case n == 0 || !strings.HasPrefix(text[n:], "="):
			l.code += interpolated(text)
			return l
		}
		text = strings.TrimLeft(text[n+1:], "=")
		end := slimValue(text)
		l.code += text[:end] + ";"
		text = text[end:]
	}
}

// slimValue is the length of a value: up to a blank outside of brackets and
// quotation marks.
func slimValue(text string) int {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("{([", c) >= 0:
			depth++
		case strings.IndexByte("})]", c) >= 0:
			if depth--; depth < 0 {
				return i
			}
		case (c == ' ' || c == '\t') && depth == 0:
			return i
		}
	}
	return len(text)
}
