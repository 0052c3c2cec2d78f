package documents

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var (
	// aside are folders that are none of the software, however deep they lie.
	aside = regexp.MustCompile(`(?i)^(tests?|testing|testdata|__tests__|fixtures?|mocks?|e2e|vendor|node_modules|third_party)$`)
	// shows are folders that show or measure something, where they stand beside the
	// software. Inside of it they are names like others.
	shows = regexp.MustCompile(`(?i)^(specs?|examples?|samples?|demos?|benchmarks?|benches)$`)
	// sources are folders whose inside is the software: src/main/java/com/example/demo.
	sources = regexp.MustCompile(`(?i)^(src|sources?|lib|app|internal|pkg|cmd)$`)
	// packaged are folders below which every folder is a part of a package's name.
	packaged = regexp.MustCompile(`(?i)(^|/)src/main/(java|kotlin|scala|groovy)/`)
	// ownManifest are files that say that a folder is built by itself.
	ownManifest = regexp.MustCompile(`(?i)^(go\.mod|package\.json|pom\.xml|build\.gradle(\.kts)?|cargo\.toml|pyproject\.toml|setup\.py|requirements\.txt|gemfile|composer\.json|mix\.exs|pubspec\.yaml|.*\.(csproj|fsproj|gemspec))$`)
)

// isAside reports whether a file is none of the software itself.
func (c *composer) isAside(file string) bool {
	if i, ok := c.byPath[file]; ok && c.index.Files[i].Test {
		return true
	}
	return c.asideFolder(file)
}

// asideFolder reports whether a file lies in a folder that is none of the
// software.
func (c *composer) asideFolder(file string) bool {
	if neverOwn(file) {
		return true
	}
	folder := c.showing(file)
	return folder != "" && !slices.Contains(c.productFolders(), folder)
}

// neverOwn reports whether a file lies in a folder that is never the software.
func neverOwn(file string) bool {
	if at := packaged.FindStringIndex(file); at != nil {
		file = path.Join(file[:at[0]], "file")
	}
	return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), aside.MatchString)
}

// showing is the outermost folder above a file that shows something by its name
// and place: at the top, or with a manifest in it or beside it; never in a source
// folder. "" for none.
func (c *composer) showing(file string) string {
	folders := strings.Split(path.Dir(file), "/")
	for i, name := range folders {
		folder := strings.Join(folders[:i+1], "/")
		switch {
		case shows.MatchString(name) && (i == 0 || c.builtAlone(path.Dir(folder)) || c.builtAlone(folder)):
			return folder
		case sources.MatchString(name):
			return ""
		}
	}
	return ""
}

// builtAlone reports whether a folder has a manifest of its own.
func (c *composer) builtAlone(folder string) bool { return c.manifestFolders()[folder] }

// manifestFolders are the folders that have a manifest.
func (c *composer) manifestFolders() map[string]bool {
	if c.manifests == nil {
		c.manifests = map[string]bool{}
		for _, p := range c.paths() {
			if ownManifest.MatchString(path.Base(p)) {
				c.manifests[path.Dir(p)] = true
			}
		}
	}
	return c.manifests
}

// productFolders are folders that show something by their names alone: what stands
// outside of them imports them, or they hold so much of the code that without them
// more than half of it would be left out.
func (c *composer) productFolders() []string {
	if c.products != nil {
		return c.products
	}
	c.products = []string{}
	all, left := int64(0), int64(0)
	of := map[string]int64{}
	for i := range c.index.Files {
		f := &c.index.Files[i]
		if f.Kind != "programming" || f.Test || neverOwn(f.Path) {
			continue
		}
		all += f.Code
		if folder := c.showing(f.Path); folder != "" {
			of[folder] += f.Code
			left += f.Code
		}
	}
	for _, e := range c.index.Imports {
		from, to := &c.index.Files[e.From], c.showing(c.index.Files[e.To].Path)
		if to != "" && of[to] > 0 && !from.Test && !neverOwn(from.Path) && c.showing(from.Path) == "" {
			c.products = append(c.products, to)
			left -= of[to]
			delete(of, to)
		}
	}
	var folders []string
	for folder := range of {
		folders = append(folders, folder)
	}
	slices.SortFunc(folders, func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
	for _, folder := range folders {
		if 2*left <= all {
			break
		}
		c.products = append(c.products, folder)
		left -= of[folder]
	}
	return c.products
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
