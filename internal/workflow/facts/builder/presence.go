package builder

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// presence follows what was with an item: its sprints, its assignees.
type presence struct {
	created facts.Time
	stays   []stay
}

// stay is how long something was with an item; it lasts while to is 0.
type stay struct {
	of   facts.Symbol
	span facts.Span
}

func (p *presence) begin(created facts.Time) { p.created, p.stays = created, p.stays[:0] }

// last returns the last stay of something, nil when there is none.
func (p *presence) last(of facts.Symbol) *stay {
	for i := len(p.stays) - 1; i >= 0; i-- {
		if p.stays[i].of == of {
			return &p.stays[i]
		}
	}
	return nil
}

// enter makes something be there from a moment on, unless it is there.
func (p *presence) enter(of facts.Symbol, at facts.Time) {
	if s := p.last(of); s == nil || s.span.To != 0 {
		p.stays = append(p.stays, stay{of, facts.Span{From: at}})
	}
}

// leave ends the stay of something. What left without having come was there
// since the item was created, or since it is last known to have left.
func (p *presence) leave(of facts.Symbol, at facts.Time) {
	s := p.last(of)
	switch {
	case s == nil:
		p.stays = append(p.stays, stay{of, facts.Span{From: p.created, To: at}})
	case s.span.To == 0:
		s.span.To = at
	case s.span.To < at:
		p.stays = append(p.stays, stay{of, facts.Span{From: s.span.To, To: at}})
	}
}

// change is that what was there before is no more, and what is there after is.
// What is in both was there all the while.
func (p *presence) change(before, after []facts.Symbol, at facts.Time) {
	for _, of := range before {
		if !slices.Contains(after, of) {
			p.leave(of, at)
		} else if p.last(of) == nil {
			p.enter(of, p.created)
		}
	}
	for _, of := range after {
		if !slices.Contains(before, of) {
			p.enter(of, at)
		}
	}
}

// end brings the stays to what is there now. What was never heard of was there
// from the beginning; where the changes say something else, it is known since
// latest.
func (p *presence) end(now []facts.Symbol, latest facts.Time) {
	for i := range p.stays {
		if s := &p.stays[i]; s.span.To == 0 && !slices.Contains(now, s.of) {
			s.span.To = max(latest, s.span.From)
		}
	}
	for _, of := range now {
		if s := p.last(of); s == nil {
			p.enter(of, p.created)
		} else if s.span.To != 0 {
			p.enter(of, latest)
		}
	}
}
