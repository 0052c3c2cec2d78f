package graph

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxBraced is how many folders the name of joined ones spells out.
const maxBraced = 3

// The names of parts that are no folder.
const (
	nameLoose = "root files"
	nameOther = "other folders"
)

// nameDrafts gives every draft its name: its path, or where that says little a
// word that a person would use. repository is the repository's name.
func nameDrafts(drafts []draft, repository string) {
	taken := map[string]int{}
	short := make([]string, len(drafts))
	for i := range drafts {
		short[i] = drafts[i].shortName(repository)
		taken[short[i]]++
	}
	used := map[string]bool{}
	for i := range drafts {
		d := &drafts[i]
		d.name = short[i]
		if taken[d.name] > 1 {
			d.name = d.path
		}
		for n := 2; used[d.name]; n++ {
			d.name = fmt.Sprintf("%s (%d)", d.path, n)
		}
		used[d.name] = true
	}
}

func (d *draft) shortName(repository string) string {
	switch {
	case d.unit.named != "":
		return d.unit.named
	case d.path == "." && d.unit.rest:
		return nameOther
	case d.path == ".":
		if repository != "" && d.kind != typeConfiguration && d.unit.size.programs > 0 {
			return repository
		}
		return nameLoose
	}
	if name := d.bracedName(); name != "" {
		return name
	}
	return withoutSourceRoot(d.path)
}

// bracedName names siblings that were joined, when none of them is by far
// the largest: internal/{queue,store,+2}. It is "" where the path says enough.
func (d *draft) bracedName() string {
	u := d.unit
	if u.rest || u.loose || len(u.joined) == 0 || u.alone*4 > u.size.product*3 {
		return ""
	}
	parts := []*unit{}
	for _, p := range append([]*unit{u}, u.joined...) {
		if p.alone > 0 && path.Dir(p.folder.path) == path.Dir(u.folder.path) {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b *unit) int {
		return cmp.Or(cmp.Compare(b.alone, a.alone), strings.Compare(a.folder.path, b.folder.path))
	})
	if len(parts) < 2 {
		return ""
	}
	shown := []string{}
	for _, p := range parts[:min(len(parts), maxBraced)] {
		shown = append(shown, p.folder.name())
	}
	slices.Sort(shown)
	if more := len(parts) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("+%d", more))
	}
	prefix := withoutSourceRoot(path.Dir(u.folder.path)) + "/"
	if path.Dir(u.folder.path) == "." {
		prefix = ""
	}
	return prefix + "{" + strings.Join(shown, ",") + "}"
}

// withoutSourceRoot turns shop/src/main/java/org/example/shop/order into
// shop/order: the module and the package's own name. Other paths stay.
func withoutSourceRoot(p string) string {
	for _, root := range []string{"src/main/java/", "src/main/kotlin/", "src/test/java/", "src/test/kotlin/"} {
		at := strings.Index("/"+p, "/"+root)
		if at < 0 {
			continue
		}
		module, packages := strings.TrimSuffix(p[:at], "/"), p[at+len(root):]
		last := packages[strings.LastIndexByte(packages, '/')+1:]
		if module == "" || strings.HasSuffix("/"+module, "/"+last) {
			return last
		}
		return module + "/" + last
	}
	return p
}
