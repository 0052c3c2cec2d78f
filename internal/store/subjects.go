package store

import (
	"context"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Subject is a person as far as they are known by an e-mail address: as a user,
// by accounts of services and by signatures of commits. Either of the last two
// may be without the first.
type Subject struct {
	Email     string
	User      *rampforge.User
	PersonIDs []string         // who they are, and who they were before they were merged
	Accounts  []SubjectAccount // of services
	Addresses []string         // every e-mail address they are known by, in the form that compares
	Names     []string
}

// SubjectAccount is an account of a service.
type SubjectAccount struct {
	ServiceID string `json:"service_id"`
	ID        string `json:"id"`
	Login     string `json:"login"`
	Name      string `json:"name"`
	Email     string `json:"email"`
}

const (
	// Who is who by an address: as a user's, an account's or a commit's.
	personsOfAddress = `SELECT DISTINCT i.person_id FROM identities i WHERE lower(i.email) = $1 OR i.kind = 'git' AND i.subject = $1 OR i.kind = 'user' AND i.subject = $2`
	mergedInto       = `SELECT p.id FROM people p WHERE p.merged_into = $1`
	personOfAccount  = `SELECT i.person_id FROM identities i WHERE i.kind = 'account' AND i.service_id = $1 AND i.subject = $2`

	// What somebody is known by, in one shape.
	knownAsIdentity = `SELECT i.kind, i.service_id, i.subject, i.login, i.name, i.email FROM identities i WHERE i.person_id = $1 ORDER BY i.id`
	knownAsAccount  = `SELECT 'account', a.service_id, a.id, a.login, a.name, a.email FROM accounts a WHERE lower(a.email) = $1 ORDER BY a.service_id, a.id`
	knownByID       = `SELECT 'account', a.service_id, a.id, a.login, a.name, a.email FROM accounts a WHERE a.service_id = $1 AND a.id = $2`
	knownAsSigned   = `SELECT 'git', '', s.email, '', s.name, s.proper FROM signatures s WHERE lower(s.email) = $1 OR lower(s.proper) = $1 ORDER BY s.source, s.email, s.name`
)

// knownAs is one way in which somebody is known.
type knownAs struct {
	SubjectAccount

	kind rampforge.IdentityKind
}

// strings reads identities by one of these texts.
func (s *Store) strings(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := s.query(ctx, text, args...)
	return scanAll(rows, err, func(v *string) []any { return []any{v} })
}

// Subject finds who is meant by an e-mail address. An address that nothing knows
// is RESOURCE_NOT_FOUND.
func (s *Store) Subject(ctx context.Context, email string) (Subject, error) {
	key := EmailKey(email)
	v := Subject{Email: key, Addresses: []string{key}}
	userID := ""
	if user, _, err := s.UserByEmail(ctx, key); err == nil {
		v.User, userID = &user, user.ID
		v.Names = append(v.Names, user.Name)
	} else if rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return v, err
	}
	people, err := s.strings(ctx, personsOfAddress, key, userID)
	if err != nil {
		return v, err
	}
	if err := s.addPeople(ctx, &v, people); err != nil {
		return v, err
	}
	signed := false
	for _, address := range slices.Clone(v.Addresses) { // what nobody looked for yet whose it is
		for _, text := range []string{knownAsAccount, knownAsSigned} {
			found, err := s.addKnown(ctx, &v, text, address)
			if err != nil {
				return v, err
			}
			signed = signed || len(found) > 0
			for _, k := range found {
				if k.kind != rampforge.IdentityAccount {
					continue
				}
				people, err := s.strings(ctx, personOfAccount, k.ServiceID, k.ID)
				if err != nil {
					return v, err
				}
				if err := s.addPeople(ctx, &v, people); err != nil {
					return v, err
				}
			}
		}
	}
	for _, a := range slices.Clone(v.Accounts) { // identities may be older than their accounts
		if _, err := s.addKnown(ctx, &v, knownByID, a.ServiceID, a.ID); err != nil {
			return v, err
		}
	}
	if v.User == nil && len(v.Accounts) == 0 && len(v.PersonIDs) == 0 && !signed {
		return v, rampforge.Errorf(rampforge.CodeNotFound, "Nobody is known by the address %s: neither an account here, nor one of a service, nor a signature of a commit.", key)
	}
	slices.Sort(v.Addresses)
	slices.Sort(v.Names)
	v.Addresses, v.Names = slices.Compact(v.Addresses), slices.Compact(v.Names)
	return v, nil
}

// addPeople adds what people are known by who were not looked at yet.
func (s *Store) addPeople(ctx context.Context, v *Subject, people []string) error {
	for _, id := range people {
		if slices.Contains(v.PersonIDs, id) {
			continue
		}
		before, err := s.strings(ctx, mergedInto, id)
		if err != nil {
			return err
		}
		v.PersonIDs = append(append(v.PersonIDs, id), before...)
		if _, err := s.addKnown(ctx, v, knownAsIdentity, id); err != nil {
			return err
		}
	}
	return nil
}

// addKnown adds what one of the texts above finds.
func (s *Store) addKnown(ctx context.Context, v *Subject, text string, args ...any) ([]knownAs, error) {
	rows, err := s.query(ctx, text, args...)
	found, err := scanAll(rows, err, func(k *knownAs) []any { return []any{&k.kind, &k.ServiceID, &k.ID, &k.Login, &k.Name, &k.Email} })
	for _, k := range found {
		switch k.kind {
		case rampforge.IdentityAccount:
			v.addAccount(k.SubjectAccount)
		case rampforge.IdentityGit:
			if k.ID != "" {
				v.Addresses = append(v.Addresses, EmailKey(k.ID))
			}
		}
		if k.Email != "" {
			v.Addresses = append(v.Addresses, EmailKey(k.Email))
		}
		if strings.TrimSpace(k.Name) != "" {
			v.Names = append(v.Names, k.Name)
		}
	}
	return found, err
}

// addAccount adds an account; of one that is there what was not known of it.
func (v *Subject) addAccount(a SubjectAccount) {
	i := slices.IndexFunc(v.Accounts, func(k SubjectAccount) bool { return k.ServiceID == a.ServiceID && k.ID == a.ID })
	if i < 0 {
		v.Accounts = append(v.Accounts, a)
	} else if v.Accounts[i].Login == "" {
		v.Accounts[i].Login = a.Login
	}
}
