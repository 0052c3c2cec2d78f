package codeindex

import (
	"errors"
	"fmt"

	"github.com/rampforgeai/rampforge/internal/nameless"
)

// Nameless takes the names out of an encoded code index: of those who wrote
// files, and of the subjects of commits and what stands above declarations. An index
// of another version of this program answers nothing and goes with its analysis.
func Nameless(content []byte, names *nameless.Register) ([]byte, bool, error) {
	ix, err := Decode(content)
	if errors.Is(err, ErrDamaged) {
		return content, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("decoding a code index: %w", err)
	}
	changed := false
	text := func(s *string) {
		if now, other := names.Text(*s); other {
			*s, changed = now, true
		}
	}
	for i := range ix.People {
		if p := names.Whole(ix.People[i].Name); p != "" {
			ix.People[i].Name, changed = p, true
		}
	}
	for i := range ix.Commits {
		text(&ix.Commits[i].Subject)
	}
	for i := range ix.Files {
		text(&ix.Files[i].Doc)
	}
	for i := range ix.Symbols {
		text(&ix.Symbols[i].Doc)
	}
	if !changed {
		return content, false, nil
	}
	now, err := ix.Encode()
	return now, true, err
}
