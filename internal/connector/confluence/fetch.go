package confluence

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	expandRestriction = "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
	expandDocument    = "body.storage,version,history,space,ancestors,metadata.labels,children.attachment," + expandRestriction
)

// fetcher fetches documents of one space with all their parts. A search by ids
// brings most of them in one answer; asked for part by part a page would take
// five.
type fetcher struct {
	*wiki

	resource   rampforge.Resource
	restricted map[string]bool // by id, of what was asked in this reading
}

// fetch returns the records of listed editions, in their order, and the
// editions that were found. What went away or moved to another space between
// list and now is left out: it is that space's, or the sweep's.
func (f *fetcher) fetch(ctx context.Context, listed []edition) ([]rampforge.Record, []edition, error) {
	ids := make([]string, 0, len(listed))
	for _, e := range listed {
		ids = append(ids, e.ID)
	}
	contents, err := f.search(ctx, ids, expandDocument)
	if err != nil {
		return nil, nil, err
	}
	var docs []*wireDocument
	for _, e := range listed {
		d, err := f.document(ctx, e, contents[e.ID])
		if err != nil {
			return nil, nil, err
		}
		if d != nil {
			docs = append(docs, d)
		}
	}
	if err := f.above(ctx, docs); err != nil {
		return nil, nil, err
	}
	records, found := make([]rampforge.Record, 0, len(docs)), make([]edition, 0, len(docs))
	for _, d := range docs {
		raw, err := d.raw()
		if err != nil {
			return nil, nil, err
		}
		r, err := Normalise(rampforge.StreamDocuments, f.resource.ID, raw)
		if err != nil {
			return nil, nil, err
		}
		records = append(records, r)
		found = append(found, edition{ID: r.ID, Version: r.Document.Version, At: r.UpdatedAt})
	}
	return records, found, nil
}

// search returns what the index has of some ids. An answer that is too large
// is asked for in halves, so that only a page too large by itself fails.
func (f *fetcher) search(ctx context.Context, ids []string, expand string) (map[string]json.RawMessage, error) {
	found := map[string]json.RawMessage{}
	if len(ids) == 0 {
		return found, nil
	}
	query := url.Values{"cql": {"id in (" + strings.Join(ids, ",") + ")"}, "expand": {expand}, "limit": {"50"}}
	err := f.links(ctx, "rest/api/content/search", query, func(rows []json.RawMessage) (bool, error) {
		for _, row := range rows {
			found[idOf(row)] = row
		}
		return true, nil
	})
	switch reason := connector.Reason(err); {
	case reason == connector.ReasonTooLarge && len(ids) > 1:
		for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
			part, err := f.search(ctx, half, expand)
			if err != nil {
				return nil, err
			}
			maps.Copy(found, part)
		}
		return found, nil
	case reason == connector.ReasonUnsupported: // an id that the index does not know is a wrong question to some versions
		return found, nil
	}
	return found, err
}

// document completes what a search gave. Where the index has nothing, or an
// older state than the list, the document is asked for by itself. It is nil
// when it is gone, hidden or in another space by now.
func (f *fetcher) document(ctx context.Context, e edition, content json.RawMessage) (*wireDocument, error) {
	d := &wireDocument{Base: f.web, Content: content}
	c := &wireContent{}
	if content != nil {
		var err error
		if c, err = d.content(); err != nil {
			return nil, err
		}
	}
	if content == nil || c.Version.Number < e.Version {
		var err error
		if d, err = f.single(ctx, e); err != nil || d == nil {
			return nil, err
		}
		if c, err = d.content(); err != nil {
			return nil, err
		}
	}
	if c.Status != "" && c.Status != "current" || f.elsewhere(c) {
		return nil, nil
	}
	if len(d.Page) > 0 {
		return d, nil // its lists are whole
	}
	return d, f.complete(ctx, e, d, c)
}

func (f *fetcher) elsewhere(c *wireContent) bool {
	if c.Space.ID != "" && f.resource.ID != f.resource.Key {
		return string(c.Space.ID) != f.resource.ID
	}
	return c.Space.Key != "" && c.Space.Key != f.resource.Key
}

// complete fetches the lists of which a search gives the beginning alone.
func (f *fetcher) complete(ctx context.Context, e edition, d *wireDocument, c *wireContent) error {
	var err error
	if c.Metadata.Labels.cut() {
		d.Labels, err = f.rows(ctx, e, "labels", "label")
		if err := f.known(d, unknownLabels, err); err != nil {
			return err
		}
	}
	if c.Children.Attachment.cut() {
		d.Attachments, err = f.rows(ctx, e, "attachments", "child/attachment")
		return f.known(d, unknownAttachments, err)
	}
	return nil
}

// rows reads a list of a document to its end: at Cloud's API v2 by its name
// there, at Data Center by the other.
func (f *fetcher) rows(ctx context.Context, e edition, cloud, center string) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	each := func(rows []json.RawMessage) (bool, error) {
		all = append(all, rows...)
		return true, nil
	}
	if f.cloud {
		return all, f.links(ctx, f.v2(e)+"/"+cloud, url.Values{"limit": {"250"}}, each)
	}
	return all, f.offsets(ctx, "rest/api/content/"+url.PathEscape(e.ID)+"/"+center, nil, 200, each)
}

func (f *fetcher) v2(e edition) string {
	if e.blog {
		return "api/v2/blogposts/" + url.PathEscape(e.ID)
	}
	return "api/v2/pages/" + url.PathEscape(e.ID)
}

// missing reports whether an error says that a thing is not there for us.
func missing(err error) bool {
	reason := connector.Reason(err)
	return reason == connector.ReasonNotFound || reason == connector.ReasonPermission
}

// single asks for one document from the database.
func (f *fetcher) single(ctx context.Context, e edition) (*wireDocument, error) {
	d := &wireDocument{Base: f.web}
	var err error
	if f.cloud {
		_, err = f.get(ctx, f.v2(e), url.Values{"body-format": {"storage"}}, &d.Page)
	} else {
		_, err = f.get(ctx, "rest/api/content/"+url.PathEscape(e.ID), url.Values{"expand": {expandDocument}}, &d.Content)
	}
	if missing(err) {
		return nil, nil
	}
	if err != nil || !f.cloud {
		return d, err
	}
	return d, f.parts(ctx, e, d)
}

// What may be unknown of a document.
const (
	unknownLabels      = "labels"
	unknownAttachments = "attachments"
	unknownAncestors   = "ancestors"
)

// known notes what no tool of an MCP server gives, which is no fault of the page.
func (f *fetcher) known(d *wireDocument, what string, err error) error {
	if f.tools != nil && connector.Reason(err) == connector.ReasonUnsupported {
		d.Unknown = append(d.Unknown, what)
		return nil
	}
	return err
}

// parts fetches what API v2 of Cloud keeps apart from a page.
func (f *fetcher) parts(ctx context.Context, e edition, d *wireDocument) error {
	var p wirePage
	if json.Unmarshal(d.Page, &p) != nil {
		return malformed(errors.New("a page of another shape"))
	}
	var err error
	d.Labels, err = f.rows(ctx, e, "labels", "")
	if err := f.known(d, unknownLabels, err); err != nil {
		return err
	}
	d.Attachments, err = f.rows(ctx, e, "attachments", "")
	if err := f.known(d, unknownAttachments, err); err != nil {
		return err
	}
	if d.Restriction, err = f.restriction(ctx, e.ID); err != nil {
		return err
	}
	if p.AuthorID != "" {
		_, err = f.get(ctx, "rest/api/user", url.Values{"accountId": {p.AuthorID}}, &d.Author)
		if err != nil && !missing(err) {
			return err
		}
	}
	if e.blog {
		return nil
	}
	ancestors, err := f.rows(ctx, e, "ancestors", "")
	if err := f.known(d, unknownAncestors, err); err != nil {
		return err
	}
	for _, row := range ancestors { // ids and types alone
		var a wireTitled
		if json.Unmarshal(row, &a) != nil || a.ID == "" || strings.ContainsAny(a.Type, "/?.") {
			return malformed(errors.New("an ancestor of another shape"))
		}
		var titled json.RawMessage
		if _, err := f.get(ctx, "api/v2/"+cmp.Or(a.Type, "page")+"s/"+url.PathEscape(string(a.ID)), nil, &titled); err == nil {
			row = titled
		} else if !missing(err) {
			return err
		}
		d.Ancestors = append(d.Ancestors, row)
	}
	return nil
}

// restriction asks who alone may read a thing. The answer is empty when even
// that is hidden, or no tool tells of it, which counts as restricted.
func (f *fetcher) restriction(ctx context.Context, id string) (json.RawMessage, error) {
	var raw json.RawMessage
	query := url.Values{"expand": {"restrictions.user,restrictions.group"}}
	_, err := f.get(ctx, "rest/api/content/"+url.PathEscape(id)+"/restriction/byOperation/read", query, &raw)
	if missing(err) || connector.Reason(err) == connector.ReasonUnsupported {
		return nil, nil
	}
	return raw, err
}

// above marks the documents that have a restricted ancestor: what is kept from
// a reader there is kept below. No answer tells of it, so ancestors are asked
// once in a reading.
func (f *fetcher) above(ctx context.Context, docs []*wireDocument) error {
	over := make([][]string, len(docs))
	var ask []string
	for i, d := range docs {
		c, err := d.content()
		if err != nil {
			return err
		}
		for _, a := range c.Ancestors {
			over[i] = append(over[i], string(a.ID))
			if _, known := f.restricted[string(a.ID)]; !known && !slices.Contains(ask, string(a.ID)) {
				ask = append(ask, string(a.ID))
			}
		}
	}
	for chunk := range slices.Chunk(ask, 2*batch) {
		if err := f.askRestricted(ctx, chunk); err != nil {
			return err
		}
	}
	for i, d := range docs {
		d.RestrictedAbove = slices.ContainsFunc(over[i], func(id string) bool { return f.restricted[id] })
	}
	return nil
}

func (f *fetcher) askRestricted(ctx context.Context, ids []string) error {
	found, err := f.search(ctx, ids, expandRestriction)
	if err != nil {
		return err
	}
	for _, id := range ids {
		var r *wireRestriction
		if raw, ok := found[id]; ok {
			var c wireContent
			if json.Unmarshal(raw, &c) != nil {
				return malformed(errors.New("an ancestor of another shape"))
			}
			r = c.Restrictions.Read
		} else { // a folder, or not in the index yet
			raw, err := f.restriction(ctx, id)
			if err != nil {
				return err
			}
			if raw != nil && json.Unmarshal(raw, &r) != nil {
				return malformed(errors.New("a restriction of another shape"))
			}
		}
		f.restricted[id] = r.restricted()
	}
	return nil
}
