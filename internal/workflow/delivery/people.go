package delivery

import (
	"math"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// People says who is behind an account. Several accounts may be of one person.
type People struct {
	persons []int32 // by account; ownPerson where nobody said
	bots    []bool
	named   []bool // by account: a bot only because the project says so
}

const (
	ownPerson int32 = -1
	// nobody is who is behind an account that is deleted, and nobody else.
	nobody int32 = math.MinInt32
)

// NewPeople returns people where each of the accounts among a log's symbols is a
// person of its own and none is a bot.
func NewPeople(symbols int) *People {
	p := &People{persons: make([]int32, symbols), bots: make([]bool, symbols), named: make([]bool, symbols)}
	for i := range p.persons {
		p.persons[i] = ownPerson
	}
	return p
}

// Set says that an account is of a person, from 0, or of a bot. A negative
// person is one of its own.
func (p *People) Set(account facts.Symbol, person int32, bot bool) {
	p.persons[account], p.bots[account] = max(person, ownPerson), bot
}

// of returns who is behind an account; two accounts of one person have one.
func (p *People) of(account facts.Symbol) int32 {
	switch {
	case account == 0:
		return nobody
	case p == nil || int(account) >= len(p.persons) || p.persons[account] == ownPerson:
		return -1 - int32(account) //nolint:gosec // G115: a log has fewer symbols
	}
	return p.persons[account]
}

// bot reports whether a bot is behind an account.
func (p *People) bot(account facts.Symbol) bool {
	return p != nil && int(account) < len(p.bots) && p.bots[account]
}

// takenOut reports whether it was the project that called an account a bot.
func (p *People) takenOut(account facts.Symbol) bool {
	return p != nil && int(account) < len(p.named) && p.named[account]
}

// human returns the person behind an account, and whether there is one.
func (p *People) human(account facts.Symbol) (person int32, ok bool) {
	person = p.of(account)
	return person, person != nobody && !p.bot(account)
}

// minPeople is how many people a measure must be about: of fewer, the numbers of
// each could be guessed.
const minPeople = 5

const (
	tooFew      = "fewer than five people took part: what is told of them would be told of each"
	switchedOff = "switched off in the project's settings (people_metrics)"
)

// off reports whether a switch whose default is on is off.
func off(s *bool) bool { return s != nil && !*s }

// PeopleOf returns who is behind the accounts of a log, as the installation and
// the project's list of bots know it.
func PeopleOf(log *facts.Log) *People {
	p := NewPeople(log.Symbols.Len())
	indexes := map[string]int32{}
	for i := range log.Accounts {
		a := &log.Accounts[i]
		person := ownPerson
		if a.Person != "" {
			known, ok := indexes[a.Person]
			if !ok {
				known = int32(len(indexes)) //nolint:gosec // G115: a log has fewer people
				indexes[a.Person] = known
			}
			person = known
		}
		p.Set(a.Account, person, a.Bot)
		p.named[a.Account] = a.Named
	}
	return p
}
