package api

import "strings"

const (
	inHours       = "hours"
	inShares      = "share"
	inItems       = "items"
	inItemsPerDay = "items/day"
	inPulls       = "pull requests"
	inDeployments = "deployments"
)

// metricUnits are the units of numbers that are in another than the metric that
// they are of, by the ends of their names; "" is a number without a unit. The
// longest end counts.
var metricUnits = map[string]string{
	"open_cases": "cases", "conforming_cases": "cases", "process_mining.rework.cases": "cases",
	"process_mining.events": "events", "process_mining.rework.repeats": "events", "process_mining.rework.self_loops": "events",
	"variants.total": "variants", "activities_total": "activities", "transitions_total": "transitions", "heuristics_net.total": "dependencies", "deviations_total": "deviations",
	"fitness": inShares, "mean_fitness": inShares,

	"weeks": "weeks", "growing_weeks": "weeks", "growth": inItemsPerDay, "leads": inShares, "confidence": inShares, "draws": "draws", "seed": "", "relief.of": "", "scale": "",
	"constraint": "", "largest_wait": "", "runner_up": "", "in_front_of": "", "mean_visit": inHours, "p85_visit": inHours, "constraint.ageing": inItems, "largest_wait.ageing": inItems, "runner_up.ageing": inItems,
	"now.for_team": inItems, "now.for_person": inItems, "now.other": inItems, "now.for_review": inPulls, "now.for_deploy": inPulls,

	"comments_per_item": "comments", "comments_per_pull_request": "comments", "reviewers_per_pull_request": "reviewers", "reviews.per_pull_request": "reviews", "rework_cycles.cycles": "cycles",

	"rework_count.items": inItems, "reopened_count.items": inItems, "throughput.per_week": "items/week", "ageing.over": inItems,
	"probability": inShares, "service_level_expectation.met": inItems, "service_level_expectation.finished": inItems,
	"mean_items": inItems, "items_per_day": inItemsPerDay, "hours_per_item": inHours, "identity.difference": inItems, "gap": inShares,

	"stages.bots": inPulls, "size.unknown": inPulls, "first_response.waiting": inPulls, "merged_without_review.number": inPulls, "open.drafts": inPulls,
	"waiting_on.author": inPulls, "waiting_on.reviewer": inPulls, "waiting_on.ci": inPulls, "waiting_on.deploy": inPulls,

	"unlinked_incidents": "incidents", "deployments": inDeployments, "bucket": "", "days_with_deployments": "days", "median_days_per_week": "days/week",
	"undeployed_commits": "commits", "unknown_commits": "commits", "undeployed_pull_requests": inPulls,
	"change_fail_rate.value": inShares, "deployment_rework_rate.value": inShares, "failed_deployments": inDeployments, "rework_deployments": inDeployments,
	"failed_deployment_recovery_time.recovered": inDeployments, "failed_deployment_recovery_time.open": inDeployments,

	"trials": "trials", "remaining": inItems, "days": "days", "horizon_days": "days", "sample.finished": inItems, "sample.added": inItems,
	"finished_per_day": inItemsPerDay, "added_per_day": inItemsPerDay, "beyond_two_years": inShares, "last.actual": inItems,
}

// metricUnit returns the unit of what has a name, or of all that is below it:
// its own, by the name, else that of the metric that it is of.
func metricUnit(name, metric string) string {
	for end := name; ; {
		if unit, ok := metricUnits[end]; ok {
			return unit
		}
		_, rest, more := strings.Cut(end, ".")
		if !more {
			name = end
			break
		}
		end = rest
	}
	switch {
	case strings.HasSuffix(name, "_hours"):
		return inHours
	case name == "share" || strings.HasSuffix(name, "_share") || strings.HasPrefix(name, "share_"):
		return inShares
	}
	return metric
}
