package cli_test

import (
	"fmt"
	"math"
	"time"
)

// velocity adds up each sprint from the items in it.
func (r *recount) velocity() {
	r.t.Helper()
	const path = performance + "velocity_trend"
	groups, unstarted := map[string][]row{}, map[string]float64{}
	for _, v := range r.rows("velocity_trend", path) {
		if v.Parts["never_started"] == 1 {
			unstarted[v.Detail]++
			continue
		}
		groups[v.Group] = append(groups[v.Group], v)
	}
	headline, last := 0.0, time.Time{}
	for i := range r.list(path + ".boards") {
		at := fmt.Sprintf("%s.boards[%d]", path, i)
		r.is(at+".never_started", unstarted["never started, on board "+r.text(at+".id")])
		n, closed, end := r.board(at, groups)
		if end.After(r.to) {
			r.t.Errorf("%s: a sprint that was closed at %v, after the window", at, end)
		}
		if i == 0 || closed > headline || closed == headline && end.After(last) {
			if n > 0 {
				headline, last = closed, end
			}
		}
		if r.at(path+".board") == r.at(at+".id") {
			r.is(path+".n", n)
			if closed < headline {
				r.t.Errorf("%s has fewer sprints than another board", at)
			}
		}
	}
	if r.at(path+".board") == nil {
		r.is(path+".n", 0)
	}
}

// board counts a board, and returns how many sprints its pace is of, how many
// were closed in the window, and when the last one was.
func (r *recount) board(at string, groups map[string][]row) (n, closed float64, last time.Time) {
	r.t.Helper()
	service, sprints := r.text(at+".service_id"), r.list(at+".sprints")
	completed := map[string][]float64{}
	estimated := 0
	for i := range sprints {
		s := fmt.Sprintf("%s.sprints[%d]", at, i)
		rows := groups[service+"/"+r.text(s+".id")]
		end := r.moment(s + ".completed_at")
		r.isTrue(s+".in_window", r.in(end))
		if r.in(end) {
			closed++
		}
		if end.Before(last) {
			r.t.Errorf("%s is out of order", s)
		}
		last = end
		trend := i >= len(sprints)-8
		r.isTrue(s+".in_trend", trend)
		if unestimated := r.sprint(s, rows); trend {
			estimated += len(parts(rows, "completed_items")) + len(parts(rows, "carried_over_items")) - unestimated
			completed["points"] = append(completed["points"], sum(parts(rows, "completed")))
			completed["items"] = append(completed["items"], sum(parts(rows, "completed_items")))
		}
		for _, v := range rows {
			if !v.From.Equal(r.moment(s+".start_at")) || !v.To.Equal(end) {
				r.t.Errorf("%s: %+v", s, v)
			}
		}
	}
	r.is(at+".closed_in_window", closed)
	r.pace(at+".items", completed["items"], true)
	r.pace(at+".points", completed["points"], estimated > 0)
	for i := range r.list(at + ".current") {
		s := fmt.Sprintf("%s.current[%d]", at, i)
		rows := groups[service+"/"+r.text(s+".id")]
		for unit, suffix := range map[string]string{".points": "", ".items": "_items"} {
			t := tallyOf(rows, suffix)
			for _, name := range []string{"committed", "added", "removed", "estimate_change", "completed"} {
				r.is(s+unit+"."+name, t[name])
			}
			r.is(s+unit+".remaining", t["carried_over"])
		}
	}
	return float64(min(8, len(sprints))), closed, last
}

func tallyOf(rows []row, suffix string) map[string]float64 {
	t := map[string]float64{}
	for _, name := range []string{"committed", "added", "removed", "estimate_change", "completed", "kept", "completed_outside", "carried_over"} {
		t[name] = sum(parts(rows, name+suffix))
	}
	return t
}

// sprint counts a closed sprint in both units, and the items without an estimate.
func (r *recount) sprint(at string, rows []row) int {
	r.t.Helper()
	for unit, suffix := range map[string]string{".points": "", ".items": "_items"} {
		t := tallyOf(rows, suffix)
		for _, name := range []string{"committed", "added", "removed", "estimate_change", "completed", "completed_outside", "carried_over"} {
			r.is(at+unit+"."+name, t[name])
		}
		r.is(at+unit+".final_commitment", t["completed"]+t["carried_over"])
		if left := t["committed"] + t["added"] - t["removed"] + t["estimate_change"]; math.Abs(left-t["completed"]-t["carried_over"]) > 1e-5 {
			r.t.Errorf("%s%s: %v is not %v completed and %v carried over", at, unit, left, t["completed"], t["carried_over"])
		}
		r.is(at+unit+".say_do", over(t["kept"], t["committed"]))
		r.is(at+unit+".completion_ratio", over(t["completed"], t["committed"]))
	}
	for _, v := range rows {
		if *v.Value != v.Parts["completed"] {
			r.t.Errorf("%s: %+v", at, v)
		}
	}
	unestimated := len(parts(rows, "unestimated"))
	r.is(at+".unestimated", float64(unestimated))
	return unestimated
}

func (r *recount) pace(at string, completed []float64, estimated bool) {
	r.t.Helper()
	n := len(completed)
	r.is(at+".n", float64(n))
	told := func(v float64) float64 {
		if n < 4 || !estimated {
			return missing
		}
		return v
	}
	mean, squares := average(completed), 0.0
	for _, v := range completed {
		squares += (v - mean) * (v - mean)
	}
	r.is(at+".average", told(mean))
	r.is(at+".median", told(rank(completed, 0.5)))
	r.is(at+".cv", told(over(math.Sqrt(squares/float64(n-1)), mean)))
	r.is(at+".slope", told(steepness(completed)))
	if n >= 4 && estimated {
		r.is(at+".p", chance(completed))
		r.isWord(at+".direction", heading(steepness(completed), chance(completed), rank(completed, 0.5)))
	}
}
