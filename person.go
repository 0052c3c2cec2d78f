package rampforge

import "time"

// IdentityKind is what an identity is of.
type IdentityKind string

// The kinds of identities.
const (
	IdentityAccount IdentityKind = "account" // of a service
	IdentityGit     IdentityKind = "git"     // an address in commits
	IdentityUser    IdentityKind = "user"    // of this product
)

// IdentityRule is why two identities are one person, or may be.
type IdentityRule string

// The rules that join by themselves.
const (
	RuleSameAccount     IdentityRule = "same_account"     // one account, seen by two services
	RuleVendor          IdentityRule = "vendor"           // the vendor says that commits of an address are an account's
	RulePrivateAddress  IdentityRule = "private_address"  // a code host's own address, with the account's id in it
	RuleVerifiedAddress IdentityRule = "verified_address" // the vendor verified the address
	RuleMailmap         IdentityRule = "mailmap"          // a repository's .mailmap
)

// The rules that suggest and never join.
const (
	RuleSameAddress     IdentityRule = "same_address"     // one address, that nobody verified on both sides
	RuleDisputedAddress IdentityRule = "disputed_address" // one address that several accounts of one service claim
	RuleSimilarAddress  IdentityRule = "similar_address"  // addresses that differ in case or in a +tag
	RulePrivateLogin    IdentityRule = "private_login"    // a private address of GitHub's old form, with a login that may have changed hands
	RuleSameLogin       IdentityRule = "same_login"       // one login at two vendors
	RuleLoginInAddress  IdentityRule = "login_in_address" // a login is what stands before the @
	RuleLoginFromName   IdentityRule = "login_from_name"  // a login, or what stands before the @, is made of the other's full name
	RuleSameLocalPart   IdentityRule = "same_local_part"  // the same stands before the @
	RuleSameDomain      IdentityRule = "same_domain"      // addresses of one organisation
	RuleSameName        IdentityRule = "same_name"        // beside another reason only
)

// ByAddressOnly reports whether a rule goes by nothing but an address, which a
// bot may share with its owner.
func (r IdentityRule) ByAddressOnly() bool { return r == RuleVerifiedAddress || r == RuleMailmap }

// Person is somebody of the team, or a bot, across all that they are known by.
type Person struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"` // never an e-mail address
	Bot        bool       `json:"bot"`
	UserID     *string    `json:"user_id"` // of the user that they are here
	Identities []Identity `json:"identities"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// Identity is one account, one address in commits or one user that a person is
// known by.
type Identity struct {
	ID        string       `json:"id"`
	Kind      IdentityKind `json:"kind"`
	ServiceID *string      `json:"service_id"` // of an account
	// AccountID is the vendor's id of an account, or the id of a user.
	AccountID *string `json:"account_id"`
	Login     string  `json:"login"`
	Name      string  `json:"name"`
	// Email is nil when it is not known, and for who may not see it.
	Email         *string   `json:"email"`
	EmailVerified bool      `json:"email_verified"` // by the vendor
	Bot           bool      `json:"bot"`
	Since         time.Time `json:"since"` // when it was first seen
}

// PersonSuggestion is that two people may be one.
type PersonSuggestion struct {
	ID        string             `json:"id"`
	People    []Person           `json:"people"` // two
	Score     float64            `json:"score"`  // above 0 and below 1; more is likelier
	Reasons   []SuggestionReason `json:"reasons"`
	CreatedAt time.Time          `json:"created_at"`
}

// SuggestionReason is a rule that speaks for two identities being one person's.
type SuggestionReason struct {
	Rule       IdentityRule `json:"rule"`
	Identities []string     `json:"identities"` // their ids, two
}
