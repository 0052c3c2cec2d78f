package cli_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

const pullsPath = performance + "pull_requests"

// delivery counts what pull requests and deployments tell.
func (r *recount) delivery() {
	r.t.Helper()
	r.stages()
	r.reviews()
	r.size()
	r.open()
	r.dora()
	r.collaboration()
	r.without(pullsPath + ".review_load")
}

func plain(rows []row) []row {
	return where(rows, func(v row) bool { return v.Detail == "" && v.Group == "" })
}

func detailed(rows []row, detail string) []row {
	return where(rows, func(v row) bool { return v.Detail == detail })
}

func (r *recount) stages() {
	r.t.Helper()
	const path = pullsPath + ".stages"
	rows := r.rows("pull_request_stages", path)
	merged := plain(rows)
	r.is(path+".n", float64(len(merged)))
	r.is(path+".bots", float64(len(detailed(rows, "of a bot"))))
	for _, stage := range []string{"coding", "pickup", "review", "merge", "deploy", "whole", "until_merge"} {
		r.spread(path+"."+stage, parts(merged, stage))
	}
	for _, v := range merged {
		all, whole := 0.0, true
		for _, stage := range []string{"coding", "pickup", "review", "merge", "deploy"} {
			hours, ok := v.Parts[stage]
			all, whole = all+hours, whole && ok
		}
		if !r.in(*v.To) || whole && math.Abs(all-v.Parts["whole"]) > 1e-6 {
			r.t.Errorf("stages: %+v", v)
		}
	}
	const first = pullsPath + ".first_response"
	rows = r.rows("first_response", first)
	waiting := values(detailed(rows, "waiting"))
	r.is(first+".n", float64(len(plain(rows))))
	r.spread(first+".hours", values(plain(rows)))
	r.is(first+".waiting", float64(len(waiting)))
	r.is(first+".longest_waiting_hours", rank(waiting, 1))
	for _, v := range rows {
		if end := orElse(v.To, r.asOf); math.Abs(*v.Value-end.Sub(*v.From).Hours()) > 1e-6 {
			r.t.Errorf("first response: %+v", v)
		}
	}
}

func positive(values []float64) (n float64) {
	for _, v := range values {
		if v > 0 {
			n++
		}
	}
	return n
}

func (r *recount) reviews() {
	r.t.Helper()
	merged := plain(r.rows("pull_request_stages", pullsPath+".stages"))
	n := len(merged)
	rows := r.rows("rework_cycles", pullsPath+".rework_cycles")
	r.is(pullsPath+".rework_cycles.n", float64(n))
	r.spread(pullsPath+".rework_cycles.cycles", values(rows))
	r.is(pullsPath+".rework_cycles.share_with_one_or_more", enough(n, positive(values(rows))/float64(n)))
	rows = r.rows("reviews", pullsPath+".reviews")
	r.is(pullsPath+".reviews.n", float64(n))
	r.spread(pullsPath+".reviews.per_pull_request", parts(rows, "reviews"))
	r.spread(pullsPath+".reviews.reviewers_per_pull_request", parts(rows, "reviewers"))
	none := float64(len(where(rows, func(v row) bool { return v.Parts["reviews"] == 0 })))
	r.is(pullsPath+".merged_without_review.n", float64(n))
	r.is(pullsPath+".merged_without_review.number", none)
	r.is(pullsPath+".merged_without_review.share", enough(n, none/float64(n)))
	if told := sum(values(r.rows("merged_without_review", pullsPath+".merged_without_review"))); told != none {
		r.t.Errorf("%v were merged without a review, %v have none", told, none)
	}
}

func (r *recount) size() {
	r.t.Helper()
	const path = pullsPath + ".size"
	rows := r.rows("pull_request_size", path)
	lines := values(plain(rows))
	r.is(path+".n", float64(len(lines)))
	r.is(path+".unknown", float64(len(detailed(rows, "of an unknown size"))))
	r.spread(path+".lines", lines)
	more := 0.0
	for i, most := range []float64{10, 50, 100, 200, 400, 1000, math.Inf(1)} {
		at := fmt.Sprintf("%s.classes[%d]", path, i)
		if math.IsInf(most, 1) {
			r.is(at+".up_to", missing)
		} else {
			r.is(at+".up_to", most)
		}
		n := 0.0
		for _, v := range lines {
			if v <= most && (v > more || i == 0) {
				n++
			}
		}
		r.is(at+".number", n)
		more = most
	}
}

func (r *recount) open() {
	r.t.Helper()
	const path = pullsPath + ".open"
	rows := r.rows("open_pull_requests", path)
	open := where(rows, func(v row) bool { return v.Detail != "deploy" })
	r.is(path+".n", float64(len(open)))
	r.spread(path+".age", values(open))
	r.is(path+".oldest_hours", rank(values(open), 1))
	r.is(path+".drafts", sum(parts(open, "draft")))
	for name, detail := range map[string]string{"author": "author", "reviewer": "reviewer", "ci": "ci"} {
		r.is(path+".waiting_on."+name, float64(len(detailed(open, detail))))
	}
	deploy := missing
	if len(r.list(performance+"dora.applications")) > 0 {
		deploy = float64(len(detailed(rows, "deploy")))
	}
	r.is(path+".waiting_on.deploy", deploy)
}

func (r *recount) dora() {
	r.t.Helper()
	const path = performance + "dora"
	apps := r.list(path + ".applications")
	incidents := r.rows("dora", path)
	r.is(path+".unlinked_incidents", float64(len(detailed(incidents, "unlinked"))))
	r.is(path+".n", float64(len(apps)))
	for i := range apps {
		r.application(fmt.Sprintf("%s.applications[%d]", path, i), incidents)
	}
	for _, name := range []string{"deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time", "deployment_rework_rate"} {
		switch {
		case len(apps) == 1:
			r.same(path+".applications[0]."+name, performance+name)
		default:
			r.zeros(performance+name, r.at(performance+name))
		}
	}
}

func (r *recount) application(at string, incidents []row) {
	r.t.Helper()
	done := r.frequency(at)
	n := len(done)
	blamed, failed := map[string]float64{}, 0.0
	for _, v := range incidents {
		blamed[v.Detail]++
	}
	for _, v := range done {
		failed += min(blamed[v.ID], 1)
	}
	r.leadTime(at + ".change_lead_time")
	if path := at + ".change_fail_rate"; !r.without(path) {
		rows := r.rows("change_fail_rate", path)
		for _, v := range rows {
			if *v.Value != blamed[v.ID] {
				r.t.Errorf("%s: %v incidents, want %v", v.ID, *v.Value, blamed[v.ID])
			}
		}
		r.is(path+".n", float64(n))
		r.is(path+".failed_deployments", failed)
		r.is(path+".value", enough(n, failed/float64(n)))
	}
	if path := at + ".deployment_rework_rate"; !r.without(path) {
		rework := sum(values(r.rows("deployment_rework_rate", path)))
		r.is(path+".n", float64(n))
		r.is(path+".rework_deployments", rework)
		r.is(path+".value", enough(n, rework/float64(n)))
	}
	r.recovery(at+".failed_deployment_recovery_time", incidents)
}

// frequency counts the deployments of the window by its days, and returns them.
func (r *recount) frequency(app string) []row {
	r.t.Helper()
	at := app + ".deployment_frequency"
	rows := r.rows("deployment_frequency", at)
	done := plain(rows)
	r.is(app+".unsuccessful_attempts", float64(len(detailed(rows, "unsuccessful"))))
	days, with := r.spans("day"), map[string]bool{}
	for _, v := range done {
		with[v.To.In(r.zone).Format(time.DateOnly)] = true
		if !r.in(*v.To) {
			r.t.Errorf("a deployment out of the window: %+v", v)
		}
	}
	r.is(at+".n", float64(len(days)))
	r.is(at+".deployments", float64(len(done)))
	r.is(at+".days_with_deployments", float64(len(with)))
	r.is(at+".value", over(float64(len(done)), float64(len(days))))
	whole := func(by string) (counts []float64) {
		for _, s := range r.spans(by) {
			n := 0.0
			for day := s.from; !s.partial && day.Before(s.to); day = day.AddDate(0, 0, 1) {
				if with[day.In(r.zone).Format(time.DateOnly)] {
					n++
				}
			}
			if !s.partial {
				counts = append(counts, n)
			}
		}
		return counts
	}
	weeks, months := whole("week"), whole("month")
	r.is(at+".median_days_per_week", rank(weeks, 0.5))
	bucket := "yearly"
	switch {
	case len(weeks) == 0:
		bucket = ""
	case rank(weeks, 0.5) >= 3:
		bucket = "daily"
	case rank(weeks, 0.5) >= 1:
		bucket = "weekly"
	case len(months) == 0:
		bucket = ""
	case rank(months, 0.5) >= 1:
		bucket = "monthly"
	}
	r.isWord(at+".bucket", bucket)
	return done
}

func (r *recount) leadTime(path string) {
	r.t.Helper()
	rows := r.rows("change_lead_time", path)
	of := func(group string) []row { return where(rows, func(v row) bool { return v.Group == group }) }
	for _, v := range rows {
		if v.Value != nil && math.Abs(*v.Value-v.To.Sub(*v.From).Hours()) > 1e-6 {
			r.t.Errorf("lead time: %+v", v)
		}
	}
	r.is(path+".n", float64(len(of(""))))
	r.spread(path+".commits", values(of("")))
	r.spread(path+".pull_requests", values(of("pull_request")))
	r.is(path+".undeployed_commits", float64(len(of("undeployed_commit"))))
	r.is(path+".undeployed_pull_requests", float64(len(of("undeployed_pull_request"))))
	r.is(path+".unknown_commits", float64(len(of("unknown_commit"))))
}

func (r *recount) recovery(path string, incidents []row) {
	r.t.Helper()
	if r.without(path) {
		return
	}
	rows := r.rows("failed_deployment_recovery_time", path)
	open, oldest := 0.0, missing
	for _, v := range rows {
		until, censored := time.Time{}, 0.0
		for _, in := range detailed(incidents, v.ID) {
			if in.To == nil {
				censored = 1
			} else if in.To.After(until) {
				until = *in.To
			}
		}
		if censored == 1 {
			until, open = r.asOf, open+1
			oldest = math.Max(*v.Value, cmp.Or(zeroFor(oldest), *v.Value))
		}
		if v.Parts["censored"] != censored || math.Abs(*v.Value-until.Sub(*v.From).Hours()) > 1e-6 {
			r.t.Errorf("recovery: %+v, want until %v", v, until)
		}
	}
	r.is(path+".n", float64(len(rows)))
	r.is(path+".open", open)
	r.is(path+".recovered", float64(len(rows))-open)
	r.is(path+".oldest_open_hours", oldest)
	r.is(path+".value", enough(len(rows), median(rows)))
}

// median is Kaplan and Meier's: the first duration by which half has ended.
func median(rows []row) float64 {
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b row) int { return cmp.Compare(*a.Value, *b.Value) })
	lasts := 1.0
	for i := 0; i < len(sorted); {
		at, ends := i, 0.0
		for ; i < len(sorted) && *sorted[i].Value == *sorted[at].Value; i++ {
			ends += 1 - sorted[i].Parts["censored"]
		}
		if lasts *= 1 - ends/float64(len(sorted)-at); ends > 0 && lasts <= 0.5+1e-12 {
			return *sorted[at].Value
		}
	}
	return missing
}

// collaboration counts what is told of the team as a group.
func (r *recount) collaboration() {
	r.t.Helper()
	const talk, share = "workflow_analysis.team_collaboration.communication_patterns", "workflow_analysis.team_collaboration.knowledge_sharing"
	if !r.without(talk) {
		rows := r.rows("communication_patterns", talk)
		items := detailed(rows, "work item")
		r.is(talk+".n", float64(len(rows)))
		r.spread(talk+".comments_per_item", values(items))
		r.spread(talk+".comments_per_pull_request", values(detailed(rows, "pull request")))
		if r.text(talk+".state") == "ok" {
			r.same(pullsPath+".first_response.hours", talk+".first_response_hours")
			r.is(talk+".share_of_items_discussed", enough(len(items), sum(parts(items, "discussed"))/float64(len(items))))
		} else {
			r.zeros(talk, r.at(talk))
		}
	}
	if !r.without(share) {
		rows := r.rows("knowledge_sharing", share)
		n := len(rows)
		r.is(share+".n", float64(n))
		r.spread(share+".reviewers_per_pull_request", values(rows))
		r.is(share+".reviewed_share", enough(n, positive(values(rows))/float64(n)))
		two := where(rows, func(v row) bool { return *v.Value >= 2 })
		r.is(share+".reviewed_by_two_share", enough(n, float64(len(two))/float64(n)))
	}
}
