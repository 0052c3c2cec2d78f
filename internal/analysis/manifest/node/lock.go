package node

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// lockFile is npm's lock, which from version 2 of its format on says the licence
// of each package. Those of Yarn and pnpm do not.
const lockFile = "package-lock.json"

// licenses are the licences that lock files tell, by the folder of the lock and
// the package's name.
type licenses map[string]map[string]string

func readLocks(t *evidence.Tree) licenses {
	out := licenses{}
	for _, file := range t.Named(lockFile) {
		var lock struct {
			Packages map[string]struct {
				License json.RawMessage `json:"license"`
			} `json:"packages"`
		}
		if json.Unmarshal(t.Content(file), &lock) != nil {
			continue // what is damaged says nothing
		}
		told := map[string]string{}
		for at, p := range lock.Packages {
			name, direct := strings.CutPrefix(at, "node_modules/")
			var license string
			if direct && !strings.Contains(name, "node_modules/") && json.Unmarshal(p.License, &license) == nil && license != "" {
				told[name] = license
			}
		}
		out[path.Dir(file)] = told
	}
	return out
}

// of returns the licence of a package that a manifest in that folder names, by
// the lock there or the nearest one above, as workspaces have it; nil when none
// tells.
func (l licenses) of(dir, name string) *string {
	for {
		if told, ok := l[dir]; ok {
			if license, ok := told[name]; ok {
				return &license
			}
			return nil
		}
		if dir == "." || dir == "/" { // a tree that somebody made to hurt has absolute paths
			return nil
		}
		dir = path.Dir(dir)
	}
}
