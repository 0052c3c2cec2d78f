package jira

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// embedded are the lists that come with an issue and may be cut short.
type embedded struct {
	Histories []json.RawMessage `json:"histories"`
	Comments  []json.RawMessage `json:"comments"`
	Total     int               `json:"total"`
}

// complete makes the raw form of an issue, with everything that the search cut
// short fetched apart.
func (r *itemReading) complete(ctx context.Context, f *found) ([]byte, error) {
	histories, total, unread, err := r.changelog(ctx, f)
	if err != nil {
		return nil, err
	}
	comments, err := r.comments(ctx, f)
	if err != nil {
		return nil, err
	}
	parent, err := r.epic(ctx, f.Fields)
	if err != nil {
		return nil, err
	}
	category, err := r.category(ctx, f.Fields["status"])
	if err != nil {
		return nil, err
	}
	delete(f.Fields, "comment")
	var w rawWriter
	w.member("issue")
	w.issue(f)
	w.rows("changelog", histories)
	w.value("changelog_total", total)
	w.rows("comments", comments)
	w.value("fields", r.about.fields)
	if unread {
		w.value("history_unread", true)
	}
	w.value("status_category", category)
	if parent != "" {
		w.value("parent_id", parent)
	}
	w.value("site", r.site)
	w.WriteByte('}')
	return w.Bytes(), w.err
}

// category is that of a status by the list of statuses or, where there is no
// list, by what the issue says itself. A status that is not on the list may be
// newer than it.
func (r *itemReading) category(ctx context.Context, raw json.RawMessage) (string, error) {
	var status struct {
		wireNamed
		Category struct {
			Key string `json:"key"`
		} `json:"statusCategory"`
	}
	if len(raw) > 0 && json.Unmarshal(raw, &status) != nil {
		return "", malformed(fault("a status of another shape"))
	}
	if r.about.categories == nil {
		return status.Category.Key, nil
	}
	if _, known := r.about.categories[status.ID]; !known && !r.asked {
		r.asked = true
		fresh, err := r.anew(ctx, r.resource)
		if err != nil {
			return "", err
		}
		r.about = fresh
	}
	return r.about.categories[status.ID], nil
}

// rawWriter writes a rawItem around the vendor's JSON, which is neither copied
// into values nor gone through once more.
type rawWriter struct {
	bytes.Buffer
	err error
}

func (w *rawWriter) member(name string) {
	if w.Len() == 0 {
		w.WriteByte('{')
	} else {
		w.WriteByte(',')
	}
	w.json(name)
	w.WriteByte(':')
}

func (w *rawWriter) json(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.err = err
	}
	w.Write(b)
}

func (w *rawWriter) value(name string, v any) {
	w.member(name)
	w.json(v)
}

func (w *rawWriter) rows(name string, rows []json.RawMessage) {
	w.member(name)
	w.WriteByte('[')
	for i, row := range rows {
		if i > 0 {
			w.WriteByte(',')
		}
		w.Write(row)
	}
	w.WriteByte(']')
}

func (w *rawWriter) issue(f *found) {
	var inner rawWriter
	inner.value("id", f.ID)
	inner.value("key", f.Key)
	inner.value("self", f.Self)
	inner.member("fields")
	var fields rawWriter
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		fields.member(name)
		fields.Write(f.Fields[name])
	}
	fields.WriteByte('}')
	inner.Write(fields.Bytes())
	inner.WriteByte('}')
	w.Write(inner.Bytes())
	w.err = errors.Join(w.err, inner.err, fields.err)
}

// changelog returns the whole history and its length by the vendor. What
// cannot be read leaves the history shorter than that, or unread where nobody
// said how long it is.
func (r *itemReading) changelog(ctx context.Context, f *found) (rows []json.RawMessage, total int, unread bool, err error) {
	var part embedded
	if f.Changelog != nil {
		if part = *f.Changelog; len(part.Histories) >= part.Total {
			return part.Histories, part.Total, false, nil
		}
	}
	whole := union{}
	whole.add(part.Histories)
	total = part.Total
	if r.cloud {
		total, err = r.walk(ctx, r.base+"/issue/"+url.PathEscape(f.ID)+"/changelog", &whole, total)
	} else {
		var issue struct {
			Changelog *embedded `json:"changelog"`
		}
		_, err = r.get(ctx, r.base+"/issue/"+url.PathEscape(f.ID), url.Values{"expand": {"changelog"}, "fields": {"updated"}}, &issue)
		if issue.Changelog != nil {
			whole.add(issue.Changelog.Histories)
			total = max(total, issue.Changelog.Total)
		} else {
			unread = total == 0
		}
	}
	if err != nil && !refused(err) {
		return nil, 0, false, err
	}
	return whole.rows, max(total, len(whole.rows)), unread || err != nil && total == 0, nil
}

// comments returns all comments of an issue.
func (r *itemReading) comments(ctx context.Context, f *found) ([]json.RawMessage, error) {
	var part embedded
	raw := f.Fields["comment"]
	if len(raw) == 0 && !r.lean {
		return nil, nil
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, malformed(err)
		}
		if len(part.Comments) >= part.Total {
			return part.Comments, nil
		}
	}
	whole := union{}
	if _, err := r.walk(ctx, r.base+"/issue/"+url.PathEscape(f.ID)+"/comment", &whole, part.Total); err != nil && !refused(err) {
		return nil, err
	}
	whole.add(part.Comments)
	return whole.rows, nil
}

// maxRows bounds the history and the comments of one issue, and every list that
// counts, whatever a server says that there is.
const maxRows = 100_000

// walk reads a list of an issue from its beginning to its end and returns its
// length by the vendor's last word. A server that lies about the length costs
// some requests more, or an incomplete history, and never a loop.
func (r *itemReading) walk(ctx context.Context, path string, whole *union, total int) (int, error) {
	for start, size, idle := 0, pageSize, 0; idle < maxRestarts; {
		var page struct {
			offsetPage
			Comments []json.RawMessage `json:"comments"`
		}
		query := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(size)}}
		_, err := r.get(ctx, path, query, &page)
		if connector.Reason(err) == connector.ReasonTooLarge && size > 1 {
			size = max(size/8, 1)
			continue
		}
		if err != nil {
			return total, err
		}
		rows := page.Values
		if rows == nil {
			rows = page.Comments
		}
		if page.Total != nil {
			total = *page.Total
		}
		start += len(rows)
		if idle++; whole.add(rows) > 0 {
			idle = 0
		}
		if len(whole.rows) > maxRows {
			return max(total, len(whole.rows)+1), nil
		}
		if len(rows) == 0 || page.IsLast != nil && *page.IsLast || page.IsLast == nil && start >= total {
			break
		}
	}
	return total, nil
}

// epic resolves the key by which Data Center names an epic. Its id survives a
// move, its key does not.
func (r *itemReading) epic(ctx context.Context, fields map[string]json.RawMessage) (string, error) {
	for _, ref := range r.about.fields.Epic {
		var key string
		if raw := fields[ref.ID]; len(raw) == 0 || json.Unmarshal(raw, &key) != nil || key == "" {
			continue
		}
		id, known := r.epics[key]
		if !known {
			var issue wireLinked
			_, err := r.get(ctx, r.base+"/issue/"+url.PathEscape(key), url.Values{"fields": {"updated"}}, &issue)
			if err != nil && !refused(err) {
				return "", err
			}
			id = issue.ID
			r.epics[key] = id
		}
		return id, nil
	}
	return "", nil
}

// refused says whether an error is about one part of one issue alone: it went
// away, or is hidden, between the search and now, is larger than is taken, or an
// MCP server has no tool for it. The reading goes on without that part.
func refused(err error) bool {
	switch connector.Reason(err) {
	case connector.ReasonNotFound, connector.ReasonPermission, connector.ReasonTooLarge, connector.ReasonUnsupported:
		return true
	}
	return false
}

// union collects rows once each, by their ids, in the order in which they came.
type union struct {
	rows []json.RawMessage
	ids  map[string]bool
}

// add returns how many rows were new.
func (u *union) add(rows []json.RawMessage) int {
	if u.ids == nil {
		u.ids = map[string]bool{}
	}
	fresh := 0
	for _, row := range rows {
		if id := idOf(row); !u.ids[id] {
			u.ids[id] = true
			u.rows = append(u.rows, row)
			fresh++
		}
	}
	return fresh
}
