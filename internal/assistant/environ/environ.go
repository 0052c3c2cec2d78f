// Package environ finds the environment variables that code reads and that files
// give examples of. It is pure.
package environ

import (
	"cmp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	// ExampleFile is the name of a file that gives examples of variables.
	ExampleFile = lazyregexp.New(`(?i)^(\.?env[._-](example|sample|template|dist|defaults?|local\.example|development\.example)|(example|sample|template|default)s?\.env|\.env\.development|\.env\.test|env\.example|\.flaskenv|[\w.-]+\.env\.(example|sample|template))$`)
	// Assignment is a line of such a file: the name and the value.
	Assignment = lazyregexp.New(`^\s*#?\s*(?:export\s+)?([A-Z][A-Z0-9_]{1,60})\s*=\s*(.*)$`)
	// DockerEnv is a line of a Dockerfile that sets a variable.
	DockerEnv = lazyregexp.New(`^\s*ENV\s+([A-Z][A-Z0-9_]+)[=\s]\s*(.*)$`)
	// SecretName is a name whose value nobody should see.
	SecretName = lazyregexp.New(`(?i)(secret|pass(word|wd|phrase)?(_|$)|token|_key|apikey|private|credential|salt)`)

	// envReads is how languages read a variable.
	envReads = []*lazyregexp.Regexp{
		lazyregexp.New(`\bos\.(?:Getenv|LookupEnv)\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		lazyregexp.New(`\b(?:process|import\.meta)\.env(?:\.([A-Z][A-Z0-9_]*)|\[\s*["']([A-Z][A-Z0-9_]*)["'])`),
		lazyregexp.New(`\bos\.(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		lazyregexp.New(`\bENV(?:\.fetch\(\s*|\[\s*)["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		lazyregexp.New(`\benv::(?:var|var_os)\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		lazyregexp.New(`\b(?:getenv|secure_getenv|std::getenv)\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		lazyregexp.New(`\benv\(\s*['"]([A-Z][A-Z0-9_]+)['"]`),
		lazyregexp.New(`\bSystem\.getenv\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		lazyregexp.New(`\bEnvironment\.GetEnvironmentVariable\(\s*"([A-Za-z_][A-Za-z0-9_]*)"`),
		lazyregexp.New(`\bDeno\.env\.get\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`),
		lazyregexp.New(`(?:^|\W)(?:Env|ENV_?|env)[A-Z]\w*\s*(?:(?:string|:\s*\w+|:\s*&(?:'static )?str)\s*)?(?::=|=|:)\s*["']([A-Z][A-Z0-9]*_[A-Z0-9_]+)["']`), // a constant that names one
		lazyregexp.New("`[^`]*\\benv(?:config)?:\"([A-Z][A-Z0-9_]+)"),                                                                                          // tags of Go
		lazyregexp.New(`#\[(?:arg|clap)\([^\]]*\benv\s*=\s*"([A-Z][A-Z0-9_]+)"`),
	}
)

// Everywhere are variables of systems, shells and tools, which say nothing of the
// software.
var Everywhere = lazyregexp.New(`^(CI|PATH|HOME|TERM|USER|SHELL|PWD|BROWSER|LANG|LC_ALL|TMP|TEMP|TMPDIR|EDITOR|DISPLAY|GITHUB_\w+|DEBIAN_FRONTEND|PYTHON(UNBUFFERED|DONTWRITEBYTECODE|PATH)|PIP_\w+|BUNDLE_GEMFILE|BUNDLER_VERSION|GEM_HOME|RUBYOPT|CARGO_\w+|OUT_DIR|GO(PATH|ROOT|OS|ARCH|FLAGS)|XDG_\w+|APPDATA|USERPROFILE|WINDIR|SYSTEMROOT|TZ)$`)

// literal is a text of code that may be the name of a variable.
var literal = lazyregexp.New("[\"'`]([A-Z][A-Z0-9]*_[A-Z0-9_]+)[\"'`]")

// Use is a line of code that reads a variable, or names one that a file sets.
type Use struct {
	Name, Path string
	Line       int
}

// Uses are those of one file; named reports whether a file sets a variable, so that
// its bare name is one.
func Uses(file, content string, named func(name string) bool) []Use {
	var out []Use
	n := 0
	for line := range strings.Lines(content) {
		n++
		if len(line) > 2000 || !strings.ContainsAny(line, "EeG_") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(line, 4) {
			if named(m[1]) {
				out = append(out, Use{m[1], file, n})
			}
		}
		for _, re := range envReads {
			for _, m := range re.FindAllStringSubmatch(line, -1) {
				out = append(out, Use{cmp.Or(m[1:]...), file, n})
			}
		}
	}
	return out
}
