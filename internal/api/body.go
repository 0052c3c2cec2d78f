package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
)

const (
	// maxDepth bounds how deep JSON may be nested.
	maxDepth = 64
	// maxIssues bounds the faults that one answer lists.
	maxIssues = 50
	// wholeBody is the field of a fault that is in no single field.
	wholeBody = "body"
)

func takesBody[I any]() bool {
	_, ok := reflect.TypeFor[I]().FieldByName("Body")
	return ok
}

// body reads a JSON body before huma does and finds what huma and the JSON
// decoder let pass: names that occur twice, of which the last would win, and
// text that the database cannot hold. An empty body is an empty object, so
// that a missing field is named as one.
func (a *API) body(c huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(c)
	arrivesWithin(w, a.patience.Body)
	text, err := io.ReadAll(r.Body)
	if err != nil {
		a.fail(c, bodyError(err))
		return
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 || string(text) == "null" {
		text = []byte("{}")
	} else if err := checkBody(r.Header.Get("Content-Type"), text); err != nil {
		a.fail(c, err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	// It was checked, or there was nothing to check: what it says no longer
	// matters, and huma would refuse an empty body for it.
	r.Header.Set("Content-Type", jsonType)
	next(c)
}

func bodyError(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return rampforge.Wrap(rampforge.CodeTooLarge, err, fmt.Sprintf("The request's body is too large: at most %d bytes are taken.", tooLarge.Limit))
	}
	return badJSON("the body did not arrive whole", err)
}

func checkBody(contentType string, text []byte) error {
	if contentType != "" {
		media, _, err := mime.ParseMediaType(contentType)
		if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
			return rampforge.Errorf(rampforge.CodeUnsupportedMedia, "Send the body as application/json.")
		}
	}
	if !utf8.Valid(text) {
		return rampforge.Invalid(rampforge.FieldIssue{Field: wholeBody, Issue: "must be valid UTF-8 text"})
	}
	if !json.Valid(text) {
		var v any
		return badJSON("the body is not readable JSON", json.Unmarshal(text, &v))
	}
	return checkNames(text)
}

// badJSON is 400, unlike every other fault of a request.
func badJSON(what string, cause error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](cause); ok {
		what = fmt.Sprintf("%s: %s at byte %d", what, strings.TrimPrefix(syntax.Error(), "json: "), syntax.Offset)
	}
	return unreadable{rampforge.Wrap(rampforge.CodeInvalid, cause, sentence(what))}
}

// unreadable marks an invalid request as one that was not understood at all.
type unreadable struct{ cause *rampforge.Error }

func (u unreadable) Error() string { return u.cause.Error() }
func (u unreadable) Unwrap() error { return u.cause }

// level is one object or list around the current place of a walk.
type level struct {
	names map[string]bool // of an object; nil for a list
	path  string
	name  string // of the member that is read
	index int
	value bool // the next token of an object is a value, not a name
}

// place is the path of what is read at this level.
func (l *level) place() string {
	switch {
	case l.names == nil:
		return fmt.Sprintf("%s[%d]", l.path, l.index)
	case l.path == "":
		return l.name
	}
	return l.path + "." + l.name
}

// checkNames walks JSON that is known to be valid.
func checkNames(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var issues []rampforge.FieldIssue
	add := func(field, issue string) {
		if len(issues) < maxIssues {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
		}
	}
	stack := []*level{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return badJSON("the body is not readable JSON", err)
		}
		if len(stack) > maxDepth {
			return rampforge.Invalid(rampforge.FieldIssue{Field: wholeBody, Issue: fmt.Sprintf("must be nested at most %d deep", maxDepth)})
		}
		stack = step(stack, token, add)
	}
	if len(issues) > 0 {
		return rampforge.Invalid(issues...)
	}
	return nil
}

// step takes one token and returns the levels around the next.
func step(stack []*level, token json.Token, add func(field, issue string)) []*level {
	place, in := wholeBody, (*level)(nil)
	if len(stack) > 0 {
		in = stack[len(stack)-1]
		place = in.place()
	}
	if in != nil && in.names != nil && !in.value {
		if name, ok := token.(string); ok {
			in.name, in.value = name, true
			checkName(in, len(stack) == 1, add)
			return stack
		}
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '}' || t == ']' {
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				stack[len(stack)-1].next()
			}
			return stack
		}
		inner := &level{}
		if in != nil {
			inner.path = place
		}
		if t == '{' {
			inner.names = map[string]bool{}
		}
		return append(stack, inner)
	case string:
		if strings.ContainsFunc(t, unstorable) {
			add(place, "must not hold control characters")
		}
	}
	if in != nil {
		in.next()
	}
	return stack
}

func (l *level) next() { l.index, l.value = l.index+1, false }

// checkName finds names that occur twice. At the top two names that differ in
// case only are the same field to the decoder.
func checkName(in *level, top bool, add func(field, issue string)) {
	key := in.name
	if top {
		key = strings.ToLower(key)
	}
	switch {
	case in.names[key]:
		add(in.place(), "occurs more than once")
	case strings.ContainsFunc(in.name, unstorable):
		add(storable(in.place()), "must not have control characters in its name")
	}
	in.names[key] = true
}

// unstorable finds characters that PostgreSQL refuses or that no text needs.
func unstorable(r rune) bool {
	return isControl(r) && r != '\n' && r != '\r' && r != '\t'
}
