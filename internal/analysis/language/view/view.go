// Package view reads the Ruby in templates of HTML: ERB, Haml and Slim. What is
// no Ruby is blanked, line by line the same, and the parser of Ruby reads the
// rest, so that the names, calls and invocations of a view are those of Ruby. A
// view declares nothing and has no functions. It may import the packages
// language and ruby beside it.
package view

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/ruby"
)

// Parser reads templates. It is safe for concurrent use.
type Parser struct{ ruby *ruby.Parser }

// New returns a parser.
func New() *Parser { return &Parser{ruby: ruby.New()} }

// Languages returns the names that Linguist gives to what the parser reads.
func (p *Parser) Languages() []string { return []string{"HTML+ERB", "Haml", "Slim"} }

// Version changes with the facts.
func (p *Parser) Version() string { return "1 of " + p.ruby.Version() }

// Parse reads one file.
func (p *Parser) Parse(ctx context.Context, file string, src []byte) (*language.Facts, error) {
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	var code []byte
	switch path.Ext(file) {
	case ".haml":
		code = indented(src, haml)
	case ".slim":
		code = indented(src, slim)
	default:
		code = erb(src)
	}
	facts, err := p.ruby.Parse(ctx, file, code)
	if err != nil {
		return nil, err
	}
	// Half a view may be in another one: what does not close is no fault.
	facts.Broken, facts.Main, facts.Test, facts.LLOC = false, false, false, 0
	return facts, nil
}

// erb keeps what stands in <% %>. What is said in comments and after <%% is no
// code.
func erb(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for len(src) > 0 {
		open := bytes.Index(src, []byte("<%"))
		if open < 0 {
			break
		}
		out = blank(out, src[:open])
		src = src[open+2:]
		end := bytes.Index(src, []byte("%>"))
		if end < 0 {
			end = len(src)
		}
		code := src[:end]
		src = src[min(len(src), end+2):]
		switch text := bytes.TrimLeft(code, "=- \t\r\n"); {
		case len(code) > 0 && (code[0] == '%' || code[0] == '#'), len(text) > 0 && text[0] == '#' && !bytes.Contains(text, []byte("\n")):
			out = blank(out, code)
		default:
			code = bytes.TrimSuffix(bytes.TrimLeft(code, "=-"), []byte("-"))
			out = append(append(out, code...), ';')
		}
	}
	return blank(out, src)
}

// blank keeps the ends of the lines of a text.
func blank(out, text []byte) []byte {
	for range bytes.Count(text, []byte("\n")) {
		out = append(out, '\n')
	}
	return append(out, ' ')
}

// line is what one line of an indented template says.
type line struct {
	code    string // Ruby, "" for none
	control bool   // it may open a block that ends where the indentation does
	skip    bool   // so is what is further in: comments and filters
}

// indented keeps the Ruby of a template whose blocks are told by indentation,
// and ends them.
func indented(src []byte, read func(text string) line) []byte {
	var out bytes.Buffer
	var open []int // indentations of the lines whose blocks are open
	skip := -1     // indentation of what is left out
	goesOn := false
	for text := range strings.Lines(string(src)) {
		body := strings.TrimRight(text, "\r\n")
		words := strings.TrimLeft(body, " \t")
		indent := len(body) - len(words)
		switch {
		case words == "":
		case goesOn:
			out.WriteString(words)
			goesOn = strings.HasSuffix(words, ",")
		case skip >= 0 && indent > skip:
		default:
			skip = -1
			l := read(words)
			for len(open) > 0 && (open[len(open)-1] > indent || open[len(open)-1] == indent && !continues(l.code)) {
				out.WriteString("end;")
				open = open[:len(open)-1]
			}
			if l.skip {
				skip = indent
			}
			out.WriteString(l.code)
			if l.control && opens(l.code) && len(open) < maxOpen {
				open = append(open, indent)
			}
			if goesOn = strings.HasSuffix(l.code, ","); !goesOn && l.code != "" {
				out.WriteByte(';')
			}
		}
		out.WriteString(text[len(strings.TrimRight(text, "\n")):])
	}
	for range open {
		out.WriteString("end;")
	}
	return out.Bytes()
}

// maxOpen bounds the blocks in each other.
const maxOpen = 200

// continues reports whether a line belongs to the block of the line above it.
func continues(code string) bool {
	switch firstWord(code) {
	case "else", "elsif", "when", "in", "rescue", "ensure":
		return true
	}
	return false
}

// opens reports whether a line begins a block.
func opens(code string) bool {
	switch firstWord(code) {
	case "if", "unless", "case", "while", "until", "for", "begin":
		return true
	}
	at := strings.LastIndex(code, " do")
	if at < 0 {
		return false
	}
	rest := strings.TrimSpace(code[at+3:])
	return rest == "" || strings.HasPrefix(rest, "|") && strings.HasSuffix(rest, "|")
}

func firstWord(code string) string {
	n := 0
	for n < len(code) && code[n] >= 'a' && code[n] <= 'z' {
		n++
	}
	return code[:n]
}
