package store

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge"
)

// TestWhatLiesInTheIndexFits: an entry that is too large would keep a page from
// being written for ever.
func TestWhatLiesInTheIndexFits(t *testing.T) {
	t.Parallel()
	for _, title := range []string{strings.Repeat("Ⱥ", 700), strings.Repeat("\U0001F642", 600), strings.Repeat("A", 5000)} {
		if got := searched(title); len(got) > maxSearched || !utf8.ValidString(got) || len(got) < maxSearched-4 {
			t.Errorf("%d bytes of %d", len(got), len(title))
		}
	}
	var many []rampforge.Account
	for n := range 100 {
		many = append(many, rampforge.Account{ID: fmt.Sprint("account-", n)})
	}
	lines := assigneeLines(many)
	if len(lines) > maxAssignees || !strings.HasPrefix(lines, "\naccount-0\naccount-1\n") || !strings.HasSuffix(lines, "\n") {
		t.Errorf("%q", lines)
	}
	if got := assigneeLines(many[:2]); got != "\naccount-0\naccount-1\n" {
		t.Errorf("%q", got)
	}
}
