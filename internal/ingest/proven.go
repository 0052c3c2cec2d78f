package ingest

import (
	"context"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Proven returns which accounts, by facts.AccountKey, and which signatures, by
// their subjects, no key of which is the other, are a user's beyond doubt: accounts whose vendor verified the
// address that the user signs in with, what a rule joins with them by itself,
// and what an administrator who is not the user joined with them. It is who is
// who without everything that anybody else joined.
func (p *People) Proven(ctx context.Context, user rampforge.User) (proven map[string]bool, err error) {
	state, err := p.Store.PeopleState(ctx)
	if err != nil {
		return nil, err
	}
	trusted, err := p.Store.ProvenDecisions(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	state.Decisions = slices.DeleteFunc(state.Decisions, func(d store.KeptDecision) bool { return d.Together && !trusted[d] })
	r := newResolution(state, p.Now().UTC())
	me := identity.Key{Kind: rampforge.IdentityUser, Subject: user.ID}
	r.evidence.Decisions = append(r.evidence.Decisions, ownAddress(r, me, identity.Address(user.Email))...)
	proven = map[string]bool{}
	for _, c := range identity.Resolve(r.evidence).Clusters {
		if !slices.Contains(c.Keys, me) {
			continue
		}
		for _, k := range c.Keys {
			// Whoever keeps apart what the rules would join is believed.
			if r.known[k].PersonID != r.known[me].PersonID {
				continue
			}
			switch k.Kind {
			case rampforge.IdentityAccount:
				proven[facts.AccountKey(k.Service, k.Subject)] = true
			case rampforge.IdentityGit:
				proven[k.Subject] = true
			case rampforge.IdentityUser:
			}
		}
	}
	return proven, nil
}

// ownAddress joins a user with the accounts of their person whose vendor
// verified the user's own address.
func ownAddress(r *resolution, me identity.Key, address string) (list []identity.Decision) {
	for i := range r.evidence.Identities {
		n := &r.evidence.Identities[i]
		if n.Kind == rampforge.IdentityAccount && n.Verified && address != "" && n.Address == address && r.known[n.Key].PersonID == r.known[me].PersonID {
			a, b := me, n.Key
			if identity.CompareKeys(a, b) > 0 {
				a, b = b, a
			}
			list = append(list, identity.Decision{A: a, B: b, Together: true})
		}
	}
	return list
}
