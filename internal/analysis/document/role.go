package document

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// prose are the endings of documents for people.
var prose = []string{".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".txt", ""}

// decisionFolders hold architecture decision records.
var decisionFolders = []string{"adr", "adrs", "decisions", "decision-records", "decision_records", "architecture-decisions", "architectural-decisions", "architecture_decisions"}

// decisionName is the name of a decision record outside such a folder.
var decisionName = lazyregexp.New(`^adr[-_ ]?\d+`)

// noDocument are texts that programs read.
var noDocument = lazyregexp.New(`^(cmakelists|requirements|constraints|robots|humans|manifest|runtime|.*requirements|dependencies|top_level|sources|license|licence|copying|notice|authors|maintainers|contributors|codeowners|code_of_conduct|code-of-conduct|pull_request_template|issue_template|_.*|summary|third.party.*)$`)

// licenseFolder holds the licences' texts by the REUSE specification.
const licenseFolder = "LICENSES"

// roleOf tells a file's role by its path.
func roleOf(file string) role {
	base := strings.ToLower(path.Base(file))
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	inRoot := !strings.Contains(file, "/")
	if !inRoot && !slices.Contains(prose, ext) && path.Dir(file) != licenseFolder {
		return roleNone // most files: told before the dearer questions
	}
	place := evidence.PlaceOf(file)
	if place == evidence.Ignored {
		return roleNone
	}
	if inRoot && (base == "package.json" || base == "cargo.toml" || base == "pyproject.toml") {
		return roleManifest
	}
	if isLicense(file, base, inRoot) {
		return roleLicense
	}
	if !slices.Contains(prose, ext) {
		return roleNone
	}
	name, _, _ := strings.Cut(stem, ".")
	switch {
	case name == "readme" || strings.HasPrefix(name, "readme-") || strings.HasPrefix(name, "readme_"):
		return roleReadme
	case name == "contributing" && atTop(file):
		return roleContributing
	case atTop(file) && slices.Contains([]string{"changelog", "changes", "history", "release-notes", "release_notes", "changelogs"}, name), inRoot && (name == "news" || name == "releases"):
		return roleChangelog
	case ext == "" || place == evidence.Tests:
		return roleNone
	case isDecision(file, stem):
		return roleDecision
	case inFolder(file, decisionFolders):
		return roleNone // a template, or the list of the records
	case noDocument.MatchString(stem) || strings.Contains(file, "/."), strings.Contains(file, "/_"):
		return roleNone
	case inRoot && ext != ".txt", inFolder(file, docFolders):
		return roleDocument
	}
	return roleNone
}

// atTop reports whether a file lies where hosts look for it.
func atTop(file string) bool {
	return slices.Contains([]string{".", ".github", ".gitlab", "docs", "doc"}, path.Dir(file))
}

func isLicense(file, base string, inRoot bool) bool {
	if path.Dir(file) == licenseFolder {
		return true
	}
	if !inRoot {
		return false
	}
	for _, prefix := range []string{"license", "licence", "copying", "unlicense", "mit-license"} {
		if strings.HasPrefix(base, prefix) {
			return !strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, ".py") && !strings.HasSuffix(base, ".js")
		}
	}
	return false
}

func isDecision(file, stem string) bool {
	if slices.Contains([]string{"index", "template", "adr-template", "0000-template"}, stem) || strings.Contains(stem, "template") {
		return false
	}
	if decisionName.MatchString(stem) {
		return true
	}
	return inFolder(file, decisionFolders)
}

// inFolder reports whether a folder on the way to a file has one of the names.
func inFolder(file string, names []string) bool {
	folders := strings.Split(strings.ToLower(path.Dir(file)), "/")
	return slices.ContainsFunc(folders, func(f string) bool { return slices.Contains(names, f) })
}

// docFolders are where documents live.
var docFolders = []string{"docs", "doc", "documentation", "guide", "guides", "wiki", "handbook"}

// useful are words in a document's path that a newcomer looks for, best first.
var useful = []string{
	"architecture", "overview", "getting-started", "getting_started", "gettingstarted", "quickstart", "quick-start", "development", "developing", "developer",
	"hacking", "design", "internals", "onboarding", "contributing", "testing", "tests", "setup", "install", "installation", "building", "build", "usage",
	"tutorial", "intro", "introduction", "concepts", "glossary", "deployment", "operations", "configuration", "index", "guide", "faq", "troubleshooting", "api",
}

// languages are folders and endings of translations.
var languages = lazyregexp.New(`(?i)(^|[/._-])(ar|az|be|bn|ca|cs|da|de|el|em|es|et|fa|fi|fr|he|hi|hr|hu|id|it|ja|jp|ka|kk|ko|lt|nb|nl|no|pl|pt|pt-br|ro|ru|sk|sl|sq|sr|sv|ta|te|th|tr|tw|uk|ur|uz|vi|yo|zh|zh-hans|zh-hant|zh-cn|zh-tw|zh_cn|zh_tw|cn|ja-jp|ko-kr|ru-ru|es-es|fr-fr|de-de|pt_br)([/.]|$)`)

// rankDocuments are the documents of a tree, the most useful to a newcomer
// first: told by what they are named for and how deep they lie. Translations
// stand last.
func rankDocuments(paths []string) []string {
	type ranked struct {
		path string
		rank int
	}
	var all []ranked
	for _, p := range paths {
		if roleOf(p) == roleDocument {
			all = append(all, ranked{p, usefulness(p)})
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.path, b.path)) })
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = r.path
	}
	return out
}

// usefulness is the rank of a document, lowest first.
func usefulness(file string) int {
	lower := strings.ToLower(file)
	base := path.Base(lower)
	stem := strings.TrimSuffix(base, path.Ext(base))
	rank := 60 * strings.Count(file, "/")
	word := len(useful)
	for i, w := range useful {
		if stem == w || strings.HasPrefix(stem, w+"-") || strings.HasPrefix(stem, w+"_") || strings.HasSuffix(stem, "-"+w) || strings.HasSuffix(stem, "_"+w) {
			word = i
			break
		}
	}
	rank += 3 * word
	if slices.Contains([]string{"security", "governance", "support", "codeofconduct", "roadmap", "credits", "backers", "sponsors", "acknowledgements", "blog", "team", "live", "agents", "claude", "people", "missing-translation"}, stem) {
		rank += 200
	}
	if strings.Contains(lower, "release") || strings.Contains(lower, "changelog") || strings.Contains(lower, "/news/") {
		rank += 300
	}
	if languages.MatchString(lower) {
		rank += 2000
	}
	return rank
}
