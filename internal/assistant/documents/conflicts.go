package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// claimedVersion is a version of a tool that a document names.
var claimedVersion = lazyregexp.New(`(?i)\b(go|golang|node(?:\.?js)?|python|ruby|java|jdk|rust|php|\.net|dotnet)\s*(?:version\s*)?[:(]?\s*(>=|≥|>|at least\s+)?\s*v?(\d+(?:\.\d+){0,2})(\+|\s*(?:or|and)\s+(?:newer|later|higher|above|up))?`)

var toolNames = map[string]string{
	"golang": "go", "go": "go", "node": "node", "nodejs": "node", "node.js": "node", "python": "python", "ruby": "ruby", "java": "java", "jdk": "java", "rust": "rust", "php": "php", ".net": "dotnet", "dotnet": "dotnet",
}

// conflicts says where files contradict each other.
func (c *composer) conflicts() *part {
	p := c.section("conflicts", "Where the files disagree")
	p.list(slices.Concat(p.versionConflicts(), p.targetConflicts()))
	return p
}

// versionConflicts are tools whose versions files or documents give differently.
func (p *part) versionConflicts() []string {
	wanted := map[string][]report.Requirement{}
	for _, r := range p.report.Build.Requirements {
		if r.Version != "" && digits.MatchString(r.Version) {
			tool := strings.ToLower(r.Tool)
			wanted[tool] = append(wanted[tool], r)
		}
	}
	out := slices.Concat(p.requirementConflicts(wanted), p.claimConflicts(wanted))
	return out[:min(len(out), 12)]
}

// requirementConflicts are pairs of files that ask for one tool in versions that
// do not agree, in the order of the report.
func (p *part) requirementConflicts(wanted map[string][]report.Requirement) []string {
	var out []string
	said := map[string]bool{}
	for _, r := range p.report.Build.Requirements {
		for _, other := range wanted[strings.ToLower(r.Tool)] {
			key := r.Tool + min(r.Source, other.Source) + max(r.Source, other.Source)
			if r.Source == other.Source || said[key] || r.Version == "" || agree(r.Version, false, other.Version) || agree(other.Version, false, r.Version) {
				continue
			}
			said[key] = true
			a, b := p.lines(r.Source, r.Line, r.Line), p.lines(other.Source, other.Line, other.Line)
			if a != "" && b != "" {
				out = append(out, fmt.Sprintf("%s: %s says %s%s, %s says %s%s", plain(r.Tool), span(r.Source), span(r.Version), a, span(other.Source), span(other.Version), b))
			}
		}
	}
	return out
}

// claim is a version of a tool that a line of a document speaks of.
type claim struct {
	tool, version string
	least         bool   // that version or a newer one
	text          string // as the document has it
	line          int
}

// claims are those of one document.
func (c *composer) claims(file string) []claim {
	var out []claim
	for n, line := range c.file(file) {
		for _, m := range claimedVersion.FindAllStringSubmatch(plainText(line), -1) {
			out = append(out, claim{
				tool: toolNames[strings.ToLower(m[1])], version: m[3], least: m[2] != "" || m[4] != "",
				text: strings.TrimSpace(m[2] + m[3] + m[4]), line: n + 1,
			})
		}
	}
	return out
}

// claimConflicts are documents that speak of other versions than files ask for.
func (p *part) claimConflicts(wanted map[string][]report.Requirement) []string {
	var out []string
	said := map[string]bool{}
	for _, file := range p.docs() {
		if strings.Count(file, "/") > 1 || isChangelog(file) {
			continue
		}
		for _, v := range p.claims(file) {
			for _, r := range wanted[v.tool] {
				key := v.tool + file + v.version + r.Source
				if said[key] || agree(v.version, v.least, r.Version) {
					continue
				}
				said[key] = true
				a, b := p.lines(file, v.line, v.line), p.lines(r.Source, r.Line, r.Line)
				if a != "" && b != "" {
					out = append(out, fmt.Sprintf("%s: %s speaks of %s%s, %s asks for %s%s", plain(r.Tool), span(file), span(v.text), a, span(r.Source), span(r.Version), b))
				}
			}
		}
	}
	return out
}

// isChangelog reports whether a document speaks of former versions.
func isChangelog(file string) bool { return strings.Contains(strings.ToLower(file), "changelog") }

var digits = lazyregexp.New(`\d+(?:\.\d+)*`)

// agree reports whether a version that is spoken of fits one that a file asks
// for: the one begins as the other, or what is spoken of is the least and the
// other no less. Ranges of files are read by their first number.
func agree(said string, least bool, asked string) bool {
	a, b := digits.FindString(said), digits.FindString(asked)
	if a == "" || b == "" {
		return true
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	n := min(len(x), len(y))
	if slices.Equal(x[:n], y[:n]) {
		return true
	}
	less := compareVersions(x, y) <= 0
	if least && less {
		return true
	}
	// A range asks for that version or more: a larger one that is named fits it.
	ranged := strings.ContainsAny(asked, "><^~*|") || strings.Contains(asked, "+") || strings.ContainsAny(said, "><^~*|")
	return ranged && (!less || strings.ContainsAny(asked, "|"))
}

func compareVersions(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if d := cmp.Or(cmp.Compare(len(a[i]), len(b[i])), cmp.Compare(a[i], b[i])); d != 0 {
			return d
		}
	}
	return 0
}

var (
	makeCall   = lazyregexp.New("(?:^|[`$ ])make +([a-zA-Z][\\w./-]*)")
	scriptCall = lazyregexp.New("(?:^|[`$ ])(npm run|yarn run|yarn|pnpm run|pnpm) +([a-zA-Z][\\w:.-]*)")
	makeTarget = lazyregexp.New(`^([\w./%$()\- ]+?)\s*::?(?:[^=]|$)`)
	ownScripts = lazyregexp.New(`^\s*"([^"]+)"\s*:`)
	// builtin commands of package managers, which are no scripts
	packageCommands = lazyregexp.New(`^(install|add|remove|create|global|dlx|exec|init|link|up(grade|date)?|why|workspaces?|set|config|cache|publish|pack|audit|i|ci|node|info|list|outdated|version|run|import|patch|store|dedupe|help|if|for|and|or|is|to|the|as|in|with|package|packages|berry|classic)$`)
)

// targetConflicts are commands that documents name and no file has.
func (p *part) targetConflicts() []string {
	targets, scripts := p.makeTargets(), p.scripts()
	var out []string
	said := map[string]bool{}
	for _, file := range p.docs() {
		if isChangelog(file) {
			continue
		}
		for _, line := range codeLines(p.file(file)) {
			for _, v := range slices.Concat(unknownTargets(line.code, targets), unknownScripts(line.code, scripts)) {
				if said[v.command] || len(out) == 8 {
					continue
				}
				if mark := p.lines(file, line.n, line.n); mark != "" {
					said[v.command] = true
					out = append(out, fmt.Sprintf("%s says %s%s, and %s", span(file), span(v.command), mark, v.why))
				}
			}
		}
	}
	return out
}

// codeLine is what of a line of a document is code.
type codeLine struct {
	n    int
	code string
}

// codeLines are the lines of a document that have code. Prose has none: "make
// sure" is no command.
func codeLines(lines []string) []codeLine {
	var out []codeLine
	fenced := false
	for n, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		switch {
		case fenced:
			out = append(out, codeLine{n + 1, line})
		case strings.Contains(line, "`"):
			out = append(out, codeLine{n + 1, strings.Join(codeSpan.FindAllString(line, -1), " ")})
		}
	}
	return out
}

var codeSpan = lazyregexp.New("`[^`]+`")

// unknown is a command that no file has.
type unknown struct{ command, why string }

// unknownTargets are the targets of make that code names and no Makefile has; none
// where targets is nil, for then nobody can tell.
func unknownTargets(code string, targets map[string]bool) []unknown {
	if targets == nil || strings.Contains(code, "make -C") || strings.Contains(code, "=") {
		return nil
	}
	var out []unknown
	for _, m := range makeCall.FindAllStringSubmatch(code, -1) {
		if !targets[m[1]] {
			out = append(out, unknown{"make " + m[1], "no Makefile of the tree has that target"})
		}
	}
	return out
}

// unknownScripts are the scripts that code runs and no package.json has; none where
// scripts is nil.
func unknownScripts(code string, scripts map[string]bool) []unknown {
	if scripts == nil {
		return nil
	}
	var out []unknown
	for _, m := range scriptCall.FindAllStringSubmatch(code, -1) {
		if !scripts[m[2]] && !packageCommands.MatchString(m[2]) {
			out = append(out, unknown{m[1] + " " + m[2], "no package.json of the tree has that script"})
		}
	}
	return out
}

// makeTargets are those of all Makefiles; nil where there is none, or where one
// takes in others or makes targets by patterns, so that nobody can tell.
func (c *composer) makeTargets() map[string]bool {
	files := c.named(lazyregexp.New(`(?i)^(GNU)?makefile$|\.mk$`), 30)
	if len(files) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, file := range files {
		for _, line := range c.file(file) {
			if strings.HasPrefix(line, "include ") || strings.HasPrefix(line, "-include ") || strings.HasPrefix(line, "$(eval") {
				return nil
			}
			if m := makeTarget.FindStringSubmatch(line); m != nil && !strings.HasPrefix(line, "\t") {
				if strings.ContainsAny(m[1], "%$") {
					return nil
				}
				for name := range strings.FieldsSeq(m[1]) {
					out[name] = true
				}
			}
		}
	}
	return out
}

// scripts are those of all package.json files; nil where there is none.
func (c *composer) scripts() map[string]bool {
	files := c.named(lazyregexp.New(`^package\.json$`), 50)
	if len(files) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, file := range files {
		for _, line := range c.file(file) { // every key: a dependency is a program too
			if m := ownScripts.FindStringSubmatch(line); m != nil {
				out[m[1]] = true
				out[path.Base(m[1])] = true
			}
		}
	}
	return out
}
