package jvm

import (
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Gradle's build scripts are programs. They are read line by line, by the
// patterns in which nearly all of them are written; what a script computes is
// not known.
var (
	// implementation("g:a:v"), testImplementation 'g:a:v', api platform("g:a:v")
	gradleLiteral = regexp.MustCompile(`^\s*["']?(\w+)["']?\s*\(?\s*(?:(?:enforcedPlatform|platform|testFixtures|enforced)\s*\(\s*)?["']([\w.$\-{}]+):([\w.$\-{}]+)(?::([^"'@:]+))?[^"']*["']`)
	// implementation group: 'g', name: 'a', version: 'v'; Kotlin's with =
	gradleNamed = regexp.MustCompile(`^\s*(\w+)\s*\(?\s*group\s*[:=]\s*["']([^"']+)["']\s*,\s*name\s*[:=]\s*["']([^"']+)["'](?:\s*,\s*version\s*[:=]\s*["']([^"']+)["'])?`)
	// implementation(libs.some.alias), implementation libs.someAlias
	gradleAlias = regexp.MustCompile(`^\s*["']?(\w+)["']?\s*\(?\s*(?:(?:enforcedPlatform|platform|testFixtures)\s*\(\s*)?libs\.([\w.]+)`)
	// jackson: "g:a:$versions.jackson", as in a map of libraries
	gradleMapped = regexp.MustCompile(`^\s*(\w+)\s*:\s*["']([\w.-]+):([\w.-]+)(?::([^"'@:]+))?["']`)
	// jackson: "2.17.0", kotlinVersion = "2.0", def x = '1', ext.x = '1'
	gradleVersion = regexp.MustCompile(`^\s*(?:(?:def|val|var|ext\.|extra\[?|set\()\s*)?["']?(\w+)["']?\s*[\]:=,]\s*=?\s*(?:by extra\()?["']([0-9][\w.+\-]*)["']`)
	gradleRef     = regexp.MustCompile(`\$\{?(?:rootProject\.|project\.|ext\.|versions\.|extra\.)?(\w+)\}?`)

	gradleJava      = regexp.MustCompile(`(?:JavaLanguageVersion\.of\(\s*|jvmToolchain\(\s*|(?:sourceCompatibility|options\.release)\s*=?\s*(?:JavaVersion\.VERSION_|JavaVersion\.toVersion\(\s*)?["']?)([0-9][0-9_.]*)`)
	gradleMainClass = regexp.MustCompile(`(?:mainClass(?:Name)?\s*(?:=|\.set\()\s*)["']([\w.$]+)["']`)
	gradlePlugin    = regexp.MustCompile(`(?:id\s*\(?\s*|apply\s+plugin:\s*)["']([\w.-]+)["']|^\s*(application|checkstyle)\s*$`)
)

// maxGradleLine is the longest line that is looked at, in bytes.
const maxGradleLine = 1000

// configurations are the endings of the names of configurations that hold
// dependencies, with their scope.
var configurations = []struct{ ending, scope string }{
	{"implementation", evidence.ScopeRuntime}, {"api", evidence.ScopeRuntime}, {"compileonly", evidence.ScopeRuntime}, {"compileonlyapi", evidence.ScopeRuntime},
	{"runtimeonly", evidence.ScopeRuntime}, {"compile", evidence.ScopeRuntime}, {"runtime", evidence.ScopeRuntime}, {"providedcompile", evidence.ScopeRuntime}, {"shadow", evidence.ScopeRuntime},
	{"annotationprocessor", evidence.ScopeDevelopment}, {"kapt", evidence.ScopeDevelopment}, {"ksp", evidence.ScopeDevelopment},
	{"developmentonly", evidence.ScopeDevelopment}, {"classpath", evidence.ScopeDevelopment},
}

// configurationScope is the scope of a configuration, "" for what is none.
func configurationScope(name string) string {
	lower := strings.ToLower(name)
	for _, c := range configurations {
		if !strings.HasSuffix(lower, c.ending) {
			continue
		}
		if strings.Contains(lower, "test") {
			return evidence.ScopeTest
		}
		return c.scope
	}
	return ""
}

// library is a coordinate that a catalog or map gives a name.
type library struct {
	name, version string
}

// catalog is what the build scripts of a tree can refer to.
type catalog struct {
	libraries map[string]library
	versions  map[string]string
}

// alias is a catalog's name in the one spelling that all others come to.
func alias(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}

// version fills in the variables of a version. What is not known stays as it
// is written.
func (c catalog) version(s string) string {
	return gradleRef.ReplaceAllStringFunc(s, func(ref string) string {
		if v, ok := c.versions[gradleRef.FindStringSubmatch(ref)[1]]; ok {
			return v
		}
		return ref
	})
}

// readGradle adds what the build scripts say.
func readGradle(t *evidence.Tree, f *evidence.Findings) {
	cat := catalog{libraries: map[string]library{}, versions: map[string]string{}}
	scripts := t.Matching(func(p string) bool { return Kind(p) == "gradle" && evidence.PlaceOf(p) != evidence.Ignored })
	for _, file := range scripts {
		cat.collect(file, t.Content(file))
	}
	for _, file := range scripts {
		if !strings.HasSuffix(file, ".gradle") && !strings.HasSuffix(file, ".kts") {
			continue
		}
		readScript(file, string(t.Content(file)), cat, t, f)
	}
}

// collect reads what a file defines for others.
func (c catalog) collect(file string, content []byte) {
	if strings.HasSuffix(file, ".toml") {
		c.toml(content)
		return
	}
	for line := range strings.Lines(string(content)) {
		if len(line) > maxGradleLine {
			continue
		}
		if strings.HasSuffix(file, ".properties") {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
				c.define(strings.TrimSpace(key), strings.TrimSpace(value))
			}
			continue
		}
		if !strings.ContainsAny(line, `"'`) {
			continue // both patterns need a literal
		}
		if m := gradleMapped.FindStringSubmatch(line); m != nil {
			if _, ok := c.libraries[alias(m[1])]; !ok {
				c.libraries[alias(m[1])] = library{m[2] + ":" + m[3], m[4]}
			}
		} else if m := gradleVersion.FindStringSubmatch(line); m != nil {
			c.define(m[1], m[2])
		}
	}
}

func (c catalog) define(name, version string) {
	if _, ok := c.versions[name]; !ok {
		c.versions[name] = version
	}
}

// toml reads a version catalog.
func (c catalog) toml(content []byte) {
	doc, err := syntax.TOML(content)
	if err != nil {
		return
	}
	for _, f := range doc.Get("libraries").Each() {
		lib := library{name: f.Value.Get("module").String()}
		switch {
		case f.Value.Is(syntax.Scalar):
			parts := strings.SplitN(f.Value.Text, ":", 3)
			if len(parts) < 2 {
				continue
			}
			lib.name = parts[0] + ":" + parts[1]
			lib.version = strings.Join(parts[2:], "")
		case lib.name == "":
			lib.name = f.Value.Get("group").String() + ":" + f.Value.Get("name").String()
		}
		if lib.version == "" {
			lib.version = catalogVersion(doc, f.Value.Get("version"))
		}
		c.libraries[alias(f.Key)] = lib
	}
}

func catalogVersion(doc, v *syntax.Node) string {
	if ref := v.Get("ref").String(); ref != "" {
		v = doc.Get("versions", ref)
	}
	if v.Is(syntax.Map) { // a rich version
		for _, key := range []string{"strictly", "require", "prefer"} {
			if s := v.Get(key).String(); s != "" {
				return s
			}
		}
	}
	return v.String()
}

// ownBuild are builds of the build itself.
var ownBuild = regexp.MustCompile(`(^|/)(buildSrc|build-logic|build-conventions)/`)

// readScript reads one build script.
func readScript(file, content string, cat catalog, t *evidence.Tree, f *evidence.Findings) {
	g := gradle{file: file, dir: path.Dir(file), tree: t, findings: f, product: evidence.PlaceOf(file) == evidence.Product && !ownBuild.MatchString(file)}
	number := 0
	for line := range strings.Lines(content) {
		number++
		if len(line) > maxGradleLine || strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		g.dependency(line, number, cat)
		g.other(line, number)
	}
	base := path.Base(file)
	if g.product && strings.HasPrefix(base, "build.gradle") && g.isRoot() {
		g.add(shell.Build, "build", "Gradle builds and tests it", 1, 0)
		g.add(shell.Test, "test", "Gradle runs the unit tests", 1, 0)
	}
}

// gradle is one build script.
type gradle struct {
	file, dir string
	tree      *evidence.Tree
	findings  *evidence.Findings
	product   bool
	javaSeen  bool
}

// isRoot reports whether the script is the root of its build: it has settings
// or nothing above it has a script.
func (g *gradle) isRoot() bool {
	if g.dir == "." || g.tree.Has(path.Join(g.dir, "settings.gradle")) || g.tree.Has(path.Join(g.dir, "settings.gradle.kts")) {
		return true
	}
	for dir := path.Dir(g.dir); ; dir = path.Dir(dir) {
		if g.tree.FirstExisting(path.Join(dir, "settings.gradle"), path.Join(dir, "settings.gradle.kts"), path.Join(dir, "build.gradle"), path.Join(dir, "build.gradle.kts")) != "" {
			return false
		}
		if dir == "." || dir == "/" {
			return true
		}
	}
}

// root is the folder of the wrapper, or of the script, and how Gradle is
// called there.
func (g *gradle) root() (dir, command string) {
	for dir = g.dir; ; dir = path.Dir(dir) {
		if g.tree.Has(path.Join(dir, "gradlew")) {
			return dir, "./gradlew"
		}
		if dir == "." || dir == "/" {
			return g.dir, "gradle"
		}
	}
}

func (g *gradle) dependency(line string, number int, cat catalog) {
	configuration, lib := "", library{}
	if !strings.ContainsAny(line, `"'`) && !strings.Contains(line, "libs.") {
		return
	}
	if m := gradleLiteral.FindStringSubmatch(line); m != nil {
		configuration, lib = m[1], library{m[2] + ":" + m[3], m[4]}
	} else if m := gradleNamed.FindStringSubmatch(line); m != nil {
		configuration, lib = m[1], library{m[2] + ":" + m[3], m[4]}
	} else if m := gradleAlias.FindStringSubmatch(line); m != nil {
		configuration, lib = m[1], cat.libraries[alias(strings.TrimSuffix(m[2], ".get"))]
	}
	scope := configurationScope(configuration)
	if scope == "" || lib.name == "" || strings.Contains(lib.name, "$") {
		return
	}
	group, _, _ := strings.Cut(lib.name, ":")
	g.findings.AddExternal(report.External{
		Ecosystem: Ecosystem, Name: lib.name, Version: cat.version(lib.version), Scope: scope,
		Manifest: g.file, Line: number, Imports: importNames(lib.name, group),
	})
}

// other reads what is no dependency: Java's version, the main class, plugins
// that bring tasks.
func (g *gradle) other(line string, number int) {
	if !g.product {
		return
	}
	if m := gradleJava.FindStringSubmatch(line); m != nil && !g.javaSeen {
		g.javaSeen = true
		g.findings.AddRequirement("java", strings.ReplaceAll(m[1], "_", "."), g.file, number)
	}
	if m := gradleMainClass.FindStringSubmatch(line); m != nil {
		addClass(g.tree, g.findings, g.dir, m[1])
	}
	m := gradlePlugin.FindStringSubmatch(line)
	if m == nil || strings.Contains(line, "apply false") {
		return
	}
	switch m[1] + m[2] {
	case "org.springframework.boot":
		g.add(shell.Run, "bootRun", "the Spring Boot plugin", number, 0)
	case "application":
		g.add(shell.Run, "run", "the application plugin", number, 0)
	case "io.quarkus":
		g.add(shell.Run, "quarkusDev", "the Quarkus plugin", number, 0)
	case "com.diffplug.spotless":
		g.add(shell.Lint, "spotlessCheck", "the Spotless plugin", number, 0.1)
	case "checkstyle":
		g.add(shell.Lint, "checkstyleMain", "the Checkstyle plugin", number, 0.1)
	}
}

// add adds a task, run from where the wrapper lies.
func (g *gradle) add(purpose shell.Purpose, task, why string, line int, less float64) {
	if !strings.HasPrefix(path.Base(g.file), "build.gradle") {
		return // a script that others apply: the task is theirs
	}
	dir, command := g.root()
	sure := 0.68
	if command == "./gradlew" {
		sure = 0.75
	}
	if rel := strings.TrimPrefix(g.dir, strings.TrimPrefix(dir+"/", "./")); g.dir != dir {
		task = ":" + strings.ReplaceAll(rel, "/", ":") + ":" + task
		sure -= 0.1
	}
	g.findings.AddCommand(evidence.Command{Purpose: purpose, Dir: dir, Command: report.Command{
		Command: command + " " + task, Source: g.file, Line: line, Why: why, Confidence: sure - less,
	}})
}
