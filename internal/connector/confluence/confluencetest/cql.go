package confluencetest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The questions in CQL that the connector asks.
var (
	byID    = regexp.MustCompile(`^id in \((\d+(?:,\d+)*)\)$`)
	bySpace = regexp.MustCompile(`^space = "((?:[^"\\]|\\.)*)" and type in \(page, blogpost\) order by lastmodified desc$`)
	byBlogs = regexp.MustCompile(`^space = "((?:[^"\\]|\\.)*)" and type = blogpost order by lastmodified desc$`)
)

// search answers from the index: current content, without archived spaces and
// without what has not been indexed yet. Folders are not in it.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	if rows, ok := s.matches(w, r, r.URL.Query().Get("expand")); ok {
		s.offsets(w, r, rows)
	}
}

// searchSite is the search that finds more than content: what it finds is
// within its rows, and so is what is expanded.
func (s *Server) searchSite(w http.ResponseWriter, r *http.Request) {
	var expand []string
	for part := range strings.SplitSeq(r.URL.Query().Get("expand"), ",") {
		if of, ok := strings.CutPrefix(part, "content."); ok {
			expand = append(expand, of)
		}
	}
	contents, ok := s.matches(w, r, strings.Join(expand, ","))
	if !ok {
		return
	}
	rows := []object{}
	for _, c := range contents {
		rows = append(rows, object{"content": c, "title": c["title"], "excerpt": "", "url": "/x/" + fmt.Sprint(c["id"]), "entityType": "content"})
	}
	s.offsets(w, r, rows)
}

func (s *Server) matches(w http.ResponseWriter, r *http.Request, expand string) (rows []object, ok bool) {
	q := r.URL.Query()
	var want func(*Document) bool
	if m := byID.FindStringSubmatch(q.Get("cql")); m != nil {
		ids := strings.Split(m[1], ",")
		want = func(d *Document) bool { return slices.Contains(ids, d.ID) }
	} else if m := bySpace.FindStringSubmatch(q.Get("cql")); m != nil {
		key := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
		want = func(d *Document) bool { return s.spaceOf(d).key == key }
	} else if m := byBlogs.FindStringSubmatch(q.Get("cql")); m != nil {
		key := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[1])
		want = func(d *Document) bool { return s.spaceOf(d).key == key && d.Type == "blogpost" }
	} else {
		refuse(w, http.StatusBadRequest)
		return nil, false
	}
	var docs []*Document
	for _, d := range s.docs {
		if d.Status == "current" && d.Type != "folder" && !d.Unindexed && s.spaceOf(d).status == "current" && want(d) {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, newestFirst)
	rows = []object{}
	for _, d := range docs {
		if d.Indexed > 0 {
			old := *d
			old.Version, old.Title = d.Indexed, "as it was"
			d = &old
		}
		rows = append(rows, s.v1(d, expand))
	}
	return rows, true
}
