package api

import (
	"cmp"
	"io"
	"log"
	"net/http"
	"time"
)

// Patience is how long clients are waited for that are slow. A field of 0 is its
// default.
type Patience struct {
	Header  time.Duration // for the header of a request; 10 s
	Request time.Duration // for a body that nobody reads; 60 s
	Body    time.Duration // for a body of JSON; 30 s
	Webhook time.Duration // for a message of a vendor, who gives up by then too; 10 s
	File    time.Duration // for the next part of a file; 60 s
	Reader  time.Duration // for the next part of an answer to be taken; 60 s
	Stream  time.Duration // for an event to be taken; 10 s
	Idle    time.Duration // for the next request on a connection; 120 s
}

func (p Patience) whole() Patience {
	return Patience{
		Header: cmp.Or(p.Header, 10*time.Second), Request: cmp.Or(p.Request, time.Minute), Body: cmp.Or(p.Body, 30*time.Second),
		Webhook: cmp.Or(p.Webhook, 10*time.Second), File: cmp.Or(p.File, time.Minute), Reader: cmp.Or(p.Reader, time.Minute),
		Stream: cmp.Or(p.Stream, 10*time.Second), Idle: cmp.Or(p.Idle, 2*time.Minute),
	}
}

// maxHeader bounds the header of a request.
const maxHeader = 64 << 10

// Server returns a server of a handler that slow clients cannot hold.
func (p Patience) Server(h http.Handler, faults *log.Logger) *http.Server {
	p = p.whole()
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: p.Header,
		ReadTimeout:       p.Request,
		IdleTimeout:       p.Idle,
		// No WriteTimeout: streams and Prefer: wait are long by design. The API
		// bounds each part of an answer.
		MaxHeaderBytes: maxHeader,
		ErrorLog:       faults,
	}
}

const (
	// partOfAnswer is what a client must take of an answer, or send of a file, in its
	// time: who takes less than that holds a place for little.
	partOfAnswer = 64 << 10
	// leastOfFile is how many bytes of a file must arrive in a second, in the middle.
	leastOfFile = 1 << 10
)

// arrivesWithin gives a body its time.
func arrivesWithin(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d)) // tests' recorders have none
}

// SetWriteDeadline lets a stream have a time of its own for what it writes.
// http.ResponseController finds it.
func (w *recorder) SetWriteDeadline(t time.Time) error {
	w.ownTime = true
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
}

// patient gives the client of an answer its time for the next part, from now on.
func (w *recorder) patient() {
	if !w.ownTime {
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.reader)) // tests' recorders have none
	}
}

// writeParts writes an answer with a time for each part: one for all of it would
// cut off who takes a large one as fast as the line is.
func (w *recorder) writeParts(p []byte) (written int, err error) {
	for first := true; first || len(p) > 0; first = false {
		part := p[:min(len(p), partOfAnswer)]
		w.patient()
		n, err := w.ResponseWriter.Write(part)
		written += n
		if err != nil {
			return written, err
		}
		p = p[len(part):]
	}
	return written, nil
}

// patient reads a body that may take long as a whole, and never long for a part
// of it, nor for ever in small ones.
type patient struct {
	body    io.Reader
	control *http.ResponseController
	time    time.Duration // for a part
	read    int64
	waited  time.Duration // for all parts
}

// left is how long may be waited for the next part.
func (p *patient) left() time.Duration {
	earned := time.Duration(p.read) * time.Second / leastOfFile
	return min(p.time, p.time+earned-p.waited)
}
