package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
)

// resolution is one look at who is who: what is known, the evidence in it, and
// the change that follows.
type resolution struct {
	state    store.PeopleState
	evidence identity.Evidence
	known    map[identity.Key]store.KeptIdentity
	keys     map[string]identity.Key // by the identity's id
	people   map[string]store.KeptPerson
	emails   map[identity.Key]string // as they are shown
	change   store.PeopleChange
}

func newResolution(state store.PeopleState, now time.Time) *resolution {
	r := &resolution{
		state: state, known: map[identity.Key]store.KeptIdentity{}, keys: map[string]identity.Key{}, people: map[string]store.KeptPerson{},
		emails: map[identity.Key]string{}, change: store.PeopleChange{At: now},
	}
	for _, i := range state.Identities {
		key := identity.Key{Kind: i.Kind, Service: i.ServiceID, Subject: i.Subject}
		r.known[key], r.keys[i.ID] = i, key
	}
	for _, p := range state.People {
		r.people[p.ID] = p
	}
	r.addAccounts()
	for _, u := range state.Users {
		r.add(identity.Identity{Key: identity.Key{Kind: rampforge.IdentityUser, Subject: u.ID}, Name: u.Name, Address: identity.Address(u.Email)}, u.Email)
	}
	r.addSignatures()
	for _, d := range state.Decisions {
		r.evidence.Decisions = append(r.evidence.Decisions, identity.Decision{A: r.keys[d.A], B: r.keys[d.B], Together: d.Together})
	}
	return r
}

func (r *resolution) add(i identity.Identity, email string) {
	r.evidence.Identities = append(r.evidence.Identities, i)
	r.emails[i.Key] = email
}

func (r *resolution) addAccounts() {
	type place struct {
		vendor rampforge.ServiceType
		host   string
	}
	places := map[string]place{}
	for _, i := range r.state.Identities { // of services that were removed, too
		if i.Kind == rampforge.IdentityAccount {
			places[i.ServiceID] = place{i.Vendor, i.Host}
		}
	}
	for _, e := range r.state.Endpoints {
		places[e.ID] = place{e.Type, hostOf(e)}
	}
	for _, a := range r.state.Accounts {
		at := places[a.ServiceID]
		r.add(identity.Identity{
			Key: identity.Key{Kind: rampforge.IdentityAccount, Service: a.ServiceID, Subject: a.ID}, Vendor: at.vendor, Host: at.host,
			Login: a.Login, Name: a.Name, Address: identity.Address(a.Email), Verified: a.EmailVerified, Bot: a.Bot,
		}, a.Email)
	}
}

// hostOf returns the host of a vendor's pages.
func hostOf(e store.ServiceEndpoint) string {
	u, err := url.Parse(e.Endpoint)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Host)
	if e.Type == rampforge.ServiceGitHub && (host == "api.github.com" || strings.HasSuffix(host, ".ghe.com")) {
		host = strings.TrimPrefix(host, "api.")
	}
	return host
}

func (r *resolution) addSignatures() {
	names, emails := map[string][]string{}, map[string]string{}
	for _, s := range r.state.Signatures {
		subject := identity.Subject(s.Signature)
		if subject == "" {
			continue
		}
		names[subject] = append(names[subject], s.Name)
		address := identity.Address(s.Email)
		if address == "" {
			emails[subject] = strings.TrimSpace(s.Email)
			continue
		}
		emails[subject] = address
		if s.AccountID != "" {
			r.evidence.Claims = append(r.evidence.Claims, identity.Claim{
				Address: address, Account: identity.Key{Kind: rampforge.IdentityAccount, Service: s.Source, Subject: s.AccountID},
			})
		}
		if proper := identity.Address(s.Proper); proper != "" {
			r.evidence.Aliases = append(r.evidence.Aliases, identity.Alias{Source: s.Source, Address: address, Name: s.Name, Proper: proper})
		}
	}
	for _, subject := range slices.Sorted(maps.Keys(names)) {
		key := identity.Key{Kind: rampforge.IdentityGit, Subject: subject}
		var address string
		if identity.Address(emails[subject]) != "" {
			address = subject
		}
		r.add(identity.Identity{Key: key, Name: identity.BestName(names[subject]), Address: address}, emails[subject])
	}
}

// living returns the id of a person who is there, by it or by an older one.
func (r *resolution) living(id string) (string, error) {
	p, ok := r.people[id]
	if ok && p.MergedInto != "" {
		p, ok = r.people[p.MergedInto]
	}
	if !ok || len(r.keysOf(p.ID)) == 0 {
		return "", rampforge.Errorf(rampforge.CodeNotFound, "This person does not exist, or you may not see them.")
	}
	return p.ID, nil
}

func (r *resolution) suggested(id string) (one, two string, err error) {
	for _, s := range r.state.Suggestions {
		if s.ID == id {
			if one, err = r.living(s.A); err == nil {
				two, err = r.living(s.B)
			}
			return one, two, err
		}
	}
	return "", "", rampforge.Errorf(rampforge.CodeNotFound, "This suggestion does not exist any more: somebody may have decided it, or the reason for it is gone.")
}

// keysOf returns the identities of a person, in order.
func (r *resolution) keysOf(personID string) []identity.Key {
	var keys []identity.Key
	for k, i := range r.known {
		if i.PersonID == personID {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, identity.CompareKeys)
	return keys
}

// audit notes what was decided, to be written together with it.
func (r *resolution) audit(by rampforge.AuditEntry, action, target string, details ...map[string]any) {
	by.Action, by.TargetID, by.Success, by.At = action, target, true, r.change.At
	by.Details = map[string]any{}
	for _, d := range details {
		maps.Copy(by.Details, d)
	}
	r.change.Actor, r.change.Audit = by.ActorID, &by
}

// resolve finds out who is who, and what changes by it.
func (r *resolution) resolve() error {
	there := map[identity.Key]bool{}
	for i := range r.evidence.Identities {
		there[r.evidence.Identities[i].Key] = true
	}
	r.evidence.Decisions = identity.Forget(r.evidence.Decisions, func(k identity.Key) bool { return !there[k] })
	found := identity.Resolve(r.evidence)
	before := identity.Before{People: map[string]string{}, Of: map[identity.Key]string{}, Born: map[identity.Key]string{}}
	for id, p := range r.people {
		before.People[id] = p.MergedInto
	}
	for k, i := range r.known {
		before.Of[k], before.Born[k] = i.PersonID, i.Born
	}
	after := identity.Assign(found.Clusters, before, func() string { return store.NewID("per") })
	r.changeIdentities(after)
	r.changePeople(after)
	r.changeDecisions()
	return r.changeSuggestions(after, found.Suggestions)
}

func (r *resolution) changeIdentities(after identity.After) {
	owner := map[identity.Key]string{}
	for i := range after.People {
		for _, k := range after.People[i].Keys {
			owner[k] = after.People[i].ID
		}
	}
	there := map[identity.Key]bool{}
	for i := range r.evidence.Identities {
		n := &r.evidence.Identities[i]
		if there[n.Key] {
			continue
		}
		there[n.Key] = true
		now := store.KeptIdentity{
			Kind: n.Kind, ServiceID: n.Service, Subject: n.Subject, Vendor: n.Vendor, Host: n.Host, Login: n.Login, Name: n.Name,
			Email: r.emails[n.Key], Verified: n.Verified, Bot: n.Program(), PersonID: owner[n.Key], Born: owner[n.Key],
		}
		was, known := r.known[n.Key]
		if !known {
			now.ID = store.NewID("idn")
			r.change.NewIdentities = append(r.change.NewIdentities, now)
		} else if now.ID, now.Born = was.ID, was.Born; now != was {
			r.change.Identities = append(r.change.Identities, now)
		}
		r.known[n.Key] = now
	}
	for k, i := range r.known {
		if !there[k] {
			r.change.GoneIdentities = append(r.change.GoneIdentities, i.ID)
			delete(r.known, k)
		}
	}
	slices.Sort(r.change.GoneIdentities)
}

func (r *resolution) changePeople(after identity.After) {
	at := map[identity.Key]*identity.Identity{}
	for i := range r.evidence.Identities {
		at[r.evidence.Identities[i].Key] = &r.evidence.Identities[i]
	}
	for _, a := range after.People {
		now := store.KeptPerson{ID: a.ID, Bot: a.Bot}
		members := make([]identity.Identity, 0, len(a.Keys))
		for _, k := range a.Keys {
			members = append(members, *at[k])
			if k.Kind == rampforge.IdentityUser && now.UserID == "" {
				now.UserID = k.Subject
			}
		}
		now.Name = identity.NameOf(members)
		if a.New {
			r.change.NewPeople = append(r.change.NewPeople, now)
		} else if now != r.people[a.ID] {
			r.change.People = append(r.change.People, now)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(after.Merged)) {
		now := r.people[id]
		now.MergedInto, now.UserID = after.Merged[id], ""
		if now != r.people[id] {
			r.change.People = append(r.change.People, now)
		}
	}
	r.change.GonePeople = after.Gone
}

// changeDecisions holds the decisions against those that are kept.
func (r *resolution) changeDecisions() {
	kept := map[store.KeptDecision]bool{}
	for _, d := range r.state.Decisions {
		kept[d] = true
	}
	now := map[store.KeptDecision]bool{}
	for _, d := range r.evidence.Decisions {
		k := store.KeptDecision{A: r.known[d.A].ID, B: r.known[d.B].ID, Together: d.Together}
		if k.A > k.B {
			k.A, k.B = k.B, k.A
		}
		if !now[k] && !kept[k] {
			r.change.NewDecisions = append(r.change.NewDecisions, k)
		}
		now[k] = true
	}
	for _, d := range r.state.Decisions {
		if !now[d] {
			r.change.GoneDecisions = append(r.change.GoneDecisions, d)
		}
	}
}

func (r *resolution) changeSuggestions(after identity.After, found []identity.Suggestion) error {
	type pair struct{ a, b string }
	kept := map[pair]store.KeptSuggestion{}
	for _, s := range r.state.Suggestions {
		kept[pair{s.A, s.B}] = s
	}
	for _, s := range found {
		reasons := make([]rampforge.SuggestionReason, 0, len(s.Reasons))
		for _, reason := range s.Reasons {
			reasons = append(reasons, rampforge.SuggestionReason{Rule: reason.Rule, Identities: []string{r.known[reason.A].ID, r.known[reason.B].ID}})
		}
		text, err := json.Marshal(reasons)
		if err != nil {
			return fmt.Errorf("writing the reasons of a suggestion: %w", err)
		}
		at := pair{after.People[s.A].ID, after.People[s.B].ID}
		if at.a > at.b {
			at.a, at.b = at.b, at.a
		}
		now := store.KeptSuggestion{A: at.a, B: at.b, Score: s.Score, Reasons: string(text)}
		was, known := kept[at]
		if !known {
			now.ID = store.NewID("sug")
			r.change.NewSuggestions = append(r.change.NewSuggestions, now)
			continue
		}
		delete(kept, at)
		if now.ID = was.ID; now != was {
			r.change.Suggestions = append(r.change.Suggestions, now)
		}
	}
	for _, s := range kept {
		r.change.GoneSuggestions = append(r.change.GoneSuggestions, s.ID)
	}
	slices.Sort(r.change.GoneSuggestions)
	return nil
}
