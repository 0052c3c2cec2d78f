package workflow

import (
	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// deliver computes what pull requests, reviews and deployments tell. An item in
// a status is finished as the project's states say.
func deliver(c *calc) delivery.Report {
	return delivery.Compute(deliveryInput(c))
}

func deliveryInput(c *calc) delivery.Input {
	return delivery.Input{
		Log: c.log, Settings: &c.config.Settings, From: c.from, To: c.to, AsOf: c.asOf, Zone: c.config.Zone,
		People: delivery.PeopleOf(c.log),
		Done: func(status facts.Symbol) bool {
			state := c.config.StateOf(status)
			return state >= 0 && c.config.ended[state]
		},
		Explain: c.q.Explain,
	}
}
