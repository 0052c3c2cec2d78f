// Package beside decides which folders of a tree only show, try or measure the
// software that stands beside them: examples, samples, demos, benchmarks. It is
// the one place that does; what an analysis decided is in its report.
//
// A name alone decides nothing. A folder is beside the software only where
// something else in the tree is the software. It is pure; it may import
// analysis/report.
package beside

import (
	"cmp"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var (
	// never are folders that are none of the software, however deep they lie.
	never = regexp.MustCompile(`(?i)^(tests?|testing|testdata|__tests__|fixtures?|mocks?|e2e|vendor|node_modules|third_party)$`)
	// shows are folders that show or measure something, where they stand beside the
	// software. Inside of it they are names like others.
	shows = regexp.MustCompile(`(?i)^(_?examples?|samples?|demos?|playgrounds?|benchmarks?|benches)$`)
	// sources are folders whose inside is the software: src/main/java/com/example/demo.
	sources = regexp.MustCompile(`(?i)^(src|sources?|libs?|app|internal|pkg|cmd)$`)
	// packaged are folders below which every folder is a part of a package's name.
	packaged = regexp.MustCompile(`(?i)(^|/)src/main/(java|kotlin|scala|groovy|clojure)/`)
	// manifests are files that say that a folder is built by itself.
	manifests = regexp.MustCompile(`(?i)^(go\.mod|package\.json|pom\.xml|build\.gradle(\.kts)?|cargo\.toml|pyproject\.toml|setup\.py|requirements\.txt|gemfile|composer\.json|mix\.exs|pubspec\.yaml|.*\.(csproj|fsproj|gemspec))$`)
	// helping are folders at the top whose programs help the work on the software.
	helping = regexp.MustCompile(`(?i)^(\..*|tools?|scripts?|hack|contrib|ci|build|dev|docs?|documentation|website|site|utils?|release|docker|fuzz(ing)?)$`)
)

// mostlyShown is the part of the code from which folders that show something are
// what the tree is about, whatever else there is.
const mostlyShown = 0.8

// Never reports whether a file lies in a folder that is never the software: of
// tests and their data, or of others. A name below the sources of a package of
// the JVM is one of the package's.
func Never(file string) bool {
	if at := packaged.FindStringIndex(file); at != nil {
		file = path.Join(file[:at[0]], "file")
	}
	return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), never.MatchString)
}

// File is a file of code.
type File struct {
	Path     string
	Language string
	Code     int64 // lines
	Test     bool
	Main     bool // a program starts in it
}

// Tree is what the decision rests on.
type Tree struct {
	Paths   []string // of all files
	Files   []File   // written in a programming language
	Entries []report.EntryPoint
	// Imports are pairs of paths of files, of which the first uses the second; nil
	// for none.
	Imports func() iter.Seq2[string, string]
}

// Folders says what the folders of a tree are that show something by their names.
// The zero value knows of none.
type Folders struct {
	Beside  []string // the software stands beside them, sorted
	Product []string // they are the software, or a part of it, sorted
}

// Holds reports whether a file lies below one of some folders.
func Holds(folders []string, file string) bool {
	return slices.ContainsFunc(folders, func(dir string) bool { return strings.HasPrefix(file, dir+"/") })
}

// Of returns the folder of some that a file lies in, "" for none.
func Of(folders []string, file string) string {
	for _, dir := range folders {
		if strings.HasPrefix(file, dir+"/") {
			return dir
		}
	}
	return ""
}

// decision is a decision in the making.
type decision struct {
	*Tree

	shown    map[string]string // by folder: see showing; kept as trees have many files in few folders
	built    map[string]bool   // folders with a manifest, or with a folder of sources
	code     map[string]int64  // lines of the folders that show something
	programs map[string]bool   // of these, those in which a program starts
	all      int64
	left     int64 // lines of the folders that are not known to be the software
	elsewise bool  // something outside of all these folders is the software by itself
	public   bool  // code outside can be used by others
}

// Decide says which folders are beside the software. A folder that shows something
// by its name and place is the software all the same
//   - where code outside of it and of its like uses it;
//   - where it is nearly all of the code;
//   - where nothing outside is a program or a library by itself, and the only
//     programs are in such folders, or more than half of the code.
func Decide(t Tree) Folders {
	d := decision{Tree: &t, shown: map[string]string{}, built: map[string]bool{}, code: map[string]int64{}, programs: map[string]bool{}}
	d.place()
	d.weigh()
	if len(d.code) == 0 && len(d.folders()) == 0 {
		return Folders{}
	}
	return d.decide()
}

// place notes which folders are built by themselves.
func (d *decision) place() {
	for _, p := range d.Paths {
		if manifests.MatchString(path.Base(p)) {
			d.built[path.Dir(p)] = true
		}
		folders := strings.Split(path.Dir(p), "/")
		for i, name := range folders {
			if sources.MatchString(name) {
				d.built[cmp.Or(strings.Join(folders[:i], "/"), ".")] = true
				break
			}
		}
	}
}

// showing is the outermost folder above a file that shows something by its name
// and place: at the top, or with a manifest in it or beside it; never in a folder
// of sources. "" for none.
func (d *decision) showing(file string) string {
	dir := path.Dir(file)
	folder, known := d.shown[dir]
	if !known {
		folder = d.showingAbove(dir)
		d.shown[dir] = folder
	}
	return folder
}

func (d *decision) showingAbove(dir string) string {
	folders := strings.Split(dir, "/")
	for i, name := range folders {
		switch folder := strings.Join(folders[:i+1], "/"); {
		case shows.MatchString(name) && (i == 0 || d.built[path.Dir(folder)] || d.built[folder]):
			return folder
		case sources.MatchString(name):
			return ""
		}
	}
	return ""
}

// folders are all that show something, those without code too, sorted.
func (d *decision) folders() []string {
	seen := map[string]bool{}
	var out []string
	for _, p := range d.Paths {
		if folder := d.showing(p); folder != "" && !seen[folder] && !Never(p) {
			seen[folder] = true
			out = append(out, folder)
		}
	}
	slices.Sort(out)
	return out
}

// weigh counts the code in these folders and outside, and looks for what is the
// software outside.
func (d *decision) weigh() {
	entries := map[string]bool{}
	for _, e := range d.Entries {
		if e.Kind != "program" && e.Kind != "library" || Never(e.Path) {
			continue
		}
		if folder := d.showing(e.Path); folder != "" {
			d.programs[folder] = d.programs[folder] || e.Kind == "program"
		} else if !helps(e.Path) {
			entries[e.Kind] = true
		}
	}
	for i := range d.Files {
		f := &d.Files[i]
		if f.Test || Never(f.Path) {
			continue
		}
		d.all += f.Code
		folder := d.showing(f.Path)
		switch {
		case folder != "":
			d.code[folder] += f.Code
			d.left += f.Code
			d.programs[folder] = d.programs[folder] || f.Main
		case helps(f.Path):
		case f.Main:
			entries["program"] = true
		default:
			d.public = d.public || isPublic(f)
		}
	}
	d.elsewise = entries["program"] || entries["library"]
}

// helps reports whether a program at a place helps the work on the software.
func helps(file string) bool {
	top, _, inFolder := strings.Cut(file, "/")
	return inFolder && helping.MatchString(top)
}

// isPublic reports whether others can use a file of a language in which nothing
// but its place says so.
func isPublic(f *File) bool {
	switch f.Language {
	case "Go":
		return !strings.Contains("/"+f.Path, "/internal/")
	case "JavaScript", "TypeScript", "TSX", "Python", "Rust", "Ruby":
		return false // a manifest names what others can use
	}
	return true
}

func (d *decision) decide() Folders {
	product := map[string]bool{}
	take := func(folder string) {
		product[folder] = true
		d.left -= d.code[folder]
		delete(d.code, folder)
	}
	for _, folder := range d.used() {
		take(folder)
	}
	rest := make([]string, 0, len(d.code))
	for folder := range d.code {
		rest = append(rest, folder)
	}
	slices.SortFunc(rest, func(a, b string) int { return cmp.Or(cmp.Compare(d.code[b], d.code[a]), cmp.Compare(a, b)) })
	for _, folder := range rest {
		if d.isProduct(folder, len(product) > 0) {
			take(folder)
		}
	}
	var out Folders
	for _, folder := range d.folders() {
		if product[folder] {
			out.Product = append(out.Product, folder)
		} else {
			out.Beside = append(out.Beside, folder)
		}
	}
	return out
}

// isProduct reports whether nothing but a folder is the software; others says that
// folders like it are a part of it already.
func (d *decision) isProduct(folder string, others bool) bool {
	switch {
	case float64(d.left) > mostlyShown*float64(d.all):
		return true
	case d.elsewise:
		return false
	case 2*d.left > d.all:
		return true
	}
	return d.programs[folder] && !d.public && !others
}

// used are the folders that code outside of all of them uses.
func (d *decision) used() []string {
	if d.Imports == nil || len(d.code) == 0 {
		return nil
	}
	tests := map[string]bool{}
	for i := range d.Files {
		tests[d.Files[i].Path] = d.Files[i].Test
	}
	var out []string
	for from, to := range d.Imports() {
		folder := d.showing(to)
		if folder != "" && d.code[folder] > 0 && !tests[from] && !Never(from) && d.showing(from) == "" && !slices.Contains(out, folder) {
			out = append(out, folder)
		}
	}
	slices.Sort(out)
	return out
}
