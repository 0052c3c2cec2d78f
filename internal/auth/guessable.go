package auth

import (
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
)

var (
	guessSeed = maphash.MakeSeed()
	// guessed has the hashes of the words of the lists that are long enough, in
	// order: a third of a MiB. The lists, five times that, are let go, as nobody else
	// in the process reads them and they would stay for ever.
	guessed = sync.OnceValue(func() []uint64 {
		n := 0
		for range longWords() {
			n++
		}
		hashes := make([]uint64, 0, n)
		for word := range longWords() {
			hashes = append(hashes, maphash.String(guessSeed, word))
		}
		clear(frequency.FrequencyLists)
		slices.Sort(hashes)
		return hashes
	})
)

func longWords() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range frequency.FrequencyLists {
			for _, word := range list {
				if utf8.RuneCountInString(word) >= minPassword && !yield(word) {
					return
				}
			}
		}
	}
}

// wellKnown reports whether a password is, whatever its case and read in either
// direction, one of the passwords, words and names that whoever guesses begins
// with.
func wellKnown(password string) bool {
	folded := []rune(strings.ToLower(password))
	backwards := slices.Clone(folded)
	slices.Reverse(backwards)
	for _, read := range [][]rune{folded, backwards} {
		if _, found := slices.BinarySearch(guessed(), maphash.String(guessSeed, string(read))); found {
			return true
		}
	}
	return false
}

// productWords are guessed first by whoever knows what a password is for.
// docs/security.md lists them.
var productWords = []string{"rampforge", "administrator", "admin", "teamlead", "developer", "observer"}

// minKnownWord is how long a word of somebody's name or address is that is looked
// for in their password: shorter ones are in many a good password by chance.
const minKnownWord = 4

// fromContext reports whether too little of a password is left when the words
// of the product and of what is known about its owner (name, e-mail address)
// are taken out, whatever their case and whatever stands between their letters.
func fromContext(password string, about ...string) bool {
	words := slices.Clone(productWords)
	for _, text := range about {
		text = strings.ToLower(text)
		for part := range strings.SplitSeq(text, "@") {
			words = append(words, lettersAndDigits(part))
		}
		words = append(words, strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < minKnownWord })
	// The longest first: of "example" and "examplecom" the latter leaves less.
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	rest := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.,+/@", r) {
			return -1
		}
		return r
	}, strings.ToLower(password))
	found := false
	for _, word := range words {
		found = found || strings.Contains(rest, word)
		rest = strings.ReplaceAll(rest, word, "")
	}
	return found && utf8.RuneCountInString(rest) < minPassword
}

func lettersAndDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
