// Package container reads what says how the software is run: Dockerfiles,
// Compose files, Procfiles, development containers and serverless.yml. It is
// pure; it may import analysis/report and the evidence, shell and syntax
// packages beside it.
package container

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

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch {
	case isDockerfile(base):
		return "Dockerfile"
	case isCompose(base):
		return "compose.yaml"
	case base == "Procfile", base == "devcontainer.json", base == ".devcontainer.json", base == "serverless.yml", base == "serverless.yaml":
		return base
	}
	return ""
}

func isDockerfile(base string) bool {
	return base == "Dockerfile" || base == "Containerfile" || strings.HasPrefix(base, "Dockerfile.") && !strings.HasSuffix(base, ".dockerignore") ||
		strings.HasSuffix(base, ".Dockerfile") || strings.HasSuffix(base, ".dockerfile")
}

func isCompose(base string) bool {
	ext := path.Ext(base)
	return (ext == ".yml" || ext == ".yaml") && (strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") || strings.HasPrefix(base, "compose-"))
}

// Read adds what the files of containers and platforms say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	var compose []string
	for _, file := range t.Kept() {
		base := path.Base(file)
		// What belongs to examples is not how this software is started; a folder
		// like .devcontainer is.
		if evidence.PlaceOf(file) != evidence.Product && !strings.HasPrefix(file, ".") {
			continue
		}
		switch {
		case isDockerfile(base):
			readDockerfile(file, t, f)
		case isCompose(base):
			compose = append(compose, file)
		case base == "Procfile":
			readProcfile(file, t, f)
		case base == "devcontainer.json" || base == ".devcontainer.json":
			readDevcontainer(file, t, f)
		case strings.HasPrefix(base, "serverless."):
			readServerless(file, t, f)
		}
	}
	readCompose(compose, t, f)
}

// images are the tools that well-known images are made for.
var images = map[string]string{
	"golang": "go", "openjdk": "java", "eclipse-temurin": "java", "amazoncorretto": "java", "ibm-semeru-runtimes": "java", "postgresql": "postgres", "mongodb": "mongo",
}

// systems are images of nothing but an operating system: no tool to install.
var systems = []string{"alpine", "debian", "ubuntu", "base", "busybox", "centos", "fedora", "amazonlinux", "rockylinux", "almalinux", "static", "cc", "ubi", "archlinux"}

// addImage adds an image as a tool with the version that its tag tells.
func addImage(f *evidence.Findings, image, source string, line int) {
	image, _, _ = strings.Cut(image, "@") // a digest
	name := image[strings.LastIndexByte(image, '/')+1:]
	name, tag, _ := strings.Cut(name, ":")
	system, _, _ := strings.Cut(name, "-")
	if name == "" || slices.Contains(systems, system) || strings.ContainsAny(image, "$ {}") {
		return
	}
	if strings.Contains(image, "devcontainers/") { // the first number is the image's own
		if m := templated.FindStringSubmatch(tag); m != nil {
			tag = m[1]
		}
		name = strings.NewReplacer("javascript-", "", "typescript-", "").Replace(name)
	}
	if tool, ok := images[name]; ok {
		name = tool
	}
	f.AddRequirement(name, versionOf(tag), source, line)
}

// templated is a tag of an image for development containers: the version of the
// image stands before that of the tool.
var templated = regexp.MustCompile(`^(?:dev-|\d+(?:\.\d+)*-)(\d.*)$`)

// variant is what a tag says of the system in the image.
var variant = regexp.MustCompile(`(?:-(?:slim|alpine[\d.]*|trixie|bookworm|bullseye|buster|stretch|noble|jammy|focal))+$`)

// versionOf is the version of the tool that a tag tells, "" for one that names a
// system or what is newest.
func versionOf(tag string) string {
	tag = variant.ReplaceAllString(tag, "")
	if !strings.ContainsAny(tag, "0123456789") || strings.HasPrefix(tag, "alpine") || variant.MatchString("-"+tag) {
		return ""
	}
	return tag
}

// startedFile is the file of the tree that a command line starts, "" for
// none. Containers keep the tree in a folder of their own, so that leading
// folders of an absolute path may have to go.
func startedFile(t *evidence.Tree, dir string, words []string) string {
	for _, w := range words {
		w = strings.Trim(w, `"',[]`)
		if strings.HasPrefix(w, "-") || !strings.ContainsAny(w, "./:") {
			continue
		}
		for rest := strings.TrimPrefix(w, "/"); rest != ""; {
			if file := evidence.Join(dir, rest); file != "" && t.Has(file) && !isSettings(file) {
				return file
			}
			if !strings.HasPrefix(w, "/") {
				break
			}
			_, rest, _ = strings.Cut(rest, "/")
		}
		if file := applicationFile(t, dir, w); file != "" {
			return file
		}
	}
	return ""
}

// isSettings reports whether a file is what a program reads when it starts.
func isSettings(file string) bool {
	return slices.Contains([]string{".conf", ".cfg", ".ini", ".json", ".toml", ".yml", ".yaml", ".xml", ".properties", ".env", ".txt"}, path.Ext(file)) || path.Base(file) == ".env"
}

// applicationFile is the file behind Python's module:object notation.
func applicationFile(t *evidence.Tree, dir, word string) string {
	module, object, ok := strings.Cut(word, ":")
	if !ok || object == "" || strings.ContainsAny(module, "/") || module == "" {
		return ""
	}
	rel := strings.ReplaceAll(module, ".", "/")
	return t.FirstExisting(path.Join(dir, rel+".py"), path.Join(dir, rel, "__init__.py"), path.Join(dir, "src", rel+".py"))
}

// addStart adds a command that a file starts the software with.
func addStart(t *evidence.Tree, f *evidence.Findings, file string, line int, kind, name, command string) {
	entry := file
	at := line
	if started := startedFile(t, path.Dir(file), append(strings.Fields(command), lastWords(command)...)); started != "" {
		entry, at = started, 1
	}
	f.AddEntry(entry, at, kind, name)
}

// lastWords adds the arguments of python -m and of servers that name a module
// without any mark.
func lastWords(command string) []string {
	words := strings.Fields(command)
	for i, w := range words {
		if w == "-m" && i+1 < len(words) {
			rel := strings.ReplaceAll(words[i+1], ".", "/")
			return []string{"./" + rel + "/__main__.py", "./" + rel + ".py"}
		}
	}
	return nil
}

func readProcfile(file string, t *evidence.Tree, f *evidence.Findings) {
	number := 0
	for line := range strings.Lines(string(t.Content(file))) {
		number++
		name, command, ok := strings.Cut(strings.TrimSpace(line), ":")
		command = strings.TrimSpace(command)
		shown, fit := shell.Clean(command)
		if !ok || command == "" || strings.HasPrefix(name, "#") || strings.ContainsAny(name, " /") {
			continue
		}
		purpose := shell.Run
		if name == "release" {
			purpose = shell.Setup
		}
		sure := evidence.SureContainer
		if strings.Contains(command, "$") {
			sure -= 0.15 // the platform sets the variable
		}
		if fit {
			f.AddCommand(evidence.Command{Purpose: purpose, Command: report.Command{
				Command: shown, Source: file, Line: number, Why: "Procfile process " + name, Confidence: sure,
			}})
		}
		addStart(t, f, file, number, evidence.EntryProgram, name, command)
	}
}

func readDevcontainer(file string, t *evidence.Tree, f *evidence.Findings) {
	doc, err := syntax.JSON(t.Content(file))
	if err != nil {
		return
	}
	if image := doc.Get("image"); image.Is(syntax.Scalar) {
		addImage(f, image.Text, file, image.Line)
	}
	for _, key := range []string{"onCreateCommand", "updateContentCommand", "postCreateCommand"} {
		commands := []*syntax.Node{doc.Get(key)}
		for _, named := range doc.Get(key).Each() { // several that run side by side
			commands = append(commands, named.Value)
		}
		for _, c := range commands {
			// A list is one command, word by word.
			for _, l := range shell.Split(commandOf(c)) {
				f.AddCommand(evidence.Command{Purpose: shell.Setup, Dir: ".", Command: report.Command{
					Command: l.Text, Source: file, Line: c.At(), Why: key + " of the development container", Confidence: evidence.SureDocumented,
				}})
			}
		}
	}
}

func readServerless(file string, t *evidence.Tree, f *evidence.Findings) {
	doc, err := syntax.YAML(t.Content(file))
	if err != nil {
		return
	}
	dir := path.Dir(file)
	for _, function := range doc.Get("functions").Each() {
		handler := function.Value.Get("handler").String()
		at := strings.LastIndexByte(handler, '.')
		if at <= 0 {
			continue
		}
		stem := evidence.Join(dir, handler[:at])
		kind := evidence.EntryProgram
		for _, event := range function.Value.Get("events").List() {
			if event.Get("schedule") != nil {
				kind = evidence.EntryJob
			}
		}
		f.AddEntry(t.FirstExisting(stem+".ts", stem+".js", stem+".mjs", stem+".py", stem+".rb", stem+".go"), 1, kind, function.Key)
	}
	f.AddCommand(evidence.Command{Purpose: shell.Run, Command: report.Command{
		Command: "serverless offline", Source: file, Line: 1, Why: "serverless.yml", Confidence: 0.3,
	}})
}
