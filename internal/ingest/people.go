package ingest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
)

// People keeps who is who. Any number of processes may at once.
type People struct {
	Store *store.Store
	Now   func() time.Time
}

// Resolve finds out anew who is who and writes what changed. It reports whether
// anything did.
func (p *People) Resolve(ctx context.Context) (bool, error) {
	wrote := false
	err := p.change(ctx, func(r *resolution) error { return nil }, func(c store.PeopleChange) { wrote = !c.Empty() })
	return wrote, err
}

// Merge says that two people are one. by is who says so and from where. The
// survivor is who has more identities, the older of two.
func (p *People) Merge(ctx context.Context, by rampforge.AuditEntry, id, other string) (rampforge.Person, error) {
	return p.merge(ctx, by, "person.merged", func(r *resolution) (one, two string, err error) {
		if one, err = r.living(id); err == nil {
			two, err = r.living(other)
		}
		return one, two, err
	}, nil)
}

// Accept follows a suggestion, as Merge does.
func (p *People) Accept(ctx context.Context, by rampforge.AuditEntry, suggestion string) (rampforge.Person, error) {
	return p.merge(ctx, by, "person.suggestion_accepted", func(r *resolution) (one, two string, err error) {
		return r.suggested(suggestion)
	}, map[string]any{"suggestion_id": suggestion})
}

func (p *People) merge(ctx context.Context, by rampforge.AuditEntry, action string, who func(*resolution) (string, string, error), details map[string]any) (rampforge.Person, error) {
	var member string // an identity of the survivor
	err := p.change(ctx, func(r *resolution) error {
		one, two, err := who(r)
		if err != nil {
			return err
		}
		if one == two {
			return rampforge.Errorf(rampforge.CodeConflict, "These are one person already.")
		}
		if r.people[one].Bot != r.people[two].Bot {
			return rampforge.Errorf(rampforge.CodeConflict, "A bot and a person cannot be one: see by the identities which of the two is meant.")
		}
		if r.people[one].UserID != "" && r.people[two].UserID != "" {
			return rampforge.Errorf(rampforge.CodeConflict, "Both have a user here, so they are two people: nobody is two users. If they are one, deactivate or remove one of the users first.")
		}
		first, second := r.keysOf(one), r.keysOf(two)
		decisions, err := identity.Merge(r.evidence.Decisions, slices.Concat(first, second))
		if err != nil {
			return err
		}
		member = r.known[first[0]].ID
		r.evidence.Decisions = decisions
		r.audit(by, action, one, map[string]any{"with": two}, details)
		return nil
	}, nil)
	if err != nil {
		return rampforge.Person{}, err
	}
	return p.Store.PersonOf(ctx, member)
}

// identityIDsField names the identities of a split, in requests and in the
// audit log.
const identityIDsField = "identity_ids"

// Split says that some identities of a person are another's. It returns who is
// left and who was split off.
func (p *People) Split(ctx context.Context, by rampforge.AuditEntry, id string, identityIDs []string) (rest, off rampforge.Person, err error) {
	var stays string
	err = p.change(ctx, func(r *resolution) error {
		person, err := r.living(id)
		if err != nil {
			return err
		}
		var some, others []identity.Key
		for _, k := range r.keysOf(person) {
			if slices.Contains(identityIDs, r.known[k].ID) {
				some = append(some, k)
			} else {
				others = append(others, k)
			}
		}
		switch asked := len(slices.Compact(slices.Sorted(slices.Values(identityIDs)))); {
		case len(some) < asked || asked == 0:
			return rampforge.Invalid(rampforge.FieldIssue{Field: identityIDsField, Issue: "must be ids of identities of this person"})
		case len(others) == 0:
			return rampforge.Invalid(rampforge.FieldIssue{Field: identityIDsField, Issue: "must leave the person at least one identity"})
		}
		decisions, err := identity.Split(r.evidence.Decisions, some, others)
		if err != nil {
			return err
		}
		stays = r.known[others[0]].ID
		r.evidence.Decisions = decisions
		r.audit(by, "person.split", person, map[string]any{identityIDsField: identityIDs})
		return nil
	}, nil)
	if err != nil {
		return rest, off, err
	}
	if rest, err = p.Store.PersonOf(ctx, stays); err != nil {
		return rest, off, err
	}
	off, err = p.Store.PersonOf(ctx, identityIDs[0])
	return rest, off, err
}

// Dismiss says that the two of a suggestion are not one person.
func (p *People) Dismiss(ctx context.Context, by rampforge.AuditEntry, suggestion string) error {
	return p.change(ctx, func(r *resolution) error {
		one, two, err := r.suggested(suggestion)
		if err != nil {
			return err
		}
		decisions, err := identity.Split(r.evidence.Decisions, r.keysOf(one), r.keysOf(two))
		if err != nil {
			return err
		}
		r.evidence.Decisions = decisions
		r.audit(by, "person.suggestion_dismissed", one, map[string]any{"with": two, "suggestion_id": suggestion})
		return nil
	}, nil)
}

// maxResolutions bounds how often a resolution begins again because somebody
// else changed people at the same time.
const maxResolutions = 20

// change reads who is who, lets decide change the evidence, and writes what
// follows from it, as long as nobody else wrote meanwhile; it begins again
// otherwise.
func (p *People) change(ctx context.Context, decide func(*resolution) error, tell func(store.PeopleChange)) error {
	for attempt := 1; ; attempt++ {
		state, err := p.Store.PeopleState(ctx)
		if err != nil {
			return fmt.Errorf("reading who is who: %w", err)
		}
		r := newResolution(state, p.Now().UTC())
		if err := decide(r); err != nil {
			return err
		}
		if err := r.resolve(); err != nil {
			return err
		}
		if !r.change.Empty() {
			err = p.Store.ChangePeople(ctx, state.Version, r.change)
		}
		if err == nil && tell != nil {
			tell(r.change)
		}
		if !errors.Is(err, store.ErrPeopleChanged) {
			return err
		}
		if attempt == maxResolutions {
			return rampforge.Wrap(rampforge.CodeUnavailable, err, "People are changed by others at this moment: try again.")
		}
		pause := rand.N(min(10*time.Millisecond<<attempt, time.Second)) //nolint:gosec // jitter needs no secrecy
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
