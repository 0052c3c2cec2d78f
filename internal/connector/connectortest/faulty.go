package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"time"
)

// FaultKind is one way in which an answer goes wrong.
type FaultKind string

// The ways in which answers go wrong. All of them pass: what is asked for
// again may be answered well.
const (
	FaultBusy      FaultKind = "429 with seconds"
	FaultBusyDate  FaultKind = "429 with a date"
	FaultBusyNow   FaultKind = "429 with no seconds to wait"
	FaultSecondary FaultKind = "403, GitHub's secondary limit" // of GitHub only: elsewhere it is a lack of permission
	FaultInternal  FaultKind = "500 with HTML"
	FaultGateway   FaultKind = "502 with HTML"
	FaultDown      FaultKind = "503 with HTML"
	FaultShort     FaultKind = "half a body, with the length of all"
	FaultChunk     FaultKind = "half a body in chunks"
	FaultReset     FaultKind = "reset before the header"
	FaultResetBody FaultKind = "reset in the body"
	FaultHang      FaultKind = "hang"
	FaultTrickle   FaultKind = "trickle without an end"
	FaultPage      FaultKind = "200 with HTML"
	FaultGarbage   FaultKind = "200 with half of the JSON"
	FaultTwice     FaultKind = "200 with the body twice"
	FaultTool      FaultKind = "JSON-RPC error that tells of a 502" // of MCP servers only
)

// maxHold is how long a fault holds a connection, whatever its client does.
const maxHold = 20 * time.Second

// FaultKinds are those that every vendor's connector has to bear.
func FaultKinds() []FaultKind {
	return []FaultKind{
		FaultBusy, FaultBusyDate, FaultBusyNow, FaultInternal, FaultGateway, FaultDown, FaultShort, FaultChunk,
		FaultReset, FaultResetBody, FaultHang, FaultTrickle, FaultPage, FaultGarbage, FaultTwice,
	}
}

// Faulty stands before a server and spoils a share of its answers. What it
// spoils is drawn from a seed; of the kinds each comes as often as any other.
type Faulty struct {
	next  http.Handler
	kinds []FaultKind

	mu      sync.Mutex
	rnd     *rand.Rand
	share   float64
	deck    []FaultKind
	answers int
	faults  map[FaultKind]int
}

// NewFaulty returns a handler that spoils nothing before it is told a share.
func NewFaulty(next http.Handler, seed uint64, kinds []FaultKind) *Faulty {
	return &Faulty{next: next, kinds: kinds, rnd: rand.New(rand.NewPCG(seed, 3)), faults: map[FaultKind]int{}} //nolint:gosec // a fault that can be had again is the point
}

// Spoil sets the share of answers that go wrong from now on, from 0 to 1.
func (f *Faulty) Spoil(share float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.share = share
}

// Counts returns how many answers were given while some were spoiled, and how
// many went wrong in which way.
func (f *Faulty) Counts() (answers int, faults map[FaultKind]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answers, maps.Clone(f.faults)
}

// draw says how the next answer goes wrong, "" when it does not.
func (f *Faulty) draw() FaultKind {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.share == 0 {
		return ""
	}
	f.answers++
	if f.rnd.Float64() >= f.share {
		return ""
	}
	if len(f.deck) == 0 {
		f.deck = slices.Clone(f.kinds)
		f.rnd.Shuffle(len(f.deck), func(i, j int) { f.deck[i], f.deck[j] = f.deck[j], f.deck[i] })
	}
	kind := f.deck[0]
	f.deck = f.deck[1:]
	f.faults[kind]++
	return kind
}

// ServeHTTP implements http.Handler.
func (f *Faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := f.draw()
	if kind == "" {
		f.next.ServeHTTP(w, r)
		return
	}
	switch kind {
	case FaultBusy:
		busy(w, http.StatusTooManyRequests, "1")
	case FaultBusyDate:
		busy(w, http.StatusTooManyRequests, time.Now().Add(time.Second).UTC().Format(http.TimeFormat))
	case FaultBusyNow:
		busy(w, http.StatusTooManyRequests, "0")
	case FaultSecondary:
		busy(w, http.StatusForbidden, "1")
	case FaultInternal:
		sorry(w, http.StatusInternalServerError)
	case FaultGateway:
		sorry(w, http.StatusBadGateway)
	case FaultDown:
		sorry(w, http.StatusServiceUnavailable)
	case FaultPage:
		sorry(w, http.StatusOK)
	case FaultHang:
		hang(r)
	case FaultReset:
		cutOff(w, nil, true)
	case FaultTool:
		refuse(w, r)
	default:
		f.spoil(w, r, kind)
	}
}

// spoil gives the server's own answer, damaged.
func (f *Faulty) spoil(w http.ResponseWriter, r *http.Request, kind FaultKind) {
	kept := httptest.NewRecorder()
	f.next.ServeHTTP(kept, r)
	body := kept.Body.Bytes()
	if len(body) < 2 { // nothing to damage, as in a 304
		cutOff(w, nil, true)
		return
	}
	half := body[:len(body)/2]
	header := func(length string) []byte {
		var b bytes.Buffer
		fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", kept.Code, http.StatusText(kept.Code))
		h := kept.Header().Clone()
		h.Del("Content-Length")
		_ = h.Write(&b) // to memory
		b.WriteString(length + "\r\n\r\n")
		return b.Bytes()
	}
	whole := "Content-Length: " + strconv.Itoa(len(body))
	switch kind {
	case FaultShort:
		cutOff(w, append(header(whole), half...), false)
	case FaultResetBody:
		cutOff(w, append(header(whole), half...), true)
	case FaultChunk:
		cutOff(w, fmt.Appendf(header("Transfer-Encoding: chunked"), "%x\r\n%s\r\n", len(half), half), false)
	case FaultTrickle:
		trickle(w, append(header(whole), half...))
	default:
		if kind == FaultTwice {
			half = append(slices.Clone(body), body...)
		}
		maps.Copy(w.Header(), kept.Header()) // its ETag too: it is the way that damages the body
		w.Header().Del("Content-Length")
		w.WriteHeader(kept.Code)
		_, _ = w.Write(half)
	}
}

func busy(w http.ResponseWriter, status int, after string) {
	w.Header().Set("Retry-After", after)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"You have exceeded a secondary rate limit."}`)
}

func sorry(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>")
}

// refuse answers a call as an MCP server does whose vendor is away.
func refuse(w http.ResponseWriter, r *http.Request) {
	var call struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil || len(call.ID) == 0 { // nobody waits for an answer
		cutOff(w, nil, true)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"The vendor answered: error 502 Bad Gateway"}}`, call.ID)
}

// hang says nothing until the client gives up.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // that the client is gone shows behind it
	timer := time.NewTimer(maxHold)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
	}
	panic(http.ErrAbortHandler)
}

// cutOff sends bytes as they are and ends the connection, hard or softly.
func cutOff(w http.ResponseWriter, content []byte, hard bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write(content)
	if tcp, ok := conn.(*net.TCPConn); ok && hard {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// trickle sends one byte after the other, and never all of them.
func trickle(w http.ResponseWriter, content []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	for deadline, i := time.Now().Add(maxHold), 0; time.Now().Before(deadline) && i < len(content); i++ {
		// Once the client has closed, a write fails.
		if _, err := conn.Write(content[i : i+1]); err != nil {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}
