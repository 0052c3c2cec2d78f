package azuredevopstest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func textOf(o object, name string) string {
	s, _ := o[name].(string)
	return s
}

// timeOf reads a time of an object: as a text it could not be compared, since
// the vendor leaves out the zeros at its end.
func timeOf(o object, name string) time.Time {
	t, _ := time.Parse(time.RFC3339, textOf(o, name))
	return t
}

// builds knows statusFilter, minTime and the orders by queue and finish time;
// minTime counts for the time that is ordered by.
func (s *Server) builds(w http.ResponseWriter, r *http.Request, p *project) {
	q := r.URL.Query()
	field := map[string]string{"queueTimeAscending": "queueTime", "finishTimeAscending": "finishTime", "5": "queueTime", "2": "finishTime"}[q.Get("queryOrder")]
	if field == "" {
		refuse(w, http.StatusBadRequest, "the fake knows two orders only")
		return
	}
	least, err := time.Parse(time.RFC3339, q.Get("minTime"))
	if err != nil { // the vendor's client writes it so
		least, _ = http.ParseTime(q.Get("minTime"))
	}
	states := strings.Split(q.Get("statusFilter"), ",")
	if flags, err := strconv.Atoi(q.Get("statusFilter")); err == nil {
		for name, flag := range map[string]int{"inProgress": 1, "completed": 2, "cancelling": 4, "postponed": 8, "notStarted": 32} {
			if flags&flag != 0 {
				states = append(states, name)
			}
		}
	}
	all := []object{}
	for _, b := range p.builds {
		if slices.Contains(states, textOf(b, "status")) && !timeOf(b, field).Before(least) {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b object) int { return timeOf(a, field).Compare(timeOf(b, field)) })
	tokenPage(w, r, all, 100)
}

// deployments knows minModifiedTime and is ordered by id.
func (s *Server) deployments(w http.ResponseWriter, r *http.Request, p *project) {
	least, _ := time.Parse(time.RFC3339, r.URL.Query().Get("minModifiedTime"))
	all := []object{}
	for _, d := range p.deployments {
		if !timeOf(d, "lastModifiedOn").Before(least) {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b object) int {
		x, _ := a["id"].(int)
		y, _ := b["id"].(int)
		return cmp.Compare(x, y)
	})
	after := number(r, "continuationToken", 0)
	all = slices.DeleteFunc(all, func(d object) bool { id, _ := d["id"].(int); return id < after })
	top := min(number(r, "$top", 50), 50)
	if len(all) > top {
		w.Header().Set("X-Ms-Continuationtoken", idText(all[top]))
	}
	list(w, cut(all, 0, top))
}
