package delivery

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func TestPeopleOf(t *testing.T) {
	t.Parallel()
	log := &facts.Log{Symbols: facts.NewSymbols(nil)}
	account := func(id string) facts.Symbol { return log.Symbols.Add(facts.AccountKey("svc", id)) }
	signed := log.Symbols.Add(facts.SignatureKey("svc", "Al", "al@example.com"))
	log.Accounts = []facts.Account{
		{Account: account("al"), Person: "p1"}, {Account: account("bo"), Person: "p2"}, {Account: signed, Person: "p1"},
		{Account: account("ci"), Bot: true}, {Account: account("robot"), Person: "p3", Bot: true}, {Account: account("new")},
	}
	stranger := account("stranger")
	p := PeopleOf(log)
	if p.of(account("al")) != p.of(signed) || p.of(account("al")) == p.of(account("bo")) {
		t.Error("two accounts of one person are two, or those of two are one")
	}
	if p.of(account("new")) == p.of(stranger) || p.of(stranger) == nobody || p.of(account("later")) == p.of(stranger) {
		t.Error("accounts that nobody knows are one person")
	}
	for id, human := range map[string]bool{"al": true, "ci": false, "robot": false, "new": true, "stranger": true, "later": true} {
		if _, ok := p.human(account(id)); ok != human {
			t.Errorf("that %s is a human is %v", id, ok)
		}
	}
	if _, ok := p.human(0); ok {
		t.Error("a deleted account is a person")
	}
	var none *People
	if none.bot(account("ci")) || none.of(account("al")) == none.of(account("bo")) {
		t.Error("without people, accounts are no people of their own")
	}
}
