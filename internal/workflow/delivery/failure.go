package delivery

import (
	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

const noIncidents = "no rules say which work items are incidents: set incidents.types or incidents.labels"

// ChangeFailRate is the share of deployments that needed somebody to step in. N
// is the deployments. Explain lists them, the value is how many incidents each
// led to.
type ChangeFailRate struct {
	basis.Basis

	Value  *float64 `json:"value"`
	Failed int      `json:"failed_deployments"`
}

const failConvention = "Deployments of the window with one incident or more, by all deployments of the window. An incident belongs to the last deployment that was finished before it was created, " +
	"of its own source's applications where there are such, else of all; one before every deployment belongs to none. Withdrawn items are no incidents."

func (c *calc) failRate(a *application) ChangeFailRate {
	if !c.knowsIncidents() {
		return ChangeFailRate{Basis: basis.Basis{State: basis.NotConfigured, Reason: noIncidents, Convention: failConvention}}
	}
	done, f := a.window(c), ChangeFailRate{}
	for i := range done {
		f.Failed += min(len(done[i].incidents), 1)
	}
	f.Value = ratio(f.Failed, len(done))
	f.Basis = counted(len(done), "deployments", failConvention, c.page("change_fail_rate", len(done), func(i int) basis.ExplainedRow {
		return done[i].row(new(float64(len(done[i].incidents))), nil)
	}))
	return f
}

// ReworkRate is the share of deployments that were not planned. N is the
// deployments. Explain lists them, the value is 1 for rework.
type ReworkRate struct {
	basis.Basis

	Value  *float64 `json:"value"`
	Rework int      `json:"rework_deployments"`
}

const reworkRateConvention = "Deployments of the window that came of an incident, by all of the window. The next deployment of the application after an incident's creation is that when it was finished before the incident was, or the incident is open. " +
	"At most one for each incident, so the share is a lower bound."

func (c *calc) reworkRate(a *application) ReworkRate {
	if !c.knowsIncidents() {
		return ReworkRate{Basis: basis.Basis{State: basis.NotConfigured, Reason: noIncidents, Convention: reworkRateConvention}}
	}
	done, r := a.window(c), ReworkRate{}
	is := func(i int) float64 {
		if done[i].rework {
			return 1
		}
		return 0
	}
	for i := range done {
		r.Rework += int(is(i))
	}
	r.Value = ratio(r.Rework, len(done))
	r.Basis = counted(len(done), "deployments", reworkRateConvention, c.page("deployment_rework_rate", len(done), func(i int) basis.ExplainedRow {
		return done[i].row(new(is(i)), nil)
	}))
	return r
}

// RecoveryTime is how long it takes until a failed deployment is made good. N is
// the failed deployments. Those that are not yet are censored: they took longer
// than their age, and are never left out or 0. Explain lists them, the part
// censored is 1 for these.
type RecoveryTime struct {
	basis.Basis

	Unit        string   `json:"unit"`
	Value       *float64 `json:"value"` // median; null also when fewer than half are restored
	Recovered   int      `json:"recovered"`
	Open        int      `json:"open"`
	OldestHours *float64 `json:"oldest_open_hours"` // the age of the one that is open for the longest time
}

const recoveryConvention = "Failed deployments of the window: from their end to when the last of their incidents was finished. The median is Kaplan and Meier's, which counts those that are open with their age as longer than that."

func (c *calc) recovery(a *application) RecoveryTime {
	r := RecoveryTime{Basis: basis.Basis{Convention: recoveryConvention}, Unit: hours}
	if !c.knowsIncidents() {
		r.State, r.Reason = basis.NotConfigured, noIncidents
		return r
	}
	var failed []*rollout
	var lifetimes []stat.Lifetime
	done := a.window(c)
	for i := range done {
		if len(done[i].incidents) == 0 {
			continue
		}
		life := c.lifetime(&done[i])
		failed, lifetimes = append(failed, &done[i]), append(lifetimes, life)
		if !life.Censored {
			r.Recovered++
			continue
		}
		r.Open++
		if r.OldestHours == nil || life.Duration > *r.OldestHours {
			r.OldestHours = new(life.Duration)
		}
	}
	r.Basis = counted(len(failed), "failed deployments", recoveryConvention, c.page("failed_deployment_recovery_time", len(failed), func(i int) basis.ExplainedRow {
		row, censored := failed[i].row(&lifetimes[i].Duration, nil), 0.0
		if lifetimes[i].Censored {
			censored = 1
		}
		row.From, row.To = basis.Instant(failed[i].finished), basis.Instant(failed[i].restored())
		row.Parts = map[string]float64{"censored": censored, "incidents": float64(len(failed[i].incidents))}
		return row
	}))
	if r.State == basis.OK {
		if value, ok := stat.SurvivalQuantile(stat.KaplanMeier(lifetimes), 0.5); ok {
			r.Value = &value
		} else {
			r.Reason = "fewer than half of the failed deployments are restored"
		}
	}
	return r
}

// lifetime returns how long a failed deployment lasted until it was made good.
func (c *calc) lifetime(r *rollout) stat.Lifetime {
	restored := r.restored()
	if restored == 0 {
		return stat.Lifetime{Duration: after(r.finished, c.AsOf), Censored: true}
	}
	return stat.Lifetime{Duration: after(r.finished, restored)}
}
