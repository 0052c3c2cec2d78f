package documents

import (
	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// isAside reports whether a file is none of the software itself.
func (c *composer) isAside(file string) bool {
	if i, ok := c.byPath[file]; ok && c.index.Files[i].Test {
		return true
	}
	return c.asideFolder(file)
}

// asideFolder reports whether a file lies in a folder that is none of the
// software, as the analysis decided it.
func (c *composer) asideFolder(file string) bool {
	return beside.Never(file) || beside.Holds(c.report.Beside, file)
}

// thing is something with its place.
type thing struct {
	name string
	at   report.Location
}

// leave reports whether something at a place is none of the software, and counts
// what is left out for it.
func (c *composer) leave(noun, name string, at report.Location) bool {
	if !c.isAside(at.Path) {
		return false
	}
	if c.left[noun] == nil {
		c.left[noun] = map[thing]bool{}
		c.nouns = append(c.nouns, noun)
	}
	c.left[noun][thing{name, at}] = true
	return true
}

// sayLeft says how much was left out.
func (c *composer) sayLeft() {
	var list []string
	for _, noun := range c.nouns {
		list = append(list, plural(len(c.left[noun]), noun))
	}
	if len(list) > 0 {
		c.missingf("Left out, as they stand in tests or in folders that show something: %s.", and(list))
	}
}
