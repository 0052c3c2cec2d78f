package fuzz

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // a stream was left before its end
}

// plainFaults are what net/http answers in plain text to what is no HTTP.
var plainFaults = []int{http.StatusBadRequest, http.StatusRequestHeaderFieldsTooLarge, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusExpectationFailed, http.StatusUnsupportedMediaType}

// Judge returns what is wrong with an answer. allowed are the statuses of 500
// and above that an operation may answer, by its id.
func (d *Document) Judge(q *Request, a Answer, allowed map[string][]int) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	op := d.Match(q.Method, q.Target)
	if unclean(q.Target) {
		op = nil // it may be led elsewhere
	}
	if a.Status >= 500 && (op == nil || !slices.Contains(allowed[op.ID], a.Status)) {
		add("the status is %d", a.Status)
	}
	if malformed(q) && slices.Contains(plainFaults, a.Status) {
		return faults
	}
	if a.Status >= 400 && q.Method != http.MethodHead {
		d.judgeError(a, add)
	}
	if op == nil {
		return faults
	}
	media, documented := op.answers[a.Status]
	switch {
	case a.Status == http.StatusOK && q.Method == http.MethodOptions:
		return faults
	case !documented && (a.Status == http.StatusMovedPermanently || a.Status == http.StatusTemporaryRedirect) && unclean(q.Target):
		return faults
	case !documented:
		add("the status %d is not documented of %s: %s", a.Status, op.ID, brief(a.Body))
		return faults
	}
	if a.Status >= 400 || q.Method == http.MethodHead || a.Status == http.StatusNotModified {
		return faults
	}
	d.judgeBody(a, media, add)
	return faults
}

func (d *Document) judgeError(a Answer, add func(string, ...any)) {
	if kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type")); kind != "application/json" {
		add("an error of the type %q: %s", a.Header.Get("Content-Type"), brief(a.Body))
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.Body))
	if err == nil {
		err = d.envelope.Validate(v)
	}
	if err != nil {
		add("an error that is no envelope: %v: %s", err, brief(a.Body))
		return
	}
	e, _ := v.(map[string]any)
	if message, _ := e["message"].(string); e["error"] != true || message == "" || e["detail"] != message || e["code"] == "" || e["request_id"] != a.Header.Get("X-Request-Id") {
		add("an error that says too little: %s", brief(a.Body))
	}
}

func (d *Document) judgeBody(a Answer, media map[string]*jsonschema.Schema, add func(string, ...any)) {
	if len(media) == 0 {
		if len(a.Body) > 0 {
			add("%d with a body, which has none: %s", a.Status, brief(a.Body))
		}
		return
	}
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	schema, documented := media[kind]
	if err != nil || !documented {
		add("an answer of the type %q, which is not documented", a.Header.Get("Content-Type"))
		return
	}
	if schema == nil || a.Cut {
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.Body))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		add("an answer that is not as the document says: %v: %s", err, brief(a.Body))
	}
}

func brief(body []byte) string {
	if len(body) > 600 {
		return string(body[:600]) + "…"
	}
	return string(body)
}

// unclean reports paths that a router may lead to others.
func unclean(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return true
	}
	for _, p := range []string{path, decoded} {
		if p != "/" && strings.Contains(p, "//") || slices.ContainsFunc(strings.Split(p, "/"), func(s string) bool { return s == "." || s == ".." }) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(path), "%2f") || strings.ContainsAny(decoded, "\x00") || strings.HasSuffix(path, "/")
}

// malformed reports requests that are no HTTP, which no handler sees.
func malformed(q *Request) bool {
	r, err := http.ReadRequest(newReader(q.Bytes("server")))
	return err != nil || !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}, q.Method) || r.Header.Get("Expect") != "" || badHeader(r.Header)
}

func badHeader(h http.Header) bool {
	for _, values := range h {
		for _, v := range values {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return true
			}
		}
	}
	return false
}
