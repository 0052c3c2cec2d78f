package cli_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recount counts a project's workflow report again, number by number, from
// nothing but answers of the API: what explain=1 lists, and the exports. It
// shares no code with the product, and it is strict: a number of the report that
// nothing here counted is a failure.
type recount struct {
	t        *testing.T
	s        *server
	project  string
	query    url.Values
	page     int            // rows of explain asked for at once, of one metric; 0 is as many as there may be, of all
	report   map[string]any // without explain
	explains map[string]any // with it
	zone     *time.Location
	from, to time.Time // the window
	asOf     time.Time
	waits    []string // states that the project's settings name
	seen     map[string]bool
	kept     map[string][]row // what explain lists, by metric
}

// row is one that explain lists.
type row struct {
	ID, Key, Group, Detail string
	From, To               *time.Time
	Value                  *float64
	Parts                  map[string]float64
}

// missing is the value of a number that must be null.
var missing = math.NaN()

const performance = "workflow_analysis.performance_metrics."

// count asks for a report and counts all of it again.
func (s *server) count(t *testing.T, project, query string, page int, named ...string) *recount {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	r := &recount{t: t, s: s, project: project, query: values, page: page, waits: named, seen: map[string]bool{}, kept: map[string][]row{}}
	r.report = r.ask(nil)
	if r.zone, err = time.LoadLocation(r.text("zone")); err != nil {
		t.Fatal(err)
	}
	r.from, r.to, r.asOf = r.moment("window.from"), r.moment("window.to"), r.moment("as_of")
	r.flow()
	r.bottleneck()
	r.velocity()
	r.forecast()
	r.process()
	r.delivery()
	r.everyNumber("", r.report)
	return r
}

// ask asks for the report, with more in the query.
func (r *recount) ask(more map[string]string) map[string]any {
	r.t.Helper()
	query := maps.Clone(r.query)
	for k, v := range more {
		query.Set(k, v)
	}
	return r.s.ask("GET", "/api/v1/projects/"+r.project+"/workflow?"+query.Encode(), "")
}

// everyNumber fails for each number that nobody counted.
func (r *recount) everyNumber(path string, v any) {
	r.t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			r.everyNumber(strings.TrimPrefix(path+"."+k, "."), v[k])
		}
	case []any:
		for i := range v {
			r.everyNumber(fmt.Sprintf("%s[%d]", path, i), v[i])
		}
	case float64:
		if !r.seen[path] {
			r.t.Errorf("%s is %v, and nothing counts it again", path, v)
		}
	}
}

var step = regexp.MustCompile(`[^.\[\]]+`)

// at returns what is at a path of the report.
func (r *recount) at(path string) any {
	r.t.Helper()
	var v any = r.report
	for _, key := range step.FindAllString(path, -1) {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[key]
			if !ok {
				r.t.Fatalf("the report has no %s", path)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				r.t.Fatalf("the report has no %s", path)
			}
			v = in[i]
		default:
			r.t.Fatalf("the report has no %s: %v is in its place", path, v)
		}
	}
	return v
}

func (r *recount) text(path string) string { s, _ := r.at(path).(string); return s }

func (r *recount) list(path string) []any {
	r.t.Helper()
	list, ok := r.at(path).([]any)
	if !ok {
		r.t.Fatalf("%s is no list", path)
	}
	return list
}

func (r *recount) moment(path string) time.Time {
	r.t.Helper()
	at, err := time.Parse(time.RFC3339Nano, r.text(path))
	if err != nil {
		r.t.Fatalf("%s: %v", path, err)
	}
	return at
}

// is compares a number of the report with what was counted; missing is null.
func (r *recount) is(path string, counted float64) {
	r.t.Helper()
	r.near(path, counted, 1e-5*max(1, math.Abs(counted)))
}

func (r *recount) near(path string, counted, tolerance float64) {
	r.t.Helper()
	r.seen[path] = true
	told, ok := r.at(path).(float64)
	switch {
	case !ok && !math.IsNaN(counted):
		r.t.Errorf("%s is told as %v and counted as %v", path, r.at(path), counted)
	case ok && !(math.Abs(told-counted) <= tolerance):
		r.t.Errorf("%s is told as %v and counted as %v", path, told, counted)
	}
}

func (r *recount) isWord(path, counted string) {
	r.t.Helper()
	if told, _ := r.at(path).(string); told != counted {
		r.t.Errorf("%s is told as %q and counted as %q", path, told, counted)
	}
}

func (r *recount) isTrue(path string, counted bool) {
	r.t.Helper()
	if told, ok := r.at(path).(bool); !ok || told != counted {
		r.t.Errorf("%s is told as %v and counted as %v", path, r.at(path), counted)
	}
}

// same says that two parts of the report are one thing told twice, of which the
// first was counted.
func (r *recount) same(counted, again string) {
	r.t.Helper()
	if !reflect.DeepEqual(r.at(counted), r.at(again)) {
		r.t.Errorf("%s and %s differ", counted, again)
	}
	r.mark(again, r.at(again))
}

func (r *recount) mark(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			r.mark(path+"."+k, v[k])
		}
	case []any:
		for i := range v {
			r.mark(fmt.Sprintf("%s[%d]", path, i), v[i])
		}
	case float64:
		r.seen[path] = true
	}
}

// without reports whether a metric has no value at all, and then sees to it that
// it has no number but zeros.
func (r *recount) without(path string) bool {
	r.t.Helper()
	state := r.text(path + ".state")
	if state != "not_configured" && state != "suppressed" {
		return false
	}
	if r.text(path+".reason") == "" {
		r.t.Errorf("%s is %s without a reason", path, state)
	}
	r.zeros(path, r.at(path))
	return true
}

func (r *recount) zeros(path string, v any) {
	r.t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			r.zeros(path+"."+k, v[k])
		}
	case []any:
		for i := range v {
			r.zeros(fmt.Sprintf("%s[%d]", path, i), v[i])
		}
	case float64:
		if !r.seen[path] && v != 0 {
			r.t.Errorf("%s is %v, where there is no value", path, v)
		}
		r.seen[path] = true
	}
}

// rows returns all that explain lists of a metric, which is at a path of the
// report, page by page.
func (r *recount) rows(metric, path string) []row {
	r.t.Helper()
	if rows, ok := r.kept[metric+" "+path]; ok {
		return rows
	}
	var rows []row
	if r.page == 0 {
		rows = r.rowsAtOnce(metric, path)
	} else {
		rows = r.rowsBy(metric, path, r.page)
	}
	r.kept[metric+" "+path] = rows
	return rows
}

// mostRows is how many rows the API lists at most at once.
const mostRows = 1000

// rowsAtOnce takes the rows of a metric from one report that lists those of all;
// what is more than that is asked for.
func (r *recount) rowsAtOnce(metric, path string) []row {
	r.t.Helper()
	if r.explains == nil {
		r.explains = r.ask(map[string]string{"explain": "1", "limit": fmt.Sprint(mostRows)})
	}
	part, _ := (&recount{t: r.t, report: r.explains}).at(path).(map[string]any)
	text, err := json.Marshal(part["explain"])
	if err != nil {
		r.t.Fatal(err)
	}
	var explain struct {
		Rows    []row
		HasMore bool `json:"has_more"`
	}
	if err := json.Unmarshal(text, &explain); err != nil {
		r.t.Fatal(err)
	}
	if explain.HasMore {
		return r.rowsBy(metric, path, mostRows)
	}
	return explain.Rows
}

func (r *recount) rowsBy(metric, path string, page int) (all []row) {
	r.t.Helper()
	for {
		answer := &recount{t: r.t, report: r.ask(map[string]string{"explain": "1", "metric": metric, "limit": fmt.Sprint(page), "offset": fmt.Sprint(len(all))})}
		if answer.at(path).(map[string]any)["explain"] == nil {
			return all // it has nothing to list
		}
		text, err := json.Marshal(answer.at(path + ".explain"))
		if err != nil {
			r.t.Fatal(err)
		}
		var explain struct {
			AsOf                 time.Time `json:"as_of"`
			Rows                 []row
			Total, Limit, Offset int
			HasMore              bool `json:"has_more"`
		}
		if err := json.Unmarshal(text, &explain); err != nil {
			r.t.Fatal(err)
		}
		if !explain.AsOf.Equal(r.asOf) || explain.Limit != page || explain.Offset != len(all) || explain.HasMore != (len(all)+len(explain.Rows) < explain.Total) || len(explain.Rows) > page {
			r.t.Fatalf("%s: %d rows from %d on, %+v", metric, len(explain.Rows), len(all), explain)
		}
		all = append(all, explain.Rows...)
		if !explain.HasMore {
			if len(all) != explain.Total {
				r.t.Errorf("%s has %d rows and tells of %d", metric, len(all), explain.Total)
			}
			if unexplain(answer.report); !reflect.DeepEqual(answer.report, r.report) {
				r.t.Errorf("explaining %s changes the report", metric)
			}
			return all
		}
		if len(explain.Rows) == 0 {
			r.t.Fatalf("%s: there are more rows, and the page is empty", metric)
		}
	}
}

// unexplain takes all that explains out of a report.
func unexplain(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "explain")
		for k := range v {
			unexplain(v[k])
		}
	case []any:
		for i := range v {
			unexplain(v[i])
		}
	}
}

// where returns the rows for which a condition holds.
func where(rows []row, holds func(row) bool) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(v row) bool { return !holds(v) })
}

func values(rows []row) []float64 {
	all := []float64{}
	for i := range rows {
		if rows[i].Value != nil {
			all = append(all, *rows[i].Value)
		}
	}
	return all
}

func parts(rows []row, name string) []float64 {
	all := []float64{}
	for i := range rows {
		if v, ok := rows[i].Parts[name]; ok {
			all = append(all, v)
		}
	}
	return all
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

func average(values []float64) float64 { return over(sum(values), float64(len(values))) }

// over divides, and is missing of nothing.
func over(part, whole float64) float64 {
	if whole == 0 {
		return missing
	}
	return part / whole
}

// rank is the percentile of type 7.
func rank(values []float64, p float64) float64 {
	if len(values) == 0 {
		return missing
	}
	sorted := slices.Sorted(slices.Values(values))
	k := float64(len(sorted)-1) * p
	low, high := sorted[int(math.Floor(k))], sorted[int(math.Ceil(k))]
	return low + (k-math.Floor(k))*(high-low)
}

// enough is the value of a distribution of ten values or more.
func enough(n int, value float64) float64 {
	if n < 10 {
		return missing
	}
	return value
}

// distribution compares the percentiles of a flow metric.
func (r *recount) distribution(path string, values []float64) {
	r.t.Helper()
	n := len(values)
	for name, p := range map[string]float64{"p50": 0.5, "p70": 0.7, "p85": 0.85, "p95": 0.95, "min": 0, "max": 1} {
		r.is(path+"."+name, enough(n, rank(values, p)))
	}
	r.is(path+".mean", enough(n, average(values)))
}

// spread compares the percentiles of a metric of deliveries.
func (r *recount) spread(path string, values []float64) {
	r.t.Helper()
	n := len(values)
	if state := r.text(path + ".state"); n == 0 && state != "ok" && state != "insufficient_data" {
		r.zeros(path, r.at(path))
		return
	}
	r.is(path+".n", float64(n))
	for name, p := range map[string]float64{"p50": 0.5, "p75": 0.75, "p85": 0.85} {
		r.is(path+"."+name, enough(n, rank(values, p)))
	}
	r.is(path+".mean", enough(n, average(values)))
	r.isWord(path+".state", stateFor(n, 10))
}

func stateFor(n, least int) string {
	switch {
	case n == 0:
		return "no_data"
	case n < least:
		return "insufficient_data"
	}
	return "ok"
}

// day returns the day of the project's zone on which a moment is.
func (r *recount) day(at time.Time) time.Time {
	y, m, d := at.In(r.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, r.zone)
}

// span is one step of a series.
type span struct {
	date     string
	from, to time.Time
	partial  bool
}

func (s *span) has(at time.Time) bool { return !at.Before(s.from) && at.Before(s.to) }

// spans are the steps of the window.
func (r *recount) spans(by string) (all []span) {
	if !r.from.Before(r.to) {
		return nil
	}
	begin := r.day(r.from)
	next := func(at time.Time) time.Time { return at.AddDate(0, 0, 1) }
	switch by {
	case "week":
		begin = begin.AddDate(0, 0, -(int(begin.Weekday())+6)%7)
		next = func(at time.Time) time.Time { return at.AddDate(0, 0, 7) }
	case "month":
		begin = begin.AddDate(0, 0, 1-begin.Day())
		next = func(at time.Time) time.Time { return at.AddDate(0, 1, 0) }
	}
	for ; begin.Before(r.to); begin = next(begin) {
		s := span{date: begin.Format(time.DateOnly), from: begin, to: next(begin)}
		if s.from.Before(r.from) {
			s.from, s.partial = r.from, true
		}
		if s.to.After(r.to) {
			s.to, s.partial = r.to, true
		}
		all = append(all, s)
	}
	return all
}

// series compares the steps of a series with those of the window.
func (r *recount) series(path string) []span {
	r.t.Helper()
	all := r.spans(r.text("granularity"))
	if told := r.list(path); len(told) != len(all) {
		r.t.Fatalf("%s has %d steps, want %d", path, len(told), len(all))
	}
	for i := range all {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.isWord(at+".date", all[i].date)
		r.isTrue(at+".partial", all[i].partial)
		if from, to := r.moment(at+".from"), r.moment(at+".to"); !from.Equal(all[i].from) || !to.Equal(all[i].to) {
			r.t.Errorf("%s is from %v to %v, want %+v", at, from, to, all[i])
		}
	}
	return all
}

// within is how much of a stretch lies between two moments, in hours.
func within(from, to, begin, end time.Time) float64 {
	if from.Before(begin) {
		from = begin
	}
	if to.After(end) {
		to = end
	}
	return max(0, to.Sub(from).Hours())
}

func orElse(at *time.Time, other time.Time) time.Time { return *cmp.Or(at, &other) }

// answered is a whole answer of the API.
type answered struct {
	status int
	header http.Header
	body   []byte
}
