package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/store"
)

// unnamed are the names, in the form that compares, of who does not want to be
// named as somebody to ask.
// Names of people who were erased are known by their digests only.
type unnamed struct {
	keys   map[string]bool
	erased *store.Erased
}

// has reports whether a name is to be left out.
func (u unnamed) has(name string) bool { return u.keys[nameKey(name)] || u.erased.Names().Name(name) }

func (u unnamed) nobody() bool { return len(u.keys) == 0 && !u.erased.Names().Any() }

func nameKey(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// unnamed reads who does not want to be named, and by which names commits know
// them.
func (a *API) unnamed(ctx context.Context) (unnamed, error) {
	names, err := a.options.Store.UnnamedNames(ctx)
	if err != nil {
		return unnamed{}, err
	}
	out := unnamed{keys: map[string]bool{}}
	for _, name := range names {
		if key := nameKey(name); key != "" {
			out.keys[key] = true
		}
	}
	out.erased, err = a.options.Store.Erased(ctx)
	return out, err
}

// tag tells the names apart from others in the tag of an answer; "" is none.
func (u unnamed) tag() string {
	if u.nobody() {
		return ""
	}
	keys := make([]string, 0, len(u.keys))
	for k := range u.keys {
		keys = append(keys, k)
	}
	keys = append(keys, u.erased.Names().Tag())
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(strings.Join(keys, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// leaveOut returns the text of a code report without the names, where it says
// who knows what, who looked at it, who came and who left: the people, those
// who left and the reviewers of areas, the owners of components and of those inside them, and
// activity.people.
// The kept report stays as it is, since one may change one's mind; while nobody
// objects, its bytes are answered as they are.
func (u unnamed) leaveOut(text []byte) ([]byte, error) {
	if u.nobody() {
		return text, nil
	}
	for _, at := range []struct{ part, list, names string }{
		{"knowledge", "areas", "people"}, {"knowledge", "areas", "left"}, {"knowledge", "areas", "reviewers"}, {"architecture", "components", "owners"},
		{"activity", "people", "joined"}, {"activity", "people", "left"},
	} {
		var err error
		if text, err = within(text, at.part, func(part []byte) ([]byte, error) {
			return within(part, at.list, func(list []byte) ([]byte, error) { return u.leaveOutOf(list, at.names) })
		}); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// leaveOutOf takes the names out of a list of objects, and of the components
// inside of components.
func (u unnamed) leaveOutOf(list []byte, field string) ([]byte, error) {
	var all []json.RawMessage
	if err := json.Unmarshal(list, &all); err != nil {
		return nil, fmt.Errorf("reading the names of a report: %w", err)
	}
	for i := range all {
		changed, err := within(all[i], field, func(names []byte) ([]byte, error) {
			var people []string
			if err := json.Unmarshal(names, &people); err != nil {
				return nil, fmt.Errorf("reading the names of a report: %w", err)
			}
			return plainJSON(slices.DeleteFunc(append([]string{}, people...), u.has))
		})
		if err != nil {
			return nil, err
		}
		if changed, err = within(changed, "inside", func(inside []byte) ([]byte, error) {
			return within(inside, "components", func(list []byte) ([]byte, error) { return u.leaveOutOf(list, field) })
		}); err != nil {
			return nil, err
		}
		all[i] = changed
	}
	return plainJSON(all)
}

// within changes the value of one field of an object; where the object has
// none, or null, it stays as it is. The others keep their bytes.
func within(object []byte, field string, change func([]byte) ([]byte, error)) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	was, there := fields[field]
	if !there || string(was) == "null" {
		return object, nil
	}
	now, err := change(was)
	if err != nil {
		return nil, err
	}
	fields[field] = now
	return plainJSON(fields)
}

// plainJSON writes JSON as reports are written: HTML stays what it is.
func plainJSON(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSpace(text.Bytes()), err
}

// tagOf is the tag of a report as somebody is answered with it.
func (u unnamed) tagOf(kept store.Report) string { return kept.ETag + u.tag() }
