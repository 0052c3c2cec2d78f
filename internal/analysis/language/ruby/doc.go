package ruby

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// comment is a block of comments on lines of their own.
type comment struct {
	start, end    uint32 // bytes in the source
	line, endLine int    // lines, 0 for none
	read          bool   // whether its remark was taken
}

// addComment extends the block of comments, or begins a new one.
func (r *reader) addComment(i int) {
	node := &r.tree.Nodes[i]
	if !r.startsLine(node.Start) {
		r.endComment()
		r.remark(r.tree.Text(i), int(node.Line))
		return
	}
	if c := &r.comment; !c.read && c.line > 0 && int(node.Line) == c.endLine+1 {
		c.end, c.endLine = node.End, int(node.EndLine)
		return
	}
	r.endComment()
	r.comment = comment{start: node.Start, end: node.End, line: int(node.Line), endLine: int(node.EndLine)}
}

// startsLine reports whether nothing but white space stands before a byte on
// its line.
func (r *reader) startsLine(at uint32) bool {
	for at > 0 {
		switch at--; r.tree.Source[at] {
		case '\n':
			return true
		case ' ', '\t':
		default:
			return false
		}
	}
	return true
}

func (r *reader) endComment() {
	if c := &r.comment; c.line > 0 && !c.read {
		c.read = true
		r.remark(r.tree.Source[c.start:c.end], c.line)
	}
}

func (r *reader) remark(text []byte, line int) {
	if len(r.facts.Remarks) >= language.MaxRemarks {
		return
	}
	if remark, ok := language.RemarkOf(text, line); ok {
		r.facts.Remarks = append(r.facts.Remarks, remark)
	}
}

// directive is a comment for a tool: an encoding, RuboCop, RDoc, Sorbet.
var directive = regexp.MustCompile(`^(?:-\*-|frozen_string_literal:|(?:en)?coding:|warn_indent:|typed:|rubocop:|:nodoc:|:stopdoc:|:startdoc:|sig\b|--$|\+\+$|!)`)

// docAbove returns the first paragraph of the comment that ends on the line
// above, without what speaks to tools. Tags of YARD end it, and so does the
// table that the gem annotate writes above models.
func (r *reader) docAbove(line int) string {
	c := &r.comment
	if c.line == 0 || c.endLine != line-1 {
		return ""
	}
	var plain []byte
	for l := range bytes.Lines(r.tree.Source[c.start:c.end]) {
		l = bytes.TrimSpace(l)
		l = bytes.TrimSpace(bytes.TrimLeft(l, "#"))
		if bytes.HasPrefix(l, []byte("@")) || bytes.Contains(l, []byte("Schema Information")) {
			break
		}
		if directive.Match(l) || bytes.HasPrefix(l, []byte("=begin")) || bytes.HasPrefix(l, []byte("=end")) {
			continue
		}
		plain = append(append(plain, bytes.TrimLeft(l, "=")...), '\n')
		if len(plain) > 2*language.MaxDeclarationDoc {
			break
		}
	}
	return language.Clip([]byte(language.FirstParagraph(plain)), language.MaxDeclarationDoc)
}
