package ingest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"iter"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// discreet is a connector that tells no credential: what a vendor is shown it
// may say back, and what it says goes into the database, the log and answers.
type discreet struct {
	connector.Connector

	holds func(text string) bool
}

// Check signs in and reads once.
func (d discreet) Check(ctx context.Context) (connector.Check, error) {
	c, err := d.Connector.Check(ctx)
	return c, d.clean(err)
}

// Resources yields what can be bound.
func (d discreet) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return cleaned(d, d.Connector.Resources(ctx))
}

// Read yields pages of a stream.
func (d discreet) Read(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		for page, err := range cleaned(d, d.Connector.Read(ctx, resource, stream, cursor)) {
			for i, note := range page.Notes {
				page.Notes[i] = d.clean(note)
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// IDs yields the ids of a stream.
func (d discreet) IDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return cleaned(d, d.Connector.IDs(ctx, resource, stream))
}

func cleaned[T any](d discreet, answers iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range answers {
			if !yield(v, d.clean(err)) {
				return
			}
		}
	}
}

// clean returns an error as it is, or one that says as much without what was
// said.
func (d discreet) clean(err error) error {
	if err == nil {
		return nil
	}
	known, ok := errors.AsType[*rampforge.Error](err)
	switch {
	case !d.holds(err.Error()) && (!ok || !d.holds(said(known))):
		return err
	case ok:
		return withheld(known, connector.Reason(known))
	default:
		return errWithheld
	}
}

// errWithheld stands for a cause that held a credential.
var errWithheld = errors.New("what was said about it held a credential, and is left out")

// withheld is a fault without anything that was said about it.
func withheld(fault *rampforge.Error, reason string) *rampforge.Error {
	return &rampforge.Error{
		Code: fault.Code, Message: "The service could not be used.", RetryAfter: fault.RetryAfter, Err: errWithheld,
		Details: map[string]any{"reason": reason, "hint": hints[reason]},
	}
}

// said is all that an error says to anybody.
func said(fault *rampforge.Error) string {
	return fault.Error() + fmt.Sprint(fault.Message, fault.Details, fault.Fields)
}

const (
	// shortest is the length from which on a credential is looked for in a text:
	// shorter ones occur in any.
	shortest = 6
	// telling is how much of the beginning of a long credential gives it away, as
	// in a text that is cut off: more than what all tokens of a vendor begin with.
	telling = 20
)

// holds reports whether a text holds a credential, as it is or as it goes over
// the wire, in letters of whatever case: hosts are written in small ones.
func holds(text string, credentials map[string]string) bool {
	text = strings.ToLower(text)
	for name, v := range credentials {
		if len(v) < shortest || name == "username" || name == "organization" {
			continue
		}
		for _, form := range forms(v) {
			if form = strings.ToLower(form); len(form) > telling {
				form = form[:telling]
			}
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// forms are the ways to write a credential: quoted, escaped, and in base64
// behind whatever, as a name and a colon.
func forms(v string) []string {
	all := []string{v, url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v), strings.Trim(fmt.Sprintf("%q", v), `"`)}
	if text, err := json.Marshal(v); err == nil {
		all = append(all, strings.Trim(string(text), `"`))
	}
	if len(v) < 2*shortest {
		return all // too little of it would be left to tell it by
	}
	for before := range 3 {
		// The letters that it shares with what is around it are left out.
		bits := []byte(strings.Repeat("-", before) + v)
		whole := len(bits) / 3 * 3
		first := (before*4 + 2) / 3
		all = append(all, base64.StdEncoding.EncodeToString(bits[:whole])[first:], base64.URLEncoding.EncodeToString(bits[:whole])[first:])
	}
	return all
}
