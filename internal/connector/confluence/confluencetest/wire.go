package confluencetest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stamp writes a time as each flavour does: Data Center in its own time zone.
func (s *Server) stamp(t time.Time) string {
	if s.dc {
		return t.In(time.FixedZone("", 2*60*60)).Format("2006-01-02T15:04:05.000-07:00")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (s *Server) current(w http.ResponseWriter, _ *http.Request) { answer(w, s.users[0]) }

func (s *Server) user(w http.ResponseWriter, r *http.Request) {
	for _, u := range s.users {
		if u != nil && u["accountId"] == r.URL.Query().Get("accountId") {
			answer(w, u)
			return
		}
	}
	refuse(w, http.StatusNotFound)
}

func (s *Server) listSpaces(w http.ResponseWriter, r *http.Request) {
	var rows []object
	for _, in := range s.spaces {
		row := object{"id": in.id, "key": in.key, "name": in.name, "status": in.status, "type": "global", "_links": object{"webui": "/spaces/" + in.key}}
		if s.dc {
			row["id"], _ = strconv.Atoi(in.id)
			row["_links"] = object{"webui": "/display/" + in.key}
		}
		rows = append(rows, row)
	}
	if s.dc {
		s.offsets(w, r, rows)
		return
	}
	answer(w, object{"results": rows, "_links": object{"base": s.URL + s.base}})
}

// partOf is a list within a document, cut at its limit.
func partOf(names []string, field string, limit int) object {
	rows := []object{}
	for i, name := range names[:min(len(names), limit)] {
		rows = append(rows, object{"id": strconv.Itoa(i + 1), field: name, "prefix": "global"})
	}
	return object{"results": rows, "start": 0, "limit": limit, "size": len(rows)}
}

func restrictionOf(d *Document) object {
	return object{"operation": "read", "restrictions": object{"user": partOf(d.Users, "displayName", 100), "group": partOf(d.Groups, "name", 100)}}
}

// v1 renders a document as API v1 and Data Center do: what is not asked for by
// expand is not there.
func (s *Server) v1(d *Document, expand string) object {
	row := object{"id": d.ID, "type": d.Type, "status": d.Status, "title": d.Title, "_links": object{"webui": "/x/" + d.ID, "self": s.URL + "/rest/api/content/" + d.ID}}
	for part := range strings.SplitSeq(expand, ",") {
		switch part {
		case "body.storage":
			row["body"] = object{"storage": object{"value": d.Body, "representation": "storage"}}
		case "version":
			row["version"] = object{"number": d.Version, "when": s.stamp(d.Updated), "by": d.Author}
		case "history":
			row["history"] = object{"latest": true, "createdBy": d.Author, "createdDate": s.stamp(d.Created)}
		case "space":
			in := s.spaceOf(d)
			id, _ := strconv.Atoi(in.id)
			row["space"] = object{"id": id, "key": in.key, "name": in.name}
		case "ancestors":
			rows := []object{}
			for _, a := range s.ancestorsOf(d) {
				rows = append(rows, object{"id": a.ID, "type": a.Type, "status": a.Status, "title": a.Title})
			}
			row["ancestors"] = rows
		case "metadata.labels":
			row["metadata"] = object{"labels": partOf(d.Labels, "name", 200)}
		case "children.attachment":
			row["children"] = object{"attachment": partOf(d.Attachments, "title", 25)}
		case "restrictions.read.restrictions.user":
			row["restrictions"] = object{"read": restrictionOf(d)}
		}
	}
	return row
}

// v2 renders a document as API v2 of Cloud does.
func (s *Server) v2(d *Document, body bool) object {
	row := object{
		"id": d.ID, "status": d.Status, "title": d.Title, "spaceId": d.Space, "parentId": nil, "authorId": nil, "createdAt": s.stamp(d.Created),
		"version": object{"number": d.Version, "createdAt": s.stamp(d.Updated)}, "_links": object{"webui": "/x/" + d.ID},
	}
	if d.Parent != "" {
		row["parentId"] = d.Parent
	}
	if d.Type == "folder" {
		row["type"] = "folder"
	}
	if d.Author != nil {
		row["authorId"] = d.Author["accountId"]
	}
	if body {
		row["body"] = object{"storage": object{"value": d.Body, "representation": "storage"}}
	}
	return row
}

func (s *Server) visible(w http.ResponseWriter, r *http.Request) *Document {
	d := s.find(r.PathValue("id"))
	if d == nil || d.Status == "trashed" {
		refuse(w, http.StatusNotFound)
		return nil
	}
	return d
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	switch d := s.visible(w, r); {
	case d == nil:
	case s.dc:
		answer(w, s.v1(d, r.URL.Query().Get("expand")))
	default:
		answer(w, s.v2(d, r.URL.Query().Get("body-format") == "storage"))
	}
}

func (s *Server) restriction(w http.ResponseWriter, r *http.Request) {
	if d := s.visible(w, r); d != nil {
		answer(w, restrictionOf(d))
	}
}

func (s *Server) labels(w http.ResponseWriter, r *http.Request) {
	if d := s.visible(w, r); d != nil {
		s.names(w, r, d.Labels, "name")
	}
}

func (s *Server) attachments(w http.ResponseWriter, r *http.Request) {
	if d := s.visible(w, r); d != nil {
		s.names(w, r, d.Attachments, "title")
	}
}

func (s *Server) names(w http.ResponseWriter, r *http.Request, names []string, field string) {
	rows, _ := partOf(names, field, len(names))["results"].([]object)
	s.offsets(w, r, rows)
}

// ancestors of API v2 have no titles.
func (s *Server) ancestors(w http.ResponseWriter, r *http.Request) {
	d := s.visible(w, r)
	if d == nil {
		return
	}
	rows := []object{}
	for _, a := range s.ancestorsOf(d) {
		rows = append(rows, object{"id": a.ID, "type": a.Type})
	}
	s.offsets(w, r, rows)
}

// listContent is Data Center's list from the database, in no order.
func (s *Server) listContent(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	rows := []object{}
	for _, d := range s.docs {
		if s.spaceOf(d).key == q.Get("spaceKey") && d.Type == q.Get("type") && d.Status == cmp.Or(q.Get("status"), "current") {
			rows = append(rows, s.v1(d, q.Get("expand")))
		}
	}
	s.offsets(w, r, rows)
}

// spaceContent is the like of listContent for one space, with what is current alone.
func (s *Server) spaceContent(w http.ResponseWriter, r *http.Request) {
	rows := []object{}
	for _, d := range s.docs {
		if s.spaceOf(d).key == r.PathValue("key") && d.Type == r.PathValue("type") && d.Status == "current" {
			rows = append(rows, s.v1(d, r.URL.Query().Get("expand")))
		}
	}
	s.offsets(w, r, rows)
}

func newestFirst(a, b *Document) int {
	return cmp.Or(b.Updated.Compare(a.Updated), strings.Compare(b.ID, a.ID))
}

// listV2 is Cloud's list: its cursor stands behind a row, so that it does not
// shift.
func (s *Server) listV2(w http.ResponseWriter, r *http.Request, kind string) {
	q := r.URL.Query()
	statuses := strings.Split(cmp.Or(q.Get("status"), "current,archived"), ",")
	var docs []*Document
	for _, d := range s.docs {
		if d.Space == r.PathValue("space") && d.Type == kind && slices.Contains(statuses, d.Status) {
			docs = append(docs, d)
		}
	}
	order := newestFirst
	switch q.Get("sort") {
	case "-modified-date":
	case "modified-date":
		order = func(a, b *Document) int { return -newestFirst(a, b) }
	default:
		refuse(w, http.StatusBadRequest)
		return
	}
	slices.SortFunc(docs, order)
	if raw, err := base64.URLEncoding.DecodeString(q.Get("cursor")); err == nil && len(raw) > 0 {
		var ms int64
		var id string
		_, _ = fmt.Sscanf(string(raw), "%d %s", &ms, &id)
		after := &Document{ID: id, Updated: time.UnixMilli(ms)}
		docs = slices.DeleteFunc(docs, func(d *Document) bool { return order(d, after) <= 0 })
	}
	limit := limitOf(r)
	rows := []object{}
	for _, d := range docs[:min(limit, len(docs))] {
		rows = append(rows, s.v2(d, false))
	}
	links := object{"base": s.URL + s.base}
	if len(docs) > limit {
		last := docs[limit-1]
		cursor := base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", last.Updated.UnixMilli(), last.ID))
		links["next"] = r.URL.Path + "?" + url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(limit)}}.Encode()
	}
	answer(w, object{"results": rows, "_links": links})
}
