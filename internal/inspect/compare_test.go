package inspect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// folder writes a package of some files, each with functions of its own, as a
// part of a gittest script. Its first file uses the packages named.
func folder(dir, name string, files int, uses ...string) string {
	var b strings.Builder
	for i := range files {
		fmt.Fprintf(&b, "-- %s/%s%d.go --\npackage %s\n\n", dir, name, i, dir[strings.LastIndexByte(dir, '/')+1:])
		if i == 0 {
			for _, u := range uses {
				fmt.Fprintf(&b, "import %q\n", "example.com/shop/"+u)
			}
			for _, u := range uses {
				fmt.Fprintf(&b, "\nvar _ = %s.%s\n", u, "X"+u+"00")
			}
		}
		for f := range 12 {
			fmt.Fprintf(&b, "\n// %s%d%d adds.\nfunc %[1]s%[2]d%[3]d(a, b int) int {\n\tif a > b {\n\t\treturn a - b\n\t}\n\treturn a + b\n}\n", "X"+name, i, f)
		}
	}
	return b.String()
}

func compared(t *testing.T, script string) *codeindex.Comparison {
	t.Helper()
	repo := gittest.Build(t, script)
	versions, err := inspector(t).Versions(t.Context(), inspect.Request{Source: repo.Dir, Name: "shop", AllowLocal: true}, "before", "main")
	if err != nil {
		t.Fatal(err)
	}
	return codeindex.Compare(versions[0], versions[1])
}

// TestComponentsAreComparedByTheirFiles on what git really holds.
func TestComponentsAreComparedByTheirFiles(t *testing.T) {
	t.Parallel()
	base := "-- go.mod --\nmodule example.com/shop\n\ngo 1.22\n" +
		folder("cart", "cart", 6, "price") + folder("price", "price", 6) + folder("stock", "stock", 6, "price") + folder("mail", "mail", 6)
	const before = "-- commit: Everything --\n-- tag: before --\n"
	from := func(dir, name string, n int) string { return fromNth(folder(dir, name, 6), n) }
	for _, c := range []struct {
		name, then string
		want, uses []codeindex.Change
	}{
		{name: "a comment", then: "-- README.md --\nA shop.\n-- mail/doc.txt --\nMail.\n"},
		{
			name: "a folder is moved, and every file of it changed", then: folder("post", "mail", 6) + deleted("mail", "mail", 0, 6),
			want: []codeindex.Change{{Name: "post", Change: "moved", Detail: "was mail"}},
		},
		{
			name: "some files of a folder get one of their own", then: from("basket", "cart", 3) + deleted("cart", "cart", 3, 6),
			want: []codeindex.Change{
				{Name: "basket", Change: "split", Detail: "from cart"},
				{Name: "cart", Change: "changed", Detail: "6 files, 440 lines → 3 files, 221 lines"},
			},
		},
		{
			name: "a folder goes into another", then: folder("price", "mail", 6) + deleted("mail", "mail", 0, 6),
			want: []codeindex.Change{
				{Name: "mail", Change: "joined", Detail: "into price"},
				{Name: "price", Change: "changed", Detail: "6 files, 438 lines → 12 files, 876 lines"},
			},
		},
		{
			name: "one is deleted, and another is written", then: folder("news", "news", 6) + deleted("mail", "mail", 0, 6),
			want: []codeindex.Change{{Name: "mail", Change: "removed"}, {Name: "news", Change: "added"}},
		},
		{
			name: "one uses another", then: "-- mail/mail0.go --\n" + strings.SplitN(folder("mail", "mail", 1, "price"), "\n", 2)[1],
			want: []codeindex.Change{{Name: "mail", Change: "changed", Detail: "6 files, 438 lines → 6 files, 440 lines"}},
			uses: []codeindex.Change{{Name: "mail → price", Change: "added"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := compared(t, base+before+c.then+"-- commit: Change --\n")
			if diff := cmp.Diff(c.want, got.Components, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("components: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(c.uses, got.Dependencies, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("uses: -want +got\n%s", diff)
			}
		})
	}
}

// TestNamesOfJoinedComponentsAreNoDifference takes from the folder that a
// component of several is called by, so that it is called by another of them.
func TestNamesOfJoinedComponentsAreNoDifference(t *testing.T) {
	t.Parallel()
	script := "-- go.mod --\nmodule example.com/shop\n\ngo 1.22\n"
	for i := range 24 {
		script += folder(fmt.Sprintf("internal/part%c", 'a'+i), fmt.Sprintf("part%c", 'a'+i), 2+i%3)
	}
	whole := folder("internal/parta", "parta", 1)
	less := whole[:strings.LastIndex(whole, "\n// ")] // a function of six lines less
	got := compared(t, script+"-- commit: Everything --\n-- tag: before --\n"+less+"-- commit: Change --\n")
	want := []codeindex.Change{{
		Name: "internal/partd and 6 more", Change: "changed", Detail: "was internal/parta and 6 more; 14 files, 1022 lines → 14 files, 1016 lines",
	}}
	if diff := cmp.Diff(want, got.Components); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// fromNth keeps those of a script from the nth on.
func fromNth(script string, n int) string {
	parts := strings.SplitAfterN(script, "\n-- ", n+1)
	return "-- " + parts[n]
}

func deleted(dir, name string, from, upTo int) string {
	var b strings.Builder
	for i := from; i < upTo; i++ {
		fmt.Fprintf(&b, "-- delete: %s/%s%d.go --\n", dir, name, i)
	}
	return b.String()
}
