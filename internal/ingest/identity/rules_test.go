package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
)

// team writes evidence in few words.
type team struct {
	identity.Evidence

	nextID int
}

func account(service, subject string) identity.Key {
	return identity.Key{Kind: rampforge.IdentityAccount, Service: service, Subject: subject}
}

func signature(email string) identity.Key {
	return identity.Key{Kind: rampforge.IdentityGit, Subject: identity.Subject(rampforge.Signature{Email: email})}
}

// services says what each service of these tests is.
var services = map[string]struct {
	vendor rampforge.ServiceType
	host   string
}{
	"gh": {rampforge.ServiceGitHub, "github.com"}, "gh2": {rampforge.ServiceGitHub, "github.com"}, "ghe": {rampforge.ServiceGitHub, "code.example.com"},
	"gl": {rampforge.ServiceGitLab, "gitlab.example.com"}, "jira": {rampforge.ServiceJira, "team.atlassian.net"}, "wiki": {rampforge.ServiceConfluence, "team.atlassian.net"},
	"dc": {rampforge.ServiceJira, "jira.example.com"}, "ado": {rampforge.ServiceAzureDevOps, "dev.azure.com"},
}

// account adds an account: words are login:x, name:x, email:x, verified:x, bot.
func (t *team) account(service, subject string, words ...string) *team {
	i := identity.Identity{Key: account(service, subject), Vendor: services[service].vendor, Host: services[service].host}
	for _, w := range words {
		what, value, _ := strings.Cut(w, ":")
		switch what {
		case "login":
			i.Login = value
		case "name":
			i.Name = value
		case "email", "verified":
			i.Address, i.Verified = identity.Address(value), what == "verified"
		case "bot":
			i.Bot = true
		}
	}
	t.Identities = append(t.Identities, i)
	return t
}

func (t *team) user(id, email, name string) *team {
	t.Identities = append(t.Identities, identity.Identity{Key: identity.Key{Kind: rampforge.IdentityUser, Subject: id}, Address: identity.Address(email), Name: name})
	return t
}

func (t *team) git(email, name string) *team {
	s := rampforge.Signature{Email: email, Name: name}
	t.Identities = append(t.Identities, identity.Identity{Key: identity.Key{Kind: rampforge.IdentityGit, Subject: identity.Subject(s)}, Address: identity.Address(email), Name: name})
	return t
}

func (t *team) claim(email, service, subject string) *team {
	t.Claims = append(t.Claims, identity.Claim{Address: identity.Address(email), Account: account(service, subject)})
	return t
}

func (t *team) mailmap(email, name, proper string) *team {
	t.Aliases = append(t.Aliases, identity.Alias{Source: "repo", Address: identity.Address(email), Name: name, Proper: identity.Address(proper)})
	return t
}

func (t *team) decide(together bool, a, b identity.Key) *team {
	t.Decisions = append(t.Decisions, identity.Decision{A: a, B: b, Together: together})
	return t
}

// people writes clusters of more than one as "a+b", and suggestions as "a?b".
func people(e identity.Evidence) []string {
	r := identity.Resolve(e)
	name := func(k identity.Key) string { return strings.TrimPrefix(k.Service+"/"+k.Subject, "/") }
	all := []string{}
	for _, c := range r.Clusters {
		names := make([]string, 0, len(c.Keys))
		for _, k := range c.Keys {
			names = append(names, name(k))
		}
		if len(names) > 1 {
			all = append(all, strings.Join(names, "+"))
		}
	}
	for _, s := range r.Suggestions {
		rules := make([]string, 0, len(s.Reasons))
		for _, reason := range s.Reasons {
			rules = append(rules, string(reason.Rule))
		}
		slices.Sort(rules)
		all = append(all, name(s.Reasons[0].A)+"?"+name(s.Reasons[0].B)+" "+strings.Join(rules, ","))
	}
	return all
}

func TestRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		team *team
		want []string
	}{
		"verified on both sides": {new(team).account("gl", "1", "verified:a.b@corp.test").account("ado", "x", "verified:a.b@CORP.test"), []string{"ado/x+gl/1"}},
		"verified and committed": {new(team).account("gl", "1", "verified:a@corp.test").git("a@corp.test", "A"), []string{"gl/1+a@corp.test"}},
		"verified on one side":   {new(team).account("gl", "1", "verified:a@corp.test").account("jira", "x", "email:a@corp.test"), []string{"gl/1?jira/x same_address"}},
		"verified on no side":    {new(team).account("gh", "1", "email:a@corp.test").git("a@corp.test", "A"), []string{"gh/1?a@corp.test same_address"}},
		"a user verifies nothing": {
			new(team).user("usr_1", "a@corp.test", "A").account("gl", "1", "verified:a@corp.test"), []string{"gl/1?usr_1 same_address"},
		},
		"case of the local part":                {new(team).account("gl", "1", "verified:A.B@corp.test").git("a.b@corp.test", "A"), []string{"gl/1?a.b@corp.test similar_address"}},
		"case at a provider that folds":         {new(team).account("gl", "1", "verified:A.B@Gmail.com").git("a.b@googlemail.com", "A"), []string{"gl/1+a.b@gmail.com"}},
		"a tag":                                 {new(team).git("a+work@corp.test", "A").git("a@corp.test", "A"), []string{"a+work@corp.test?a@corp.test similar_address"}},
		"the vendor's word":                     {new(team).account("gh", "1").git("a@home.test", "A").claim("a@home.test", "gh", "1"), []string{"gh/1+a@home.test"}},
		"the vendor's word of a shared address": {new(team).account("gh", "1").git("root@localhost", "root").claim("root@localhost", "gh", "1"), []string{}},
		"two words of one vendor": {
			new(team).account("gh", "1").account("gh", "2").git("a@home.test", "A").claim("a@home.test", "gh", "1").claim("a@home.test", "gh", "2"),
			[]string{"gh/1?gh/2 disputed_address", "gh/1?a@home.test disputed_address", "gh/2?a@home.test disputed_address"},
		},
		"words of two vendors":       {new(team).account("gh", "1").account("gl", "7").git("a@home.test", "A").claim("a@home.test", "gh", "1").claim("a@home.test", "gl", "7"), []string{"gh/1+gl/7+a@home.test"}},
		"one account, two services":  {new(team).account("gh", "1").account("gh2", "1").account("ghe", "1"), []string{"gh/1+gh2/1"}},
		"Atlassian's accounts":       {new(team).account("jira", "abc").account("wiki", "abc").account("dc", "abc"), []string{"jira/abc+wiki/abc"}},
		"GitHub's private address":   {new(team).account("gh", "12", "login:now").git("12+before@users.noreply.github.com", "A"), []string{"gh/12+12+before@users.noreply.github.com"}},
		"of another host":            {new(team).account("ghe", "12", "login:now").git("12+before@users.noreply.github.com", "A"), []string{}},
		"GitLab's private address":   {new(team).account("gl", "12", "login:now").git("12-now@users.noreply.gitlab.example.com", "A"), []string{"gl/12+12-now@users.noreply.gitlab.example.com"}},
		"a login with a dash":        {new(team).account("gh", "12", "login:x").git("12-now@users.noreply.github.com", "A"), []string{}},
		"GitHub's old form":          {new(team).account("gh", "12", "login:Now").git("now@users.noreply.github.com", "A"), []string{"gh/12?now@users.noreply.github.com private_login"}},
		"two logins of one number":   {new(team).git("12+old@users.noreply.github.com", "A").git("12+new@users.noreply.github.com", "A"), []string{"12+new@users.noreply.github.com+12+old@users.noreply.github.com"}},
		"mailmap":                    {new(team).git("old@corp.test", "A").git("new@corp.test", "A").mailmap("old@corp.test", "A", "new@corp.test").mailmap("new@corp.test", "A", "new@corp.test"), []string{"new@corp.test+old@corp.test"}},
		"mailmap to one never seen":  {new(team).git("a@one.test", "A").git("a@two.test", "B").mailmap("a@one.test", "A", "x@corp.test").mailmap("a@two.test", "B", "x@corp.test"), []string{"a@one.test+a@two.test"}},
		"mailmap tells names apart":  {new(team).git("pair@corp.test", "A").git("a@corp.test", "A").git("b@corp.test", "B").mailmap("pair@corp.test", "A", "a@corp.test").mailmap("pair@corp.test", "B", "b@corp.test"), []string{}},
		"mailmap of a shared one":    {new(team).git("root@localhost", "A").git("a@corp.test", "A").mailmap("root@localhost", "A", "a@corp.test"), []string{}},
		"a role's address":           {new(team).account("gl", "1", "verified:info@corp.test").account("ado", "x", "verified:info@corp.test").git("info@corp.test", "Info"), []string{}},
		"a name alone":               {new(team).account("gl", "1", "name:Ada Byron").account("jira", "x", "name:Ada Byron").git("z@corp.test", "Ada Byron"), []string{}},
		"a name and a login":         {new(team).account("gl", "1", "name:Ada Byron", "login:aby").account("dc", "x", "name:ada byron", "login:ABY"), []string{"dc/x?gl/1 same_login,same_name"}},
		"a login alone":              {new(team).account("gl", "1", "login:aby").account("dc", "x", "login:aby"), []string{"dc/x?gl/1 same_login"}},
		"a login of everybody":       {new(team).account("gl", "1", "login:admin").account("dc", "x", "login:admin"), []string{}},
		"a name and a local part":    {new(team).account("gl", "1", "name:Ada Byron", "login:aby").git("aby@home.test", "Ada Byron"), []string{"gl/1?aby@home.test login_in_address,same_name"}},
		"one name in one company":    {new(team).git("ada1@corp.test", "Ada Byron").git("ada2@corp.test", "Ada Byron"), []string{"ada1@corp.test?ada2@corp.test same_domain,same_name"}},
		"one name at one provider":   {new(team).git("ada1@gmail.com", "Ada Byron").git("ada2@gmail.com", "Ada Byron"), []string{}},
		"a bot with its owner's":     {new(team).account("gl", "1", "verified:a@corp.test").account("ado", "b", "verified:a@corp.test", "bot").git("a@corp.test", "A"), []string{"gl/1+a@corp.test"}},
		"a bot's commits":            {new(team).account("gh", "9", "bot", "login:dep[bot]").git("9+dep[bot]@users.noreply.github.com", "dep[bot]"), []string{"gh/9+9+dep[bot]@users.noreply.github.com"}},
		"a bot by the vendor's word": {new(team).account("gh", "9", "bot").account("gl", "1", "verified:a@corp.test").git("a@corp.test", "A").claim("a@corp.test", "gh", "9"), []string{"gh/9+a@corp.test"}},
		"a bot and a person of one login": {
			new(team).account("gl", "1", "login:deploy").account("dc", "x", "login:deploy", "bot"), []string{},
		},
		"a ghost": {new(team).account("gh", "10137", "login:ghost", "verified:g@corp.test").account("gl", "3", "login:ghost", "verified:g@corp.test"), []string{}},
		"a chain to two accounts of one service": {
			new(team).account("gh", "1").account("gh", "2").git("a@one.test", "A").git("a@two.test", "A").
				claim("a@one.test", "gh", "1").claim("a@two.test", "gh", "2").mailmap("a@one.test", "A", "a@two.test"),
			[]string{"gh/1+a@one.test", "gh/2+a@two.test", "a@one.test?a@two.test mailmap"},
		},
		"a long chain to two accounts": {
			new(team).account("gh", "1", "verified:a@one.test").account("gl", "5", "verified:a@one.test").account("gh", "2", "verified:a@two.test").
				git("a@one.test", "A").git("a@two.test", "A").git("a@three.test", "A").
				mailmap("a@one.test", "A", "a@three.test").mailmap("a@two.test", "A", "a@three.test"),
			[]string{"gh/1+gl/5+a@one.test", "gh/2+a@two.test", "a@one.test?a@two.test mailmap", "a@one.test?a@three.test mailmap", "a@two.test?a@three.test mailmap"},
		},
		"by hand":                    {new(team).account("gh", "1").account("gh", "2").decide(true, account("gh", "1"), account("gh", "2")), []string{"gh/1+gh/2"}},
		"by hand apart":              {new(team).account("gl", "1", "verified:a@corp.test").git("a@corp.test", "A").decide(false, account("gl", "1"), signature("a@corp.test")), []string{}},
		"by hand, of a bot":          {new(team).account("gh", "1").account("gl", "2", "bot").decide(true, account("gh", "1"), account("gl", "2")), []string{}},
		"by hand apart, and a third": {new(team).account("gh", "1").git("a@one.test", "A").git("a@two.test", "A").claim("a@one.test", "gh", "1").claim("a@two.test", "gh", "1").decide(false, account("gh", "1"), signature("a@two.test")), []string{"gh/1+a@one.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, people(c.team.Evidence)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"A.b@Corp.Test": "A.b@corp.test", " <a@corp.test> ": "a@corp.test", "A@GMAIL.com": "a@gmail.com", "a@corp.test.": "a@corp.test",
		"": "", "none": "", "none@none": "", "root@localhost": "", "root@build-1.local": "", "a@localhost.localdomain": "", "a@b@c.test": "", "a b@corp.test": "",
		"noreply@corp.test": "", "No-Reply@corp.test": "", "noreply+3@corp.test": "", "admin@corp.test": "", "a@10.0.0.1": "", "@corp.test": "", "a@": "", "a@.test": "",
		"a\x00@corp.test": "", "12+x@users.noreply.github.com": "12+x@users.noreply.github.com", "X@users.noreply.github.com": "x@users.noreply.github.com",
		"\xff@corp.test": "", strings.Repeat("a", 260) + "@corp.test": "", "a@c5f0e1d2-svn": "",
	} {
		if got := identity.Address(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	one, two := identity.Subject(rampforge.Signature{Name: "Ann", Email: "root@localhost"}), identity.Subject(rampforge.Signature{Name: "Bob", Email: "root@localhost"})
	if one == two || one == "" {
		t.Errorf("%q and %q", one, two)
	}
	if nobody := identity.Subject(rampforge.Signature{}); nobody != "" {
		t.Errorf("%q", nobody)
	}
}

func TestWithoutAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ada Byron": "Ada Byron", "ada@corp.test": "ada", "Ada <ada@corp.test>": "Ada", "@ada": "@ada", "<ada@corp.test>": "ada", " a\tb\x00c ": "a b c", "": "", "@": "@",
	} {
		if got := identity.WithoutAddress(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
