// Package document reads what a repository says of itself in prose: the
// README, the documents, the licence and the decision records. It is pure; it
// may import analysis/report and manifest/evidence and manifest/syntax.
package document

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// MaxFileBytes is the size of the largest file that is read. A larger one is
// to be left out of the files that Read is given.
const MaxFileBytes = 1 << 20

// The bounds of what is read and given out.
const (
	maxDocs     = 200
	maxTitles   = 400 // documents whose title is read
	maxReadmes  = 500
	maxLicenses = 20
	maxSummary  = 600 // bytes
)

// File is a file with its content.
type File = evidence.File

// role is what a file is to its readers.
type role uint8

const (
	roleNone role = iota
	roleReadme
	roleLicense
	roleContributing
	roleChangelog
	roleDecision
	roleDocument
	roleManifest // for the licence that it names
)

// Select chooses the files of a tree that Read is to be given, at most some
// 1,000, sorted by depth, then path.
func Select(paths []string) []string {
	limits := map[role]int{roleReadme: maxReadmes, roleLicense: maxLicenses, roleManifest: 10, roleContributing: 5, roleChangelog: 0, roleDecision: maxDocs, roleDocument: 0}
	out := []string{}
	for _, p := range slices.SortedFunc(slices.Values(paths), evidence.ByDepth) {
		if r := roleOf(p); r != roleNone && limits[r] > 0 {
			limits[r]--
			out = append(out, p)
		}
	}
	for _, d := range rankDocuments(paths) {
		out = append(out, d)
		if len(out) >= maxReadmes+maxTitles {
			break
		}
	}
	slices.SortFunc(out, evidence.ByDepth)
	return slices.Compact(out)
}

// Memory keeps what was found out for the next time.
type Memory interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}

// Read reads the documents of a tree: paths are all of its files, files are
// those that Select chose, with their content. memory may be nil.
func Read(paths []string, files []File, memory Memory) report.Documentation {
	t := evidence.NewTree(paths, files)
	d := report.Documentation{
		Contributing: first(t, roleContributing), Changelog: first(t, roleChangelog), License: license(t, memory),
		Docs: []report.Document{}, Decisions: decisions(t),
	}
	if readme := bestReadme(t); readme != "" {
		d.Readme = &readme
		title, summary := Summary(readme, t.Content(readme))
		d.Title, d.Summary = known(title), known(summary)
	}
	for _, p := range rankDocuments(t.Under(".")) {
		if len(d.Docs) == maxDocs {
			break
		}
		d.Docs = append(d.Docs, report.Document{Path: p, Title: titleOf(t, p)})
	}
	return d
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// first is the best file of a role: nearest to the root, and of several there
// the one in Markdown.
func first(t *evidence.Tree, r role) *string {
	best := ""
	for _, p := range t.Under(".") {
		if roleOf(p) != r {
			continue
		}
		if best == "" || formatRank(p)+10*strings.Count(p, "/") < formatRank(best)+10*strings.Count(best, "/") {
			best = p
		}
	}
	return known(best)
}

// bestReadme is the README that speaks for the repository: in the root, else
// where hosts also look; one without a language in its name first.
func bestReadme(t *evidence.Tree) string {
	best, bestRank := "", 0
	for _, p := range t.Under(".") {
		dir := path.Dir(p)
		if roleOf(p) != roleReadme || dir != "." && dir != ".github" && dir != "docs" {
			continue
		}
		rank := 1 + formatRank(p) + 10*strings.Count(p, "/")
		if stem, _, _ := strings.Cut(path.Base(p), "."); len(stem) != len("README") || strings.Count(path.Base(p), ".") > 1 {
			rank += 5
		}
		if best == "" || rank < bestRank {
			best, bestRank = p, rank
		}
	}
	return best
}

// formatRank orders the formats by how well they are read.
func formatRank(file string) int {
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".mdx":
		return 0
	case ".rst":
		return 1
	case ".adoc", ".asciidoc":
		return 2
	}
	return 3
}

// titleOf is the title that a document gives itself, else its name in words.
func titleOf(t *evidence.Tree, file string) string {
	if content := t.Content(file); content != nil {
		if title, _ := Summary(file, content[:min(len(content), maxHead)]); title != "" {
			return title
		}
	}
	base := path.Base(file)
	stem := strings.TrimSuffix(base, path.Ext(base))
	if strings.EqualFold(stem, "index") || strings.EqualFold(stem, "readme") {
		if dir := path.Base(path.Dir(file)); dir != "." {
			stem = dir
		}
	}
	words := strings.ToValidUTF8(strings.Join(strings.FieldsFunc(stem, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }), " "), "")
	if words == "" {
		return file
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func decisions(t *evidence.Tree) []report.Document {
	out := []report.Document{}
	for _, p := range t.Under(".") {
		if roleOf(p) == roleDecision && len(out) < maxDocs {
			out = append(out, report.Document{Path: p, Title: titleOf(t, p)})
		}
	}
	return out
}
