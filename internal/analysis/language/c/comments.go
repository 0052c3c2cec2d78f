package c

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// comments are those that were read last: a block, or lines of // without a gap.
type comments struct {
	first, last int // nodes, 0 for none
}

// comment reads a comment: as a remark, as the file's own, as the text after a
// field, and as what may belong to the next declaration.
func (r *reader) comment(i int) {
	text := r.tree.Text(i)
	if remark, ok := language.RemarkOf(text, int(r.tree.Nodes[i].Line)); ok && len(r.facts.Remarks) < language.MaxRemarks && !isLicence(text) {
		r.facts.Remarks = append(r.facts.Remarks, remark)
	}
	if !r.beginsLine(i) {
		r.trailing(i, text)
		return
	}
	if last := r.doc.last; last > 0 && r.tree.Nodes[last].EndLine+1 == r.tree.Nodes[i].Line && isLineComment(text) && isLineComment(r.tree.Text(last)) {
		r.doc.last = i
	} else {
		r.doc = comments{i, i}
	}
	if r.docs {
		r.fileDoc(i)
	}
}

func isLineComment(text []byte) bool { return bytes.HasPrefix(text, []byte("//")) }

// beginsLine reports whether nothing stands before a node on its line.
func (r *reader) beginsLine(i int) bool {
	for at := int(r.tree.Nodes[i].Start) - 1; at >= 0; at-- {
		switch r.tree.Source[at] {
		case '\n':
			return true
		case ' ', '\t':
		default:
			return false
		}
	}
	return true
}

// trailing gives a comment to the field or constant on whose line it stands.
func (r *reader) trailing(i int, text []byte) {
	n := len(r.facts.Declares)
	if n == 0 {
		return
	}
	d := &r.facts.Declares[n-1]
	if d.Doc == "" && d.EndLine == int(r.tree.Nodes[i].Line) && (d.Kind == language.KindField || d.Kind == language.KindConstant || d.Kind == language.KindVariable) {
		d.Doc = language.Clip([]byte(language.FirstParagraph(plainComment(text))), language.MaxDeclarationDoc)
	}
}

// licenceWords stand in comments about rights and authors. Plain look-ups, as
// every comment is asked.
var licenceWords = [][]byte{[]byte("copyright"), []byte("license"), []byte("licence"), []byte("spdx-"), []byte("all rights reserved"), []byte("author")}

// maxLicence is how far into a comment its words are looked for, in bytes.
const maxLicence = 1000

func isLicence(text []byte) bool {
	text = bytes.ToLower(text[:min(len(text), maxLicence)])
	for _, word := range licenceWords {
		if bytes.Contains(text, word) {
			return true
		}
	}
	return false
}

// fileDoc takes the first paragraph of the comments before the first
// declaration that is no licence. A comment that a declaration follows at once
// is that one's.
func (r *reader) fileDoc(i int) {
	if r.facts.Doc != "" || r.belongsToDeclaration(i) {
		return
	}
	var text []byte
	for k := r.doc.first; k <= r.doc.last; k++ {
		if r.tree.Kind(k) == kindComment {
			text = append(append(text, plainComment(r.tree.Text(k))...), '\n')
		}
		if len(text) > 4000 {
			break
		}
	}
	if doc := language.FirstParagraph(text); len(doc) > minFileDoc && !isLicence([]byte(doc)) && !modeLine.MatchString(doc) {
		r.facts.Doc = doc
	}
}

// minFileDoc is the length from which on a comment can say what a file is for,
// in bytes.
const minFileDoc = 12

// modeLine is a comment for editors, or a line of signs.
var modeLine = regexp.MustCompile(`-\*-|\bvim?:|^[-=*_#/ ]+$|clang-format`)

// belongsToDeclaration reports whether the line after a comment holds code
// other than a directive, or more of the comment.
func (r *reader) belongsToDeclaration(i int) bool {
	rest := r.tree.Source[r.tree.Nodes[i].End:]
	_, rest, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] != '#' && !bytes.HasPrefix(line, []byte("/*"))
}

// docOf returns the first paragraph of the comment right above a declaration.
func (r *reader) docOf(i int) string {
	if r.doc.last == 0 {
		return ""
	}
	for i > 0 {
		kind := r.tree.ParentKind(i)
		if kind != kindTemplate && kind != kindTypedef && kind != kindDeclaration && kind != kindField && kind != kindLinkage {
			break
		}
		if r.tree.Nodes[r.tree.Parent(i)].Start < r.tree.Nodes[r.doc.last].Start {
			break
		}
		i = r.tree.Parent(i)
	}
	end, line := r.tree.Nodes[r.doc.last].EndLine, r.tree.Nodes[i].Line
	if end+1 != line || r.tree.Nodes[r.doc.last].End > r.tree.Nodes[i].Start {
		return ""
	}
	var text []byte
	for k := r.doc.first; k <= r.doc.last; k++ {
		if r.tree.Kind(k) == kindComment {
			text = append(append(text, plainComment(r.tree.Text(k))...), '\n')
		}
		if len(text) > 4000 { // more than enough for a paragraph
			break
		}
	}
	if isLicence(text) {
		return ""
	}
	return language.Clip([]byte(language.FirstParagraph(text)), language.MaxDeclarationDoc)
}

// plainComment returns a comment without its signs, up to the first tag of
// Doxygen or kernel-doc that describes a parameter or the like.
func plainComment(text []byte) []byte {
	text = text[:min(len(text), 8000)]
	text = bytes.TrimSuffix(text, []byte("*/"))
	var plain []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		line = bytes.TrimSpace(bytes.TrimLeft(line, "/*!<"))
		line = bytes.TrimRight(line, "*- \t=")
		for _, tag := range briefTags {
			line = bytes.TrimSpace(bytes.TrimPrefix(line, tag))
		}
		if len(line) > 1 && (line[0] == '@' || line[0] == '\\') && isNameStart(line[1]) {
			if len(plain) > 0 {
				break
			}
			continue
		}
		if at := inlineTag.FindIndex(line); at != nil {
			return append(plain, line[:at[0]]...)
		}
		plain = append(append(plain, line...), '\n')
	}
	return plain
}

// inlineTag is a tag that follows the text on the same line.
var inlineTag = regexp.MustCompile(`\s[@\\](?:param|return|returns|retval|tparam|note|see|sa)\b`)

var briefTags = [][]byte{[]byte("@brief"), []byte(`\brief`), []byte("@short")}
