package github

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// maxPeople bounds how many accounts are remembered.
const maxPeople = 50_000

// person is an account as the REST API has it, as far as it is kept.
type person struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

// user answers for who the token belongs to.
func (t *tools) user(r *http.Request) (mcpclient.Answer, error) {
	body, err := t.call(r.Context(), nil, sigMe)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var me struct {
		Details json.RawMessage `json:"details"`
	}
	if err := decode(body, &me); err != nil {
		return mcpclient.Answer{}, err
	}
	if len(me.Details) == 0 { // as the API has it, name and all
		return mcpclient.Answer{JSON: body}, nil
	}
	user, err := members(body)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	details, err := members(me.Details)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	for _, name := range []string{"name", "email"} {
		if v, ok := details[name]; ok {
			user[name] = v
		}
	}
	body, err = encode(user)
	return mcpclient.Answer{JSON: body}, err
}

// members returns the members of an object.
func members(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var out map[string]json.RawMessage
	if err := decode(raw, &out); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, malformed("object")
	}
	return out, nil
}

// known fills in what tools leave out of the accounts of a record: which of
// them are bots. It remembers them all, because elsewhere tools tell logins only.
func (t *tools) known(raws []json.RawMessage, fields ...string) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, 0, len(raws))
	for _, raw := range raws {
		record, err := members(raw)
		if err != nil {
			return nil, err
		}
		for _, field := range fields {
			if record[field], err = t.account(record[field]); err != nil {
				return nil, err
			}
			if record[field] == nil {
				delete(record, field)
			}
		}
		if raw, err = encode(record); err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

func (t *tools) account(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return raw, nil // deleted
	}
	var u struct {
		person

		ProfileURL string `json:"profile_url"`
	}
	if err := decode(raw, &u); err != nil {
		return nil, err
	}
	if u.ID == 0 || u.Login == "" {
		return raw, nil
	}
	told := u.Type != ""
	if before, ok := t.remembered(u.Login); ok && !told && before.ID == u.ID {
		u.Type = before.Type
	}
	if u.Type == "" && application(u.ProfileURL) {
		u.Type = "Bot"
	}
	t.remember(u.person)
	if told || u.Type == "" {
		return raw, nil
	}
	account, err := members(raw)
	if err != nil {
		return nil, err
	}
	if account["type"], err = encode(u.Type); err != nil {
		return nil, err
	}
	return encode(account)
}

// application reports whether a profile is that of an application: its bot's
// is under /apps/ (of Enterprise Server, /github-apps/), where no person's can
// be.
func application(profile string) bool {
	u, err := url.Parse(profile)
	return err == nil && (strings.HasPrefix(u.Path, "/apps/") || strings.HasPrefix(u.Path, "/github-apps/"))
}

func (t *tools) remember(p person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.people) >= maxPeople {
		clear(t.people)
	}
	t.people[strings.ToLower(p.Login)] = p
}

func (t *tools) remembered(login string) (person, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.people[strings.ToLower(login)]
	return p, ok
}

// named returns the account with a login, nil when nothing tells it.
func (t *tools) named(ctx context.Context, login string) (*person, error) {
	if login == "" || login == ghost || strings.ContainsAny(login, " \":") {
		return nil, nil
	}
	p, ok := t.remembered(login)
	if !ok {
		res, err := t.search(ctx, sigUsers, map[string]any{"query": "user:" + login, "perPage": 10})
		switch {
		case connector.Absent(err), connector.Reason(err) == connector.ReasonUnsupported, mcpclient.Status(err) == http.StatusUnprocessableEntity:
		case err != nil:
			return nil, err
		}
		p = person{Login: login} // nobody, unless …
		for _, raw := range res.Items {
			var one person
			if err := decode(raw, &one); err != nil {
				return nil, err
			}
			if strings.EqualFold(one.Login, login) {
				p = one
			}
		}
		t.remember(p)
	}
	if p.ID == 0 {
		return nil, nil
	}
	return &p, nil
}

// reviewer returns the account behind a login of GraphQL, where an
// application's bot has the application's name. Who comments on code has made
// a review, so the account has been met; if two could be meant, none is.
func (t *tools) reviewer(login string) *person {
	var met []person
	for _, name := range []string{login, login + "[bot]"} {
		if p, ok := t.remembered(name); ok && p.ID != 0 {
			met = append(met, p)
		}
	}
	if login == "" || login == ghost || len(met) != 1 {
		return nil
	}
	return &met[0]
}

// texts returns the texts of an array of nothing else, none for nothing.
func texts(raw json.RawMessage) ([]string, bool) {
	var out []string
	ok := len(raw) == 0 || json.Unmarshal(raw, &out) == nil
	return out, ok
}

// logins makes accounts of a list of logins; what is no list of logins stays.
func (t *tools) logins(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
	logins, ok := texts(raw)
	if !ok {
		return raw, nil
	}
	out := []*person{}
	for _, login := range logins {
		p, err := t.named(ctx, login)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return encode(slices.DeleteFunc(out, func(p *person) bool { return p == nil }))
}
