// Package nameless knows by digests who was erased, and puts a pseudonym in place
// of what names them: addresses, names, and the handles of accounts, alone or in
// texts. It is pure and may import the root package only.
package nameless

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/rampforgeai/rampforge"
)

// Register is what named people who were erased, as digests, and what stands in
// its place. The zero value, and nil, know of nobody. It can be sent to another
// process.
type Register struct {
	Key    []byte            // of the digests
	Erased map[string]string // pseudonyms by digest

	mu     sync.Mutex
	begins map[string]bool // words, by whether a name begins with one
}

// The kinds of what is kept as a digest. Kept digests carry them, so they never
// change.
const (
	kindAddress = "address"
	kindAccount = "account"
	kindName    = "name"
	kindHandle  = "handle"
	kindTurned  = "turned" // a name of two words as lists have it, the second word first
	kindFirst   = "first"  // the first word of a name: most words of a text need no other look
)

// maxWords is how many words of a text are taken for one name.
const maxWords = 6

// rememberedWords bounds what is remembered of the words of texts.
const rememberedWords = 100_000

// Account names an account of a service.
func Account(serviceID, id string) string { return serviceID + "/" + id }

// Known is what a person is known by.
type Known struct {
	Addresses, Names, Handles []string
	Accounts                  []string // as Account names them
}

// Digests returns the digests of what a person is known by.
func (r *Register) Digests(k Known) []string {
	found := map[string]bool{}
	add := func(kind, value string) {
		if value != "" {
			found[r.digest(kind, value)] = true
		}
	}
	for _, a := range k.Addresses {
		add(kindAddress, addressKey(a))
	}
	for _, a := range k.Accounts {
		add(kindAccount, a)
	}
	for _, h := range k.Handles {
		add(kindHandle, handleKey(h))
	}
	for _, n := range k.Names {
		words := wordsOf(n)
		add(kindName, strings.Join(words, " "))
		if len(words) > 1 {
			add(kindFirst, words[0])
		}
		if len(words) == 2 {
			add(kindTurned, words[1]+" "+words[0])
			add(kindFirst, words[1])
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Of returns a register that knows one person.
func Of(key []byte, k Known, pseudonym string) *Register {
	r := &Register{Key: key, Erased: map[string]string{}}
	for _, d := range r.Digests(k) {
		r.Erased[d] = pseudonym
	}
	return r
}

// digest is an HMAC, so that a list of addresses is not compared with the digests
// without the key, which is kept beside them.
func (r *Register) digest(kind, value string) string {
	mac := hmac.New(sha256.New, r.Key)
	mac.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil))
}

func (r *Register) find(kind, value string) string {
	if !r.Any() || value == "" {
		return ""
	}
	return r.Erased[r.digest(kind, value)]
}

// Any reports whether anybody was erased.
func (r *Register) Any() bool { return r != nil && len(r.Erased) > 0 }

// Tag tells one set of people who were erased from another; "" is nobody.
func (r *Register) Tag() string {
	if !r.Any() {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(maps.Keys(r.Erased)), " ")))
	return hex.EncodeToString(sum[:8])
}

func addressKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func handleKey(handle string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(handle), "@"))
}

// Address returns what stands in place of an e-mail address, "" where it is
// nobody's who was erased.
func (r *Register) Address(email string) string { return r.find(kindAddress, addressKey(email)) }

// Account returns what stands in place of the account of a service.
func (r *Register) Account(serviceID, id string) string {
	return r.find(kindAccount, Account(serviceID, id))
}

// name returns what stands in place of a name, of however many words.
func (r *Register) name(name string) string {
	if !r.Any() {
		return ""
	}
	return r.find(kindName, strings.Join(wordsOf(name), " "))
}

// fullName is name for names of two words or more, which strangers share seldom.
func (r *Register) fullName(name string) string {
	words := wordsOf(name)
	if len(words) < 2 {
		return ""
	}
	return r.find(kindName, strings.Join(words, " "))
}

// Name reports whether a name is that of somebody who was erased, or stands in
// its place.
func (r *Register) Name(name string) bool { return r.name(name) != "" || r.isPseudonym(name) }

func (r *Register) isPseudonym(name string) bool {
	if !r.Any() || !strings.HasPrefix(name, pseudonymPrefix) {
		return false
	}
	for _, p := range r.Erased {
		if p == name {
			return true
		}
	}
	return false
}

const pseudonymPrefix = "Erased person "

// Pseudonym is a name that says nothing of who had another before.
func Pseudonym(random [4]byte) string { return pseudonymPrefix + hex.EncodeToString(random[:]) }

// PseudonymAddress is the address of a pseudonym. The domain can be nobody's
// (RFC 2606).
func PseudonymAddress(pseudonym string) string {
	return strings.ReplaceAll(strings.ToLower(pseudonym), " ", "-") + "@erased.example"
}

// Whole returns what stands in place of a text that is nothing but a name, an
// address or a handle: what a field says that names somebody.
func (r *Register) Whole(text string) string {
	if !r.Any() {
		return ""
	}
	text = strings.TrimSpace(text)
	if p := r.Address(text); p != "" {
		return p
	}
	if p := r.name(text); p != "" {
		return p
	}
	return r.find(kindHandle, handleKey(text))
}

// Signature makes nameless the signature of a commit, by its address or by a full
// name: whoever reads a history takes commits under one full name for one person's.
func (r *Register) Signature(s rampforge.Signature) (rampforge.Signature, bool) {
	pseudonym := r.Address(s.Email)
	if pseudonym == "" && r.Any() {
		pseudonym = r.fullName(s.Name)
	}
	if pseudonym == "" {
		return s, false
	}
	return rampforge.Signature{Name: pseudonym, Email: PseudonymAddress(pseudonym)}, true
}

// wordsOf are the words of a name in the form that compares: without case, accents
// and what stands between them.
func wordsOf(name string) []string {
	return strings.FieldsFunc(fold(name), func(c rune) bool { return !wordRune(c) })
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// fold is a text without case and accents.
func fold(text string) string {
	ascii := true
	for i := 0; i < len(text) && ascii; i++ {
		ascii = text[i] < 0x80
	}
	if ascii {
		return strings.ToLower(text)
	}
	var out strings.Builder
	for _, c := range norm.NFKD.String(strings.ToLower(text)) {
		if !unicode.Is(unicode.Mn, c) {
			out.WriteRune(c)
		}
	}
	return out.String()
}

// first reports whether a name begins with a word.
func (r *Register) first(word string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, asked := r.begins[word]
	if !asked {
		known = r.Erased[r.digest(kindFirst, word)] != ""
		if r.begins == nil || len(r.begins) >= rememberedWords {
			r.begins = map[string]bool{}
		}
		r.begins[strings.Clone(word)] = known
	}
	return known
}
