package language

import "bytes"

// Comments collects the comments of one file in source order: what they owe or
// give as a reason, and the one that documents a declaration. Comments of
// whole lines that follow each other are one. The zero value is ready. It is
// for one goroutine.
type Comments struct {
	src         []byte
	start, end  int
	line, until int
	open        bool
	remarks     []Remark
}

// Add notes the comment src[start:end] on the lines line to until.
func (c *Comments) Add(src []byte, start, end, line, until int) {
	isBlock := bytes.HasPrefix(src[start:end], []byte("/*"))
	if c.open && !isBlock && line <= c.until+1 && isBlank(c.src[c.end:start]) {
		c.end, c.until = end, until
		return
	}
	c.close()
	*c = Comments{src: src, start: start, end: end, line: line, until: until, open: true, remarks: c.remarks}
}

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// Before returns the comment that ends right above what starts at the offset, or
// nil. It is a part of the source.
func (c *Comments) Before(start int) []byte {
	if !c.open || c.end > start || !isBlank(c.src[c.end:start]) || bytes.Count(c.src[c.end:start], []byte("\n")) > 1 {
		return nil
	}
	return c.src[c.start:c.end]
}

func (c *Comments) close() {
	if !c.open || len(c.remarks) >= MaxRemarks {
		return
	}
	if r, ok := RemarkOf(c.src[c.start:c.end], c.line); ok && r.Text != "" {
		c.remarks = append(c.remarks, r)
	}
}

// Remarks returns what the comments tell. Nothing is to be added after it.
func (c *Comments) Remarks() []Remark {
	c.close()
	c.src, c.open = nil, false
	return c.remarks
}
