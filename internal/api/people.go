package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	onePerson     = "/api/v1/people/{id}"
	oneSuggestion = "/api/v1/people/suggestions/{id}"
)

func (a *API) registerPeople() {
	handle(a, route{id: "list-people", method: http.MethodGet, path: "/api/v1/people", tag: tagPeople, policy: observers,
		summary: "The people and bots that services and repositories tell of, by name", description: peopleDescription}, a.listPeople)
	handle(a, route{id: "list-people-suggestions", method: http.MethodGet, path: "/api/v1/people/suggestions", tag: tagPeople, policy: teamLeads,
		summary: "Pairs of people that may be one, the likeliest first", description: "Nothing is joined by a suggestion alone: accept it or dismiss it."}, a.suggestions)
	handle(a, route{id: "get-person", method: http.MethodGet, path: onePerson, tag: tagPeople, policy: observers,
		summary: "A person with what they are known by", description: "An id from before a merge leads to who they are now, whose id the answer has. " + peopleDescription, errors: notThere}, a.person)
	handle(a, route{id: "merge-people", method: http.MethodPost, path: onePerson + "/merge", tag: tagPeople, policy: teamLeads,
		summary: "Say that two people are one", description: "It holds from then on, whatever the rules say; split undoes it. The one with more identities stays, and the other's id leads there.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.mergePeople)
	handle(a, route{id: "split-person", method: http.MethodPost, path: onePerson + "/split", tag: tagPeople, policy: teamLeads,
		summary: "Say that some identities are another person's", description: "It holds from then on, whatever the rules say; merge undoes it.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.splitPerson)
	handle(a, route{id: "accept-people-suggestion", method: http.MethodPost, path: oneSuggestion + "/accept", tag: tagPeople, policy: teamLeads,
		summary: "Say that the two of a suggestion are one person", errors: []int{http.StatusNotFound, http.StatusConflict}}, a.acceptSuggestion)
	handle(a, route{id: "dismiss-people-suggestion", method: http.MethodPost, path: oneSuggestion + "/dismiss", tag: tagPeople, policy: teamLeads,
		summary: "Say that the two of a suggestion are two people", errors: []int{http.StatusNotFound, http.StatusConflict}}, a.dismissSuggestion)
}

const peopleDescription = "E-mail addresses are for admins and team leads; for others they are null. Who may see no project sees no people."

type peopleInput struct {
	Page
	Name string `query:"name" maxLength:"200" doc:"Only those whose name holds this, in whatever case"`
	Bot  string `query:"bot" enum:"true,false" doc:"Only bots, or none"`
}

type peopleAnswer struct {
	Body struct {
		People []rampforge.Person `json:"people"`
		Paged
	}
}

func (a *API) listPeople(ctx context.Context, in *peopleInput) (*peopleAnswer, error) {
	out := &peopleAnswer{}
	out.Body.People, out.Body.Paged = []rampforge.Person{}, in.of(0, 0)
	may, err := a.seesPeople(ctx)
	if err != nil || !may {
		return out, err
	}
	filter := store.PeopleFilter{Name: in.Name}
	if in.Bot != "" {
		filter.Bot = new(in.Bot == "true")
	}
	people, total, err := a.options.Store.People(ctx, filter, in.stored())
	for i := range people {
		a.discreet(ctx, &people[i])
	}
	out.Body.People, out.Body.Paged = people, in.of(total, len(people))
	return out, err
}

// seesPeople reports whether the caller may see people at all: who was let into
// no project has no team here.
func (a *API) seesPeople(ctx context.Context) (bool, error) {
	req := requestOf(ctx)
	if leads(req) {
		return true, nil
	}
	_, total, err := a.options.Store.Projects(ctx, req.viewer(), "", store.Page{Limit: 1})
	return total > 0, err
}

func leads(req *request) bool { return req.identity.User.Role.AtLeast(rampforge.RoleTeamLead) }

// discreet leaves out what the caller may not see: addresses are for those who
// decide who is who, and stand in logins and names too.
func (a *API) discreet(ctx context.Context, p *rampforge.Person) {
	if leads(requestOf(ctx)) {
		return
	}
	for i := range p.Identities {
		v := &p.Identities[i]
		v.Email, v.Login, v.Name = nil, identity.WithoutAddress(v.Login), identity.WithoutAddress(v.Name)
		if v.AccountID != nil && strings.Contains(*v.AccountID, "@") {
			v.AccountID = nil
		}
	}
}

type personAnswer struct{ Body rampforge.Person }

func (a *API) person(ctx context.Context, in *ByID) (*personAnswer, error) {
	may, err := a.seesPeople(ctx)
	if err != nil {
		return nil, err
	}
	if !may {
		return nil, rampforge.Errorf(rampforge.CodeNotFound, "This person does not exist, or you may not see them.")
	}
	p, err := a.options.Store.Person(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.note(ctx, "person.read", p.ID); err != nil {
		return nil, err
	}
	a.discreet(ctx, &p)
	return &personAnswer{p}, nil
}

type suggestionsAnswer struct {
	Body struct {
		Suggestions []rampforge.PersonSuggestion `json:"suggestions"`
		Paged
	}
}

func (a *API) suggestions(ctx context.Context, in *pageInput) (*suggestionsAnswer, error) {
	found, total, err := a.options.Store.Suggestions(ctx, in.stored())
	out := &suggestionsAnswer{}
	out.Body.Suggestions, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

// decider is the caller as the audit log names them.
func decider(ctx context.Context) rampforge.AuditEntry {
	req := requestOf(ctx)
	return rampforge.AuditEntry{ActorID: req.identity.User.ID, Address: req.address, RequestID: req.id}
}

type mergeInput struct {
	ByID
	Body struct {
		PersonID string `json:"person_id" minLength:"1" maxLength:"100" doc:"Who is the same person"`
	}
}

func (a *API) mergePeople(ctx context.Context, in *mergeInput) (*personAnswer, error) {
	p, err := a.people.Merge(ctx, decider(ctx), in.ID, in.Body.PersonID)
	return &personAnswer{p}, err
}

type splitInput struct {
	ByID
	Body struct {
		IdentityIDs []string `json:"identity_ids" minItems:"1" maxItems:"1000" doc:"Of the person's identities those that are another's"`
	}
}

type splitAnswer struct {
	Body struct {
		Person rampforge.Person `json:"person" doc:"Who has the other identities"`
		Other  rampforge.Person `json:"other" doc:"Who has those that were named"`
	}
}

func (a *API) splitPerson(ctx context.Context, in *splitInput) (*splitAnswer, error) {
	out := &splitAnswer{}
	var err error
	out.Body.Person, out.Body.Other, err = a.people.Split(ctx, decider(ctx), in.ID, in.Body.IdentityIDs)
	return out, err
}

func (a *API) acceptSuggestion(ctx context.Context, in *ByID) (*personAnswer, error) {
	p, err := a.people.Accept(ctx, decider(ctx), in.ID)
	return &personAnswer{p}, err
}

func (a *API) dismissSuggestion(ctx context.Context, in *ByID) (*done, error) {
	if err := a.people.Dismiss(ctx, decider(ctx), in.ID); err != nil {
		return nil, err
	}
	return said("They stay two people."), nil
}

// resolvePeople finds out who is who after evidence was removed. Should it
// fail, the housekeeping does it.
func (a *API) resolvePeople(ctx context.Context) {
	if _, err := a.people.Resolve(context.WithoutCancel(ctx)); err != nil {
		requestOf(ctx).logger.ErrorContext(ctx, "finding out who is who failed", slog.Any("error", err))
	}
}
