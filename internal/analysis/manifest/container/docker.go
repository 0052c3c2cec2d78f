package container

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// instruction is one instruction of a Dockerfile, lines joined.
type instruction struct {
	name, args string
	line       int
}

// maxInstructions bounds one Dockerfile.
const maxInstructions = 1_000

// instructions splits a Dockerfile. The bodies of here-documents come out as
// instructions without a known name.
func instructions(content string) []instruction {
	var out []instruction
	joined, first, number := "", 0, 0
	for line := range strings.Lines(content) {
		number++
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			continue
		}
		if joined == "" {
			first = number
		}
		part, more := strings.CutSuffix(text, "\\")
		joined += part
		if more && len(joined) < 16<<10 {
			continue
		}
		name, args, _ := strings.Cut(joined, " ")
		out = append(out, instruction{strings.ToUpper(name), strings.TrimSpace(args), first})
		joined = ""
		if len(out) == maxInstructions {
			break
		}
	}
	return out
}

func readDockerfile(file string, t *evidence.Tree, f *evidence.Findings) {
	arguments := map[string]string{}
	stages := map[string]bool{}
	var start []instruction // ENTRYPOINT and CMD of the last stage
	for _, in := range instructions(string(t.Content(file))) {
		switch in.name {
		case "ARG":
			name, value, _ := strings.Cut(in.args, "=")
			arguments[name] = strings.Trim(value, `"'`)
		case "FROM":
			start = nil
			words := strings.Fields(in.args)
			for len(words) > 0 && strings.HasPrefix(words[0], "--") {
				words = words[1:]
			}
			if len(words) == 0 {
				continue
			}
			image := expand(words[0], arguments)
			if !stages[strings.ToLower(image)] && image != "scratch" {
				addImage(f, image, file, in.line)
			}
			if len(words) == 3 && strings.EqualFold(words[1], "as") {
				stages[strings.ToLower(words[2])] = true
			}
		case "ENTRYPOINT", "CMD":
			start = append(start, in)
		}
	}
	if len(start) == 0 {
		return
	}
	addImageStart(file, start, t, f)
}

// addImageStart adds what the image starts: its entry point with its default
// arguments.
func addImageStart(file string, start []instruction, t *evidence.Tree, f *evidence.Findings) {
	entry, cmd := "", ""
	line := start[len(start)-1].line
	for _, in := range start {
		if in.name == "ENTRYPOINT" {
			entry, line = commandLine(in.args), in.line
		} else {
			cmd = commandLine(in.args)
		}
	}
	command := strings.TrimSpace(entry + " " + cmd)
	if command == "" {
		return
	}
	addStart(t, f, file, line, evidence.EntryContainer, path.Base(file)+": "+clipCommand(command), command)
	// A program or path inside the image is of no use outside.
	if strings.HasPrefix(command, "/") || strings.HasPrefix(command, "./") || strings.Contains(command, " /") ||
		shell.For(command) == shell.Other && !slices.Contains(interpreters, strings.Fields(command)[0]) {
		return
	}
	f.AddCommand(evidence.Command{Purpose: shell.Run, Command: report.Command{
		Command: command, Source: file, Line: line, Why: "the container starts it", Confidence: evidence.SureContainer - 0.1,
	}})
}

// interpreters run files of the tree inside and outside an image alike.
var interpreters = []string{"python", "python3", "node", "ruby", "php", "deno", "bun"}

func clipCommand(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "")
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + " …"
	}
	return s
}

// commandLine is the command of an instruction, from its JSON form or its
// shell form.
func commandLine(args string) string {
	if !strings.HasPrefix(args, "[") {
		return args
	}
	doc, err := syntax.JSON([]byte(args))
	if err != nil {
		return ""
	}
	words := make([]string, 0, len(doc.List()))
	for _, w := range doc.Scalars() {
		words = append(words, w.Text)
	}
	if len(words) == 3 && words[1] == "-c" {
		return words[2] // sh -c
	}
	return strings.Join(words, " ")
}

// expand fills in the arguments of a Dockerfile that have a default.
func expand(s string, arguments map[string]string) string {
	for range 4 {
		at := strings.IndexByte(s, '$')
		if at < 0 {
			break
		}
		name := strings.TrimPrefix(s[at+1:], "{")
		end := strings.IndexFunc(name, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		})
		rest := ""
		if end >= 0 {
			name, rest = name[:end], name[end:]
		}
		value := arguments[name]
		if fallback, ok := strings.CutPrefix(rest, ":-"); ok && value == "" {
			value, rest, _ = strings.Cut(fallback, "}")
		} else {
			rest = rest[min(len(rest), strings.IndexByte(rest, '}')+1):]
		}
		if value == "" {
			break
		}
		s = s[:at] + value + rest
	}
	return s
}

// readCompose adds the services that Compose files start.
func readCompose(paths []string, t *evidence.Tree, f *evidence.Findings) {
	docs := map[string]*syntax.Node{}
	for _, file := range paths {
		if doc, err := syntax.YAML(t.Content(file)); err == nil {
			docs[file] = doc
		}
	}
	all := Services(paths, docs)
	own := map[string]bool{} // images that are made of the tree
	for i := range all {
		if s := &all[i]; s.Built && s.Image != "" {
			own[bare(s.Image)] = true
		}
	}
	for _, file := range paths {
		built, services := false, 0
		for i := range all {
			s := &all[i]
			if s.File != file {
				continue
			}
			services++
			if !s.Built {
				if s.Optional == "" && !own[bare(s.Image)] {
					addImage(f, s.Image, file, max(s.Node.Get("image").At(), s.Line))
				}
				continue
			}
			built = true
			addStart(t, f, file, s.Line, evidence.EntryContainer, s.Name, commandOf(s.Node.Get("command")))
		}
		if services > 0 {
			addComposeUp(file, built, f)
		}
	}
}

// bare is an image without its tag.
func bare(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		image = image[:at]
	}
	return image
}

// commandOf is a command written as a text or as a list of words.
func commandOf(n *syntax.Node) string {
	words := make([]string, 0, 8)
	for _, w := range n.Scalars() {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// addComposeUp adds the command that starts the services: running the software
// when one of them is built from the tree, else setting up what it needs.
func addComposeUp(file string, built bool, f *evidence.Findings) {
	base := path.Base(file)
	purpose, why, sure := shell.Setup, "starts the services that the software needs", 0.6
	if built {
		purpose, why, sure = shell.Run, "starts the software and the services that it needs", 0.7
	}
	command := "docker compose up"
	switch base {
	case "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml":
	default:
		stem := strings.ToLower(strings.TrimSuffix(base, path.Ext(base)))
		if strings.Contains(stem, "override") || strings.Contains(stem, "prod") {
			return
		}
		if strings.Contains(stem, "test") || strings.Contains(stem, "ci") {
			purpose, why = shell.Setup, "starts the services that the tests need"
		}
		command, sure = "docker compose -f "+base+" up", sure-0.1
	}
	f.AddCommand(evidence.Command{Purpose: purpose, Command: report.Command{
		Command: command, Source: file, Line: 1, Why: why, Confidence: sure,
	}})
}
