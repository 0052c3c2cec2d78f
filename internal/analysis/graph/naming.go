package graph

import (
	"fmt"
	"strings"
)

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
	return withoutSourceRoot(d.path)
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
