package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/rampforgeai/rampforge"
)

// People is a page of people.
type People struct {
	People []rampforge.Person `json:"people"`
	Page
}

// Suggestions is a page of pairs of people that may be one.
type Suggestions struct {
	Suggestions []rampforge.PersonSuggestion `json:"suggestions"`
	Page
}

const peoplePath = "/api/v1/people"

func personPath(id string) string     { return peoplePath + "/" + url.PathEscape(id) }
func suggestionPath(id string) string { return peoplePath + "/suggestions/" + url.PathEscape(id) }

// People lists people by name; of q the filters name and bot count.
func (c *Client) People(ctx context.Context, q Query) (People, error) {
	return get[People](ctx, c, q.on(peoplePath))
}

// Person returns a person.
func (c *Client) Person(ctx context.Context, id string) (rampforge.Person, error) {
	return get[rampforge.Person](ctx, c, personPath(id))
}

// MergePeople says that two people are one.
func (c *Client) MergePeople(ctx context.Context, id, other string) (rampforge.Person, error) {
	return send[rampforge.Person](ctx, c, http.MethodPost, personPath(id)+"/merge", map[string]string{"person_id": other})
}

// SplitPerson says that some identities of a person are another's. It returns
// who has the rest, and who has those that were named.
func (c *Client) SplitPerson(ctx context.Context, id string, identityIDs ...string) (rest, other rampforge.Person, err error) {
	out, err := send[struct{ Person, Other rampforge.Person }](ctx, c, http.MethodPost, personPath(id)+"/split", map[string][]string{"identity_ids": identityIDs})
	return out.Person, out.Other, err
}

// PeopleSuggestions lists the pairs of people that may be one.
func (c *Client) PeopleSuggestions(ctx context.Context, q Query) (Suggestions, error) {
	return get[Suggestions](ctx, c, q.on(peoplePath+"/suggestions"))
}

// AcceptPeopleSuggestion says that the two of a suggestion are one person.
func (c *Client) AcceptPeopleSuggestion(ctx context.Context, id string) (rampforge.Person, error) {
	return send[rampforge.Person](ctx, c, http.MethodPost, suggestionPath(id)+"/accept", nil)
}

// DismissPeopleSuggestion says that the two of a suggestion are two people.
func (c *Client) DismissPeopleSuggestion(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodPost, suggestionPath(id)+"/dismiss", nil, nil)
	return err
}
