package documents

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
)

// variable is an environment variable.
type variable struct {
	name    string
	example string // as a file gives it; "" for none, or for what looks like a secret
	said    string // the comment above it
	where   []string
	order   int
}

var (
	exampleFile = regexp.MustCompile(`(?i)^(\.?env[._-](example|sample|template|dist|defaults?|local\.example|development\.example)|(example|sample|template|default)s?\.env|\.env\.development|\.env\.test|env\.example|\.flaskenv|[\w.-]+\.env\.(example|sample|template))$`)
	assignment  = regexp.MustCompile(`^\s*#?\s*(?:export\s+)?([A-Z][A-Z0-9_]{1,60})\s*=\s*(.*)$`)
	dockerEnv   = regexp.MustCompile(`^\s*ENV\s+([A-Z][A-Z0-9_]+)[=\s]\s*(.*)$`)
	secretName  = regexp.MustCompile(`(?i)(secret|pass(word|wd|phrase)?(_|$)|token|_key|apikey|private|credential|salt)`)
	variableUse = regexp.MustCompile(`^\$?\{?([A-Z][A-Z0-9_]+)`)
	// envReads is how languages read a variable.
	envReads = []*regexp.Regexp{
		regexp.MustCompile(`\bos\.(?:Getenv|LookupEnv)\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		regexp.MustCompile(`\b(?:process|import\.meta)\.env(?:\.([A-Z][A-Z0-9_]*)|\[\s*["']([A-Z][A-Z0-9_]*)["'])`),
		regexp.MustCompile(`\bos\.(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		regexp.MustCompile(`\bENV(?:\.fetch\(\s*|\[\s*)["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		regexp.MustCompile(`\benv::(?:var|var_os)\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		regexp.MustCompile(`\b(?:getenv|secure_getenv|std::getenv)\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		regexp.MustCompile(`\benv\(\s*['"]([A-Z][A-Z0-9_]+)['"]`),
		regexp.MustCompile(`\bSystem\.getenv\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		regexp.MustCompile(`\bEnvironment\.GetEnvironmentVariable\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		regexp.MustCompile(`\bDeno\.env\.get\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		regexp.MustCompile("`[^`]*\\benv(?:config)?:\"([A-Z][A-Z0-9_]+)"), // tags of Go
		regexp.MustCompile(`#\[(?:arg|clap)\([^\]]*\benv\s*=\s*"([A-Z][A-Z0-9_]+)"`),
	}
)

// everywhere are variables of systems, shells and tools, which say nothing of the
// software.
var everywhere = regexp.MustCompile(`^(CI|PATH|HOME|TERM|USER|SHELL|PWD|BROWSER|LANG|LC_ALL|TMP|TEMP|TMPDIR|EDITOR|DISPLAY|GITHUB_\w+|DEBIAN_FRONTEND|PYTHON(UNBUFFERED|DONTWRITEBYTECODE|PATH)|PIP_\w+|BUNDLE_GEMFILE|BUNDLER_VERSION|GEM_HOME|RUBYOPT|CARGO_\w+|OUT_DIR|GO(PATH|ROOT|OS|ARCH|FLAGS)|XDG_\w+|APPDATA|USERPROFILE|WINDIR|SYSTEMROOT|TZ)$`)

// The bounds of what is looked through for variables.
const (
	maxVariables  = 120
	maxEnvFiles   = 4000
	maxPlaces     = 2
	maxExampleLen = 80
)

// literal is a text of code that may be the name of a variable.
var literal = regexp.MustCompile("[\"'`]([A-Z][A-Z0-9]*_[A-Z0-9_]+)[\"'`]")

// variables are those that files name and that code reads.
type variables struct {
	*part

	list []*variable
	at   map[string]*variable
}

func (v *variables) of(name string) *variable {
	if v.at[name] == nil {
		v.at[name] = &variable{name: name, order: len(v.list)}
		v.list = append(v.list, v.at[name])
	}
	return v.at[name]
}

func (v *variable) place(text string) {
	if len(v.where) < maxPlaces && text != "" {
		v.where = append(v.where, text)
	}
}

func (v *variable) give(value string) {
	value, _, _ = strings.Cut(value, " #")
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	if v.example == "" && value != "" && !secretName.MatchString(v.name) && !strings.Contains(value, "@") && len(value) <= maxExampleLen {
		v.example = value
	}
}

// environment lists the environment variables with where they are set and read.
func (c *composer) environment() *part {
	p := c.section("environment", "Environment variables")
	v := &variables{part: p, at: map[string]*variable{}}
	for _, file := range c.named(exampleFile, 6) {
		v.fromExample(file)
	}
	services := c.services()
	for i := range services {
		v.fromCompose(&services[i])
	}
	for _, file := range c.named(regexp.MustCompile(`^(Dockerfile|Containerfile)(\.[\w-]+)?$`), 6) {
		for n, line := range c.file(file) {
			if m := dockerEnv.FindStringSubmatch(line); m != nil {
				at := v.of(m[1])
				at.give(m[2])
				at.place("set in " + span(file) + p.lines(file, n+1, n+1))
			}
		}
	}
	v.fromCode()
	var list []string
	for _, at := range v.list {
		if len(at.where) == 0 || everywhere.MatchString(at.name) {
			continue
		}
		if len(list) == maxVariables {
			break
		}
		text := span(at.name)
		if at.example != "" {
			text += ", for example " + span(at.example)
		}
		if at.said != "" {
			text += ": " + quote(at.said, 160)
		}
		list = append(list, text+" ("+strings.Join(at.where, "; ")+")")
	}
	p.list(list)
	return p
}

func (v *variables) fromExample(file string) {
	said := []string{}
	for n, line := range v.file(file) {
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			if bare := strings.TrimSpace(line); strings.HasPrefix(bare, "#") {
				said = append(said, strings.TrimSpace(strings.TrimLeft(bare, "# ")))
			} else {
				said = said[:0]
			}
			continue
		}
		at := v.of(m[1])
		at.give(m[2])
		if at.said == "" && len(said) > 0 && len(said) < 5 {
			at.said = strings.Join(said, " ")
		}
		said = said[:0]
		at.place("in " + span(file) + v.lines(file, n+1, n+1))
	}
}

func (v *variables) fromCompose(s *service) {
	add := func(name, value string, line int) {
		if !variableUse.MatchString(name) {
			return
		}
		at := v.of(name)
		if !strings.Contains(value, "${") {
			at.give(value)
		}
		at.place(fmt.Sprintf("set for the service %s in %s%s", span(s.name), span(path.Base(s.file)), v.lines(s.file, line, line)))
	}
	env := s.node.Get("environment")
	for _, f := range env.Each() {
		add(f.Key, f.Value.String(), f.Line)
	}
	for _, item := range env.List() {
		name, value, _ := strings.Cut(item.String(), "=")
		add(name, value, lineOf(item))
	}
}

func lineOf(n *syntax.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// use is a line of code that reads a variable, or names one that a file sets.
type use struct {
	name, file string
	line       int
}

// fromCode finds where the code reads variables.
func (v *variables) fromCode() {
	if v.in.Files == nil || v.err != nil {
		return
	}
	var uses []use
	err := v.in.Files.Read(v.ctx, v.codeFiles(), func(file string, content []byte) error {
		if len(content) <= maxFile {
			uses = append(uses, v.usesIn(file, string(content))...)
		}
		return nil
	})
	if err != nil {
		v.err = err
		return
	}
	slices.SortStableFunc(uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	said := map[string]bool{}
	for _, u := range uses {
		if said[u.name+u.file] {
			continue
		}
		said[u.name+u.file] = true
		if everywhere.MatchString(u.name) {
			continue
		}
		at := v.of(u.name)
		if len(at.where) >= maxPlaces+1 || len(v.list) > 2*maxVariables {
			continue
		}
		if mark := v.lines(u.file, u.line, u.line); mark != "" {
			at.where = append(at.where, "used in "+span(u.file)+mark)
		}
	}
}

// codeFiles are the files in which reads of variables are looked for.
func (v *variables) codeFiles() []string {
	var out []string
	for i := range v.index.Files {
		f := &v.index.Files[i]
		if f.Kind == "programming" && !v.isAside(f.Path) && len(out) < maxEnvFiles {
			out = append(out, f.Path)
		}
	}
	return out
}

// usesIn are those of one file.
func (v *variables) usesIn(file, content string) []use {
	var out []use
	n := 0
	for line := range strings.Lines(content) {
		n++
		if len(line) > 2000 || !strings.ContainsAny(line, "EeG_") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(line, 4) {
			if v.at[m[1]] != nil { // a file sets it: here it is named
				out = append(out, use{m[1], file, n})
			}
		}
		for _, re := range envReads {
			for _, m := range re.FindAllStringSubmatch(line, -1) {
				out = append(out, use{cmp.Or(m[1:]...), file, n})
			}
		}
	}
	return out
}
