package language

import "bytes"

// Remarks collects the remarks of one file from its comments. Line comments that
// follow each other are one comment, as people write them. The zero value is
// ready. It is for one goroutine.
type Remarks struct {
	list    []Remark
	text    []byte
	line    int
	endLine int
}

// maxComment bounds what is read of one comment, in bytes.
const maxComment = 4 << 10

// Comment notes a comment of source, with its signs, from the byte start up to
// end, that spans lines. Comments come in source order.
func (r *Remarks) Comment(source []byte, start, end, line, endLine int) {
	text := source[start:min(end, start+maxComment)]
	follows := len(r.text) > 0 && line == r.endLine+1 && len(r.text)+len(text) < maxComment && !bytes.HasPrefix(text, []byte("/*")) &&
		beginsLine(source[max(0, start-maxComment):start])
	if !follows || findOwed(text) != nil {
		r.flush()
		r.line = line
	} else {
		r.text = append(r.text, '\n')
	}
	r.text = append(r.text, text...)
	r.endLine = endLine
}

// beginsLine reports whether nothing but white space stands between the last
// line end of what is before a comment and its end.
func beginsLine(before []byte) bool {
	before = bytes.TrimRight(before, " \t")
	return len(before) == 0 || before[len(before)-1] == '\n'
}

func (r *Remarks) flush() {
	if len(r.text) > 0 && len(r.list) < MaxRemarks {
		if remark, ok := RemarkOf(r.text, r.line); ok && remark.Text != "" {
			r.list = append(r.list, remark)
		}
	}
	r.text = r.text[:0]
}

// List returns the remarks in source order. It is called once, at the end.
func (r *Remarks) List() []Remark {
	r.flush()
	return r.list
}
