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
	named := map[string]bool{}
	for _, b := range bots {
		named[strings.ToLower(b)] = true
	}
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
		bot := v.Bot || named[strings.ToLower(v.Login)] || named[strings.ToLower(v.Subject)]
		list = append(list, facts.Account{Account: facts.Symbol(i), Person: v.PersonID, Bot: bot})
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
