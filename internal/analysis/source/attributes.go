package source

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/go-enry/go-enry/v2"
)

// Attributes are what the tree's own .gitattributes files say to Linguist:
// linguist-language, -vendored, -generated and -documentation. A nil
// *Attributes says nothing, so that Linguist's own rules hold.
type Attributes struct {
	rules []rule
	// own are the folders whose names often mean other people's code, and in which
	// nothing says so. See Weigh.
	own map[string]bool
}

type rule struct {
	dir     string // of the .gitattributes file, "" for the root
	pattern string // a doublestar pattern relative to dir
	name    string // without "linguist-"
	value   string // "true", "false", a language, or unspecified
}

// unspecified is the value of a rule that takes back what earlier ones said,
// unset that of one which says no.
const (
	unspecified = "!"
	unset       = "false"
)

// maxRules bounds the rules of one tree: every file is held against all of
// them.
const maxRules = 500

// IsAttributes reports whether a path is a file that ReadAttributes reads.
func IsAttributes(filePath string) bool { return path.Base(filePath) == ".gitattributes" }

// ReadAttributes reads .gitattributes files, by path. Later rules win over
// earlier ones, and deeper files over higher ones, as in git.
func ReadAttributes(files map[string][]byte) *Attributes {
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		if depth := strings.Count(a, "/") - strings.Count(b, "/"); depth != 0 {
			return depth
		}
		return strings.Compare(a, b)
	})
	a := &Attributes{}
	for _, p := range paths {
		dir := path.Dir(p)
		if dir == "." {
			dir = ""
		}
		for line := range strings.Lines(string(files[p])) {
			a.rules = append(a.rules, parseRules(dir, line)...)
			if len(a.rules) >= maxRules {
				return a
			}
		}
	}
	return a
}

func parseRules(dir, line string) []rule {
	fields := strings.Fields(line)
	if len(fields) < 2 || strings.HasPrefix(fields[0], "#") || strings.HasPrefix(fields[0], "[attr]") {
		return nil
	}
	pattern := strings.Trim(fields[0], `"`)
	switch {
	case strings.HasPrefix(pattern, "/"):
		pattern = pattern[1:]
	case !strings.Contains(strings.TrimSuffix(pattern, "/"), "/"):
		pattern = "**/" + pattern
	}
	if !doublestar.ValidatePattern(pattern) {
		return nil
	}
	var rules []rule
	for _, field := range fields[1:] {
		name, value, valued := strings.Cut(field, "=")
		switch {
		case strings.HasPrefix(field, "-"):
			name, value = field[1:], unset
		case strings.HasPrefix(field, "!"):
			name, value = field[1:], unspecified
		case !valued:
			value = "true"
		}
		if name, ours := strings.CutPrefix(name, "linguist-"); ours {
			rules = append(rules, rule{dir, pattern, name, value})
		}
	}
	return rules
}

// value returns what the last matching rule says of a path.
func (a *Attributes) value(filePath, name string) (string, bool) {
	if a == nil {
		return "", false
	}
	for _, r := range slices.Backward(a.rules) {
		if r.name != name {
			continue
		}
		inside := filePath
		if r.dir != "" {
			var below bool
			if inside, below = strings.CutPrefix(filePath, r.dir+"/"); !below {
				continue
			}
		}
		if doublestar.MatchUnvalidated(r.pattern, inside) {
			return r.value, r.value != unspecified
		}
	}
	return "", false
}

func (a *Attributes) documentation(filePath string) bool {
	if v, said := a.value(filePath, "documentation"); said {
		return v != unset
	}
	return enry.IsDocumentation(filePath)
}

// DocumentationIn is what Read says of a file's being documentation, for one that
// lies in a folder which shows the software by its name, at whatever depth: there
// it is documentation where the software stands beside the folder, and else by what
// the rest of its path says.
func (a *Attributes) DocumentationIn(folder, filePath string, beside bool) bool {
	if v, said := a.value(filePath, "documentation"); said {
		return v != unset
	}
	return beside || enry.IsDocumentation(path.Join(path.Dir(folder), neutral, strings.TrimPrefix(filePath, folder+"/")))
}

// generatedByName decides without the content, where a rule or the name does.
func (a *Attributes) generatedByName(filePath string) bool {
	if v, said := a.value(filePath, "generated"); said {
		return v != unset
	}
	return enry.IsGenerated(filePath, nil)
}

func (a *Attributes) generated(filePath string, content []byte) bool {
	if v, said := a.value(filePath, "generated"); said {
		return v != unset
	}
	return enry.IsGenerated(filePath, content)
}

// language returns the language that a rule gives, by its name or alias.
func (a *Attributes) language(filePath string) string {
	v, said := a.value(filePath, "language")
	if !said || v == unset || v == "true" {
		return ""
	}
	if lang, ok := enry.GetLanguageByAlias(v); ok {
		return lang
	}
	return ""
}
