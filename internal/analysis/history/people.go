package history

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rampforgeai/rampforge"
)

// person is one identity. People are numbered in the order of their names.
type person struct {
	name  string
	apart bool // a bot, or nobody: a commit without a name and an address
}

// register gathers the names and addresses of a history, and joins those that
// are one person.
type register struct {
	mailmap mailmap
	raw     map[rampforge.Signature]int32 // as commits have it → number
	wrote   map[rampforge.Signature]bool  // as commits have it: of an author or a co-author
	proper  map[rampforge.Signature]int32 // after .mailmap → number
	pairs   []pair
}

// pair is a name with an address, after .mailmap.
type pair struct {
	rampforge.Signature

	commits int   // of which it is the author
	latest  int64 // seconds, the newest of them
}

func newRegister(m mailmap) *register {
	return &register{mailmap: m, raw: map[rampforge.Signature]int32{}, wrote: map[rampforge.Signature]bool{}, proper: map[rampforge.Signature]int32{}}
}

// author counts a commit for its author.
func (r *register) author(p rampforge.Signature, when int64) int32 {
	id := r.writer(p)
	k := &r.pairs[id]
	if k.commits == 0 {
		k.latest = when
	}
	k.commits++
	k.latest = max(k.latest, when)
	return id
}

// writer is the number of who wrote a commit or a part of it.
func (r *register) writer(p rampforge.Signature) int32 {
	if !r.wrote[p] {
		r.wrote[rampforge.Signature{Name: strings.Clone(p.Name), Email: strings.Clone(p.Email)}] = true
	}
	return r.id(p)
}

func (r *register) id(p rampforge.Signature) int32 {
	if id, ok := r.raw[p]; ok {
		return id
	}
	raw := rampforge.Signature{Name: strings.Clone(p.Name), Email: strings.Clone(p.Email)}
	proper := r.mailmap.resolve(raw)
	proper.Name = cleanName(proper.Name)
	id, ok := r.proper[proper]
	if !ok {
		id = number(len(r.pairs))
		r.proper[proper] = id
		r.pairs = append(r.pairs, pair{Signature: proper})
	}
	r.raw[raw] = id
	return id
}

// signed lists what commits have of those who wrote them. Reviewers who wrote
// nothing are named in an area's answer and kept nowhere else.
func (r *register) signed() []Signed {
	list := make([]Signed, 0, len(r.wrote))
	for s := range r.wrote {
		list = append(list, Signed{Committed: s, Proper: r.mailmap.resolve(s)})
	}
	slices.SortFunc(list, func(a, b Signed) int { return comparePairs(a.Committed, b.Committed) })
	return list
}

// join makes people of pairs: pairs with the same address are one person, then
// pairs with the same full name, then those of one account at a code host, see
// handles. Bots join nobody, so that a bot with the
// address of its owner does not take the owner with it. It returns the people
// and the person of each pair.
func (r *register) join() (people []person, personOf []int32) {
	parent := make([]int32, len(r.pairs))
	byKey, accounts := map[string]int32{}, r.handles()
	for i := range r.pairs {
		parent[i] = number(i)
	}
	for i := range r.pairs {
		for _, key := range append(accounts.joinKeys(r.pairs[i].Signature), accounts.keys(r.pairs[i].Signature)...) {
			if other, ok := byKey[key]; ok {
				parent[root(parent, number(i))] = root(parent, other)
			} else {
				byKey[key] = number(i)
			}
		}
	}
	groups := map[int32][]int32{}
	for i := range r.pairs {
		top := root(parent, number(i))
		groups[top] = append(groups[top], number(i))
	}
	return r.people(groups)
}

func root(parent []int32, i int32) int32 {
	for parent[i] != i {
		parent[i] = parent[parent[i]]
		i = parent[i]
	}
	return i
}

// people numbers the groups of pairs by display name and smallest pair, so
// that the order in which commits came leaves no trace.
func (r *register) people(groups map[int32][]int32) (people []person, personOf []int32) {
	type group struct {
		person

		smallest rampforge.Signature
		pairs    []int32
	}
	all := make([]group, 0, len(groups))
	for _, pairs := range groups {
		first := r.pairs[pairs[0]].Signature
		g := group{pairs: pairs, person: person{name: r.displayName(pairs), apart: isBot(first) || first == rampforge.Signature{}}}
		g.smallest = first
		for _, p := range pairs {
			if k := r.pairs[p].Signature; comparePairs(k, g.smallest) < 0 {
				g.smallest = k
			}
		}
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b group) int {
		return cmp.Or(compareNames(a.name, b.name), comparePairs(a.smallest, b.smallest))
	})
	personOf = make([]int32, len(r.pairs))
	for i, g := range all {
		people = append(people, g.person)
		for _, p := range g.pairs {
			personOf[p] = number(i)
		}
	}
	return people, personOf
}

func comparePairs(a, b rampforge.Signature) int {
	return cmp.Or(cmp.Compare(a.Email, b.Email), cmp.Compare(a.Name, b.Name))
}

// displayName is the name that a person has used most often as an author, the
// newest of several, the first in the alphabet of those. A person without a
// name is called by what stands before the @ of the address.
func (r *register) displayName(pairs []int32) string {
	type use struct {
		commits int
		latest  int64
	}
	names := map[string]use{}
	for _, p := range pairs {
		k := &r.pairs[p]
		if k.Name != "" {
			u := names[k.Name]
			names[k.Name] = use{u.commits + k.commits, max(u.latest, k.latest)}
		}
	}
	best := ""
	for name, u := range names {
		b := names[best]
		if best == "" || cmp.Or(cmp.Compare(u.commits, b.commits), cmp.Compare(u.latest, b.latest), cmp.Compare(best, name)) > 0 {
			best = name
		}
	}
	if best != "" {
		return best
	}
	email := r.pairs[pairs[0]].Email
	for _, p := range pairs {
		email = min(email, r.pairs[p].Email)
	}
	local, _, _ := strings.Cut(email, "@")
	return cleanName(local)
}

// compareNames orders names as a list of people is read: without regard to
// case, and then by bytes.
func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}

// alphabetical returns the names of people, each once. Two people may share a
// name that is not enough to join them.
func (h *History) alphabetical(people []int32) []string {
	names := make([]string, 0, len(people))
	for _, p := range people {
		names = append(names, h.people[p].name)
	}
	slices.SortFunc(names, compareNames)
	return slices.Compact(names)
}

// cleanName makes a name fit for one line of text.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// joinKeys says what a pair is joined by: its address and its full name. The
// private addresses of a handle that several accounts had are no one's.
func (h *handles) joinKeys(p rampforge.Signature) []string {
	if isBot(p) {
		return nil
	}
	keys := make([]string, 0, 4)
	a, private := accountOf(p.Email)
	if email := personalEmail(p.Email); email != "" && (!private || !h.shared(a)) {
		keys = append(keys, "@"+email)
	}
	if name := fullName(p.Name); name != "" {
		keys = append(keys, "="+name)
	}
	return keys
}

// placeholders are the parts before the @ that many people share.
var placeholders = map[string]bool{
	"": true, "admin": true, "administrator": true, "email": true, "example": true, "git": true, "info": true, "mail": true, "name": true,
	"no-reply": true, "none": true, "noreply": true, "nobody": true, "root": true, "test": true, "ubuntu": true, "unknown": true, "user": true,
	"username": true, "vagrant": true, "you": true, "your": true, "your.email": true, "youremail": true,
}

// personalEmail is the form in which addresses are compared, "" for one that
// does not stand for one person: on a machine's own name, or a placeholder. The
// numbered private addresses of code hosts (123+user@users.noreply.github.com,
// 123-user@users.noreply.gitlab.com) are those without the number.
func personalEmail(email string) string {
	local, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	if !ok || placeholders[local] || !strings.Contains(domain, ".") || strings.HasPrefix(domain, "localhost.") {
		return ""
	}
	for _, suffix := range []string{".local", ".localdomain", ".lan", ".internal", ".(none)"} {
		if strings.HasSuffix(domain, suffix) {
			return ""
		}
	}
	if a, ok := accountOf(email); ok {
		local = a.handle
	}
	return local + "@" + domain
}

func cutAny(s, seps string) (before, after string, found bool) {
	if i := strings.IndexAny(s, seps); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// anonymous are names of two words that are nobody's.
var anonymous = map[string]bool{
	"first last": true, "full name": true, "root user": true, "super user": true, "system administrator": true, "test user": true,
	"unknown author": true, "unknown user": true, "user name": true, "your name": true,
}

// fullName is the form in which names are compared: lower case, without accents
// and punctuation. It is "" for a name that does not have two words of two
// letters, as "root", "admin" and first names are shared by strangers.
func fullName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	long := 0
	for _, w := range words {
		if utf8.RuneCountInString(w) >= 2 {
			long++
		}
	}
	full := strings.Join(words, " ")
	if long < 2 || anonymous[full] {
		return ""
	}
	return full
}

// bots are names of programs that do not say so by themselves.
var bots = map[string]bool{
	"all contributors": true, "allcontributors": true, "bors": true, "codecov": true, "crowdin bot": true, "dependabot": true, "dependabot preview": true,
	"github actions": true, "github merge queue": true, "gitlab ci": true, "google cla": true, "greenkeeper": true, "imgbot": true,
	"jenkins": true, "mergify": true, "pre commit ci": true, "pyup bot": true, "release please": true, "renovate": true,
	"renovate bot": true, "semantic release bot": true, "snyk bot": true, "travis ci": true, "weblate": true, "whitesource renovate": true,
}

// isBot reports whether a name or an address is a program's: it ends in
// "[bot]" or "(bot)", it is one word that ends in "-bot" or "-robot", it is on the list of
// known names, or the address is one of a known service. A coding assistant is
// one too. A person called Bot stays a person.
func isBot(p rampforge.Signature) bool {
	name := strings.ToLower(p.Name)
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(p.Email)), "@")
	if strings.HasSuffix(name, "[bot]") || strings.HasSuffix(name, "(bot)") || strings.HasSuffix(local, "[bot]") {
		return true
	}
	if !strings.Contains(name, " ") && (strings.HasSuffix(name, "-bot") || strings.HasSuffix(name, "-robot")) {
		return true
	}
	if bots[strings.Join(nameWords(name), " ")] {
		return true
	}
	switch domain {
	case "renovateapp.com", "dependabot.com", "greenkeeper.io", "pyup.io":
		return local == "bot" || local == "support" || local == "renovate" || local == "noreply"
	case "github.com":
		return local == "action" || local == "actions" || local == "github-actions" || local == "copilot"
	}
	return isAssistant(name, local, domain)
}

func nameWords(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '_' })
}
