package confluencetest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The questions in CQL that the connector asks.
var (
	byID    = regexp.MustCompile(`^id in \((\d+(?:,\d+)*)\)$`)
	bySpace = regexp.MustCompile(`^space = "((?:[^"\\]|\\.)*)" and type in \(page, blogpost\) order by lastmodified desc$`)
)

// search answers from the index: current content, without archived spaces and
// without what has not been indexed yet. Folders are not in it.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var want func(*Document) bool
	if m := byID.FindStringSubmatch(q.Get("cql")); m != nil {
		ids := strings.Split(m[1], ",")
		want = func(d *Document) bool { return slices.Contains(ids, d.ID) }
	} else if m := bySpace.FindStringSubmatch(q.Get("cql")); m != nil {
		key := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
		want = func(d *Document) bool { return s.spaceOf(d).key == key }
	} else {
		refuse(w, http.StatusBadRequest)
		return
	}
	var docs []*Document
	for _, d := range s.docs {
		if d.Status == "current" && d.Type != "folder" && !d.Unindexed && s.spaceOf(d).status == "current" && want(d) {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, newestFirst)
	rows := []object{}
	for _, d := range docs {
		if d.Indexed > 0 {
			old := *d
			old.Version, old.Title = d.Indexed, "as it was"
			d = &old
		}
		rows = append(rows, s.v1(d, q.Get("expand")))
	}
	s.offsets(w, r, rows)
}
