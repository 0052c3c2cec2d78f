package assistant

import (
	"cmp"
	"path"
	"slices"
	"strings"

	tree "github.com/rampforgeai/rampforge/internal/analysis/source"
)

// areaNamed is the folder or file that a question of who knows something names in
// ordinary words, such as the reader: of those whose names say the most of the
// question the folder of a component, or else the uppermost, or else a file of
// code; "" where no name says half of it.
func (d *dossier) areaNamed() string {
	if d.asked.intent != asksWho {
		return ""
	}
	components := map[string]bool{}
	for _, c := range d.code.Report.Architecture.Components {
		components[c.Path] = true
	}
	best, place := area{}, ""
	look := func(name, at string, rank int) {
		v := area{said: d.says(name), rank: rank + strings.Count(at, "/")}
		if v.said >= leastCovered && (place == "" || v.before(best) || !best.before(v) && at < place) {
			best, place = v, at
		}
	}
	seen := map[string]bool{}
	for i := range d.code.Index.Files {
		file := d.code.Index.Files[i].Path
		rank := 2000
		if !tree.IsCodeByName(file) || tree.IsTest(file) {
			rank = 3000
		}
		look(strings.TrimSuffix(path.Base(file), path.Ext(file)), file, rank)
		for dir := path.Dir(file); dir != "." && !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			rank := 1000
			if components[dir] {
				rank = 0
			}
			look(path.Base(dir), dir, rank)
		}
	}
	return place
}

// area is how well the name of a place fits a question.
type area struct {
	said float64 // which part of the question it says
	rank int     // the lower the better
}

func (a area) before(b area) bool {
	return cmp.Or(cmp.Compare(b.said, a.said), cmp.Compare(a.rank, b.rank)) < 0
}

// says is which part of the question a name says, by the rarity of its terms; 0
// where it says something else.
func (d *dossier) says(name string) float64 {
	said, all := 0.0, 0.0
	for _, t := range d.splitter.Terms(name) {
		if t.Whole {
			continue
		}
		if !slices.Contains(d.asked.terms, t.Text) {
			return 0
		}
		said += d.rarity[t.Text]
	}
	for _, term := range d.asked.terms {
		all += d.rarity[term]
	}
	if all == 0 {
		return 0
	}
	return said / all
}
