package knowledge

import (
	"context"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/interview"
	"github.com/rampforgeai/rampforge/internal/store"
)

// signer is who is asked, as the history knows them.
type signer struct {
	names map[string]bool // as interview.NameKey has them
	mine  func(rampforge.Signature) bool
	notes []string
}

// person tells the names and the signatures of who is asked: all that the
// identities of their person go by.
func (m *Maker) person(ctx context.Context, r Request) (signer, error) {
	identities, err := m.Store.IdentitiesOf(ctx, r.Email, m.Subject(rampforge.Signature{Email: r.Email}))
	if err != nil {
		return signer{}, err
	}
	subjects := map[string]bool{m.Subject(rampforge.Signature{Email: r.Email}): true}
	for _, v := range identities {
		subjects[v] = true
	}
	signatures, err := m.Store.SignaturesIn(ctx, r.Repository.ID)
	if err != nil {
		return signer{}, err
	}
	who := signer{names: map[string]bool{}}
	if m.isShared(r.Email) {
		who.notes = m.sharing(r, signatures, subjects, who)
	}
	for _, v := range signatures {
		if subjects[m.Subject(v.Signature)] || v.Proper != "" && subjects[m.Subject(rampforge.Signature{Name: v.Name, Email: v.Proper})] {
			who.names[interview.NameKey(v.Name)] = true
		}
	}
	if len(who.names) == 0 && r.Name != "" {
		who.names[interview.NameKey(r.Name)] = true
	}
	proper := map[rampforge.Signature]string{}
	for _, v := range signatures {
		proper[v.Signature] = v.Proper
	}
	who.mine = func(s rampforge.Signature) bool {
		if subjects[m.Subject(s)] {
			return true
		}
		at := proper[s]
		return at != "" && subjects[m.Subject(rampforge.Signature{Name: s.Name, Email: at})]
	}
	return who, nil
}

// isShared reports whether an address is one of those by which nobody is told,
// such as dev@ and noreply@, so that the name beside it counts.
func (m *Maker) isShared(email string) bool {
	return m.Subject(rampforge.Signature{Name: "one", Email: email}) != m.Subject(rampforge.Signature{Name: "another", Email: email})
}

// sharing decides by the history whose an address is that looks as if many used
// it, and adds the subjects of who is asked. One that a single name signs with is
// that person's; of several names that of who is asked counts for commits, and all of
// them where none is theirs, as whoever named the person knows better than a rule. A
// note says so.
func (m *Maker) sharing(r Request, signatures []store.KeptSignature, subjects map[string]bool, who signer) []string {
	of := map[string][]rampforge.Signature{} // by name
	for _, v := range signatures {
		for _, email := range []string{v.Email, v.Proper} {
			if email != "" && store.EmailKey(email) == store.EmailKey(r.Email) {
				key := interview.NameKey(v.Name)
				of[key] = append(of[key], rampforge.Signature{Name: v.Name, Email: email})
			}
		}
	}
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	var notes []string
	own := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !sameName(name, interview.NameKey(r.Name)) })
	if !oneName(names) {
		notes = append(notes, "Several names sign with this person's address, which the history takes for one: questions about files may be about what another of them wrote.")
		// Of the files nobody can tell who of them wrote which; the analysis knows them
		// by one of their names.
		for _, name := range names {
			who.names[name] = true
		}
	}
	if len(own) > 0 {
		names = own
	}
	for _, name := range names {
		for _, s := range of[name] {
			subjects[m.Subject(s)] = true
		}
	}
	return notes
}

// oneName reports whether all of some names may be those of one person.
func oneName(names []string) bool {
	for i := range names {
		for _, other := range names[i+1:] {
			if !sameName(names[i], other) {
				return false
			}
		}
	}
	return true
}

// sameName reports whether two names may be one person's: all words of the one are
// among those of the other. "" is nobody's.
func sameName(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) > 0 && !slices.ContainsFunc(x, func(w string) bool { return !slices.Contains(y, w) })
}
