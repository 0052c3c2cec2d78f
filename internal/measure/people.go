package measure

import (
	"context"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// people is who is behind accounts and signatures, as they were told apart at
// a version of the people.
type people struct {
	accounts map[string]store.Known // by facts.AccountKey
	git      map[string]store.Known // by subject
}

// accounts returns who is behind the accounts and signatures that are among the
// symbols, in their order. bots are accounts that a project calls one, by login
// or id.
func (m *Measurer) accounts(ctx context.Context, symbols *facts.Symbols, bots []string) ([]facts.Account, error) {
	known, err := m.known(ctx)
	if err != nil {
		return nil, err
	}
	named := lowered(bots)
	var list []facts.Account
	for i, text := range symbols.Texts() {
		parts := facts.Parts(text)
		var v store.Known
		var ok bool
		switch len(parts) {
		case 2:
			v, ok = known.accounts[text]
		case 3:
			if parts[1] != "" { // else it is a status without an id
				subject := m.Subject(rampforge.Signature{Name: parts[1], Email: parts[2]})
				if v, ok = known.git[subject]; !ok && (named[strings.ToLower(parts[1])] || named[strings.ToLower(parts[2])]) {
					ok = true
				}
				v.Login = parts[1]
			}
		}
		if !ok {
			continue
		}
		// Who has a user here is no bot, whatever the project says.
		called := !v.Bot && !v.User && (named[strings.ToLower(v.Login)] || named[strings.ToLower(v.Subject)] || len(parts) == 3 && named[strings.ToLower(parts[2])])
		list = append(list, facts.Account{Account: facts.Symbol(i), Person: v.PersonID, Bot: v.Bot || called, Named: called})
	}
	return list, nil
}

// known returns all that is known of who people are.
func (m *Measurer) known(ctx context.Context) (*people, error) {
	version, err := m.Store.PeopleVersion(ctx)
	if err != nil {
		return nil, err
	}
	if p, ok := m.people.get(version); ok {
		return p, nil
	}
	list, err := m.Store.KnownIdentities(ctx)
	if err != nil {
		return nil, err
	}
	p := &people{accounts: map[string]store.Known{}, git: map[string]store.Known{}}
	for _, v := range list {
		switch v.Kind {
		case rampforge.IdentityAccount:
			p.accounts[facts.AccountKey(v.ServiceID, v.Subject)] = v
		case rampforge.IdentityGit:
			p.git[v.Subject] = v
		case rampforge.IdentityUser:
		}
	}
	m.people.drop(func(of int64) bool { return of < version })
	m.people.put(version, p, 300*len(list))
	return p, nil
}

// NoBots returns those of a project's bots, in lower case, that name somebody
// who has a user here or is a member of the project: they are no bots, and
// whoever could call them so could leave out all people but one.
func (m *Measurer) NoBots(ctx context.Context, projectID string, bots []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(bots) == 0 {
		return found, nil
	}
	known, err := m.known(ctx)
	if err != nil {
		return nil, err
	}
	list, err := m.Store.MemberPeople(ctx, projectID)
	if err != nil {
		return nil, err
	}
	members := map[string]bool{}
	for _, id := range list {
		members[id] = true
	}
	named := lowered(bots)
	look := func(v store.Known, texts ...string) {
		for _, text := range texts {
			if text = strings.ToLower(text); named[text] && !v.Bot && (v.User || members[v.PersonID]) {
				found[text] = true
			}
		}
	}
	for _, v := range known.accounts {
		look(v, v.Login, v.Subject)
	}
	for _, v := range known.git {
		look(v, v.Subject)
	}
	texts, err := m.texts(ctx, projectID)
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		if parts := facts.Parts(text); len(parts) == 3 && parts[1] != "" {
			look(known.git[m.Subject(rampforge.Signature{Name: parts[1], Email: parts[2]})], parts[1], parts[2])
		}
	}
	return found, nil
}

// texts returns the symbols of a project's facts; none before there are any.
func (m *Measurer) texts(ctx context.Context, projectID string) ([]string, error) {
	w, err := m.Store.Workflow(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound || err == nil && w.FactsAt == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := m.load(ctx, w)
	if err != nil {
		return nil, err
	}
	return l.symbols.Texts(), nil
}

func lowered(list []string) map[string]bool {
	out := map[string]bool{}
	for _, v := range list {
		out[strings.ToLower(v)] = true
	}
	return out
}
