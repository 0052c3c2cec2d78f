package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// TestWhomToAsk tells those who are here from those who left.
func TestWhomToAsk(t *testing.T) {
	t.Parallel()
	gone := []codeindex.Former{{Name: "Gil Former", LastSeen: "2019-Q2"}, {Name: "Hal Former"}}
	for _, tt := range []struct {
		answer codeindex.Impact
		want   string
	}{
		{codeindex.Impact{Kind: "file", People: []string{"Ana Example"}, PeopleOf: new("file"), Left: gone}, "  Ana Example. Left: Gil Former (last seen in 2019-Q2), Hal Former."},
		{codeindex.Impact{Kind: "symbol", People: []string{"Ana Example"}, PeopleOf: new("folder")}, "  Ana Example, who know its folder: nobody who knew it is still here."},
		{codeindex.Impact{Kind: "folder", People: []string{"Ana Example"}, PeopleOf: new("folder")}, "  Ana Example."},
		{codeindex.Impact{Kind: "file", Left: gone[:1]}, "  Nobody who knows it made a commit in the last year. Left: Gil Former (last seen in 2019-Q2)."},
		{codeindex.Impact{Kind: "file"}, "  Nobody is known to know it."},
	} {
		var out bytes.Buffer
		if err := Impact(&out, &tt.answer, 140); err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(out.String(), "Whom to ask")
		if got := strings.Join(strings.Fields(strings.ReplaceAll(rest, "─", "")), " "); got != strings.TrimSpace(tt.want) {
			t.Errorf("%+v:\n%s\nwant\n%s", tt.answer, got, tt.want)
		}
	}
}
