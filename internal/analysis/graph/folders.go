package graph

import (
	"path"
	"slices"
	"strings"
)

// The types of components, as the report has them.
const (
	typeApplication   = "application"
	typeLibrary       = "library"
	typeTests         = "tests"
	typeDocs          = "docs"
	typeTooling       = "tooling"
	typeConfiguration = "configuration"
)

// The names of things that several rules ask for.
const (
	kindProgramming = "programming"
	ecosystemPyPI   = "pypi"
	entryProgram    = "program"
	entryContainer  = "container"
	entryLibrary    = "library"
	pythonInit      = "__init__.py"
	sourceFolder    = "src"
	mainName        = "main"
	defaultExport   = "default"
)

// folder is a folder of the tree with everything below it.
type folder struct {
	path     string // see logicalPath
	parent   *folder
	children []*folder // by path
	own      []int32   // files that lie in it directly
	size     size      // of everything below it
	ownSize  size      // of own
}

// size counts lines of code, and files of each kind.
type size struct {
	product   int64 // lines of programming languages, tests apart
	data      int64 // of them, those of files that declare nothing, such as translations
	tests     int64
	files     int
	testFiles int
	prose     int
	programs  int // files in programming languages
}

func (s *size) add(o size) {
	s.product += o.product
	s.data += o.data
	s.tests += o.tests
	s.files += o.files
	s.testFiles += o.testFiles
	s.prose += o.prose
	s.programs += o.programs
}

// sizeOf measures a file. whole counts tests and settings as the code of the
// product: what is made of nothing else is divided by them.
func sizeOf(f *File, whole bool) size {
	s := size{files: 1}
	switch {
	case f.Kind == "prose":
		s.prose = 1
	case f.Kind != kindProgramming && f.Facts == nil && !pageLanguages[f.Language]:
	case whole:
		s.programs, s.product = 1, f.Code
		if f.Test {
			s.testFiles = 1
		}
	case f.Test:
		s.programs, s.testFiles, s.tests = 1, 1, f.Code
	case isSettings(f.Path):
	default:
		s.programs, s.product = 1, f.Code
	}
	// A translation may import what it is a translation of.
	if f.Facts != nil && len(f.Facts.Functions) == 0 && len(f.Facts.Imports) <= 1 && !slices.ContainsFunc(f.Facts.Declares, isType) {
		s.data = s.product
	}
	return s
}

// isData reports whether nearly all of the code declares nothing: translations
// and tables that are written as programs. Such a folder is one thing, however
// many folders it has.
func (s *size) isData() bool { return s.data*10 > s.product*9 }

// folderTree builds the tree of the folders of some files. It returns the root.
func folderTree(files []File, scope []int32, whole bool) *folder {
	root := &folder{path: "."}
	known := map[string]*folder{".": root, "/": root}
	var open func(dir string) *folder
	open = func(dir string) *folder {
		if f := known[dir]; f != nil {
			return f
		}
		parent := open(path.Dir(dir))
		f := &folder{path: dir, parent: parent}
		parent.children = append(parent.children, f)
		known[dir] = f
		return f
	}
	for _, i := range scope {
		f := open(path.Dir(logicalPath(files[i].Path)))
		f.own = append(f.own, i)
		s := sizeOf(&files[i], whole)
		f.ownSize.add(s)
		for ; f != nil; f = f.parent {
			f.size.add(s)
		}
	}
	for _, f := range known {
		slices.SortFunc(f.children, func(a, b *folder) int { return strings.Compare(a.path, b.path) })
	}
	return root
}

// pageLanguages hold programs in what Linguist calls markup.
var pageLanguages = map[string]bool{"Vue": true, "Svelte": true, "Astro": true}

var sourceLanguages = words("java kotlin groovy scala resources")

// logicalPath lays the source sets of a Maven or Gradle module over each other,
// so that src/test/java/a/b goes where src/main/java/a/b is: what tests a
// package belongs to it.
func logicalPath(p string) string {
	if !strings.Contains(p, "src/") {
		return p
	}
	parts := strings.Split(p, "/")
	for i := 0; i+3 < len(parts); i++ {
		generated := strings.HasPrefix(parts[i+2], "java") // java-templates, java21
		if parts[i] != sourceFolder || !sourceLanguages[parts[i+2]] && !generated {
			continue
		}
		parts[i+1] = mainName
		if parts[i+2] != "resources" {
			parts[i+2] = "java"
		}
		return strings.Join(parts, "/")
	}
	return p
}

// walk calls visit for every file below a folder.
func (f *folder) walk(visit func(file int32)) {
	for _, i := range f.own {
		visit(i)
	}
	for _, c := range f.children {
		c.walk(visit)
	}
}

func (f *folder) name() string { return path.Base(f.path) }

var (
	testNames = words(`integration integration-cli test tests __tests__ spec specs e2e integration-tests integration_tests integrationtest integrationtests testdata fixtures
		cypress playwright acceptance test-utils testutil testutils qa unittests functional-tests system-tests it fuzz fuzzing fuzz_targets`)
	docNames           = words(`docs doc documentation website site tutorial tutorials docs_src guides cookbook`)
	toolNames          = words(`scripts script tools tool hack build buildtools .github .gitlab .circleci ci .ci dev devtools contrib bench benches benchmark benchmarks eng tasks perf gulp .changeset buildsrc .husky .mvn`)
	configurationNames = words(`config conf configs configuration deploy deployment deployments k8s kubernetes helm charts terraform infra infrastructure ansible docker
		.devcontainer .vscode .idea etc packaging systemd nginx manifests dist-config`)
	// benchNames mean the same wherever they stand.
	benchNames = words(`scripts script bench benches benchmark benchmarks`)
	// packageNames hold what a system's packages are made of: a recipe or two.
	packageNames = words(`brew homebrew debian rpm flatpak aur chocolatey winget scoop`)
	// exampleNames hold what shows the product, however much of it there is.
	exampleNames = words(`example examples _examples samples sample demo demos playground playgrounds`)
	// containers hold things of one kind and say nothing of what these are.
	containers = words(`src source sources lib libs pkg internal packages apps cmd crates projects modules`)
)

// surroundings say where a folder lies: the name of what lies deep in the code
// means less. An agent's tools and a parser's spec are product.
type surroundings uint8

const (
	inside    surroundings = iota // the folder above is product code
	workspace                     // the folder above holds packages or programs
	outermost                     // the folder above is the root
)

// examplesShare is the share of the code from which examples are what the
// repository is about.
const examplesShare = 0.80

// roleOf returns the type of a folder that its name and content give, "" for
// product code. share is the part of the product's code that lies in it.
func roleOf(f *folder, share float64, where surroundings) string {
	name := strings.ToLower(f.name())
	s := &f.size
	switch {
	case s.programs == 0:
		return codeless(name, s)
	case s.product == 0:
		return typeTests
	case isTestName(name) && (where == outermost || s.testFiles*2 >= s.programs):
		return typeTests
	case benchNames[name] && share < 0.05:
		return typeTooling
	case packageNames[name] && where != inside && s.programs < 3 && share < 0.01:
		return typeConfiguration
	case exampleNames[name] && where == outermost && share <= examplesShare:
		return typeDocs
	case share > largeShare || where == inside:
		return ""
	case docNames[name] || exampleNames[name] || strings.HasSuffix(name, "-docs") || strings.HasPrefix(name, "docs-"):
		return typeDocs
	case strings.HasPrefix(name, ".") || toolNames[name] && (where == outermost || s.files < 10):
		return typeTooling
	case where == outermost && configurationNames[name] && s.programs*3 < s.files:
		return typeConfiguration
	}
	return ""
}

func isTestName(name string) bool {
	return testNames[name] || strings.HasSuffix(name, "-tests") || strings.HasSuffix(name, "_tests") || strings.HasPrefix(name, "test-") || strings.HasPrefix(name, "__test")
}

// isSettings reports whether a file sets up tools and is no part of the
// product, though tests may import it.
func isSettings(p string) bool {
	name := path.Base(p)
	bare := strings.TrimSuffix(name, path.Ext(name))
	switch name {
	case "conftest.py", "setup.py", "noxfile.py", "tasks.py", "fabfile.py", "gulpfile.js", "Gruntfile.js", "module-info.java":
		return true
	}
	return strings.HasSuffix(bare, ".config") || strings.HasPrefix(name, ".") || strings.HasPrefix(bare, "webpack.") || strings.HasPrefix(bare, "rollup.") ||
		strings.HasPrefix(bare, "vitest.") || strings.HasPrefix(bare, "jest.")
}

// codeless is the role of a folder without any program.
func codeless(name string, s *size) string {
	switch {
	case docNames[name] || 2*s.prose > s.files:
		return typeDocs
	case toolNames[name]:
		return typeTooling
	}
	return typeConfiguration
}
