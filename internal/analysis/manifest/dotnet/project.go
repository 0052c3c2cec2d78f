package dotnet

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// build is a file of MSBuild.
type build struct {
	file       string
	items      map[string][]*syntax.Node // of all groups, by their name
	properties map[string][]property     // by their name
	doc        *syntax.Node
}

// property is one setting of a property.
type property struct {
	*syntax.Node
	conditions string // of itself and of its group, "" for none
}

// maxSettings bounds how often one file sets a property, as far as it is read.
const maxSettings = 20

func readBuild(file string, content []byte) *build {
	doc, err := syntax.XML(content)
	if err != nil {
		return nil
	}
	b := &build{file: file, items: map[string][]*syntax.Node{}, properties: map[string][]property{}, doc: doc}
	for _, group := range doc.All("ItemGroup") {
		for _, item := range group.Each() {
			b.items[item.Key] = append(b.items[item.Key], item.Value)
		}
	}
	for _, group := range doc.All("PropertyGroup") {
		for _, p := range group.Each() {
			if p.Value.String() != "" && len(b.properties[p.Key]) < maxSettings {
				conditions := group.Get("@Condition").String() + p.Value.Get("@Condition").String()
				b.properties[p.Key] = append(b.properties[p.Key], property{p.Value, conditions})
			}
		}
	}
	return b
}

// shared are the files that speak for every project below their folder.
type shared struct {
	files    map[string]*build
	versions map[string]map[string]string // by file: the versions that it gives to packages, by their name in small letters
	order    []string                     // of files, nearest to the root first
}

func readShared(t *evidence.Tree) *shared {
	s := &shared{files: map[string]*build{}, versions: map[string]map[string]string{}}
	for _, file := range t.Named(buildProps, buildTargets, packagesProps) {
		b := readBuild(file, t.Content(file))
		if b == nil {
			continue
		}
		s.files[file] = b
		s.order = append(s.order, file)
		versions := map[string]string{}
		for _, kind := range []string{"PackageVersion", "PackageReference"} {
			for _, item := range b.items[kind] {
				for _, key := range []string{"@Include", "@Update"} {
					name := strings.ToLower(item.Get(key).String())
					if v := attribute(item, "Version"); v != "" && versions[name] == "" {
						versions[name] = v
					}
				}
			}
		}
		s.versions[file] = versions
	}
	return s
}

// above returns the shared files that speak for a file, nearest first. MSBuild
// itself stops at the nearest of each name unless that one imports the next, as
// it nearly always does.
func (s *shared) above(file string) []string {
	var out []string
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		for _, name := range []string{buildProps, buildTargets, packagesProps} {
			if at := path.Join(dir, name); s.files[at] != nil {
				out = append(out, at)
			}
		}
		if dir == "." || dir == "/" {
			return out
		}
	}
}

// addPackages adds the packages that shared files give to all projects below.
func (s *shared) addPackages(f *evidence.Findings) {
	for _, file := range s.order {
		p := &project{build: s.files[file], shared: s}
		p.addPackages(f)
		for _, item := range p.items["GlobalPackageReference"] {
			p.each(item, func(name string) {
				addPackage(f, name, p.expand(attribute(item, "Version")), evidence.ScopeDevelopment, file, item.At())
			})
		}
	}
}

// project is one project file, or a shared one that is read like one.
type project struct {
	*build
	shared *shared
}

// attribute is what an item says of itself, in an attribute or in an element.
func attribute(item *syntax.Node, name string) string {
	if s := item.Get("@" + name).String(); s != "" {
		return s
	}
	return item.Get(name).String()
}

// each calls with every name that an item includes.
func (p *project) each(item *syntax.Node, use func(name string)) {
	for name := range strings.SplitSeq(item.Get("@Include").String(), ";") {
		if name = strings.TrimSpace(p.expand(name)); name != "" {
			use(name)
		}
	}
}

// property finds a property in the project or the shared files above, with the
// place where it stands.
func (p *project) property(name string) (value, file string, line int) {
	own := p.properties[name]
	if n := p.setting(own); n != nil {
		return n.String(), p.file, n.At()
	}
	if len(own) > 0 { // one of them is meant, which only the build knows
		return own[0].String(), p.file, own[0].At()
	}
	for _, at := range p.shared.above(p.file) {
		if n := p.setting(p.shared.files[at].properties[name]); n != nil {
			return n.String(), at, n.At()
		}
	}
	return "", "", 0
}

// setting is the first of the settings whose condition is known to hold.
func (p *project) setting(all []property) *syntax.Node {
	for _, s := range all {
		if s.conditions == "" || p.holds(s.conditions) {
			return s.Node
		}
	}
	return nil
}

var (
	nameTest = regexp.MustCompile(`MSBuildProjectName\.(EndsWith|StartsWith|Contains)\(\s*['"\x60]([^'"\x60]*)['"\x60]`)
	nameIs   = regexp.MustCompile(`'\$\(MSBuildProjectName\)'\s*==\s*'([^']*)'`)
	unset    = regexp.MustCompile(`^\s*'\$\(\w+\)'\s*==\s*''\s*$`)
)

// holds reports whether a condition is known to hold: it asks for the name of the
// project, which shared files tell tests by, or for what nobody has set before.
func (p *project) holds(condition string) bool {
	if unset.MatchString(condition) {
		return true
	}
	if len(condition) > maxValue || strings.Contains(condition, "!") || strings.Contains(strings.ToLower(condition), "false") {
		return false
	}
	name := p.stem()
	for _, m := range nameTest.FindAllStringSubmatch(condition, -1) {
		if m[1] == "EndsWith" && strings.HasSuffix(name, m[2]) || m[1] == "StartsWith" && strings.HasPrefix(name, m[2]) || m[1] == "Contains" && strings.Contains(name, m[2]) {
			return true
		}
	}
	m := nameIs.FindStringSubmatch(condition)
	return m != nil && strings.EqualFold(m[1], name)
}

var reference = regexp.MustCompile(`\$\((\w+)\)`)

// The bounds of expanding properties that name each other.
const (
	maxRounds = 8
	maxValue  = 500
)

// expand fills in properties. What is not known stays as it is written.
func (p *project) expand(s string) string {
	for range maxRounds {
		if len(s) > maxValue || !strings.Contains(s, "$(") {
			break
		}
		next := reference.ReplaceAllStringFunc(s, func(ref string) string {
			name := ref[2 : len(ref)-1]
			if name == "MSBuildProjectName" {
				return p.stem()
			}
			if value, _, _ := p.property(name); value != "" {
				return value
			}
			return ref
		})
		if next == s {
			break
		}
		s = next
	}
	return s
}

func (p *project) stem() string { return strings.TrimSuffix(path.Base(p.file), path.Ext(p.file)) }

// packageName is what others refer to it by, were it a package.
func (p *project) packageName() string {
	for _, name := range []string{"PackageId", "AssemblyName"} {
		if value, in, _ := p.property(name); value != "" && in == p.file {
			return p.expand(value)
		}
	}
	return p.stem()
}

// programName is what the program is called that it builds.
func (p *project) programName() string {
	if value, in, _ := p.property("AssemblyName"); value != "" && in == p.file {
		return p.expand(value)
	}
	return p.stem()
}

// isTest reports whether it is a project of tests.
func (p *project) isTest() bool {
	if value, _, _ := p.property("IsTestProject"); strings.EqualFold(value, "true") || strings.EqualFold(value, "false") {
		return strings.EqualFold(value, "true")
	}
	for _, item := range p.items["PackageReference"] {
		if isTesting(item.Get("@Include").String()) {
			return true
		}
	}
	return false
}

// isTesting reports whether a package runs tests.
func isTesting(name string) bool {
	switch strings.ToLower(name) {
	case "microsoft.net.test.sdk", "xunit", "xunit.v3", "nunit", "mstest", "mstest.testframework", "tunit":
		return true
	}
	return false
}

func (p *project) addPackages(f *evidence.Findings) {
	test := p.isTest()
	for _, item := range p.items["PackageReference"] {
		scope := evidence.ScopeRuntime
		switch {
		case strings.EqualFold(attribute(item, "PrivateAssets"), "all"):
			scope = evidence.ScopeDevelopment
		case test:
			scope = evidence.ScopeTest
		}
		p.each(item, func(name string) { addPackage(f, name, p.version(item, name), scope, p.file, item.At()) })
	}
}

// version is the version of a package: the project's, or the central one.
func (p *project) version(item *syntax.Node, name string) string {
	for _, key := range []string{"VersionOverride", "Version"} {
		if v := attribute(item, key); v != "" {
			return p.expand(v)
		}
	}
	for _, at := range p.shared.above(p.file) {
		if v := p.shared.versions[at][strings.ToLower(name)]; v != "" {
			return p.expand(v)
		}
	}
	return ""
}

// The bounds of what one project can refer to and see.
const (
	maxReferences = 200
	maxUsings     = 500
)

// addLayout says what the project's files see.
func (p *project) addLayout(f *evidence.Findings) {
	l := evidence.DotNetProject{Name: p.stem(), Dir: path.Dir(p.file)}
	for _, item := range p.items["ProjectReference"] {
		p.each(item, func(name string) {
			name = strings.ReplaceAll(name, `\`, "/")
			if at := evidence.Join(l.Dir, name); at != "" && len(l.References) < maxReferences && !slices.Contains(l.References, path.Dir(at)) {
				l.References = append(l.References, path.Dir(at))
			}
		})
	}
	usings := func(b *build) {
		for _, item := range b.items["Using"] {
			if item.Get("@Alias").String() == "" && item.Get("Alias").String() == "" {
				p.each(item, func(name string) {
					if len(l.Usings) < maxUsings {
						l.Usings = append(l.Usings, name)
					}
				})
			}
		}
	}
	usings(p.build)
	for _, at := range p.shared.above(p.file) {
		usings(p.shared.files[at])
	}
	f.Layout.DotNetProjects = append(f.Layout.DotNetProjects, l)
}

var frameworkVersion = regexp.MustCompile(`(?:^|;)\s*net(?:coreapp)?(\d+\.\d+)`)

// framework is the newest version of .NET that it is built for, "" for another
// framework, and where that stands.
func (p *project) framework() (version, file string, line int) {
	for _, name := range []string{"TargetFramework", "TargetFrameworks"} {
		value, in, at := p.property(name)
		for _, m := range frameworkVersion.FindAllStringSubmatch(p.expand(value), -1) {
			if newer(m[1], version) {
				version, file, line = m[1], in, at
			}
		}
	}
	return version, file, line
}

// addProgram adds how the program of a project is started.
func (p *project) addProgram(t *evidence.Tree, f *evidence.Findings) {
	sdk := p.doc.Get("@Sdk").String()
	var sdkSb349 strings.Builder
	for _, n := range p.doc.All("Sdk") {
		sdkSb349.WriteString(";" + n.Get("@Name").String())
	}
	sdk += sdkSb349.String()
	output, _, _ := p.property("OutputType")
	web := strings.Contains(sdk, "Microsoft.NET.Sdk.Web") || strings.Contains(sdk, "Microsoft.NET.Sdk.Worker")
	aspire := strings.Contains(sdk, "Aspire.AppHost.Sdk")
	if value, _, _ := p.property("IsAspireHost"); strings.EqualFold(value, "true") {
		aspire = true
	}
	starts := web || aspire || strings.EqualFold(output, "Exe") || strings.EqualFold(output, "WinExe")
	if !starts || p.isTest() || evidence.PlaceOf(p.file) != evidence.Product {
		return
	}
	sure, why := 0.6, "builds a program"
	switch {
	case aspire:
		sure, why = 0.8, "starts the whole application (.NET Aspire)"
	case web:
		sure, why = 0.75, "builds a service"
	}
	dir, command := ".", "dotnet run --project "+path.Dir(p.file)
	if path.Dir(p.file) == "." {
		command = "dotnet run"
	}
	f.AddCommand(evidence.Command{Purpose: shell.Run, Dir: dir, Command: report.Command{Command: command, Source: p.file, Line: 1, Why: why, Confidence: sure}})
	for _, name := range []string{"Program.cs", "Program.fs", "Program.vb", "AppHost.cs"} {
		if file := path.Join(path.Dir(p.file), name); t.Has(file) {
			f.AddEntry(file, 1, evidence.EntryProgram, p.programName())
			break
		}
	}
}
