package jvm

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// isLauncher tells the scripts by which people start programs of the JVM that have
// no native start of their own.
func isLauncher(file string) bool { return path.Dir(file) == "bin" && path.Ext(file) == ".sh" }

var (
	// starts is a line that starts something with a class.
	starts = regexp.MustCompile(`(?i)^\s*exec\s|\bjava\b|\bJAVA\b|run-class`)
	// class is the full name of a class that stands as a word of its own.
	class = regexp.MustCompile(`(?:^|\s)((?:[a-z]\w*\.)+[A-Z]\w*)(?:\s|$)`)
)

// readLaunchers adds the classes of the tree that scripts start, by the scripts'
// names: that is what people call these programs. Of several classes on a line the
// last is the one that is started, the others are values of options.
func readLaunchers(t *evidence.Tree, f *evidence.Findings) {
	wanted := map[string][]string{} // path of a class without its ending → names of scripts
	for _, script := range t.Matching(isLauncher) {
		for line := range strings.Lines(string(t.Content(script))) {
			if !starts.MatchString(line) || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			if all := class.FindAllStringSubmatch(line, -1); len(all) > 0 {
				rel := strings.ReplaceAll(all[len(all)-1][1], ".", "/")
				wanted[rel] = append(wanted[rel], strings.TrimSuffix(path.Base(script), ".sh"))
			}
		}
	}
	if len(wanted) == 0 {
		return
	}
	f.Launched = map[string]bool{}
	for _, file := range t.Under(".") {
		if !slices.Contains([]string{".java", ".scala", ".kt", ".groovy"}, path.Ext(file)) || evidence.PlaceOf(file) == evidence.Tests {
			continue
		}
		// The package is the end of the folder's path.
		for rel := strings.TrimSuffix(file, path.Ext(file)); rel != ""; _, rel, _ = strings.Cut(rel, "/") {
			for _, name := range wanted[rel] {
				f.AddEntry(file, 1, evidence.EntryProgram, name)
				f.Launched[file] = true
			}
		}
	}
}
