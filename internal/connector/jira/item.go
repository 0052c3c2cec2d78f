package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// itemCursor is where a reading of work items stands.
//
// Pages are not counted: an item that changes while it is read goes to the end
// of the order, and all behind it would move up unseen. So every page is the
// first page of a question of its own, "from the minute of the last item on",
// and what was seen of that minute is dropped. Where one minute holds more
// than a page, as after a bulk change, that minute is read in the order of its
// keys, which no change disturbs.
type itemCursor struct {
	Since time.Time        `json:"since,omitzero"` // a minute; zero is the beginning
	Until time.Time        `json:"until,omitzero"` // not zero while the time from Since to Until is read by keys
	After string           `json:"after,omitempty"`
	Seen  map[string]int64 `json:"seen,omitempty"` // id → update in milliseconds, of what may come again
}

const (
	// pageSize is what Jira gives of full items at once, and toolSize what an MCP
	// server is asked for: all of it comes in one message, which is bounded.
	pageSize, toolSize = 100, 25
	// overlap is how far the next reading goes back: what was written earlier
	// can become visible to a search later.
	overlap = 5 * time.Minute
	// maxSeen bounds the cursor. What it forgets is read twice, never lost;
	// within a reading it holds the two pages that can meet.
	maxSeen = 3 * pageSize
	// maxEmpty is how many pages without an issue may say that there are more.
	maxEmpty = 50
)

// itemReading is one reading of one project's work items.
type itemReading struct {
	*jira
	resource rampforge.Resource
	base     string
	cloud    bool
	about    *about
	asked    bool   // about was asked for anew, for a status that it did not know
	site     string // for people
	cursor   itemCursor
	size     int
	most     int               // what size may grow to again
	lean     bool              // an issue alone was too large: what comes with it is asked for apart
	latest   time.Time         // the newest update that was seen
	epics    map[string]string // key → id, "" where there is none
	done     bool
}

func (j *jira) readItems(ctx context.Context, resource rampforge.Resource, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		r := &itemReading{jira: j, resource: resource, size: pageSize, epics: map[string]string{}}
		if j.tools != nil {
			r.size = toolSize
		}
		r.most = r.size
		if err := r.start(ctx, cursor); err != nil {
			yield(connector.Page{}, err)
			return
		}
		next := cursor
		for !r.done {
			page, err := r.page(ctx)
			if err != nil {
				yield(connector.Page{}, err)
				return
			}
			// A step that brings nothing is worth a page only where it moves the cursor.
			if (len(page.Records) > 0 || string(page.Next) != string(next)) && !yield(page, nil) {
				return
			}
			next = page.Next
		}
	}
}

func (r *itemReading) start(ctx context.Context, cursor connector.Cursor) (err error) {
	if len(cursor) > 0 {
		if err := json.Unmarshal(cursor, &r.cursor); err != nil {
			return malformedCursor()
		}
	}
	if r.cursor.Seen == nil {
		r.cursor.Seen = map[string]int64{}
	}
	for _, ms := range r.cursor.Seen {
		if t := time.UnixMilli(ms).UTC(); t.After(r.latest) {
			r.latest = t
		}
	}
	if r.base, r.cloud, err = r.api(ctx); err != nil {
		return err
	}
	if r.site, err = r.browse(ctx); err != nil {
		return err
	}
	r.about, err = r.facts(ctx, r.resource)
	return err
}

func malformedCursor() error {
	return connector.Errorf(connector.ReasonMalformed, "The place where the last reading stopped cannot be understood.",
		"Sync the service again with force_refresh.", nil)
}

// found is an issue of a search. Its parts are cut apart while the answer is
// decoded, so that long texts are gone through once.
type found struct {
	ID        string                     `json:"id"`
	Key       string                     `json:"key"`
	Self      string                     `json:"self"`
	Fields    map[string]json.RawMessage `json:"fields"`
	Changelog *embedded                  `json:"changelog"`

	updated time.Time
}

type searchPage struct {
	Issues []found `json:"issues"`
	Token  string  `json:"nextPageToken"`
	IsLast bool    `json:"isLast"`
	Total  *int    `json:"total"`
}

// page asks one question and makes a page of its answer.
func (r *itemReading) page(ctx context.Context) (connector.Page, error) {
	first := r.cursor.Since.IsZero()
	r.lean = false
	answer, more, err := r.ask(ctx)
	if err != nil {
		return connector.Page{}, err
	}
	issues := answer.Issues
	if err := setUpdated(issues); err != nil {
		return connector.Page{}, malformed(err)
	}
	page := connector.Page{}
	if first {
		page.Total = answer.Total
	}
	for i := range issues {
		f := &issues[i]
		if f.updated.Before(r.cursor.Since) || !r.cursor.Until.IsZero() && !f.updated.Before(r.cursor.Until) || r.cursor.Seen[f.ID] == f.updated.UnixMilli() {
			continue
		}
		raw, err := r.complete(ctx, f)
		if err != nil {
			return connector.Page{}, err
		}
		record, err := Normalise(rampforge.StreamWorkItems, r.resource.ID, raw)
		if err != nil {
			return connector.Page{}, err
		}
		page.Records = append(page.Records, record)
		r.cursor.Seen[f.ID] = f.updated.UnixMilli()
		if f.updated.After(r.latest) {
			r.latest = f.updated
		}
	}
	if err := r.move(issues, more); err != nil {
		return connector.Page{}, err
	}
	page.Next, err = json.Marshal(r.cursor)
	return page, err
}

// setUpdated reads of every issue when it changed, which decides its place.
func setUpdated(issues []found) error {
	for i := range issues {
		var updated string
		if err := json.Unmarshal(issues[i].Fields["updated"], &updated); err != nil {
			return err
		}
		var err error
		if issues[i].updated, err = parseTime(updated); err != nil {
			return err
		}
	}
	return nil
}

// move sets the cursor behind the issues of an answer.
func (r *itemReading) move(issues []found, more bool) error {
	c := &r.cursor
	switch draining := !c.Until.IsZero(); {
	case draining && more:
		last := issues[len(issues)-1].Key
		if c.After != "" && !keyLess(c.After, last) {
			return malformed(fault("the search is not in the order that was asked for"))
		}
		c.After = last
	case draining:
		c.Since, c.Until, c.After = c.Until, time.Time{}, ""
	case !more:
		r.end()
	default:
		last := issues[len(issues)-1].updated.Truncate(time.Minute)
		switch {
		case last.After(c.Since):
			c.Since = last
			if issues[0].updated.Truncate(time.Minute).Equal(last) { // and there is more of it
				c.Until = last.Add(time.Minute)
			}
		case last.Equal(c.Since):
			c.Until = c.Since.Add(time.Minute)
		case c.Since.After(r.now().Add(48 * time.Hour)):
			return malformed(fault("the search does not keep to the time that was asked for"))
		default: // a page of what lies before, where the clock of the account is set back or not known
			c.Until = c.Since.Add(24 * time.Hour)
		}
	}
	r.forget()
	return nil
}

// end sets the cursor for the next reading. An update in the future, by a
// clock that was wrong, must not hide the updates of the present.
func (r *itemReading) end() {
	r.done = true
	if r.latest.IsZero() {
		return
	}
	latest := r.latest
	if now := r.now(); latest.After(now) {
		latest = now
	}
	r.cursor.Since = latest.Add(-overlap).UTC().Truncate(time.Minute)
}

// forget keeps of what was seen what can come again, the newest first.
func (r *itemReading) forget() {
	c := &r.cursor
	from := c.Since
	if !r.done { // the next reading may begin as far back as that
		if r.latest.Before(from) {
			from = r.latest
		}
		from = from.Add(-overlap).Truncate(time.Minute)
	}
	maps.DeleteFunc(c.Seen, func(_ string, ms int64) bool { return ms < from.UnixMilli() })
	if len(c.Seen) <= maxSeen {
		return
	}
	ids := slices.SortedFunc(maps.Keys(c.Seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.Seen[b], c.Seen[a]), strings.Compare(a, b))
	})
	for _, id := range ids[maxSeen:] {
		delete(c.Seen, id)
	}
}

// ask asks the question of the cursor, for fewer issues at once where they are
// too large together.
func (r *itemReading) ask(ctx context.Context) (searchPage, bool, error) {
	for {
		jql, order := "project = "+r.resource.ID, "updated ASC, key ASC"
		if !r.cursor.Since.IsZero() {
			jql += ` AND updated >= "` + r.about.notAfter(r.cursor.Since) + `"`
		}
		if !r.cursor.Until.IsZero() {
			jql, order = jql+` AND updated < "`+r.about.notBefore(r.cursor.Until)+`"`, "key ASC"
			if r.cursor.After != "" {
				jql += ` AND issuekey > "` + r.cursor.After + `"`
			}
		}
		query := url.Values{"jql": {jql + " ORDER BY " + order}, "fields": {itemFields(r.about.fields, !r.lean)}}
		if !r.lean {
			query.Set("expand", "changelog")
		}
		page, more, err := r.search(ctx, query, r.size)
		switch {
		case err == nil:
			r.size = min(r.size*2, r.most)
			return page, more, nil
		case connector.Reason(err) == connector.ReasonTooLarge && r.size > 1:
			r.most = max(r.size/2, 1)
			r.size = max(r.size/8, 1)
		case connector.Reason(err) == connector.ReasonTooLarge && !r.lean:
			r.lean = true
		case isBadRequest(err) && r.cursor.After != "": // the issue of the key is gone
			r.cursor.After = ""
		default:
			return searchPage{}, false, err
		}
	}
}

// itemFields names what is fetched of an issue.
func itemFields(ids fieldIDs, comments bool) string {
	names := slices.Concat([]string{
		"summary", "description", "issuetype", "status", "statuscategorychangedate", "priority", "labels", "reporter", "assignee",
		"created", "updated", "resolution", "resolutiondate", "parent", "issuelinks", "project",
	}, ids.ids())
	if comments {
		names = append(names, "comment")
	}
	return strings.Join(names, ",")
}

// search asks once and says whether there is more. Cloud may answer with an
// empty page and a token for the next.
func (j *jira) search(ctx context.Context, query url.Values, size int) (searchPage, bool, error) {
	base, cloud, err := j.api(ctx)
	if err != nil {
		return searchPage{}, false, err
	}
	query.Set("maxResults", strconv.Itoa(size))
	if !cloud {
		var page searchPage
		_, err := j.get(ctx, base+"/search", query, &page)
		// A full page is believed to have a successor whatever the total says.
		return page, len(page.Issues) > 0 && (len(page.Issues) >= size || page.Total != nil && *page.Total > len(page.Issues)), err
	}
	for range maxEmpty {
		var page searchPage
		if _, err := j.get(ctx, base+"/search/jql", query, &page); err != nil {
			return searchPage{}, false, err
		}
		if more := page.Token != "" && !page.IsLast; len(page.Issues) > 0 || !more {
			return page, more, nil
		}
		query.Set("nextPageToken", page.Token)
	}
	return searchPage{}, false, malformed(fault("too many empty pages of a search"))
}

// itemIDs lists the ids by the order of the keys. A new item has the last key,
// so nothing moves while the list is read.
func (j *jira) itemIDs(ctx context.Context, resource rampforge.Resource) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for after, retried := "", false; ; {
			jql := "project = " + resource.ID
			if after != "" {
				jql += ` AND issuekey > "` + after + `"`
			}
			page, more, err := j.search(ctx, url.Values{"jql": {jql + " ORDER BY key ASC"}, "fields": {"updated"}}, pageSize)
			if isBadRequest(err) && after != "" && !retried { // the issue of the key is gone: from the beginning, once
				after, retried = "", true
				continue
			}
			if err != nil {
				yield(nil, err)
				return
			}
			ids, last, err := keyOrder(page.Issues, after)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(ids) > 0 && !yield(ids, nil) || !more {
				return
			}
			after = last
		}
	}
}

// keyOrder returns the ids of issues and the last key, which have to come in
// the order of the keys: in any other, some would be missing.
func keyOrder(issues []found, last string) ([]string, string, error) {
	ids := make([]string, 0, len(issues))
	for _, f := range issues {
		if f.ID == "" || last != "" && !keyLess(last, f.Key) {
			return nil, "", malformed(fault("the list is not in the order that was asked for"))
		}
		ids, last = append(ids, f.ID), f.Key
	}
	return ids, last, nil
}

// keyLess compares keys of one project, whose numbers count.
func keyLess(a, b string) bool {
	number := func(key string) int {
		n, _ := strconv.Atoi(key[strings.LastIndexByte(key, '-')+1:])
		return n
	}
	return number(a) < number(b)
}

const jqlMinute = "2006-01-02 15:04"

// notAfter writes a time for JQL, which has no zone and no seconds, so that
// whatever it is taken for is not after the time. An hour that the clock shows
// twice is stepped over, a zone that is not known may be any.
func (a *about) notAfter(t time.Time) string {
	if a.zone == nil {
		return t.Add(-12 * time.Hour).UTC().Format(jqlMinute)
	}
	for a.twice(t) {
		t = t.Add(-30 * time.Minute)
	}
	return t.In(a.zone).Format(jqlMinute)
}

// notBefore is the like of notAfter for the end of a time.
func (a *about) notBefore(t time.Time) string {
	if a.zone == nil {
		return t.Add(14 * time.Hour).UTC().Format(jqlMinute)
	}
	for a.twice(t) {
		t = t.Add(30 * time.Minute)
	}
	return t.In(a.zone).Format(jqlMinute)
}

// twice says whether the clock of the zone shows the time twice.
func (a *about) twice(t time.Time) bool {
	shown := t.In(a.zone).Format(jqlMinute)
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if t.Add(d).In(a.zone).Format(jqlMinute) == shown || t.Add(-d).In(a.zone).Format(jqlMinute) == shown {
			return true
		}
	}
	return false
}
