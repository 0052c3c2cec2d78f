package search

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// recordStreams are the streams whose records are searched, and recordKinds what
// their passages are.
var (
	recordStreams = []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamDocuments}
	recordKinds   = map[rampforge.Stream]rampforge.PassageKind{
		rampforge.StreamWorkItems:    rampforge.PassageWorkItem,
		rampforge.StreamPullRequests: rampforge.PassagePullRequest,
		rampforge.StreamDocuments:    rampforge.PassagePage,
	}
)

// recordsVersion changes when the same record gives other passages.
const recordsVersion = "2"

// maxComments is how many comments of one record are searched, the newest.
const maxComments = 500

// versionOf is the version of a record, by all that is kept of it: a page that
// becomes restricted is not of another time.
func versionOf(content []byte) string {
	sum := sha256.Sum256(content)
	return recordsVersion + ":" + hex.EncodeToString(sum[:16])
}

// recordSource makes the passages of a record.
func recordSource(stream rampforge.Stream, id, version string, content []byte) (s inspect.PassageSource, err error) {
	kind := recordKinds[stream]
	m := recordMaker{kind: kind, id: id, version: version}
	switch stream {
	case rampforge.StreamWorkItems:
		var w rampforge.WorkItem
		if err = json.Unmarshal(content, &w); err == nil {
			m.workItem(&w)
		}
	case rampforge.StreamPullRequests:
		var p rampforge.PullRequest
		if err = json.Unmarshal(content, &p); err == nil {
			m.pullRequest(&p)
		}
	default:
		var d rampforge.Document
		if err = json.Unmarshal(content, &d); err == nil {
			m.document(&d)
		}
	}
	if err != nil {
		return s, fmt.Errorf("reading the record %s of %s: %w", id, stream, err)
	}
	return inspect.PassageSource{Kinds: []rampforge.PassageKind{kind}, Key: id, Passages: m.out}, nil
}

// recordMaker makes the passages of one record.
type recordMaker struct {
	kind    rampforge.PassageKind
	id      string
	version string
	title   string
	url     string
	names   string
	commit  string // of a pull request: the one that brought it in
	out     []rampforge.Passage
}

func (m *recordMaker) begin(title, url string, names ...string) {
	m.title, m.url, m.names = title, url, strings.Join(append([]string{title}, names...), "\n")
}

func (m *recordMaker) workItem(w *rampforge.WorkItem) {
	m.begin(strings.TrimSpace(w.Key+" "+w.Title), w.URL, append(append([]string{}, w.Labels...), w.Type)...)
	m.body(w.Title, w.Body, w.UpdatedAt)
	m.links(w.Links)
	m.comments(w.Comments)
}

func (m *recordMaker) pullRequest(p *rampforge.PullRequest) {
	m.begin(fmt.Sprintf("#%d %s", p.Number, p.Title), p.URL, append(append([]string{}, p.Labels...), p.SourceBranch)...) // branches are often named for what they are of
	m.commit = p.MergeCommit
	m.body(p.Title, p.Body, p.UpdatedAt)
	for i := range p.Reviews {
		m.say(p.Reviews[i].Body, "", 0, p.Reviews[i].SubmittedAt)
	}
	m.comments(p.Comments)
}

// document makes the passages of a page, unless not everybody who may see its
// space may read it.
func (m *recordMaker) document(d *rampforge.Document) {
	m.begin(strings.Join(append(append([]string{}, d.Ancestors...), d.Title), " › "), d.URL, d.Labels...)
	if d.Restricted {
		return
	}
	m.body(d.Title, pageText(d), d.UpdatedAt)
}

// body makes the passages of a text with headings, the first of which begins
// with the title.
func (m *recordMaker) body(title, text string, at time.Time) {
	parts := passage.OfDocument("body.md", []byte(text))
	if len(parts) == 0 {
		parts = []passage.Passage{{}}
	}
	for i, part := range parts {
		p := m.passage(part.Text, at)
		if i == 0 {
			p.Text = strings.TrimSpace(title + "\n\n" + part.Text)
		}
		if part.Title != "" && part.Title != "body.md" {
			p.Title += " › " + part.Title
			p.Names += "\n" + part.Title
		}
		m.out = append(m.out, p)
	}
}

// links says below the text of a work item which others it speaks of.
func (m *recordMaker) links(list []rampforge.WorkItemLink) {
	if len(list) == 0 {
		return
	}
	said := make([]string, len(list))
	for i, l := range list {
		said[i] = strings.ReplaceAll(l.Kind, "_", " ") + " " + l.Key
	}
	m.out[0].Text += "\n\nLinks: " + strings.Join(said, ", ")
}

func (m *recordMaker) comments(list []rampforge.Comment) {
	for _, c := range list[max(0, len(list)-maxComments):] {
		m.say(c.Body, c.Path, c.Line, c.CreatedAt)
	}
}

// say makes the passage of a comment.
func (m *recordMaker) say(text, path string, line int, at time.Time) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	p := m.passage(text, at)
	p.Names = ""
	if path != "" {
		p.Paths, p.Names = []string{path}, path
		p.Title += fmt.Sprintf(" (on %s, line %d)", path, line)
	}
	m.out = append(m.out, p)
}

func (m *recordMaker) passage(text string, at time.Time) rampforge.Passage {
	p := rampforge.Passage{Kind: m.kind, Key: m.id, Version: m.version, Title: m.title, URL: m.url, Commit: m.commit, Names: m.names, Text: text}
	if !at.IsZero() {
		p.At = &at
	}
	return p
}
