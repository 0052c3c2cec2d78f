package facts

import (
	"strings"
)

// Symbols are the strings that facts share, each held once. A symbol never
// changes what it stands for, so stored facts stay true as strings are added.
// It is not safe for concurrent changes.
type Symbols struct {
	texts  []string
	places map[string]Symbol
}

// NewSymbols returns the table that holds the given strings, as Texts returned
// them; none is a new table.
func NewSymbols(texts []string) *Symbols {
	s := &Symbols{texts: []string{""}, places: map[string]Symbol{"": 0}}
	for i, text := range texts {
		if i > 0 {
			s.places[text] = Symbol(len(s.texts)) //nolint:gosec // texts of four thousand million would not fit in memory
			s.texts = append(s.texts, text)
		}
	}
	return s
}

// Add returns the symbol of a string, a new one when it has none.
func (s *Symbols) Add(text string) Symbol {
	if place, ok := s.places[text]; ok {
		return place
	}
	place := Symbol(len(s.texts)) //nolint:gosec // likewise
	text = strings.Clone(text)    // it may be a part of a whole record
	s.texts = append(s.texts, text)
	s.places[text] = place
	return place
}

// Find returns the symbol of a string, and whether it has one.
func (s *Symbols) Find(text string) (Symbol, bool) {
	place, ok := s.places[text]
	return place, ok
}

// Text returns what a symbol stands for; "" for one that is not of this table.
func (s *Symbols) Text(v Symbol) string {
	if int(v) < len(s.texts) {
		return s.texts[v]
	}
	return ""
}

// Texts returns all strings in the order of their symbols. It must not be
// changed.
func (s *Symbols) Texts() []string { return s.texts }

// Len returns how many symbols there are.
func (s *Symbols) Len() int { return len(s.texts) }

// The keys are texts of two or more parts with a NUL between them, which no
// part holds: the store keeps none.
const between = "\x00"

// SourceKey is the text of a source.
func SourceKey(serviceID, resourceID string) string { return serviceID + between + resourceID }

// AccountKey is the text of an account of a service; "" for none.
func AccountKey(serviceID, accountID string) string {
	if accountID == "" {
		return ""
	}
	return serviceID + between + accountID
}

// SignatureKey is the text of who a commit's address stands for, in a source
// whose vendor knows no account behind it.
func SignatureKey(serviceID, name, email string) string {
	return serviceID + between + name + between + email
}

// SprintKey is the text of a sprint.
func SprintKey(serviceID, sprintID string) string { return serviceID + between + sprintID }

// StatusKey is the text of a status of a service. The id is the tracker's own,
// or "" where it has none; then the name tells statuses apart.
func StatusKey(serviceID, statusID, name string) string {
	if statusID != "" {
		return serviceID + between + statusID
	}
	return serviceID + between + between + name
}

// Parts returns the parts of a key.
func Parts(key string) []string { return strings.Split(key, between) }
