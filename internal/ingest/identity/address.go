package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

const (
	maxAddress  = 254 // bytes, as mail allows
	githubHost  = "github.com"
	noreplyHost = "users.noreply."
)

// Address returns the form in which addresses are compared, "" for what stands
// for no one person: no address, one of a machine, or a role's. The domain is
// in lower case everywhere, what stands before the @ only where the provider is
// known to take both for the same.
func Address(text string) string {
	local, domain, ok := split(text)
	if !ok || isShared(local, domain) {
		return ""
	}
	return local + "@" + domain
}

// Subject returns what names the identity of a signature: its Address, and for
// an address that stands for nobody the name beside it, so that people who
// share it stay apart. It is "" for a signature that says nothing.
func Subject(s rampforge.Signature) string {
	if address := Address(s.Email); address != "" {
		return address
	}
	return strings.TrimSpace(strings.ToLower(oneLine(s.Email)) + " " + strings.ToLower(oneLine(s.Name)))
}

// split returns the two sides of an address in their normal form.
func split(text string) (local, domain string, ok bool) {
	text = strings.Trim(strings.TrimSpace(text), "<>")
	at := strings.LastIndexByte(text, '@')
	if at <= 0 || len(text) > maxAddress || !utf8.ValidString(text) || strings.ContainsFunc(text, unusual) {
		return "", "", false
	}
	local, domain = text[:at], strings.ToLower(strings.TrimSuffix(text[at+1:], "."))
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if strings.Contains(local, "@") || !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.Contains(domain, "..") {
		return "", "", false
	}
	if foldingProviders[domain] || strings.HasPrefix(domain, noreplyHost) {
		local = strings.ToLower(local)
	}
	return local, domain, true
}

func unusual(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '<' || r == '>' || r == '(' || r == ')' || r == ',' || r == ';'
}

// foldingProviders do not tell upper from lower case in what stands before the @,
// by their own word.
var foldingProviders = words("aol.com fastmail.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net hey.com hotmail.com icloud.com live.com mac.com " +
	"mail.ru me.com msn.com outlook.com pm.me proton.me protonmail.com qq.com web.de yahoo.com yandex.ru ymail.com zoho.com")

// sharedLocals are what stands before the @ of addresses that many people use,
// or that tools fill in.
var sharedLocals = words("abuse admin administrator all bot build builder ci contact dev developer developers devops donotreply do-not-reply ec2-user email " +
	"example feedback foo git hello help helpdesk hostmaster info it jenkins mail mailer-daemon me name no-reply no_reply nobody none noreply notifications " +
	"null office ops postmaster root sales security service support system team test tester ubuntu undefined unknown user username vagrant webmaster " +
	"www-data you your your.email your_email youremail")

// machineSuffixes end the names of machines, which many networks have alike.
var machineSuffixes = []string{".local", ".localdomain", ".lan", ".home", ".internal", ".intranet", ".corp", ".invalid", ".(none)", ".localhost"}

// isShared reports whether an address stands for no one person.
func isShared(local, domain string) bool {
	plain := strings.ToLower(local)
	if tag := strings.IndexByte(plain, '+'); tag > 0 && !strings.HasPrefix(domain, noreplyHost) {
		plain = plain[:tag]
	}
	if sharedLocals[plain] || strings.HasPrefix(domain, "localhost.") {
		return true
	}
	for _, suffix := range machineSuffixes {
		if strings.HasSuffix(domain, suffix) {
			return true
		}
	}
	return strings.Trim(domain, "0123456789.") == "" // a machine by its number
}

// private is an address that a code host gives in place of a real one.
type private struct {
	host  string // github.com
	id    string // the account's, "" in the old form
	login string // at the time
}

// privateOf reads a private address. GitHub writes 12+login, and login alone
// until 2017; GitLab writes 12-login.
func privateOf(address string, vendor rampforge.ServiceType) (p private, ok bool) {
	local, domain, _ := strings.Cut(address, "@")
	p.host, ok = strings.CutPrefix(domain, noreplyHost)
	if !ok || p.host == "" {
		return private{}, false
	}
	separator := "+"
	if vendor == rampforge.ServiceGitLab {
		separator = "-"
	}
	id, login, cut := strings.Cut(local, separator)
	switch {
	case cut && isNumber(id) && login != "":
		p.id, p.login = strings.TrimLeft(id, "0"), login
		return p, p.id != ""
	case vendor == rampforge.ServiceGitHub && !cut:
		p.login = local
		return p, true
	}
	return private{}, false
}

// vendorOf guesses whose private addresses a host gives, for one that no
// service tells of: nobody but GitHub writes a plus.
func vendorOf(address string) rampforge.ServiceType {
	local, domain, _ := strings.Cut(address, "@")
	switch {
	case domain == noreplyHost+githubHost || strings.Contains(local, "+"):
		return rampforge.ServiceGitHub
	case domain == noreplyHost+"gitlab.com":
		return rampforge.ServiceGitLab
	}
	return ""
}

// isProgram reports whether an address is one that only programs have: logins
// of people hold no brackets, and one address is GitHub's own.
func isProgram(subject string) bool {
	address, _, _ := strings.Cut(subject, " ")
	if address == "noreply@"+githubHost {
		return true
	}
	local, domain, _ := strings.Cut(address, "@")
	return strings.HasPrefix(domain, noreplyHost) && strings.HasSuffix(local, "[bot]")
}

// loosely is the form in which addresses look alike: no case, no tag.
func loosely(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	if tag := strings.IndexByte(local, '+'); tag > 0 && !strings.HasPrefix(domain, noreplyHost) {
		local = local[:tag]
	}
	return local + "@" + domain
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// oneLine makes a text of a commit fit for one line.
func oneLine(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
