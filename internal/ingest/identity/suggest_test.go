package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/ingest/identity"
)

// TestWhatIsNoEvidence looks at what strangers have in common.
func TestWhatIsNoEvidence(t *testing.T) {
	t.Parallel()
	// others have a name's words, so that another of that name is likely.
	common := func(v *team) *team {
		for i, word := range strings.Fields("Cole Drew Eaton Frost") {
			v.git(fmt.Sprintf("g%d@one.test", i), "Ada "+word).git(fmt.Sprintf("f%d@two.test", i), word+" Byron")
		}
		return v
	}
	for name, c := range map[string]struct {
		team *team
		want []string
	}{
		"one login, other names": {new(team).account("gl", "1", "login:aby", "name:Ada Byron").account("dc", "x", "login:aby", "name:Abel Yards"), []string{}},
		"one login, a shorter name": {
			new(team).account("gl", "1", "login:aby", "name:Ada Byron").account("dc", "x", "login:aby", "name:Ada Maria Byron"), []string{"dc/x?gl/1 same_login"},
		},
		"one login, a nickname": {
			new(team).account("gl", "1", "login:bbyron", "name:Bob Byron").account("dc", "x", "login:bbyron", "name:Robert Byron"), []string{"dc/x?gl/1 same_login"},
		},
		"one login, one family":     {new(team).account("gl", "1", "login:red", "name:Bob Byron").account("dc", "x", "login:red", "name:Ada Byron"), []string{}},
		"one login, other letters":  {new(team).account("gl", "1", "login:ada", "name:Ada Byron").account("dc", "x", "login:ada", "name:Ада Байрон"), []string{"dc/x?gl/1 same_login"}},
		"an old address of another": {new(team).account("gh", "12", "login:now", "name:Ada Byron").git("now@users.noreply.github.com", "Bo Chen"), []string{}},
		"an old address and another account's number": {
			new(team).account("gh", "12", "login:now").git("13+then@users.noreply.github.com", "").git("a@one.test", "").claim("a@one.test", "gh", "13").account("gh", "13", "login:then").
				git("then@users.noreply.github.com", ""),
			[]string{"gh/13+13+then@users.noreply.github.com+a@one.test", "gh/13?then@users.noreply.github.com private_login"},
		},
		"a name of two accounts, in one company": {
			new(team).account("jira", "1", "name:Ada Byron", "email:ada1@corp.test").account("jira", "2", "name:Ada Byron", "email:ada2@corp.test").git("ada3@corp.test", "Ada Byron"), []string{},
		},
		"a common name, in one company": {common(new(team).git("ada1@corp.test", "Ada Byron").git("ada2@corp.test", "Ada Byron")), []string{}},
		"a common name and a login": {
			common(new(team).account("gl", "1", "name:Ada Byron", "login:aby").git("aby@home.test", "Ada Byron")), []string{"gl/1?aby@home.test login_in_address,same_name"},
		},
		"accounts of one service": {new(team).account("gl", "1", "name:Ada Byron", "email:aby@one.test").account("gl", "2", "name:Ada Byron", "email:aby@two.test"), []string{}},
		"a login made of a name":  {new(team).account("gh", "1", "login:ada-byron").account("jira", "x", "name:Ada Byron"), []string{"gh/1?jira/x login_from_name"}},
		"an address made of a name": {
			new(team).git("abyron@home.test", "ada").account("jira", "x", "name:Ada Byron"), []string{"jira/x?abyron@home.test login_from_name"},
		},
		"a login made of either name": {
			new(team).account("gh", "1", "login:abyron").account("jira", "x", "name:Ada Byron").account("jira", "y", "name:Abe Byron"), []string{},
		},
		"a login made of a name, of somebody called otherwise": {new(team).account("gh", "1", "login:abyron", "name:Agnes Byron").account("jira", "x", "name:Ada Byron"), []string{}},
		"a short login made of a name":                         {new(team).account("gh", "1", "login:boli").account("jira", "x", "name:Bo Li"), []string{}},
		"the likelier of two": {
			new(team).account("gl", "1", "login:aby", "name:Ada Byron", "email:a@corp.test").account("jira", "x", "name:Ada Byron", "email:a@corp.test").account("jira", "y", "login:aby"),
			[]string{"gl/1?jira/x same_address,same_domain,same_name"},
		},
		"either of two": {
			new(team).account("gl", "1", "login:aby").account("dc", "x", "login:aby").account("dc", "y", "login:aby"), []string{"dc/x?gl/1 same_login", "dc/y?gl/1 same_login"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, people(c.team.Evidence)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNobodyIsInManySuggestions: an address that nine accounts claim is looked at
// a few at a time, and the likeliest first.
func TestNobodyIsInManySuggestions(t *testing.T) {
	t.Parallel()
	v := &team{}
	for i := range 9 {
		v.account("dc", fmt.Sprint(i), "email:shared@corp.test")
	}
	v.account("gl", "1", "verified:ada@corp.test", "login:ada", "name:Ada Byron").git("ada@users.noreply.github.com", "Ada Byron")
	found := identity.Resolve(v.Evidence).Suggestions
	of := map[int]int{}
	for _, s := range found {
		of[s.A]++
		of[s.B]++
	}
	for cluster, n := range of {
		if n > 5 {
			t.Errorf("%d is in %d suggestions", cluster, n)
		}
	}
	if len(found) < 15 || !slices.ContainsFunc(found, func(s identity.Suggestion) bool { return s.Reasons[0].Rule == "same_login" }) {
		t.Errorf("%+v", found)
	}
}
