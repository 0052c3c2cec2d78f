// Package identity finds out which accounts and addresses are one person. It
// is pure: no clock, no database, no randomness; the same evidence in whatever
// order gives the same people. It may import the root package only.
//
// What is certain joins by rule, what is doubtful becomes a suggestion, and
// what somebody decided by hand holds against both. A wrong join is worse than
// a missing one: it shows somebody's work as another's. So a name never joins
// by itself, and where rules lead to a contradiction nobody is joined.
package identity

import (
	"cmp"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Key names an identity. The subject is a vendor's account id, an id of a user
// of this product, or an address in the form of Subject.
type Key struct {
	Kind    rampforge.IdentityKind
	Service string // of an account, "" otherwise
	Subject string
}

// CompareKeys orders keys.
func CompareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Subject, b.Subject))
}

// Identity is one account, one address of commits or one user, with what is
// known of it.
type Identity struct {
	Key
	// Vendor and Host say whose account it is: two services of one host speak
	// of the same accounts.
	Vendor   rampforge.ServiceType
	Host     string // the host of the vendor's pages, in lower case
	Login    string
	Name     string
	Address  string // in the form of Address, "" when it is not known or stands for nobody
	Verified bool   // by the vendor, that the address is the account's
	Bot      bool
}

// Claim is a vendor's word that an address of commits is an account's.
type Claim struct {
	Address string // in the form of Address
	Account Key
}

// Alias is what a repository's .mailmap says of a signature. Proper is the
// Address to use in place of the one in commits; it is the same where .mailmap
// says nothing.
type Alias struct {
	Source  string // the repository
	Address string
	Name    string
	Proper  string
}

// Decision is what somebody said of two identities by hand.
type Decision struct {
	A, B     Key
	Together bool // they are one person; false is that they are not
}

// Evidence is all that is known.
type Evidence struct {
	Identities []Identity
	Claims     []Claim
	Aliases    []Alias
	Decisions  []Decision
}

// Rule says why two identities are, or may be, one person.
type Rule = rampforge.IdentityRule

// realm is within whose accounts an account's id is one of a kind; "" for what
// is no account. A person has one account of a realm, unless somebody says
// otherwise.
func (i *Identity) realm() string {
	switch i.Kind {
	case rampforge.IdentityGit:
		return ""
	case rampforge.IdentityUser:
		return "rampforge"
	case rampforge.IdentityAccount:
		switch {
		// Jira and Confluence in Atlassian's cloud share the accounts of all
		// sites; elsewhere each has its own.
		case (i.Vendor == rampforge.ServiceJira || i.Vendor == rampforge.ServiceConfluence) && isAtlassianCloud(i.Host):
			return "atlassian"
		case (i.Vendor == rampforge.ServiceGitHub || i.Vendor == rampforge.ServiceGitLab) && i.Host != "":
			return string(i.Vendor) + " " + i.Host
		}
		return i.Service
	}
	return ""
}

func isAtlassianCloud(host string) bool {
	return strings.HasSuffix(host, ".atlassian.net") || host == "api.atlassian.com"
}

// webFlow is the account behind what people do on GitHub's pages. It says that
// it is a user; there is no other like it.
const webFlow = "19864447"

// Program reports whether an identity is a program's: by the account's type, or
// by an address or an account that only programs have. A name says nothing.
func (i *Identity) Program() bool {
	switch i.Kind {
	case rampforge.IdentityGit:
		return i.Bot || isProgram(i.Subject)
	case rampforge.IdentityUser:
		return false
	case rampforge.IdentityAccount:
		return i.Bot || i.Vendor == rampforge.ServiceGitHub && i.Host == githubHost && i.Subject == webFlow
	}
	return i.Bot
}

// nobody reports whether an identity stands for many people or for none: the
// account that vendors show in place of deleted ones, and addresses that are
// shared. It is joined with nothing but by hand.
func (i *Identity) nobody() bool {
	switch i.Kind {
	case rampforge.IdentityGit:
		return i.Address == "" && !isProgram(i.Subject)
	case rampforge.IdentityUser:
		return false
	case rampforge.IdentityAccount:
		return strings.EqualFold(i.Login, "ghost") && (i.Vendor == rampforge.ServiceGitHub || i.Vendor == rampforge.ServiceGitLab)
	}
	return false
}
