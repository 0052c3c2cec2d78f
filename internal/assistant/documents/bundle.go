package documents

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// FileName is what a document is called in a bundle.
func FileName(k rampforge.DocumentKind) string {
	return strings.ReplaceAll(string(k), "_", "-") + ".md"
}

// Markdown writes a document with the list of its sources at the end. The [n] of
// all its sections are numbered through, and a source that several cite has one
// number.
func Markdown(d *rampforge.GeneratedDocument) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\nMade of the commit %s; the numbers in brackets are the sources at the end.\n", markdown.Plain(d.Title), markdown.Span(short(d.Commit)))
	var sources []rampforge.Citation
	at := map[string]int{}
	for i := range d.Sections {
		s := &d.Sections[i]
		numbers := map[int]int{}
		for _, c := range s.Citations {
			key := sourceLine(&c)
			if at[key] == 0 {
				sources = append(sources, c)
				at[key] = len(sources)
			}
			numbers[c.N] = at[key]
		}
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", markdown.Plain(s.Title), renumber(s.Text, numbers))
		if s.Note != "" {
			fmt.Fprintf(&out, "\n*%s*\n", markdown.Plain(s.Note))
		}
	}
	if len(d.NotFound) > 0 {
		out.WriteString("\n## What the sources do not say\n\n")
		for _, v := range d.NotFound {
			fmt.Fprintf(&out, "- %s\n", markdown.Plain(v))
		}
	}
	if len(sources) > 0 {
		out.WriteString("\n## Sources\n\n")
		for i := range sources {
			fmt.Fprintf(&out, "%d. %s\n", i+1, sourceLine(&sources[i]))
		}
	}
	return out.String()
}

// short is the beginning of a commit, enough to name it.
func short(commit string) string { return commit[:min(len(commit), 10)] }

var sourceNouns = map[rampforge.PassageKind]string{
	rampforge.PassagePullRequest: "Pull request", rampforge.PassageWorkItem: "Work item", rampforge.PassagePage: "Page",
}

// sourceLine names a source in one line.
func sourceLine(c *rampforge.Citation) string {
	var text string
	switch {
	case c.StartLine != nil && c.EndLine != nil && *c.StartLine == *c.EndLine:
		text = fmt.Sprintf("%s, line %d, at %s", markdown.Span(c.Path), *c.StartLine, markdown.Span(short(c.Commit)))
	case c.StartLine != nil && c.EndLine != nil:
		text = fmt.Sprintf("%s, lines %d–%d, at %s", markdown.Span(c.Path), *c.StartLine, *c.EndLine, markdown.Span(short(c.Commit)))
	case c.Kind == rampforge.PassageCommit:
		text = fmt.Sprintf("Commit %s: %s", markdown.Span(short(c.Commit)), markdown.Plain(c.Title))
	case c.Kind == rampforge.PassageReport:
		return fmt.Sprintf("%s, at %s", markdown.Plain(c.Title), markdown.Span(short(c.Commit)))
	case sourceNouns[c.Kind] != "":
		text = sourceNouns[c.Kind] + ": " + markdown.Plain(c.Title)
	default:
		text = markdown.Plain(c.Title)
	}
	if c.URL != "" {
		text += ", " + markdown.Span(c.URL)
	}
	return text
}

// citationMark is the number of a source in a text.
var citationMark = lazyregexp.New(`\[(\d{1,4})\]`)

// renumber gives the citations of a text other numbers. What stands in code is no
// citation.
func renumber(text string, numbers map[int]int) string {
	return markdown.Outside(text, func(s string) string {
		return citationMark.ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.Atoi(m[1 : len(m)-1])
			if err != nil || numbers[n] == 0 {
				return m
			}
			return fmt.Sprintf("[%d]", numbers[n])
		})
	})
}

// Index is the table of contents of a bundle.
func Index(name string, list []rampforge.GeneratedDocument) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\nThese documents were made of the code and the records of the project. Each claim names its source.\n", markdown.Plain(name))
	for i := range list {
		d := &list[i]
		stale := ""
		if d.Stale {
			stale = "; newer sources are there"
		}
		fmt.Fprintf(&out, "\n## %s\n\n%s, of the commit %s%s\n", markdown.Plain(d.Title), markdown.Span(FileName(d.Kind)), markdown.Span(short(d.Commit)), stale)
		for _, s := range d.Sections {
			fmt.Fprintf(&out, "\n- %s", markdown.Plain(s.Title))
		}
		if len(d.Sections) > 0 {
			out.WriteString("\n")
		}
	}
	return out.String()
}

// bundleTime is when all files of a bundle say that they are from, so that the
// same documents give the same bytes.
var bundleTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Bundle is a ZIP of the documents as Markdown, in the order in which they are
// read, with an index. The same documents give the same bytes.
func Bundle(name string, list []rampforge.GeneratedDocument) ([]byte, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b rampforge.GeneratedDocument) int {
		return slices.Index(rampforge.DocumentKinds, a.Kind) - slices.Index(rampforge.DocumentKinds, b.Kind)
	})
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(file, text string) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: file, Method: zip.Deflate, Modified: bundleTime})
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		return err
	}
	if err := add("index.md", Index(name, list)); err != nil {
		return nil, fmt.Errorf("writing a bundle: %w", err)
	}
	for i := range list {
		if err := add(FileName(list[i].Kind), Markdown(&list[i])); err != nil {
			return nil, fmt.Errorf("writing a bundle: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("writing a bundle: %w", err)
	}
	return out.Bytes(), nil
}
