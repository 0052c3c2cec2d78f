package delivery

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// TestFewAreLeft takes accounts of seven out by the project's list of bots, one
// after the other. That a vendor calls one a bot suppresses nothing, nor does
// what is one's own.
func TestFewAreLeft(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		people     int // of seven
		named, own bool
		suppressed bool
	}{
		{name: "nobody", people: 7, named: true},
		{name: "two", people: 5, named: true},
		{name: "three", people: 4, named: true, suppressed: true},
		{name: "all but one", people: 1, named: true, suppressed: true},
		{name: "all but one, by the vendor", people: 1},
		{name: "one's own", people: 1, named: true, own: true},
	} {
		log := &facts.Log{Symbols: facts.NewSymbols(nil)}
		account := func(i int) facts.Symbol { return log.Symbols.Add(facts.AccountKey("svc", "a"+strconv.Itoa(i%7))) }
		approved := log.Symbols.Add("approved")
		hour := facts.Time(3_600_000_000)
		for i := range 70 {
			opened := facts.Time(i+1) * 10 * hour
			log.PullRequests = append(log.PullRequests, facts.PullRequest{
				ID: strconv.Itoa(i), Number: i, Author: account(i), Created: opened, Merged: opened + 5*hour,
				Reviews: []facts.Review{{Account: account(i + 1), State: approved, At: opened + hour}},
			})
		}
		for i := test.people; i < 7; i++ {
			log.Accounts = append(log.Accounts, facts.Account{Account: account(i), Bot: true, Named: test.named})
		}
		r := Compute(Input{Log: log, Settings: &rampforge.WorkflowSettings{}, To: 10_000 * hour, AsOf: 10_000 * hour, People: PeopleOf(log), Own: test.own})
		text, err := json.Marshal(r.PullRequests)
		if err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(string(text), `"state":"ok"`); told == test.suppressed || r.PullRequests.Stages.N > 0 == test.suppressed {
			t.Errorf("%s left out: %s", test.name, text)
		}
	}
}
