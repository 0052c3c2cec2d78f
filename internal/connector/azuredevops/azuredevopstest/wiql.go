package azuredevopstest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	query     = regexp.MustCompile(`^SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.TeamProject\] = @project(?: AND (.+?))?(?: ORDER BY (.+))?$`)
	condition = regexp.MustCompile(`^\[(System\.[A-Za-z]+)\] (=|>=|>|<) (?:(\d+)|'([^']+)'|(@Me))$`)
)

// holds reports whether a work item meets a condition, and false for one that
// the fake does not know.
func (it *item) holds(text string, precise bool) (yes, known bool) {
	m := condition.FindStringSubmatch(text)
	if m == nil {
		return false, false
	}
	fields, _ := it.revisions[len(it.revisions)-1]["fields"].(object)
	switch {
	case m[1] == "System.Id" && m[2] == ">":
		n, _ := strconv.Atoi(m[3])
		return it.id > n, true
	case m[1] == "System.ChangedDate" && m[4] != "":
		at, err := time.Parse(time.RFC3339, m[4])
		if err != nil || !precise { // without it the vendor takes days only
			return false, false
		}
		order := timeOf(fields, m[1]).Compare(at)
		return m[2] == ">=" && order >= 0 || m[2] == "<" && order < 0, m[2] == ">=" || m[2] == "<"
	case m[5] == "@Me" && m[2] == "=":
		who, _ := fields[m[1]].(object)
		return who != nil && who["id"] == people[0]["id"], true
	}
	return false, false
}

// wiql answers queries for numbers by numbers, times of change and whoever
// asks.
func (s *Server) wiql(w http.ResponseWriter, r *http.Request, p *project) {
	var body struct {
		Query string `json:"query"`
	}
	found := []string(nil)
	if json.NewDecoder(r.Body).Decode(&body) == nil {
		found = query.FindStringSubmatch(body.Query)
	}
	if found == nil {
		refuse(w, http.StatusBadRequest, "VS403437")
		return
	}
	items := slices.Clone(p.items)
	if found[1] != "" {
		for text := range strings.SplitSeq(found[1], " AND ") {
			if _, known := p.items[0].holds(text, r.URL.Query().Get("timePrecision") == "true"); !known {
				refuse(w, http.StatusBadRequest, "VS403437")
				return
			}
			items = slices.DeleteFunc(items, func(it *item) bool { yes, _ := it.holds(text, true); return !yes })
		}
	}
	slices.SortFunc(items, func(a, b *item) int {
		if found[2] == "[System.ChangedDate], [System.Id]" {
			return cmp.Or(timeOf(a.newest(), "System.ChangedDate").Compare(timeOf(b.newest(), "System.ChangedDate")), cmp.Compare(a.id, b.id))
		}
		return cmp.Compare(a.id, b.id)
	})
	refs := []object{}
	for _, it := range cut(items, 0, min(number(r, "$top", 20000), 20000)) {
		refs = append(refs, object{"id": it.id, "url": s.URL})
	}
	answer(w, object{"queryType": "flat", "queryResultType": "workItem", "asOf": when(s.clock), "columns": []object{{"referenceName": "System.Id", "name": "ID"}}, "workItems": refs})
}

func (it *item) newest() object {
	fields, _ := it.revisions[len(it.revisions)-1]["fields"].(object)
	return fields
}

// batch answers the reading of several work items by fields. One that is not
// there fails the whole, as at the vendor.
func (s *Server) batch(w http.ResponseWriter, r *http.Request, p *project) {
	var body struct {
		IDs    []int    `json:"ids"`
		Fields []string `json:"fields"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || len(body.IDs) == 0 || len(body.IDs) > 200 {
		refuse(w, http.StatusBadRequest, "VssPropertyValidationException")
		return
	}
	all := []object{}
	for _, id := range body.IDs {
		it := p.find(strconv.Itoa(id))
		if it == nil {
			refuse(w, http.StatusNotFound, "WorkItemUnauthorizedAccessException")
			return
		}
		fields := object{}
		for _, name := range body.Fields {
			if v, ok := it.newest()[name]; ok {
				fields[name] = v
			}
		}
		all = append(all, object{"id": it.id, "rev": len(it.revisions), "fields": fields})
	}
	list(w, all)
}
