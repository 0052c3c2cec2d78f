package gitlab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"iter"
	"slices"
	"time"

	api "gitlab.com/gitlab-org/api/client-go"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	partCommit    = "commit"
	partIteration = "iteration"
	partPage      = "page"
	partProject   = "project"
	partKnownAt   = "known_at"
)

// commitCursor is where the reading of a history stands: Base is read, and the
// pages of what leads from there to Head are read up to Page.
type commitCursor struct {
	Base string `json:"base,omitempty"`
	Head string `json:"head,omitempty"`
	Page int    `json:"page,omitempty"`
	Per  int    `json:"per,omitempty"` // commits of a page
}

// readCommits reads the history of the default branch, newest first. It pins
// the branch's head and asks for the range that leads there from the head of
// the last reading: a range of two commits never shifts, and a commit that was
// made long ago and pushed today is in it, which a date would miss.
func (c *gitlab) readCommits(ctx context.Context, resource rampforge.Resource, from connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var at commitCursor
		err := decodeCursor(from, &at)
		if err == nil {
			at, err = c.pinned(ctx, resource.ID, at)
		}
		if err != nil {
			yield(connector.Page{}, err)
			return
		}
		for at.Head != "" && at.Head != at.Base {
			records, more, err := c.commits(ctx, resource.ID, at)
			if at.Per > 1 && connector.Reason(err) == connector.ReasonTooLarge {
				at.Page, at.Per = 0, at.Per/2 // from the beginning on, in smaller pages
				continue
			}
			if at.Base != "" && connector.Reason(err) == connector.ReasonUnsupported {
				at.Base, at.Page = "", 0 // GitLab 14.8 takes no ranges: all of it, once more
				continue
			}
			if err != nil {
				yield(connector.Page{}, err)
				return
			}
			if at.Page++; !more {
				at = commitCursor{Base: at.Head}
			}
			next, _ := json.Marshal(at) // strings and a number
			if !yield(connector.Page{Records: records, Next: next}, nil) || !more {
				return
			}
		}
	}
}

// pinned returns the range to read, of commits that are there: after a history
// was rewritten and cleaned, what is left of it is read from its beginning.
func (c *gitlab) pinned(ctx context.Context, projectID string, at commitCursor) (commitCursor, error) {
	last := at
	var err error
	if at.Head, err = c.present(ctx, projectID, at.Head); err != nil {
		return at, err
	}
	if at.Head == "" {
		if at.Head, err = c.head(ctx, projectID); err != nil {
			return at, err
		}
	}
	if at.Head != at.Base {
		if at.Base, err = c.present(ctx, projectID, at.Base); err != nil {
			return at, err
		}
	}
	if at.Head != last.Head || at.Base != last.Base || at.Per < 1 || at.Per > 100 {
		at.Page, at.Per = 0, 100
	}
	return at, nil
}

// head returns the newest commit of the default branch, "" when there is none.
func (c *gitlab) head(ctx context.Context, projectID string) (string, error) {
	var p project
	raw, _, err := c.get(ctx, projectPath(projectID))
	if err != nil {
		return "", err
	}
	if err := decode(raw, &p); err != nil {
		return "", malformed()
	}
	if p.DefaultBranch == "" || p.EmptyRepo {
		return "", nil
	}
	page, err := c.list(ctx, projectPath(projectID)+"/repository/commits", listOptions{RefName: p.DefaultBranch, PerPage: 1})
	if err != nil || len(page.items) == 0 {
		return "", err
	}
	var newest commit
	if err := decode(page.items[0], &newest); err != nil || newest.ID == "" {
		return "", malformed()
	}
	return newest.ID, nil
}

// present returns the commit when the server still has it, "" when it does not.
func (c *gitlab) present(ctx context.Context, projectID, hash string) (string, error) {
	if hash == "" {
		return "", nil
	}
	_, _, err := c.get(ctx, projectPath(projectID)+"/repository/commits/"+api.PathEscape(hash))
	if connector.Reason(err) == connector.ReasonNotFound {
		return "", nil
	}
	return hash, err
}

func (c *gitlab) commits(ctx context.Context, projectID string, at commitCursor) (records []rampforge.Record, more bool, err error) {
	o := listOptions{RefName: at.Head, PerPage: at.Per, Page: at.Page + 1}
	if at.Base != "" {
		o.RefName = at.Base + ".." + at.Head
	}
	if o.Page > maxPages*10 {
		return nil, false, endless()
	}
	page, err := c.list(ctx, projectPath(projectID)+"/repository/commits", o)
	if err != nil {
		return nil, false, err
	}
	all := make([]map[string]json.RawMessage, 0, len(page.items))
	for _, item := range page.items {
		all = append(all, map[string]json.RawMessage{partCommit: item})
	}
	records, err = c.records(ctx, rampforge.StreamCommits, projectID, all)
	return records, page.more && len(page.items) > 0, err
}

// setCursor is where the reading of a list without a useful time stands: what
// was delivered, as the first eight bytes of each record's SHA-256. Known are
// in order, so that the same state is the same cursor.
type setCursor struct {
	At    time.Time `json:"at,omitzero"`
	Known []byte    `json:"known,omitempty"`
}

const (
	fingerprint = 8
	setPage     = 20
)

func fingerprintOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return string(sum[:fingerprint])
}

// readSet reads what GitLab lists only as a whole. Pages of a wiki have no
// time at all, and an iteration that begins or ends is not touched: whatever
// differs from what was delivered is delivered again.
//
// The time of a wiki's page is the newest that can be known of it, as
// knownAt says: never before its change, often later. It is kept in the raw
// record, and grows with each reading that found a change, so that a later
// version of a page is never told as an older one.
func (c *gitlab) readSet(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, from connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var at setCursor
		err := decodeCursor(from, &at)
		var all []entry
		if err == nil {
			all, at.At, err = c.set(ctx, resource, stream, at)
		}
		if err != nil {
			yield(connector.Page{}, err)
			return
		}
		known := map[string]bool{}
		for chunk := range slices.Chunk(at.Known, fingerprint) {
			known[string(chunk)] = true
		}
		now := map[string]bool{}
		var fresh []entry
		for _, e := range all {
			now[e.print] = true
			if !known[e.print] {
				fresh = append(fresh, e)
			}
		}
		total := len(all)
		for chunk := range slices.Chunk(fresh, setPage) {
			fresh = fresh[len(chunk):]
			page := connector.Page{Total: &total}
			if page.Records, err = c.entries(ctx, resource.ID, stream, chunk); err != nil {
				yield(connector.Page{}, err)
				return
			}
			for _, e := range chunk {
				known[e.print] = true
			}
			if len(fresh) == 0 {
				known = now // what has gone is forgotten: it may come back
			}
			page.Next = setCursor{At: at.At, Known: packed(known)}.encode()
			if !yield(page, nil) {
				return
			}
		}
	}
}

func (s setCursor) encode() connector.Cursor {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil // a year beyond 9999: begin again rather than go on wrongly
	}
	return raw
}

func packed(prints map[string]bool) []byte {
	all := make([]string, 0, len(prints))
	for p := range prints {
		all = append(all, p)
	}
	slices.Sort(all)
	var b bytes.Buffer
	for _, p := range all {
		b.WriteString(p)
	}
	return b.Bytes()
}

// entry is one member of a set.
type entry struct {
	print string
	parts map[string]json.RawMessage
}

func (c *gitlab) entries(ctx context.Context, resourceID string, stream rampforge.Stream, chunk []entry) ([]rampforge.Record, error) {
	all := make([]map[string]json.RawMessage, 0, len(chunk))
	for _, e := range chunk {
		all = append(all, e.parts)
	}
	return c.records(ctx, stream, resourceID, all)
}

func (c *gitlab) setIDs(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		all, _, err := c.set(ctx, resource, stream, setCursor{})
		if err != nil {
			yield(nil, err)
			return
		}
		ids := make([]string, 0, len(all))
		for _, e := range all {
			record, err := Normalise(stream, resource.ID, object(e.parts))
			if err != nil {
				yield(nil, err)
				return
			}
			ids = append(ids, record.ID)
		}
		yield(ids, nil)
	}
}

// set lists a whole set, and says how new it can be.
func (c *gitlab) set(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, last setCursor) ([]entry, time.Time, error) {
	path := projectPath(resource.ID)
	if stream == rampforge.StreamSprints {
		items, err := c.settled(ctx, path+"/iterations")
		if err != nil {
			return nil, time.Time{}, err
		}
		all := make([]entry, 0, len(items))
		for _, item := range items {
			all = append(all, entry{fingerprintOf(item), map[string]json.RawMessage{partIteration: item}})
		}
		return all, last.At, nil
	}
	items, err := c.wikiPages(ctx, path+"/wikis")
	if err != nil {
		return nil, time.Time{}, err
	}
	home, at, err := c.knownAt(ctx, path, last.At)
	if err != nil {
		return nil, time.Time{}, err
	}
	stamp := json.RawMessage(`"` + formatTime(at) + `"`)
	all := make([]entry, 0, len(items))
	for _, item := range items {
		all = append(all, entry{fingerprintOf(item), map[string]json.RawMessage{partPage: item, partProject: home, partKnownAt: stamp}})
	}
	return all, at, nil
}

// knownAt returns the newest time that is known of a project, by the vendor's
// clock: a change of the wiki is activity of the project. GitLab notes that
// only once in an hour, so a reading that follows another adds a second: its
// changes are younger than what was read before, whatever the project says.
func (c *gitlab) knownAt(ctx context.Context, path string, last time.Time) (json.RawMessage, time.Time, error) {
	var p project
	raw, _, err := c.get(ctx, path)
	if err != nil {
		return nil, time.Time{}, err
	}
	if err := decode(raw, &p); err != nil {
		return nil, time.Time{}, malformed()
	}
	at := p.LastActivityAt.Time
	if at.IsZero() {
		at = p.CreatedAt.Time
	}
	if at.IsZero() {
		return nil, time.Time{}, malformed()
	}
	if !last.IsZero() && !at.After(last) {
		at = last.Add(time.Second)
	}
	home, err := json.Marshal(map[string]string{"web_url": p.URL})
	return home, at, err
}

// wikiPages lists the pages with what they say. A wiki that is too large for
// one answer is read page by page.
func (c *gitlab) wikiPages(ctx context.Context, path string) ([]json.RawMessage, error) {
	whole, err := c.list(ctx, path, listOptions{WithContent: "1"})
	if whole.next { // no server does yet
		whole.items, _, err = c.all(ctx, path, listOptions{WithContent: "1"})
	}
	if err == nil || connector.Reason(err) != connector.ReasonTooLarge {
		return whole.items, err
	}
	named, err := c.list(ctx, path, listOptions{})
	if err != nil {
		return nil, err
	}
	items := make([]json.RawMessage, 0, len(named.items))
	for _, item := range named.items {
		var p wikiPage
		if err := decode(item, &p); err != nil || p.Slug == "" {
			return nil, malformed()
		}
		raw, _, err := c.get(ctx, path+"/"+api.PathEscape(p.Slug))
		switch {
		case connector.Reason(err) == connector.ReasonNotFound: // gone meanwhile
		case err != nil:
			return nil, err
		default:
			items = append(items, raw)
		}
	}
	return items, nil
}

// settled reads a list whose order shifts until two passes tell the same,
// where it takes more than one page.
func (c *gitlab) settled(ctx context.Context, path string) ([]json.RawMessage, error) {
	const passes = 5
	var last map[string]bool
	for range passes {
		items, pages, err := c.all(ctx, path, listOptions{})
		if err != nil {
			return nil, err
		}
		now := map[string]bool{}
		items = slices.DeleteFunc(items, func(item json.RawMessage) bool {
			key := fingerprintOf(item)
			twice := now[key]
			now[key] = true
			return twice
		})
		if pages == 1 || last != nil && equal(last, now) {
			return items, nil
		}
		last = now
	}
	return nil, connector.Errorf(connector.ReasonVendor, "GitLab's list of iterations keeps changing while it is read.", "Try again later.", nil)
}

func equal(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return len(a) == len(b)
}
