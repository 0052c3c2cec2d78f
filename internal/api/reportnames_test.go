package api

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestOwnersAreLeftOutOnEveryLevel takes who objects out of the components
// inside of components too, and nobody else.
func TestOwnersAreLeftOutOnEveryLevel(t *testing.T) {
	t.Parallel()
	component := func(name string, inside *report.Inside) report.Component {
		return report.Component{Name: name, Owners: []string{"Ann Other", "Quin Objector"}, Inside: inside}
	}
	in := func(components ...report.Component) *report.Inside { return &report.Inside{Components: components} }
	r := report.CodeReport{Architecture: report.Architecture{Components: []report.Component{
		component("shop", in(component("shop/cart", in(component("shop/cart/price", nil), component("shop/cart/tax", nil))), component("shop/mail", nil))),
		component("tools", nil),
	}}}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	left, err := unnamed{keys: map[string]bool{nameKey("quin  objector"): true}}.leaveOut(text)
	if err != nil {
		t.Fatal(err)
	}
	var got report.CodeReport
	if err := json.Unmarshal(left, &got); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(components []report.Component)
	walk = func(components []report.Component) {
		for _, c := range components {
			seen++
			if !slices.Equal(c.Owners, []string{"Ann Other"}) {
				t.Errorf("%s is owned by %q", c.Name, c.Owners)
			}
			if c.Inside != nil {
				walk(c.Inside.Components)
			}
		}
	}
	walk(got.Architecture.Components)
	if seen != 6 {
		t.Errorf("%d components are left of 6", seen)
	}
	text, err = json.Marshal(report.CodeReport{Knowledge: report.Knowledge{Areas: []report.KnowledgeArea{{Left: []string{"Ann Other", "Quin Objector"}}}}})
	if err == nil {
		text, err = unnamed{keys: map[string]bool{nameKey("quin objector"): true}}.leaveOut(text)
	}
	got = report.CodeReport{}
	if err = errors.Join(err, json.Unmarshal(text, &got)); err != nil || !slices.Equal(got.Knowledge.Areas[0].Left, []string{"Ann Other"}) {
		t.Errorf("who left: %s, %v", text, err)
	}
	if same, err := (unnamed{}).leaveOut(text); err != nil || string(same) != string(text) {
		t.Errorf("nobody objects, and the report changed: %v", err)
	}
}
