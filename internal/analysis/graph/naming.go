package graph

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The names of parts that are no folder.
const (
	nameLoose = "root files"
	nameOwn   = "own files" // of a folder that holds more
	nameSelf  = "itself"    // a folder without those that were joined to it
)

// nameDrafts gives every draft its name: its path, or where that says little a
// word that a person would use. repository is the repository's name. No name is
// one of taken, to which it adds them.
func nameDrafts(drafts []draft, repository string, taken map[string]bool) {
	count := map[string]int{}
	short := make([]string, len(drafts))
	for i := range drafts {
		short[i] = drafts[i].shortName(repository)
		count[short[i]]++
	}
	for i := range drafts {
		d := &drafts[i]
		d.name = short[i]
		for _, longer := range d.longerNames() {
			if count[d.name] < 2 && !taken[d.name] {
				break
			}
			d.name = longer
		}
		for n := 2; taken[d.name]; n++ {
			d.name = fmt.Sprintf("%s (%d)", d.path, n)
		}
		taken[d.name] = true
	}
}

// longerNames are names that say more than the short one, shortest first.
func (d *draft) longerNames() []string {
	with := func(words string) []string {
		return []string{withoutSourceRoot(d.path) + " (" + words + ")", d.path + " (" + words + ")"}
	}
	switch {
	case d.inside == "":
		return []string{d.path}
	case d.unit.named != "":
		return []string{d.inside + " (" + d.unit.named + ")"}
	case d.path == ".":
		return []string{d.inside + " (" + nameLoose + ")"}
	case d.unit.rest, d.unit.loose && d.unit.alone*2 < d.unit.size.product: // most came from folders
		return with(cmp.Or(namesOf(d.parts()), nameOwn))
	case d.unit.loose:
		return with(nameOwn)
	}
	return append([]string{lastPackages(d.path, 2), lastPackages(d.path, 3), d.path}, with(nameSelf)...)
}

func (d *draft) shortName(repository string) string {
	switch {
	case d.unit.flat:
		return strings.TrimSuffix(d.inside, " ("+nameOwn+")") + " (" + d.unit.named + ")"
	case d.unit.named != "":
		return d.unit.named
	case d.path == "." && d.unit.rest:
		return cmp.Or(namesOf(d.parts()), nameLoose)
	case d.path == ".":
		if repository != "" && d.kind != typeConfiguration && d.unit.size.programs > 0 {
			return repository
		}
		return nameLoose
	}
	if d.joined != "" {
		return d.joined
	}
	return withoutSourceRoot(d.path)
}

// nameJoined names siblings that were joined, when none of them is by far the
// largest, by the largest: internal/queue and 3 more. The path is that one's too.
func (d *draft) nameJoined() {
	u := d.unit
	if u.rest || u.loose || len(u.joined) == 0 || u.alone*4 > u.size.product*3 {
		return
	}
	parts := slices.DeleteFunc(d.parts(), func(p *unit) bool { return path.Dir(p.folder.path) != path.Dir(u.folder.path) })
	if len(parts) < 2 {
		return
	}
	prefix := withoutSourceRoot(path.Dir(u.folder.path)) + "/"
	if path.Dir(u.folder.path) == "." {
		prefix = ""
	}
	d.joined = prefix + namesOf(parts)
	if first := parts[0].folder.path; slices.Contains(d.paths, first) {
		d.path = first
	}
}

// parts are the folders that were joined, the one with most code first. A folder
// that holds the others is none.
func (d *draft) parts() []*unit {
	var parts []*unit
	for _, p := range append([]*unit{d.unit}, d.unit.joined...) {
		if p.alone > 0 && !p.loose && p.folder.path != d.path || p == d.unit && !p.rest && !p.loose {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b *unit) int {
		return cmp.Or(cmp.Compare(b.alone, a.alone), strings.Compare(a.folder.path, b.folder.path))
	})
	return parts
}

// namesOf names folders as a person would: the first, and the second or how many
// more there are; "" for none.
func namesOf(parts []*unit) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0].folder.name()
	case 2:
		return parts[0].folder.name() + " and " + parts[1].folder.name()
	}
	return fmt.Sprintf("%s and %d more", parts[0].folder.name(), len(parts)-1)
}

// withoutSourceRoot turns shop/src/main/java/org/example/shop/order into
// shop/order: the module and the package's own name. Other paths stay.
func withoutSourceRoot(p string) string { return lastPackages(p, 1) }

// lastPackages is withoutSourceRoot with the last n folders of the package.
func lastPackages(p string, n int) string {
	for _, root := range []string{"src/main/java/", "src/main/kotlin/", "src/test/java/", "src/test/kotlin/"} {
		at := strings.Index("/"+p, "/"+root)
		if at < 0 {
			continue
		}
		module, packages := strings.TrimSuffix(p[:at], "/"), p[at+len(root):]
		folders := strings.Split(packages, "/")
		last := strings.Join(folders[max(0, len(folders)-n):], "/")
		if module == "" || strings.HasSuffix("/"+module, "/"+last) {
			return last
		}
		return module + "/" + last
	}
	return p
}
