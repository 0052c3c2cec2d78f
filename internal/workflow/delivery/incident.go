package delivery

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// incident is a work item that the settings' rules call one.
type incident struct {
	item     *facts.Item
	created  facts.Time
	restored facts.Time // 0 while it is open
}

// incidents returns the incidents until AsOf, in the order of their creation.
// Those that were withdrawn, as duplicates are, were none.
func (c *calc) incidents() []*incident {
	rules := c.Settings.Incidents
	withdrawn := c.Settings.WithdrawnResolutions
	if withdrawn == nil {
		withdrawn = rampforge.DefaultWithdrawn()
	}
	types, labels := choose(c.Log.Symbols, rules.Types), choose(c.Log.Symbols, rules.Labels)
	resolutions := choose(c.Log.Symbols, withdrawn)
	var found []*incident
	if !c.knowsIncidents() {
		return nil
	}
	for i := range c.Log.Items {
		item := &c.Log.Items[i]
		is := len(types.names) > 0 && types.has(item.Type) || len(labels.names) > 0 && slices.ContainsFunc(item.Labels, labels.has)
		created := item.Created
		if created == 0 && len(item.Visits) > 0 {
			created = item.Visits[0].At // an imported log has no creation of its own
		}
		if is && created != 0 && created <= c.AsOf && !resolutions.has(item.Resolution) {
			found = append(found, &incident{item: item, created: created, restored: c.restored(item)})
		}
	}
	slices.SortFunc(found, func(a, b *incident) int {
		return cmp.Or(cmp.Compare(a.created, b.created), strings.Compare(a.item.ID, b.item.ID))
	})
	return found
}

// knowsIncidents reports whether the settings have rules for incidents.
func (c *calc) knowsIncidents() bool {
	return len(c.Settings.Incidents.Types)+len(c.Settings.Incidents.Labels) > 0
}

// restored returns when an item was finished for the last time and is since.
func (c *calc) restored(item *facts.Item) (at facts.Time) {
	for _, v := range item.Visits {
		switch {
		case v.At > c.AsOf:
			return at
		case c.Done == nil || !c.Done(v.Status):
			at = 0
		case at == 0:
			at = max(v.At, item.Created)
		}
	}
	return at
}

// blamed is an incident with the rollout that it belongs to; nil is none.
type blamed struct {
	*incident
	rollout *rollout
}

func (b *blamed) row() basis.ExplainedRow {
	row := basis.ExplainedRow{ID: b.item.ID, Key: b.item.Key, Group: "incident", From: basis.Instant(b.created), To: basis.Instant(b.restored), Detail: "unlinked"}
	if b.rollout != nil {
		row.Detail = b.rollout.last.ID
	}
	return row
}

// linkIncidents gives each incident to the last deployment before it: of the
// applications of its own source when there are such, because a repository's
// issues are about what is deployed from it, else of all.
func (c *calc) linkIncidents() {
	for _, in := range c.incidents() {
		own := slices.ContainsFunc(c.apps, func(a *application) bool { return a.source == in.item.Source })
		var to *application
		last := -1
		for _, a := range c.apps {
			if own && a.source != in.item.Source {
				continue
			}
			i := a.lastBefore(in.created)
			if i >= 0 && (to == nil || a.rollouts[i].finished > to.rollouts[last].finished) {
				to, last = a, i
			}
		}
		if to != nil {
			to.blame(last, in)
			c.blamed = append(c.blamed, blamed{in, &to.rollouts[last]})
		} else {
			c.blamed = append(c.blamed, blamed{in, nil})
		}
	}
}

// blame gives an incident to a rollout. The next one, while the incident lasts,
// is rework: it was not planned.
func (a *application) blame(rollout int, in *incident) {
	a.rollouts[rollout].incidents = append(a.rollouts[rollout].incidents, in)
	if next := rollout + 1; next < len(a.rollouts) && (in.restored == 0 || a.rollouts[next].finished <= in.restored) {
		a.rollouts[next].rework = true
	}
}

// restored returns when the last of a rollout's incidents was over, 0 while one
// is open.
func (r *rollout) restored() (at facts.Time) {
	for _, in := range r.incidents {
		if in.restored == 0 {
			return 0
		}
		at = max(at, in.restored)
	}
	return at
}
