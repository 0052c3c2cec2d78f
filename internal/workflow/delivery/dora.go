package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Dora is the five metrics of software delivery, for each application by itself:
// numbers of unlike applications are never blended. N is the applications.
// Explain lists the incidents; the detail is the id of the deployment that each
// belongs to.
type Dora struct {
	basis.Basis

	Applications []Application `json:"applications"`
	// Headline is the metrics of the only application; when there is none or more
	// than one, its metrics have no values, and say why. The report has them beside.
	Headline Metrics `json:"-"`
	// UnlinkedIncidents were there before every deployment that is known.
	UnlinkedIncidents int `json:"unlinked_incidents"`
}

// Application is what is deployed from one source to one environment, or by one
// pipeline.
type Application struct {
	ServiceID   string  `json:"service_id"`
	ResourceID  string  `json:"resource_id"`
	Environment *string `json:"environment"` // in lower case
	Pipeline    *string `json:"pipeline"`
	// Unsuccessful are attempts that failed or were cancelled in the window: no
	// deployments.
	Unsuccessful int `json:"unsuccessful_attempts"`

	Metrics
}

// Metrics are DORA's five.
type Metrics struct {
	DeploymentFrequency DeploymentFrequency `json:"deployment_frequency"`
	ChangeLeadTime      ChangeLeadTime      `json:"change_lead_time"`
	ChangeFailRate      ChangeFailRate      `json:"change_fail_rate"`
	RecoveryTime        RecoveryTime        `json:"failed_deployment_recovery_time"`
	ReworkRate          ReworkRate          `json:"deployment_rework_rate"`
}

const (
	doraConvention = "An application is what is deployed from one source to one production environment, or by one pipeline that the settings name; where pipelines are named for a source, its environments do not count. " +
		"A deployment is a successful one; records of one commit that end within an hour of each other are one."
	blended = "the project has several applications, which are not blended: see applications, or let production_environments or deployment_pipelines name one"
)

func (c *calc) dora() Dora {
	d := Dora{Basis: basis.Basis{State: basis.OK, N: len(c.apps), Convention: doraConvention}, Applications: []Application{}}
	for i := range c.blamed {
		if c.blamed[i].rollout == nil {
			d.UnlinkedIncidents++
		}
	}
	d.Explain = c.page("dora", len(c.blamed), func(i int) basis.ExplainedRow { return c.blamed[i].row() })
	for _, a := range c.apps {
		d.Applications = append(d.Applications, c.application(a))
	}
	switch len(c.apps) {
	case 1:
		d.Headline = d.Applications[0].Metrics
	case 0:
		none := c.noDeployments()
		d.State, d.Reason = none.State, none.Reason
		d.Headline = without(none)
	default:
		d.Headline = without(basis.Basis{State: basis.NotConfigured, Reason: blended})
	}
	return d
}

// without returns metrics without values.
func without(b basis.Basis) Metrics {
	as := func(convention string) basis.Basis {
		return basis.Basis{State: b.State, Reason: b.Reason, Convention: convention}
	}
	return Metrics{
		DeploymentFrequency: DeploymentFrequency{Basis: as(frequencyConvention), Unit: perDay},
		ChangeLeadTime:      ChangeLeadTime{Basis: as(leadConvention), Unit: hours, Commits: unknown(b.State), PullRequests: unknown(b.State)},
		ChangeFailRate:      ChangeFailRate{Basis: as(failConvention)},
		RecoveryTime:        RecoveryTime{Basis: as(recoveryConvention), Unit: hours},
		ReworkRate:          ReworkRate{Basis: as(reworkRateConvention)},
	}
}

func (c *calc) application(a *application) Application {
	parts := facts.Parts(c.Log.Symbols.Text(a.source))
	out := Application{ServiceID: parts[0], Unsuccessful: len(a.failed), Metrics: Metrics{
		DeploymentFrequency: c.frequency(a), ChangeLeadTime: c.leadTime(a), ChangeFailRate: c.failRate(a), RecoveryTime: c.recovery(a), ReworkRate: c.reworkRate(a),
	}}
	if len(parts) > 1 {
		out.ResourceID = parts[1]
	}
	if a.byRun {
		out.Pipeline = &a.name
	} else {
		out.Environment = &a.name
	}
	return out
}

// row returns a rollout for an explanation.
func (r *rollout) row(value *float64, parts map[string]float64) basis.ExplainedRow {
	return basis.ExplainedRow{
		ID: r.last.ID, Key: r.last.Commit, From: basis.Instant(r.last.Created), To: basis.Instant(r.finished), Value: value, Parts: parts,
	}
}
