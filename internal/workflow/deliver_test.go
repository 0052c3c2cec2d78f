package workflow

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// An incident of 40 days ago was closed by the tracker's own word for it after
// six hours, and the deployment two hours before it had brought a commit.
func TestDeliver(t *testing.T) {
	t.Parallel()
	log := &facts.Log{Symbols: facts.NewSymbols(nil)}
	add := log.Symbols.Add
	asOf := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	at := func(hours int) facts.Time {
		return facts.At(asOf.AddDate(0, 0, -40).Add(time.Duration(hours) * time.Hour))
	}
	source, opened, gone := add(facts.SourceKey("svc", "repo")), add(facts.StatusKey("svc", "1", "Offen")), add(facts.StatusKey("svc", "2", "Behoben"))
	log.Statuses = []facts.Status{{Status: opened, Name: "Offen", Category: add("todo"), Position: 1}, {Status: gone, Name: "Behoben", Category: add("done"), Position: 2}}
	log.Items = []facts.Item{{
		Source: source, ID: "1", Key: "#1", Type: add("Störung"), Created: at(2),
		Visits: []facts.Visit{{Status: opened, At: at(2)}, {Status: gone, At: at(8)}},
	}}
	log.Commits = []facts.Commit{{Source: source, Hash: "a", Authored: at(-20)}, {Source: source, Hash: "b", Parents: []string{"a"}, Authored: at(-10)}}
	log.Deployments = []facts.Deployment{
		{Source: source, ID: "d1", Environment: add("live"), Commit: "a", State: add("succeeded"), Created: at(-15), Finished: at(-15)},
		{Source: source, ID: "d2", Environment: add("live"), Commit: "b", State: add("succeeded"), Created: at(0), Finished: at(0)},
	}
	robot := add(facts.AccountKey("svc", "robot"))
	log.Accounts = []facts.Account{{Account: robot, Bot: true}}
	log.PullRequests = []facts.PullRequest{{Source: source, ID: "p", Author: robot, Created: at(-5), Merged: at(-1)}}
	settings := rampforge.WorkflowSettings{Incidents: rampforge.IncidentRules{Types: []string{"störung"}}}
	r := Compute(log, Configure(settings, log), Query{From: asOf.AddDate(0, 0, -90), To: asOf, AsOf: asOf, Granularity: ByWeek, Explain: &ExplainQuery{Limit: 10}})
	p := &r.Analysis.Performance
	if p.DeploymentFrequency.Deployments != 2 || p.ChangeFailRate.Failed != 1 || p.RecoveryTime.Recovered != 1 || p.PullRequests.Stages.Bots != 1 {
		t.Errorf("got %+v, %+v, %+v", p.DeploymentFrequency, p.ChangeFailRate, p.RecoveryTime)
	}
	if rows := p.RecoveryTime.Explain.Rows; *rows[0].Value != 8 {
		t.Errorf("it was made good after %v hours", *rows[0].Value)
	}
	if rows := p.ChangeLeadTime.Explain.Rows; len(rows) != 2 || rows[1].Group != "unknown_commit" || *rows[0].Value != 10 {
		t.Errorf("the lead time counted %+v", rows)
	}
	out, err := json.Marshal(r.Analysis)
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Team        map[string]json.RawMessage `json:"team_collaboration"`
		Performance map[string]json.RawMessage `json:"performance_metrics"`
	}
	if err := json.Unmarshal(out, &contract); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"pull_requests", "dora", "deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time", "deployment_rework_rate"} {
		if contract.Performance[key] == nil {
			t.Errorf("performance_metrics has no %s", key)
		}
	}
	for _, key := range []string{"communication_patterns", "knowledge_sharing"} {
		if contract.Team[key] == nil {
			t.Errorf("team_collaboration has no %s", key)
		}
	}
}
