package source

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-enry/go-enry/v2"
)

// Other people's code is told by the names of folders: node_modules, third_party,
// vendor at the root. Some names mean a part of the program as often: deps,
// external, a package called vendor. Such a folder is doubtful, and is decided on
// in two steps. Weigh looks at what lies in it: a licence, a manifest, a library
// that is built or made small, a version in a name say that others wrote it. What
// is left is read, and is the project's own if the imports say so, see
// analysis.assembly.settle: other people's code does not know the project.

// vendored reports whether a path is other people's, as far as paths tell.
func (a *Attributes) vendored(filePath string) bool {
	if v, said := a.value(filePath, "vendored"); said {
		return v != unset
	}
	if !isVendored(filePath) {
		return false
	}
	_, doubtful := a.Doubtful(filePath)
	return !doubtful
}

// Doubtful returns the folder around a path which is other people's or the
// project's own: its imports have to tell.
func (a *Attributes) Doubtful(filePath string) (folder string, doubtful bool) {
	if a == nil || len(a.own) == 0 {
		return "", false
	}
	folder, rest := doubtfulFolder(filePath)
	if folder == "" || !a.own[folder] {
		return "", false
	}
	if _, said := a.value(filePath, "vendored"); said {
		return "", false
	}
	return folder, isVendored(filePath) && !isVendored(path.Join(path.Dir(folder), neutral, rest))
}

// Weigh looks through the paths of a tree for the signs of other people's code in
// doubtful folders.
func (a *Attributes) Weigh(paths func(yield func(filePath string) bool)) {
	found := map[string]bool{} // whether nothing says that others wrote it
	for p := range paths {
		folder, rest := doubtfulFolder(p)
		if folder == "" {
			continue
		}
		if own, known := found[folder]; own || !known {
			found[folder] = !isSignOfOthers(rest)
		}
	}
	a.own = found
}

// neutral is a folder's name that says nothing.
const neutral = "own"

// MayBeDoubtful reports whether a path has a folder of a doubtful name.
func MayBeDoubtful(filePath string) bool {
	folder, _ := doubtfulFolder(filePath)
	return folder != ""
}

// doubtfulFolder returns the outermost doubtful folder on the way to a file, and
// the path from there.
func doubtfulFolder(filePath string) (folder, rest string) {
	for from := 0; ; {
		n := strings.IndexByte(filePath[from:], '/')
		if n < 0 {
			return "", ""
		}
		at := from + n
		if isDoubtful(filePath[from:at], from == 0) {
			return filePath[:at], filePath[at+1:]
		}
		from = at + 1
	}
}

// isDoubtful goes by the names of Linguist's list. At the root, vendor is where
// package managers of many languages put what they fetch.
func isDoubtful(name string, root bool) bool {
	switch strings.ToLower(name) {
	case "deps", "dependencies":
		return root
	case "extern", "external", "externals":
		return true
	case "vendor", "vendors":
		return !root
	}
	return false
}

// isSignOfOthers reports whether a path below a doubtful folder says that others
// wrote what lies there.
func isSignOfOthers(p string) bool {
	name := strings.ToLower(path.Base(p))
	stem := strings.TrimSuffix(name, path.Ext(name))
	switch name {
	case "package.json", "go.mod", "cargo.toml", "setup.py", "pyproject.toml", "composer.json", "pom.xml", "bower.json", "configure", "configure.ac", "modules.txt",
		"manifest.mf", "vendor.json", "vendored.txt", "vendor.txt", "upstream":
		return true
	}
	for _, licence := range []string{"licence", "license", "copying", "copyright", "notice", "unlicense"} {
		if stem == licence || strings.HasPrefix(name, licence+".") || strings.HasPrefix(name, licence+"-") || strings.HasSuffix(stem, "-"+licence) || strings.HasSuffix(stem, "_"+licence) {
			return true
		}
	}
	switch path.Ext(name) {
	case ".gemspec", ".podspec", ".nuspec", ".patch", ".diff":
		return true
	}
	return strings.HasSuffix(stem, ".min") || strings.HasSuffix(stem, "-min") || binaryExtensions[path.Ext(name)] && !pictures[path.Ext(name)] ||
		slices.ContainsFunc(strings.Split(p, "/"), versioned.MatchString)
}

// versioned is a name with a version: jquery-3.6.0, lib_v2.1.
var versioned = regexp.MustCompile(`[-_.]v?\d+\.\d`)

// pictures lie among anybody's code.
var pictures = map[string]bool{".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".ico": true, ".webp": true, ".pdf": true}

// ours are folders and files that Linguist's list leaves out of the statistics
// of a web page though nobody else wrote them: test data, settings of CI and
// editors, and names that mean a cache or an environment in some ecosystems
// and a part of the program in all others.
var ours = map[string]bool{
	"testdata": true, "fixtures": true, "cache": true, "env": true,
	".github": true, ".vscode": true, ".teamcity": true, ".gitattributes": true, ".gitignore": true, ".gitmodules": true, ".gitpod.Dockerfile": true,
	"Jenkinsfile": true, "Vagrantfile": true, "fabfile.py": true,
}

// isVendored is Linguist's rule with the names of ours taken out of the path:
// node_modules/a/cache/b.js stays vendored.
func isVendored(filePath string) bool {
	if !enry.IsVendor(filePath) {
		return false
	}
	parts := strings.Split(filePath, "/")
	changed := false
	for i, part := range parts {
		declaration := i == len(parts)-1 && strings.HasSuffix(part, ".d.ts") // TypeScript is written by hand in them too
		if ours[part] || declaration {
			parts[i], changed = neutral, true
		}
	}
	return !changed || enry.IsVendor(strings.Join(parts, "/"))
}
