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

// The bounds of resolving what a pom.xml leaves to others.
const (
	maxParents  = 16
	maxResolved = 16
)

// pom is a pom.xml that was read.
type pom struct {
	file   string
	doc    *syntax.Node
	parent *pom // when it lies in the tree
}

// readPoms reads every pom.xml and links those whose parent lies in the tree.
func readPoms(t *evidence.Tree) []*pom {
	byFile := map[string]*pom{}
	var all []*pom
	for _, file := range t.Named("pom.xml") {
		doc, err := syntax.XML(t.Content(file))
		if err != nil || evidence.PlaceOf(file) == evidence.Ignored {
			continue
		}
		p := &pom{file: file, doc: doc}
		byFile[file] = p
		all = append(all, p)
	}
	for _, p := range all {
		declared := p.doc.Get("parent")
		if declared == nil {
			continue
		}
		rel := "../pom.xml"
		if given := declared.Field("relativePath"); given != nil {
			rel = given.Value.String()
		}
		if !strings.HasSuffix(rel, ".xml") {
			rel = path.Join(rel, "pom.xml")
		}
		candidate := byFile[evidence.Join(path.Dir(p.file), rel)]
		if candidate != nil && candidate != p && candidate.doc.Get("artifactId").String() == declared.Get("artifactId").String() {
			p.parent = candidate
		}
	}
	return all
}

// chain is the pom and its parents in the tree, nearest first. A cycle ends.
func (p *pom) chain() []*pom {
	var out []*pom
	for ; p != nil && len(out) < maxParents; p = p.parent {
		out = append(out, p)
	}
	return out
}

// property is the value of a property, looked up through the parents.
func (p *pom) property(name string) string {
	for _, at := range p.chain() {
		if n := at.doc.Get("properties", name); n != nil {
			return n.Text
		}
	}
	name = strings.TrimPrefix(name, "pom.")
	name = strings.TrimPrefix(name, "project.")
	if name, ok := strings.CutPrefix(name, "parent."); ok {
		return p.doc.Get("parent", name).String()
	}
	switch name {
	case "version", "groupId", "artifactId":
		if own := p.doc.Get(name).String(); own != "" {
			return own
		}
		return p.doc.Get("parent", name).String()
	}
	return ""
}

var mavenProperty = regexp.MustCompile(`\$\{([\w.-]+)\}`)

// resolve fills in the properties of a text. What is not known stays as it is
// written; the number of rounds and the length bound properties that name each
// other.
func (p *pom) resolve(s string) string {
	for range maxResolved {
		next := mavenProperty.ReplaceAllStringFunc(s, func(ref string) string {
			if value := p.property(ref[2 : len(ref)-1]); value != "" {
				return value
			}
			return ref
		})
		if next == s || len(next) > 1000 {
			break
		}
		s = next
	}
	return s
}

// coordinates are group and artifact of a dependency or project.
func (p *pom) coordinates(n *syntax.Node) string {
	group := n.Get("groupId").String()
	if group == "" && n == p.doc {
		group = n.Get("parent", "groupId").String()
	}
	return p.resolve(group) + ":" + p.resolve(n.Get("artifactId").String())
}

// managed are the versions and scopes that dependencyManagement gives, through
// the parents.
func (p *pom) managed() map[string]*syntax.Node {
	out := map[string]*syntax.Node{}
	for _, at := range p.chain() {
		for _, d := range at.doc.Get("dependencyManagement", "dependencies").All("dependency") {
			if key := p.coordinates(d); out[key] == nil {
				out[key] = d
			}
		}
	}
	return out
}

func (p *pom) addExternal(f *evidence.Findings) {
	managed := p.managed()
	lists := []*syntax.Node{p.doc.Get("dependencies")}
	for _, profile := range p.doc.Get("profiles").All("profile") {
		lists = append(lists, profile.Get("dependencies"))
	}
	for _, list := range lists {
		for _, d := range list.All("dependency") {
			name := p.coordinates(d)
			if strings.HasPrefix(name, ":") || strings.HasSuffix(name, ":") {
				continue
			}
			group, _, _ := strings.Cut(name, ":")
			f.AddExternal(report.External{
				Ecosystem: Ecosystem, Name: name, Version: p.field(d, managed[name], "version"),
				Scope: mavenScope(p.field(d, managed[name], "scope"), p.field(d, managed[name], "optional")), Manifest: p.file, Line: d.Line,
				Imports: importNames(name, group),
			})
		}
	}
}

// field is a field of a dependency, or of what manages it.
func (p *pom) field(d, managed *syntax.Node, key string) string {
	if own := d.Get(key).String(); own != "" {
		return p.resolve(own)
	}
	return p.resolve(managed.Get(key).String())
}

func mavenScope(scope, optional string) string {
	switch {
	case scope == "test":
		return evidence.ScopeTest
	case optional == "true":
		return evidence.ScopeOptional
	}
	return evidence.ScopeRuntime
}

func (p *pom) addRequirements(f *evidence.Findings) {
	properties := p.doc.Get("properties")
	for _, name := range []string{"maven.compiler.release", "java.version", "maven.compiler.source", "maven.compiler.target", "javaVersion", "jdk.version"} {
		if n := properties.Get(name); n.String() != "" {
			f.AddRequirement("java", p.resolve(n.Text), p.file, n.Line)
			return
		}
	}
	for _, plugin := range p.plugins() {
		if plugin.Get("artifactId").String() != "maven-compiler-plugin" {
			continue
		}
		for _, key := range []string{"release", "source"} {
			if n := plugin.Get("configuration", key); n.String() != "" {
				f.AddRequirement("java", p.resolve(n.Text), p.file, n.Line)
				return
			}
		}
	}
}

// plugins are the build plugins, those that are only managed last.
func (p *pom) plugins() []*syntax.Node {
	build := p.doc.Get("build")
	return append(build.Get("plugins").All("plugin"), build.Get("pluginManagement", "plugins").All("plugin")...)
}

// launcher is the folder that Maven is called in, and how: by the wrapper
// nearest on the way to the root, if there is one.
func (p *pom) launcher(t *evidence.Tree) (dir, command string) {
	own := path.Dir(p.file)
	for dir = own; ; dir = path.Dir(dir) {
		switch {
		case t.Has(path.Join(dir, "mvnw")) && dir == own:
			return dir, "./mvnw"
		case t.Has(path.Join(dir, "mvnw")):
			return dir, "./mvnw -f " + strings.TrimPrefix(p.file, strings.TrimPrefix(dir+"/", "./"))
		case dir == "." || dir == "/":
			return own, "mvn"
		}
	}
}

func (p *pom) addCommands(t *evidence.Tree, f *evidence.Findings) {
	dir, mvn := p.launcher(t)
	sure := 0.68
	switch {
	case strings.Contains(mvn, " -f "):
		sure = 0.65 // a part of a build
	case mvn != "mvn":
		sure = 0.75
	}
	add := func(purpose shell.Purpose, goal, why string, line int, sure float64) {
		f.AddCommand(evidence.Command{Purpose: purpose, Dir: dir, Command: report.Command{
			Command: mvn + " " + goal, Source: p.file, Line: max(line, 1), Why: why, Confidence: sure,
		}})
	}
	// A module is built from the root of its build.
	if p.parent == nil {
		add(shell.Build, "package", "Maven builds and tests it", 1, sure)
		add(shell.Test, "test", "Maven runs the unit tests", 1, sure)
	}
	for _, plugin := range p.plugins() {
		switch plugin.Get("artifactId").String() {
		case "spring-boot-maven-plugin":
			add(shell.Run, "spring-boot:run", "the Spring Boot plugin", plugin.Line, sure)
		case "quarkus-maven-plugin":
			add(shell.Run, "quarkus:dev", "the Quarkus plugin", plugin.Line, sure)
		case "exec-maven-plugin":
			add(shell.Run, "exec:java", "the exec plugin", plugin.Line, sure-0.15)
		case "spotless-maven-plugin":
			add(shell.Lint, "spotless:check", "the Spotless plugin", plugin.Line, sure-0.1)
		case "maven-checkstyle-plugin":
			add(shell.Lint, "checkstyle:check", "the Checkstyle plugin", plugin.Line, sure-0.1)
		}
	}
}

func (p *pom) addEntries(t *evidence.Tree, f *evidence.Findings) {
	dir := path.Dir(p.file)
	for _, name := range []string{"start-class", "mainClass", "main.class", "exec.mainClass"} {
		addClass(t, f, dir, p.doc.Get("properties", name).String())
	}
	for _, plugin := range p.plugins() {
		for _, n := range []*syntax.Node{
			plugin.Get("configuration", "mainClass"), plugin.Get("configuration", "archive", "manifest", "mainClass"),
		} {
			addClass(t, f, dir, p.resolve(n.String()))
		}
	}
}
