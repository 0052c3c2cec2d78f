package codeindex_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// years is a shop that Ada left in the second quarter of 2021.
func years() codeindex.Contents {
	c := shop()
	c.People[0].Here, c.People[0].Quarter = false, 2021*4+1
	return c
}

func TestWhomToAsk(t *testing.T) {
	t.Parallel()
	gone := []codeindex.Former{{Name: "Ada", LastSeen: "2021-Q2"}}
	ask := func(of string) (people []string, source string, left []codeindex.Former) {
		t.Helper()
		got, err := codeindex.New(years()).Impact(codeindex.ImpactQuery{Path: of})
		if err != nil {
			t.Fatal(err)
		}
		if got.PeopleOf != nil {
			source = *got.PeopleOf
		}
		return got.People, source, got.Left
	}
	for _, tt := range []struct {
		path, source string
		people       []string
		left         []codeindex.Former
	}{
		{"cart/cart_test.go", "file", []string{"Ben"}, gone},
		{"main.go", "file", []string{"Ben"}, []codeindex.Former{}},
		{"cart/cart.go", "folder", []string{"Ben"}, gone}, // its only author left
		{"price", "folder", []string{"Cleo"}, gone},
	} {
		people, source, left := ask(tt.path)
		if source != tt.source || !slices.Equal(people, tt.people) || !slices.Equal(left, tt.left) {
			t.Errorf("%s: %v of the %s, and %v left; want %+v", tt.path, people, source, left, tt)
		}
	}
}

// TestWhomToAskOfTheComponent is a file at the root, where no folder tells more.
func TestWhomToAskOfTheComponent(t *testing.T) {
	t.Parallel()
	c := years()
	c.Files[2].Owners, c.Files[2].Authors, c.Files[2].Component = []int32{0}, []int32{0}, 1
	got, err := codeindex.New(c).Impact(codeindex.ImpactQuery{Path: "main.go"})
	if err != nil || got.PeopleOf == nil || *got.PeopleOf != "component" || !slices.Equal(got.People, []string{"Ben"}) {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range c.People {
		c.People[i].Here = false
	}
	if got, err = codeindex.New(c).Impact(codeindex.ImpactQuery{Path: "main.go"}); err != nil || got.PeopleOf != nil || len(got.People) != 0 || len(got.Left) != 1 {
		t.Errorf("everybody left: %+v, %v", got, err)
	}
}

func TestBrowseTellsWhoLeft(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(years())
	got, err := ix.Browse("cart/cart_test.go", codeindex.Page{})
	if err != nil || !slices.Equal(got.File.Owners, []string{"Ben"}) || !slices.Equal(got.File.Authors, []string{"Ben"}) || fmt.Sprint(got.File.Left) != "[{Ada 2021-Q2}]" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = ix.Browse("", codeindex.Page{})
	if err != nil || !slices.Equal(got.Folder.Owners, []string{"Ben", "Cleo"}) || got.Folder.OwnerTotal != 2 || got.Folder.LeftTotal != 1 || len(got.Folder.Left) != 1 {
		t.Errorf("%+v, %v", got.Folder, err)
	}
}

// TestWhoLeftDoesNotRemain asks what is lost with Ben, when Ada has left long
// ago.
func TestWhoLeftDoesNotRemain(t *testing.T) {
	t.Parallel()
	got := codeindex.New(years()).Simulate([]string{"Ben", "Ada"}, codeindex.Page{})
	if !slices.Equal(got.People, []string{"Ben"}) || !slices.Equal(got.Gone, []string{"Ada"}) || got.Files != 5 || got.OrphanedBefore != 2 || *got.CoverageBefore != 0.6 || *got.CoverageAfter != 0.2 || got.Thin != 0 {
		t.Errorf("got %+v", got)
	}
	want := []codeindex.AreaAtRisk{
		{Name: "cart", Path: "cart", Files: 2, OrphanedBefore: 1, Orphaned: 1, Remaining: []string{}},
		{Name: "main", Path: ".", Files: 1, Orphaned: 1, Remaining: []string{}},
	}
	if diff := cmp.Diff(want, got.Areas); diff != "" || got.AreaTotal != 2 || got.Total != 2 {
		t.Errorf("areas (-want +got):\n%s", diff)
	}
	if *got.TruckFactorBefore != 1 || *got.TruckFactorAfter != 0 {
		t.Errorf("truck factor %d → %d", *got.TruckFactorBefore, *got.TruckFactorAfter)
	}
}

// TestRemainingBeyondTheLimit says how many there are beside those who are named.
func TestRemainingBeyondTheLimit(t *testing.T) {
	t.Parallel()
	c := shop()
	for i := range 30 {
		c.Files[0].Authors = append(c.Files[0].Authors, int32(len(c.People)))
		c.People = append(c.People, codeindex.Person{Name: fmt.Sprintf("Person %02d", i), Here: true})
	}
	got := codeindex.New(c).Simulate([]string{"Ada"}, codeindex.Page{})
	if a := got.Areas[0]; a.Name != "price" || len(got.Areas[1].Remaining) != 10 || got.Areas[1].RemainingTotal != 31 {
		t.Errorf("%+v", got.Areas)
	}
}

// TestImpactOfFolder is that of its files together.
func TestImpactOfFolder(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	got, err := ix.Impact(codeindex.ImpactQuery{Path: "price/"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range got.Dependents {
		lines = append(lines, fmt.Sprint(d.Distance, " ", d.Path, " via ", d.Via))
	}
	for _, test := range got.Tests {
		lines = append(lines, fmt.Sprint("test ", test.Path, " ", test.Reason))
	}
	for _, m := range got.Moved {
		lines = append(lines, "moved "+m.Path)
	}
	want := []string{
		"1 cart/cart.go via price/price.go", "2 cart/cart_test.go via cart/cart.go", "2 main.go via cart/cart.go",
		"test price/price_test.go in_folder", "test cart/cart_test.go imports", "moved main.go",
	}
	if diff := cmp.Diff(want, lines); diff != "" || got.Kind != "folder" || got.Path != "price" || got.Files != 2 || got.Component != "price" || got.Ownership != nil || len(got.Commits) != 2 {
		t.Errorf("%+v (-want +got):\n%s", got, diff)
	}
	if got, err = ix.Impact(codeindex.ImpactQuery{Path: "."}); err != nil || got.Path != "." || got.Files != 5 || got.Total != 0 || got.Component != "" || len(got.Tests) != 2 {
		t.Errorf("the root: %+v, %v", got, err)
	}
}
