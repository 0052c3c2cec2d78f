package azuredevopstest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) listTeams(w http.ResponseWriter, r *http.Request, p *project) {
	list(w, cut(p.teams, number(r, "$skip", 0), number(r, "$top", 100)))
}

func (s *Server) teamIterations(w http.ResponseWriter, r *http.Request, p *project) {
	list(w, p.used[r.PathValue("team")])
}

func (s *Server) nodes(w http.ResponseWriter, _ *http.Request, p *project) { answer(w, p.tree()) }

func (p *project) tree() object {
	return object{"id": 1, "identifier": guid(5, 999999), "name": p.name, "structureType": "iteration", "hasChildren": true, "children": p.iterations, "path": "\\" + p.name + "\\Iteration"}
}

func (s *Server) states(w http.ResponseWriter, r *http.Request, _ *project) {
	if !slices.Contains(itemTypes, r.PathValue("type")) {
		refuse(w, http.StatusNotFound, "WorkItemTypeNotFoundException")
		return
	}
	list(w, typeStates)
}

// itemTypes answers what each type's states are with it; that of tasks has none
// between the first and the last.
func (s *Server) itemTypes(w http.ResponseWriter, _ *http.Request, _ *project) {
	var all []object
	for _, name := range itemTypes {
		states := typeStates
		if name == "Task" {
			states = []object{typeStates[0], typeStates[3]}
		}
		all = append(all, object{"name": name, "referenceName": "Microsoft.VSTS.WorkItemTypes." + name, "states": states, "isDisabled": false})
	}
	list(w, all)
}

var itemTypes = []string{"User Story", "Bug", "Task"}

var typeStates = []object{
	{"name": "New", "color": "b2b2b2", "category": "Proposed"}, {"name": "Active", "color": "007acc", "category": "InProgress"},
	{"name": "Resolved", "color": "ff9d00", "category": "Resolved"}, {"name": "Closed", "color": "339933", "category": "Completed"}, {"name": "Removed", "color": "ffffff", "category": "Removed"},
}

// feedPage is the fake's own limit of a batch, below what is asked for.
const feedPage = 60

// feed answers the reporting API with includeLatestOnly: the newest revision
// of each work item in the order of change, after a watermark.
func (s *Server) feed(w http.ResponseWriter, r *http.Request, p *project) {
	q := r.URL.Query()
	if q.Get("includeLatestOnly") != "true" {
		refuse(w, http.StatusBadRequest, "the fake knows includeLatestOnly only")
		return
	}
	after, _, _ := strings.Cut(q.Get("continuationToken"), ";")
	mark, err := strconv.Atoi(cmp.Or(after, "0"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidContinuationToken")
		return
	}
	items := slices.Clone(p.items)
	slices.SortFunc(items, func(a, b *item) int { return cmp.Compare(a.mark, b.mark) })
	items = slices.DeleteFunc(items, func(i *item) bool { return i.mark <= mark })
	page := cut(items, 0, min(number(r, "$maxPageSize", feedPage), feedPage))
	values := []object{}
	for _, it := range page {
		values = append(values, object{"id": it.id, "rev": len(it.revisions), "fields": object{"System.Id": it.id}})
		mark = it.mark
	}
	token := strconv.Itoa(mark) + ";1"
	answer(w, object{"values": values, "nextLink": s.URL + r.URL.Path + "?continuationToken=" + token, "continuationToken": token, "isLastBatch": len(page) == len(items)})
}

func (p *project) find(id string) *item {
	for _, it := range p.items {
		if strconv.Itoa(it.id) == id {
			return it
		}
	}
	return nil
}

func (s *Server) workItems(w http.ResponseWriter, r *http.Request, p *project) {
	ids := strings.Split(r.URL.Query().Get("ids"), ",")
	if len(ids) > 200 {
		refuse(w, http.StatusBadRequest, "VssPropertyValidationException")
		return
	}
	all := []any{}
	for _, id := range ids {
		it := p.find(id)
		if it == nil {
			all = append(all, nil) // errorPolicy=omit
			continue
		}
		all = append(all, s.whole(p, it))
	}
	list(w, all)
}

// whole is a work item with all that belongs to it.
func (s *Server) whole(p *project, it *item) object {
	newest := it.revisions[len(it.revisions)-1]
	id := strconv.Itoa(it.id)
	return object{
		"id": it.id, "rev": newest["rev"], "fields": newest["fields"], "relations": it.relations, "url": s.Endpoint() + "/" + p.id + "/_apis/wit/workItems/" + id,
		"_links": object{"html": object{"href": s.Endpoint() + "/" + p.id + "/_workitems/edit/" + id}},
	}
}

func (s *Server) revisions(w http.ResponseWriter, r *http.Request, p *project) {
	it := p.find(r.PathValue("id"))
	if it == nil {
		refuse(w, http.StatusNotFound, "WorkItemUnauthorizedAccessException")
		return
	}
	list(w, cut(it.revisions, number(r, "$skip", 0), min(number(r, "$top", 200), 200)))
}

func (s *Server) comments(w http.ResponseWriter, r *http.Request, p *project) {
	it := p.find(r.PathValue("id"))
	if it == nil || !strings.Contains(r.URL.Query().Get("api-version")+r.Header.Get("Accept"), "preview") {
		refuse(w, http.StatusNotFound, "WorkItemUnauthorizedAccessException")
		return
	}
	all := slices.Clone(it.comments)
	if r.URL.Query().Get("order") != "asc" {
		slices.Reverse(all)
	}
	skip := number(r, "continuationToken", 0)
	page := cut(all, skip, min(number(r, "$top", 200), 200))
	out := object{"totalCount": len(it.comments), "count": len(page), "comments": append([]object{}, page...)}
	if skip+len(page) < len(it.comments) {
		out["continuationToken"] = strconv.Itoa(skip + len(page))
	}
	answer(w, out)
}
