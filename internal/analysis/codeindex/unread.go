package codeindex

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// UnreadReadme is a README where hosts look for one that was not analysed, and the
// reason as a sentence for a person; false where there is none. That nothing is
// known of what a README says is no sign that there is none.
func (c *Contents) UnreadReadme() (file, reason string, found bool) {
	for _, s := range c.Skipped {
		dir, base := path.Dir(s.Path), strings.ToLower(path.Base(s.Path))
		stem, _, _ := strings.Cut(base, ".")
		if stem == "readme" && (dir == "." || dir == ".github" || dir == "docs") && (!found || len(s.Path) < len(file)) {
			file, reason, found = s.Path, report.SkipReason(s.Reason).Explanation(), true
		}
	}
	return file, reason, found
}
