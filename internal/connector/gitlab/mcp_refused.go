package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// @zereight/mcp-gitlab holds GitLab's answers against what it expects of them,
// and refuses a whole list for one member, as an issue without an author. What
// follows reads around such a member: the list comes in smaller pages, down to
// the one that is refused, which is left out and told of.

// leftOut is the header in which an answer of the bridge names what was left
// out of a list, one value for each.
const leftOut = "X-Left-Out"

const (
	// maxLeftOut bounds what one answer names.
	maxLeftOut = 20
	// tooManyRefused is how many members in a row, with none that is taken, say
	// that the server and GitLab do not fit together at all.
	tooManyRefused = 10
	// maxCandidates bounds how many numbers are tried to name what was refused.
	maxCandidates = 10
)

// refused is a member of a list that a server does not take.
type refused struct {
	What   string `json:"what"`   // issue or merge request
	Number int    `json:"number"` // its own; 0 where that is not known
	Field  string `json:"field"`  // that is not as the server expects it
}

type refusals []refused

// add notes what is not noted yet. Windows overlap, and so do passes.
func (r *refusals) add(more refusals) {
	for _, one := range more {
		if !slices.Contains(*r, one) {
			*r = append(*r, one)
		}
	}
}

func (r *refusals) header() http.Header {
	h := http.Header{}
	for _, one := range (*r)[:min(len(*r), maxLeftOut)] {
		if text, err := json.Marshal(one); err == nil {
			h.Add(leftOut, string(text))
		}
	}
	return h
}

// notes says for people what was left out. t is nil by REST, where nothing is.
func (t *tools) notes(values []string) []error {
	if t == nil {
		return nil
	}
	notes := make([]error, 0, len(values))
	for _, text := range values {
		var one refused
		if json.Unmarshal([]byte(text), &one) != nil {
			continue // our own header
		}
		which, why := "One "+one.What, "a field is not as it expects"
		if one.Number > 0 {
			which = fmt.Sprintf("The %s %d", one.What, one.Number)
		}
		if one.Field == "author" {
			why = "it has no author"
		}
		notes = append(notes, connector.Errorf(connector.ReasonUnsupported,
			which+" was left out: the MCP server does not take it from GitLab, as "+why+". While that is so, nobody can tell what is gone of this list.",
			"Read the project by GitLab's own API (transport rest) to have it.", nil))
	}
	return notes
}

// around returns a page of a list without the members that the server refuses.
func (t *tools) around(ctx context.Context, in map[string]any, sig mcpclient.Signature) ([]json.RawMessage, refusals, error) {
	var p parted
	if err := t.part(ctx, in, sig, &p); err != nil {
		return nil, nil, err
	}
	left, err := t.named(ctx, in, sig, p)
	return p.items, left, err
}

// parted is a page that was read in parts.
type parted struct {
	items []json.RawMessage
	holes []hole
}

// hole is where a member is missing: behind how many that were taken.
type hole struct {
	at    int
	field string
}

// part reads a page, and where a member of it is refused the same stretch of
// the list in smaller pages. The size of a page divides by its smallest factor,
// so that the smaller pages are the page and nothing else.
func (t *tools) part(ctx context.Context, in map[string]any, sig mcpclient.Signature, p *parted) error {
	some, err := t.items(ctx, in, sig)
	of, known := mcpclient.MisreadOf(err)
	if !known || !of.Listed {
		p.items = append(p.items, some...)
		return err
	}
	number, _ := in[argPage].(int)
	per, _ := in[argPer].(int)
	if per <= 1 || number < 1 {
		p.holes = append(p.holes, hole{len(p.items), of.Field})
		if len(p.items) == 0 && len(p.holes) >= tooManyRefused {
			return malformed()
		}
		return nil
	}
	factor := 2
	for per%factor != 0 {
		factor++
	}
	for i := range factor {
		smaller := maps.Clone(in)
		smaller[argPage], smaller[argPer] = (number-1)*factor+i+1, per/factor
		if err := t.part(ctx, smaller, sig, p); err != nil {
			return err
		}
	}
	return nil
}

// named finds out which members were refused. Issues have their numbers in
// the order of the list, so the members before and behind a hole say between
// which it lies; of a few, the one whose own tool is refused too is meant.
func (t *tools) named(ctx context.Context, in map[string]any, sig mcpclient.Signature, p parted) (refusals, error) {
	what := "issue"
	if sig.Name == sigMerges.Name {
		what = "merge request"
	}
	left := make(refusals, 0, len(p.holes))
	for _, h := range p.holes {
		one := refused{What: what, Field: h.field}
		if what == "issue" {
			var err error
			if one.Number, err = t.numberOf(ctx, in, p, h); err != nil {
				return nil, err
			}
		}
		left = append(left, one)
	}
	return left, nil
}

func (t *tools) numberOf(ctx context.Context, in map[string]any, p parted, h hole) (int, error) {
	at := func(i int) int {
		var member struct {
			IID id `json:"iid"`
		}
		if i < 0 || i >= len(p.items) || decode(p.items[i], &member) != nil {
			return 0
		}
		n, _ := strconv.Atoi(string(member.IID))
		return n
	}
	older, newer := at(h.at), at(h.at-1) // the newest come first
	switch {
	case newer == 0 && older > 0:
		newer = older + maxCandidates + 1
	case older == 0 && newer > 0:
		older = max(newer-maxCandidates-1, 0)
	}
	if newer-older-1 > maxCandidates || newer <= older {
		return 0, nil
	}
	for n := newer - 1; n > older; n-- {
		_, err := t.call(ctx, map[string]any{argProject: in[argProject], "issue_iid": strconv.Itoa(n)}, sigIssue)
		_, same := mcpclient.MisreadOf(err)
		switch reason := connector.Reason(err); {
		case same:
			return n, nil
		case err == nil, connector.Absent(err): // another, or none
		case reason == connector.ReasonUnsupported, reason == mcpclient.ReasonQuarantined:
			return 0, nil // it stays without a number
		default:
			return 0, err
		}
	}
	return 0, nil
}
