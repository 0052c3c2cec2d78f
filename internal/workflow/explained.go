package workflow

// Explained returns the names of the metrics that can list what they counted,
// in the order of a report.
func Explained() []string {
	return []string{
		"cycle_time", "lead_time", "active_cycle_time", "rework_count", "reopened_count", "throughput", "arrivals_and_departures", "work_in_progress",
		"ageing", "service_level_expectation", "cumulative_flow", "flow_efficiency", "littles_law", "velocity_trend",
		"pull_request_stages", "rework_cycles", "reviews", "pull_request_size", "first_response", "merged_without_review", "open_pull_requests",
		"dora", "deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time", "deployment_rework_rate",
		"communication_patterns", "knowledge_sharing", "process_mining", "bottlenecks", "bottleneck_relief", "bottleneck_waiting",
		"forecast", "forecast_backtest",
	}
}
