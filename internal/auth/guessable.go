package auth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
)

// wellKnown reports whether a password is, whatever its case and read in either
// direction, one of the passwords, words and names that whoever guesses begins
// with. The lists are walked, not indexed: an index would hold several MiB for
// something that happens once in the life of a password, beside a hash that
// takes a hundred times as long.
func wellKnown(password string) bool {
	folded := strings.ToLower(password)
	runes := []rune(folded)
	slices.Reverse(runes)
	backwards := string(runes)
	for _, list := range frequency.FrequencyLists {
		for _, word := range list {
			if word == folded || word == backwards {
				return true
			}
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
