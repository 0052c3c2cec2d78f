package search

import (
	"regexp"
	"strings"
)

// keyLike is the key of a work item, or a number as trackers write it.
var keyLike = regexp.MustCompile(`\b[A-Z][A-Z0-9]{1,9}-\d{1,7}\b|(?:^|[\s(])[#!]\d{1,7}\b`)

// KeysIn are the keys that a text names.
func KeysIn(text string) []string {
	var keys []string
	for _, m := range keyLike.FindAllString(text, 20) {
		keys = append(keys, strings.TrimLeft(m, " \t\n("))
	}
	return keys
}

// reference is a key that begins a word of a text in which people refer to others.
var reference = regexp.MustCompile(`(?:^|[\s(\[])(#\d{1,7}|![0-9]{1,7}|[A-Z][A-Z0-9]{1,9}-\d{1,7})\b`)

// References are the first pull requests, issues and work items that the text of
// a change refers to, at most so many.
func References(text string, most int) []string {
	var keys []string
	for _, m := range reference.FindAllStringSubmatch(text, most) {
		keys = append(keys, m[1])
	}
	return keys
}
