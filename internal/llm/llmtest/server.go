package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// Fault is what goes wrong with an answer of a server.
type Fault string

// The faults.
const (
	Limited     Fault = "limited"     // 429, with when to come back
	Unavailable Fault = "unavailable" // 503
	Denied      Fault = "denied"      // 401
	Missing     Fault = "missing"     // 404: the model is not known
	Blocked     Fault = "blocked"     // by safety, behind what was said
	Cut         Fault = "cut"         // the connection breaks in the middle
	Unended     Fault = "unended"     // the answer stops without saying why
	Malformed   Fault = "malformed"   // no JSON
	Huge        Fault = "huge"        // 10 MB
	Endless     Fault = "endless"     // it says more and more
	Silent      Fault = "silent"      // it says nothing

	// Of embeddings:
	Fewer   Fault = "fewer"   // a vector is missing
	Shorter Fault = "shorter" // a vector lacks a number
	NoUnit  Fault = "no unit" // a number is NaN, which is no JSON
	Beyond  Fault = "beyond"  // a number is beyond those of 32 bits
	Zeros   Fault = "zeros"   // a vector has no direction
)

// Reply is what a server answers with. What a Turn says of errors is for
// scripted models only.
type Reply struct {
	Turn
	Fault      Fault
	RetryAfter time.Duration // of Limited and Unavailable
}

// Asked is a request as it came.
type Asked struct {
	Path   string
	Stream bool
	Header http.Header
	Body   map[string]any
}

// Server speaks as a vendor does, on loopback.
type Server struct {
	URL string

	t      testing.TB
	answer func(n int) Reply
	vendor vendor
	mu     sync.Mutex
	asked  []Asked
}

// vendor is how one says things.
type vendor interface {
	// check says what is wrong with a request.
	check(path string, body map[string]any) error
	// whole is an answer at once, pieces the same as a stream.
	whole(t Turn) any
	pieces(t Turn) []any
	blocked(stream bool) any
	// end follows a stream.
	end() string
	// texts are those that a request wants embedded; nil for any other request.
	texts(path string, body map[string]any) []string
	// vectors is the answer to it.
	vectors(path string, list [][]any) any
	refuse(w http.ResponseWriter, status int, wait time.Duration)
}

func start(t testing.TB, v vendor, replies []Reply) *Server {
	return serve(t, v, func(n int) Reply {
		if n >= len(replies) {
			t.Errorf("the server is asked more than %d times", len(replies))
			return Reply{Fault: Denied}
		}
		return replies[n]
	})
}

// serve answers the request of a number, from 0, as a function says.
func serve(t testing.TB, v vendor, answer func(n int) Reply) *Server {
	s := &Server{t: t, vendor: v, answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.CloseClientConnections) // before Close: some never end
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Asked returns the requests so far.
func (s *Server) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.asked...)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet { // whether it is there
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object": "list", "data": []}`) // the client may be gone
		return
	}
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.t.Errorf("a request is no object: %v", err)
	}
	if err := s.vendor.check(r.URL.Path, body); err != nil {
		s.t.Errorf("%s: the request is not of the vendor's form: %v", r.URL.Path, err)
	}
	stream := strings.HasSuffix(r.URL.Path, ":streamGenerateContent") || body["stream"] == true
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, Asked{Path: r.URL.Path, Stream: stream, Header: r.Header.Clone(), Body: body})
	s.mu.Unlock()
	reply := s.answer(n)
	texts := s.vendor.texts(r.URL.Path, body)
	switch reply.Fault {
	case Limited:
		s.vendor.refuse(w, http.StatusTooManyRequests, reply.RetryAfter)
	case Unavailable:
		s.vendor.refuse(w, http.StatusServiceUnavailable, reply.RetryAfter)
	case Denied:
		s.vendor.refuse(w, http.StatusUnauthorized, 0)
	case Missing:
		s.vendor.refuse(w, http.StatusNotFound, 0)
	case Silent:
		<-r.Context().Done()
	default:
		a := &answering{w: w, r: r, vendor: s.vendor, reply: reply}
		switch {
		case texts != nil:
			a.vectors(r.URL.Path, texts)
		case stream:
			a.stream()
		default:
			a.whole()
		}
	}
}

// answering writes one answer.
type answering struct {
	w      http.ResponseWriter
	r      *http.Request
	vendor vendor
	reply  Reply
}

// huge is what Huge answers with.
const huge = 10 << 20

func (a *answering) whole() {
	a.w.Header().Set("Content-Type", "application/json")
	turn := a.reply.Turn
	switch a.reply.Fault {
	case Malformed:
		_, _ = io.WriteString(a.w, `{"candidates": [{"content": `)
		return
	case Endless:
		for a.r.Context().Err() == nil {
			_, _ = io.WriteString(a.w, " ")
			a.flush()
			time.Sleep(time.Millisecond)
		}
		return
	case Huge:
		turn = Turn{Pieces: []string{strings.Repeat("ten million ", huge/12)}}
	case Unended:
		turn.Finish = unended
	}
	text, _ := json.Marshal(a.vendor.whole(turn)) // of our own making
	if a.reply.Fault == Blocked {
		text, _ = json.Marshal(a.vendor.blocked(false))
	}
	a.write(text)
}

func (a *answering) write(text []byte) {
	if a.reply.Fault == Cut {
		a.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		text = text[:len(text)/2]
	}
	_, _ = a.w.Write(text)
	if a.reply.Fault == Cut {
		a.flush()
		panic(http.ErrAbortHandler)
	}
}

// unended is no reason at all.
const unended llm.Finish = "unended"

func (a *answering) stream() {
	a.w.Header().Set("Content-Type", "text/event-stream")
	turn := a.reply.Turn
	switch a.reply.Fault {
	case Huge:
		turn = Turn{Pieces: make([]string, huge>>16)}
		for i := range turn.Pieces {
			turn.Pieces[i] = strings.Repeat("ten million ", 1<<16/12)
		}
	case Unended:
		turn.Finish = unended
	}
	pieces := a.vendor.pieces(turn)
	if a.reply.Fault == Cut {
		pieces = pieces[:(len(pieces)+1)/2]
	}
	if a.reply.Fault == Blocked {
		pieces[len(pieces)-1] = a.vendor.blocked(true)
	}
	for _, piece := range pieces {
		a.event(piece)
	}
	switch a.reply.Fault {
	case Cut:
		panic(http.ErrAbortHandler)
	case Malformed:
		_, _ = io.WriteString(a.w, "data: {\"candidates\": [{\r\n\r\n")
		return
	case Endless:
		for a.r.Context().Err() == nil {
			a.event(a.vendor.pieces(Turn{Pieces: []string{"and so on ", ""}})[0])
			time.Sleep(time.Millisecond)
		}
	}
	if a.reply.Fault != Unended {
		_, _ = io.WriteString(a.w, a.vendor.end())
	}
}

func (a *answering) event(piece any) {
	text, _ := json.Marshal(piece) // of our own making
	_, _ = fmt.Fprintf(a.w, "data: %s\r\n\r\n", text)
	a.flush()
}

func (a *answering) flush() {
	if f, ok := a.w.(http.Flusher); ok {
		f.Flush()
	}
}

// object is JSON in the making.
type object = map[string]any
