// Package documents makes documents of what is known of a project: a README, an
// overview of the architecture, a reference of its interfaces, a guide to set it
// up, troubleshooting and a glossary. [Compose] is pure but for the reading of
// files: the same sources give the same bytes. Every claim names its source, and
// what no source says is not said.
//
// It may import what assistant may.
package documents

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// version changes when the same sources give another document.
const version = "1"

// extractive is the model of sections that no model wrote.
const extractive = "extractive"

// Files reads the repository at the commit of the report; *inspect.Reading does.
type Files interface {
	// Paths are those of all files, sorted.
	Paths() []string
	// Read visits the content of files. What is no file there is left out; an error
	// ends the composing, so that a repository that cannot be read makes no document
	// of nothing. The content is the visitor's.
	Read(ctx context.Context, paths []string, visit func(path string, content []byte) error) error
}

// Commit is a commit with its message.
type Commit struct {
	Hash    string
	When    time.Time
	Subject string
	Body    string
	Paths   []string // that it changed
}

// Inputs is what documents are made of. Pages that not everybody may read are
// not among them.
type Inputs struct {
	Report *report.CodeReport
	Index  *codeindex.Index
	Files  Files // nil: what stands in files cannot be quoted, and is not claimed

	Tracker      bool // a tracker is bound to the project
	WorkItems    []rampforge.WorkItem
	PullRequests []rampforge.PullRequest
	Pages        []rampforge.Document
	Commits      []Commit // newest first
}

// Section is a composed section.
type Section struct {
	Key, Title string
	Text       string
	Citations  []rampforge.Citation
	Hash       string // of its sources
	// Prose says that a model may write it anew for reading. Tables, lists of
	// commands and diagrams stay as they are.
	Prose bool
	texts []string // by citation: what of the source was read, longer than the excerpt
}

// Draft is a composed document.
type Draft struct {
	Kind     rampforge.DocumentKind
	Title    string
	Commit   string
	Sections []Section
	NotFound []string
}

var composers = map[rampforge.DocumentKind]func(*composer) error{
	rampforge.DocumentReadme:          (*composer).readme,
	rampforge.DocumentArchitecture:    (*composer).architecture,
	rampforge.DocumentAPIReference:    (*composer).apiReference,
	rampforge.DocumentSetup:           (*composer).setup,
	rampforge.DocumentTroubleshooting: (*composer).troubleshooting,
	rampforge.DocumentGlossary:        (*composer).glossary,
}

var titles = map[rampforge.DocumentKind]string{
	rampforge.DocumentReadme:          "README",
	rampforge.DocumentArchitecture:    "Architecture",
	rampforge.DocumentAPIReference:    "API reference",
	rampforge.DocumentSetup:           "Set-up guide",
	rampforge.DocumentTroubleshooting: "Troubleshooting",
	rampforge.DocumentGlossary:        "Glossary",
}

// Compose makes one document, without a model.
func Compose(ctx context.Context, kind rampforge.DocumentKind, in Inputs) (Draft, error) {
	compose := composers[kind]
	if compose == nil {
		return Draft{}, fmt.Errorf("composing a document: %q is no kind", kind)
	}
	c := newComposer(ctx, in)
	c.draft = Draft{Kind: kind, Title: cmp.Or(c.name(), "Project") + ": " + titles[kind], Commit: in.Report.Commit, NotFound: []string{}}
	err := compose(c)
	c.sayLeft()
	return c.draft, errors.Join(err, c.err, ctx.Err())
}

// Merge puts a draft in the place of the document that was before it, nil for
// none. A section whose sources are the same stays as it was, with its text, its
// model and its time; with force every section is new. The change tells which
// those are.
func Merge(before *rampforge.GeneratedDocument, d Draft, force bool, now time.Time) (rampforge.GeneratedDocument, rampforge.DocumentChange) {
	out := rampforge.GeneratedDocument{Kind: d.Kind, Title: d.Title, Commit: d.Commit, Sections: []rampforge.DocumentSection{}, NotFound: d.NotFound, Changed: []string{}, GeneratedAt: now}
	change := rampforge.DocumentChange{Kind: d.Kind, Changed: []string{}, Removed: []string{}}
	was := map[string]rampforge.DocumentSection{}
	if before != nil {
		for _, s := range before.Sections {
			was[s.Key] = s
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		kept, there := was[s.Key]
		delete(was, s.Key)
		if there && kept.SourcesHash == s.Hash && !force {
			change.Unchanged++
			out.Sections = append(out.Sections, kept)
			continue
		}
		change.Changed = append(change.Changed, s.Key)
		out.Sections = append(out.Sections, rampforge.DocumentSection{
			Key: s.Key, Title: s.Title, Text: s.Text, Citations: s.Citations, SourcesHash: s.Hash, Model: extractive, GeneratedAt: now,
		})
	}
	for key := range was {
		change.Removed = append(change.Removed, key)
	}
	slices.Sort(change.Removed)
	out.Changed = append(append(out.Changed, change.Changed...), change.Removed...)
	return out, change
}

// hashOf is the hash of a section's sources: what it says, and the words of all
// that it cites. Neither the commit nor the numbers of lines count, so that a
// change elsewhere in a file changes nothing here.
func hashOf(s *Section) string {
	h := sha256.New()
	say := func(parts ...string) {
		for _, p := range parts {
			_, _ = fmt.Fprintf(h, "%d:%s", len(p), p) // a hash takes everything
		}
	}
	say(version, s.Key, s.Title, s.Text)
	for i := range s.Citations {
		c := &s.Citations[i]
		say(string(c.Kind), c.Title, c.Path, s.texts[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}
