package mcpclient

import (
	"errors"
	"regexp"
)

// MisreadError is the cause of an error that a server gives where it has an answer
// of the vendor and does not take it, because a field is not as the server
// expects it. To ask again is of no use.
type MisreadError struct {
	Field string // of the vendor's, in letters and underscores; "" when it is not told
	// Listed says that it is a field of one member of a list: the others may be
	// had by asking for less of the list.
	Listed bool
}

// Error implements error.
func (m MisreadError) Error() string { return "the server does not take the vendor's answer" }

// saidMisread is how @zereight/mcp-gitlab tells it, with the path of the first
// field: what begins with a number is within a list.
var saidMisread = regexp.MustCompile(`^Invalid arguments: (?:([0-9]{1,6})\.)?([a-z_]{1,40})?`)

// misread returns what words say that a server did not take.
func misread(text string) (MisreadError, bool) {
	m := saidMisread.FindStringSubmatch(text)
	if m == nil {
		return MisreadError{}, false
	}
	return MisreadError{Field: m[2], Listed: m[1] != ""}, true
}

// MisreadOf returns what a server did not take of the vendor's answer.
func MisreadOf(err error) (MisreadError, bool) { return errors.AsType[MisreadError](err) }
