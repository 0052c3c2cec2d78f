package jira

import (
	"context"
	"encoding/json"
	"net/url"
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
func (r *itemReading) complete(ctx context.Context, f found) ([]byte, error) {
	var issue map[string]json.RawMessage
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(f.raw, &issue); err != nil {
		return nil, malformed(err)
	}
	if err := json.Unmarshal(issue["fields"], &fields); err != nil {
		return nil, malformed(err)
	}
	raw := rawItem{Fields: r.about.fields, Site: r.rest.site}
	var err error
	if raw.Changelog, raw.ChangelogTotal, err = r.changelog(ctx, f.id, issue["changelog"]); err != nil {
		return nil, err
	}
	if raw.Comments, err = r.comments(ctx, f.id, fields["comment"]); err != nil {
		return nil, err
	}
	if raw.ParentID, err = r.epic(ctx, fields); err != nil {
		return nil, err
	}
	var status wireNamed
	if s := fields["status"]; s != nil && json.Unmarshal(s, &status) == nil {
		raw.StatusCategory = r.about.categories[status.ID]
	}
	delete(issue, "changelog")
	delete(fields, "comment")
	if issue["fields"], err = json.Marshal(fields); err != nil {
		return nil, malformed(err)
	}
	if raw.Issue, err = json.Marshal(issue); err != nil {
		return nil, malformed(err)
	}
	return json.Marshal(raw)
}

// changelog returns the whole history and its length by the vendor. What
// cannot be read leaves the history shorter than that.
func (r *itemReading) changelog(ctx context.Context, id string, raw json.RawMessage) ([]json.RawMessage, int, error) {
	var part embedded
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, 0, malformed(err)
		}
		if len(part.Histories) >= part.Total {
			return part.Histories, part.Total, nil
		}
	}
	whole := union{}
	whole.add(part.Histories)
	total := part.Total
	var err error
	if r.cloud {
		total, err = r.walk(ctx, r.base+"/issue/"+url.PathEscape(id)+"/changelog", &whole, total)
	} else {
		var issue struct {
			Changelog embedded `json:"changelog"`
		}
		_, err = r.get(ctx, r.base+"/issue/"+url.PathEscape(id), url.Values{"expand": {"changelog"}, "fields": {"updated"}}, &issue)
		whole.add(issue.Changelog.Histories)
		total = max(total, issue.Changelog.Total)
	}
	if err != nil && !refused(err) {
		return nil, 0, err
	}
	return whole.rows, max(total, len(whole.rows)), nil
}

// comments returns all comments of an issue.
func (r *itemReading) comments(ctx context.Context, id string, raw json.RawMessage) ([]json.RawMessage, error) {
	var part embedded
	if len(raw) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &part); err != nil {
		return nil, malformed(err)
	}
	if len(part.Comments) >= part.Total {
		return part.Comments, nil
	}
	whole := union{}
	if _, err := r.walk(ctx, r.base+"/issue/"+url.PathEscape(id)+"/comment", &whole, part.Total); err != nil && !refused(err) {
		return nil, err
	}
	whole.add(part.Comments)
	return whole.rows, nil
}

// walk reads a list of an issue from its beginning to its end and returns its
// length by the vendor's last word. A server that lies about the length costs
// one request more, or an incomplete history, and never a loop.
func (r *itemReading) walk(ctx context.Context, path string, whole *union, total int) (int, error) {
	for start := 0; ; {
		var page struct {
			offsetPage
			Comments []json.RawMessage `json:"comments"`
		}
		query := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(pageSize)}}
		if _, err := r.get(ctx, path, query, &page); err != nil {
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
		if fresh := whole.add(rows); fresh == 0 && start > pageSize*2+len(whole.rows) {
			return total, nil
		}
		if len(rows) == 0 || page.IsLast != nil && *page.IsLast || page.IsLast == nil && start >= total {
			return total, nil
		}
	}
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

// refused says whether an error is about one issue alone: it went away, or is
// hidden, between the search and now. The reading goes on without that part.
func refused(err error) bool {
	reason := connector.Reason(err)
	return reason == connector.ReasonNotFound || reason == connector.ReasonPermission
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
