package manifest

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ruby"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// lockFiles are the lock files that are read for versions, by the ecosystem
// whose manifests often say none.
var lockFiles = map[string][]string{
	ruby.Ecosystem: {"Gemfile.lock", "gems.locked"},
	"pypi":         {"uv.lock", "poetry.lock", "pdm.lock"},
}

// lockKind names the kind of a lock file that is read for versions.
func lockKind(file string) string {
	base := path.Base(file)
	for _, names := range lockFiles {
		if slices.Contains(names, base) {
			return "lock file"
		}
	}
	return ""
}

var (
	// lockedGem is an entry of specs: with four spaces; what a gem needs has six.
	lockedGem     = regexp.MustCompile(`(?m)^ {4}([\w.-]+) \(([^()\s-]+)[^()]*\)\s*$`)
	lockedPackage = regexp.MustCompile(`(?m)^\[\[package\]\]\r?\nname = "([^"\n]+)"\r?\nversion = "([^"\n]+)"`)
	separators    = regexp.MustCompile(`[-_.]+`)
)

// lockVersions gives dependencies whose manifest says no version the one of the
// lock file beside the manifest, or in a folder above it.
func lockVersions(t *evidence.Tree, list []report.External) {
	read := map[string]map[string]string{}
	for i := range list {
		e := &list[i]
		names := lockFiles[e.Ecosystem]
		if e.Version != "" || names == nil {
			continue
		}
		for dir := path.Dir(e.Manifest); e.Version == ""; dir = path.Dir(dir) {
			if lock := t.FirstExisting(joined(dir, names)...); lock != "" {
				if read[lock] == nil {
					read[lock] = readLock(string(t.Content(lock)))
				}
				e.Version = read[lock][lockName(e.Name)]
				break
			}
			if dir == "." || dir == "/" {
				break
			}
		}
	}
}

func joined(dir string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = path.Join(dir, name)
	}
	return out
}

// readLock reads both forms: neither has a line of the other. Of a package that
// is locked more than once, for several platforms, the first counts.
func readLock(content string) map[string]string {
	versions := map[string]string{}
	for _, form := range []*regexp.Regexp{lockedGem, lockedPackage} {
		for _, m := range form.FindAllStringSubmatch(content, -1) {
			if name := lockName(m[1]); versions[name] == "" {
				versions[name] = m[2]
			}
		}
	}
	return versions
}

// lockName is the form that names are compared in.
func lockName(name string) string { return separators.ReplaceAllString(strings.ToLower(name), "-") }
