package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// truth is what became of a story, read from the story and nothing else.
type truth struct {
	story *jiratest.Story
	times []time.Time // when it came into a status, until as_of
	ids   []string    // which

	started, finished, left time.Time // zero is not
	withdrawn               bool
	reopened, rework        int
}

// places are the statuses in the order of the workflow; those in progress are
// begun, and the last two are done.
var places = map[string]int{toDo: 0, dropped: 1, doing: 2, review: 3, doneToo: 4, finished: 5}

var names = map[string]string{toDo: "Zu erledigen", dropped: "Verworfen", doing: "In Arbeit", review: "レビュー", finished: "Fertig", doneToo: "Done"}

const (
	firstDoing = 2
	firstDone  = 4
)

// truths are those of the stories that were created until a moment, of a kind; ""
// is any.
func truths(all []jiratest.Story, asOf time.Time, kind string) (list []truth) {
	for i := range all {
		if s := &all[i]; !s.Created.After(asOf) && (kind == "" || s.Kind == kind) {
			list = append(list, truthOf(s, asOf))
		}
	}
	return list
}

func truthOf(s *jiratest.Story, asOf time.Time) truth {
	t := truth{story: s, times: []time.Time{s.Created}, ids: []string{s.Status}}
	for _, m := range s.Moves {
		if m.Status != "" && m.Status != t.ids[len(t.ids)-1] && !m.At.After(asOf) {
			t.times, t.ids = append(t.times, m.At), append(t.ids, m.Status)
		}
	}
	isDone := false
	for i, id := range t.ids {
		place := places[id]
		if t.started.IsZero() && place >= firstDoing {
			t.started = t.times[i]
		}
		was := isDone
		isDone = place >= firstDone
		switch {
		case isDone && !was:
			t.left = t.times[i]
		case !isDone && was:
			t.left = time.Time{}
			t.reopened++
		}
		if i > 0 && place < places[t.ids[i-1]] && places[t.ids[i-1]] >= firstDoing {
			t.rework++
		}
	}
	last := t.ids[len(t.ids)-1]
	t.withdrawn = slices.Contains([]string{"Won't Do", "Duplicate"}, s.Resolution) && (isDone || last == dropped)
	switch {
	case t.withdrawn && t.left.IsZero():
		t.left = t.times[len(t.times)-1]
	case !t.withdrawn:
		t.finished = t.left
	}
	return t
}

// until returns when the i-th stay ended.
func (t *truth) until(i int, asOf time.Time) time.Time {
	if i+1 < len(t.times) {
		return t.times[i+1]
	}
	return asOf
}

// flagged is for how long a story was flagged between two moments.
func (t *truth) flagged(from, to time.Time) (hours float64) {
	var since time.Time
	for _, m := range t.story.Moves {
		switch {
		case m.Flagged == nil:
		case *m.Flagged:
			since = m.At
		default:
			hours += within(since, m.At, from, to)
			since = time.Time{}
		}
	}
	if !since.IsZero() {
		hours += within(since, to, from, to)
	}
	return hours
}

// agrees compares the report with what the stories say.
func (r *recount) agrees(list []truth) {
	r.t.Helper()
	r.is("items.total", float64(len(list)))
	cycle, lead, active, spans := []float64{}, []float64{}, []float64{}, r.spans(r.text("granularity"))
	thrown := make([]float64, len(spans))
	moves, back, undone, area, work, wait := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	withdrawn, created, started := 0.0, 0.0, 0.0
	now, oldest := map[string]float64{}, ""
	var since time.Time
	for i := range list {
		t := &list[i]
		if r.in(t.story.Created) {
			created++
		}
		if r.in(t.started) {
			started++
		}
		if t.withdrawn && r.in(t.left) {
			withdrawn++
		}
		if !t.started.IsZero() && t.started.Before(r.to) {
			end := r.to
			if !t.left.IsZero() && t.left.Before(end) {
				end = t.left
			}
			area += within(t.started, end, r.from, r.to)
		}
		if !t.started.IsZero() && t.left.IsZero() {
			now[names[t.ids[len(t.ids)-1]]]++
			if since.IsZero() || t.started.Before(since) {
				since, oldest = t.started, keyOf(t.story)
			}
		}
		for k := range t.ids {
			if k > 0 && places[t.ids[k]] < firstDone && places[t.ids[k-1]] >= firstDone {
				entered := k - 1
				for entered > 0 && places[t.ids[entered-1]] >= firstDone {
					entered--
				}
				if r.in(t.times[entered]) {
					undone++
				}
			}
		}
		if t.finished.IsZero() || !r.in(t.finished) {
			continue
		}
		for s := range spans {
			if spans[s].has(t.finished) {
				thrown[s]++
			}
		}
		cycle, lead = append(cycle, t.finished.Sub(t.started).Hours()), append(lead, t.finished.Sub(t.story.Created).Hours())
		moves += float64(t.rework)
		if t.rework > 0 {
			back++
		}
		spent := 0.0
		for k, id := range t.ids {
			if places[id] < firstDoing || places[id] >= firstDone {
				continue
			}
			from, to := t.times[k], t.until(k, r.asOf)
			waited := to.Sub(from).Hours()
			if id == doing {
				waited = t.flagged(from, to)
			}
			spent += to.Sub(from).Hours()
			wait += waited
			work += to.Sub(from).Hours() - waited
		}
		active = append(active, spent)
	}
	r.distribution(performance+"cycle_time", cycle)
	r.distribution(performance+"lead_time", lead)
	r.distribution(performance+"active_cycle_time", active)
	for s := range spans {
		r.is(fmt.Sprintf("%sthroughput.series[%d].finished", performance, s), thrown[s])
	}
	for name, v := range map[string]float64{
		"throughput.n": float64(len(cycle)), "rework_count.moves": moves, "rework_count.items": back, "reopened_count.count": undone,
		"work_in_progress.mean": area / r.to.Sub(r.from).Hours(), "littles_law.identity.mean_items": area / r.to.Sub(r.from).Hours(),
		"flow_efficiency.value": work / (work + wait), "flow_efficiency.wait_hours": wait,
		"arrivals_and_departures.total.created": created, "arrivals_and_departures.total.started": started, "arrivals_and_departures.total.withdrawn": withdrawn,
	} {
		r.is(performance+name, v)
	}
	total := 0.0
	for i := range r.list(performance + "work_in_progress.by_state") {
		at := fmt.Sprintf("%swork_in_progress.by_state[%d]", performance, i)
		r.is(at+".count", now[r.text(at+".state")])
		total += now[r.text(at+".state")]
	}
	r.is(performance+"work_in_progress.now", total)
	if oldest != "" {
		r.isWord(performance+"ageing.items[0].key", oldest)
	}
	r.lines(list)
	r.events(list)
}

// lines compares the ends of the lines of the cumulative flow.
func (r *recount) lines(list []truth) {
	r.t.Helper()
	for i := range r.list(performance + "cumulative_flow.states") {
		at := fmt.Sprintf("%scumulative_flow.states[%d]", performance, i)
		n, counts := 0.0, r.list(at+".counts")
		for k := range list {
			if reached := list[k].reached(r.text(at + ".state")); !reached.IsZero() && reached.Before(r.to) {
				n++
			}
		}
		r.is(fmt.Sprintf("%s.counts[%d]", at, len(counts)-1), n)
	}
}

// reached is when a story had come to a state or a later one: for the first time
// before done, for the last time from done on.
func (t *truth) reached(state string) time.Time {
	place := -1
	for id, name := range names {
		if name == state {
			place = places[id]
		}
	}
	for i, id := range t.ids {
		switch {
		case place < firstDone && places[id] >= place:
			return t.times[i]
		case place >= firstDone && !t.left.IsZero() && !t.times[i].Before(t.left) && places[id] >= place:
			return t.times[i]
		}
	}
	if place <= firstDone && t.withdrawn {
		return t.left
	}
	return time.Time{}
}

// events compares the process with the statuses that the stories were in.
func (r *recount) events(list []truth) {
	r.t.Helper()
	ways, events := map[string]float64{}, 0.0
	for i := range list {
		t := &list[i]
		if last := t.times[len(t.times)-1]; r.query.Has("from") && !r.in(last) {
			continue
		}
		way := []string{}
		for _, id := range t.ids {
			way = append(way, names[id])
		}
		ways[strings.Join(way, ", ")]++
		events += float64(len(way))
	}
	r.is(miningPath+".events", events)
	r.is(miningPath+".variants.total", float64(len(ways)))
	for i := range r.list(miningPath + ".variants.list") {
		at, way := fmt.Sprintf("%s.variants.list[%d]", miningPath, i), []string{}
		for _, v := range r.list(at + ".activities") {
			way = append(way, fmt.Sprint(v))
		}
		r.is(at+".count", ways[strings.Join(way, ", ")])
	}
}

// agreesOn compares the sprints with what the stories say: who was in one at its
// beginning and at its end, done or not, and at which estimate.
func (r *recount) agreesOn(sprints []jiratest.Sprint, list []truth) {
	r.t.Helper()
	board := performance + "velocity_trend.boards[0]"
	of := map[string]jiratest.Sprint{}
	for _, s := range sprints {
		of[fmt.Sprint(s.ID)] = s
	}
	told := r.list(board + ".sprints")
	if len(told) < 7 {
		r.t.Errorf("%d sprints were closed", len(told))
	}
	for i := range told {
		at := fmt.Sprintf("%s.sprints[%d]", board, i)
		s := of[r.text(at+".id")]
		sum := map[string]float64{}
		for k := range list {
			list[k].in(s, sum)
		}
		for _, unit := range []string{"points", "items"} {
			for _, name := range []string{"committed", "completed", "carried_over"} {
				r.is(at+"."+unit+"."+name, sum[name+" "+unit])
			}
			r.is(at+"."+unit+".final_commitment", sum["completed "+unit]+sum["carried_over "+unit])
			r.is(at+"."+unit+".say_do", over(sum["kept "+unit], sum["committed "+unit]))
		}
	}
}

// in adds what a story was in a sprint.
func (t *truth) in(s jiratest.Sprint, sum map[string]float64) {
	member := func(at time.Time) bool {
		sprints := t.story.Sprints
		for _, m := range t.story.Moves {
			if m.Sprints != nil && !m.At.After(at) {
				sprints = m.Sprints
			}
		}
		return slices.Contains(sprints, s.ID)
	}
	points := func(at time.Time) float64 {
		v := t.story.Points
		for _, m := range t.story.Moves {
			if m.Points != nil && !m.At.After(at) {
				v = m.Points
			}
		}
		if v == nil {
			return 0
		}
		return *v
	}
	isDone := func(at time.Time) bool {
		last := -1
		for i := range t.times {
			if !t.times[i].After(at) {
				last = i
			}
		}
		return last >= 0 && places[t.ids[last]] >= firstDone
	}
	gone := func(at time.Time) bool { return t.withdrawn && !t.left.After(at) }
	there := func(at time.Time) bool { return !t.story.Created.After(at) && member(at) && !gone(at) }
	allTheTime := isDone(s.Start) // done before it began, and never reopened in it
	for i := range t.times {
		if t.times[i].After(s.Start) && !t.times[i].After(s.Completed) && places[t.ids[i]] < firstDone {
			allTheTime = false
		}
	}
	add := func(what string, value float64) {
		sum[what+" points"] += value
		sum[what+" items"]++
	}
	committed := there(s.Start) && !isDone(s.Start)
	if committed {
		add("committed", points(s.Start))
	}
	if !there(s.Completed) || allTheTime {
		return
	}
	if !isDone(s.Completed) {
		add("carried_over", points(s.Completed))
		return
	}
	add("completed", points(s.Completed))
	if committed {
		add("kept", points(s.Start))
	}
}
