package llm

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Collector gathers an answer that comes in pieces. Models use it.
type Collector struct {
	Calls  []Call
	Tokens Tokens
	Model  string
	text   strings.Builder
	stream func(string) error
	begin  time.Time
	r      *Request
}

// NewCollector returns one for the answer to a request that is sent now.
func NewCollector(r *Request, stream func(string) error) *Collector {
	return &Collector{r: r, stream: stream, begin: time.Now()}
}

// Write takes a piece of the text and hands it on.
func (c *Collector) Write(piece string) error {
	if piece == "" {
		return nil
	}
	if c.text.Len()+len(piece) > MaxAnswer {
		return TooLong()
	}
	c.text.WriteString(piece)
	if c.stream == nil {
		return nil
	}
	if err := c.stream(piece); err != nil {
		return &streamError{err}
	}
	return nil
}

// streamError is an error of the asker's own, so that it is told from those of
// the vendor.
type streamError struct{ error }

func (e *streamError) Unwrap() error { return e.error }

// OfAsker returns the error of the one who reads the stream, nil where an error
// is none.
func OfAsker(err error) error {
	if e, ok := errors.AsType[*streamError](err); ok {
		return e.error
	}
	return nil
}

// Made is the beginning of the ids of calls that a vendor gave none.
const Made = "call-"

// Call takes a wish to have a tool called.
func (c *Collector) Call(call Call) {
	if call.ID == "" {
		call.ID = fmt.Sprintf("%s%d", Made, len(c.Calls)+1)
	}
	c.Calls = append(c.Calls, call)
}

// Response returns the answer that ended.
func (c *Collector) Response(finish Finish) (*Response, error) {
	text := c.text.String()
	if finish == FinishStop && len(c.Calls) > 0 {
		finish = FinishTools
	}
	if finish == FinishStop && len(c.r.Schema) > 0 {
		var err error
		if text, err = Structured(c.r.Schema, text); err != nil {
			return nil, err
		}
	}
	return &Response{Text: text, Calls: c.Calls, Model: c.Model, Finish: finish, Tokens: c.Tokens, Took: time.Since(c.begin)}, nil
}
