package documents_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

func TestGoldens(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, shop(t)))
	for _, d := range all(t, in) {
		text := documents.Markdown(&d)
		golden(t, documents.FileName(d.Kind), text)
		sound(t, in, &d)
		harmless(t, text)
	}
}

var mark = regexp.MustCompile(`\[(\d+)\]`)

// sound fails the test unless each section cites what it has, and each citation
// of lines quotes them.
func sound(t *testing.T, in documents.Inputs, d *rampforge.GeneratedDocument) {
	t.Helper()
	for _, s := range d.Sections {
		said := map[int]bool{}
		for _, m := range mark.FindAllStringSubmatch(s.Text, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			said[n] = true
		}
		if len(s.Citations) == 0 || len(said) != len(s.Citations) || len(s.SourcesHash) != 64 || s.Model != "extractive" {
			t.Errorf("%s, %s: %d citations and %d marks", d.Kind, s.Key, len(s.Citations), len(said))
		}
		for i, c := range s.Citations {
			if c.N != i+1 || !said[c.N] || c.Title == "" {
				t.Errorf("%s, %s: citation %+v", d.Kind, s.Key, c)
			}
			if c.StartLine != nil {
				if !stands(t, in, &c) {
					t.Errorf("%s, %s: %s, lines %d to %d do not say %q", d.Kind, s.Key, c.Path, *c.StartLine, *c.EndLine, c.Excerpt)
				}
			}
		}
	}
}

func stands(t *testing.T, in documents.Inputs, c *rampforge.Citation) bool {
	t.Helper()
	var lines []string
	err := in.Files.Read(t.Context(), []string{c.Path}, func(_ string, content []byte) error {
		lines = strings.Split(string(content), "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if *c.StartLine < 1 || *c.EndLine > len(lines) || *c.EndLine < *c.StartLine {
		return false
	}
	return strings.HasPrefix(markdown.Visible(strings.Join(lines[*c.StartLine-1:*c.EndLine], "\n")), strings.TrimSuffix(c.Excerpt, " …"))
}

var (
	mermaid     = regexp.MustCompile("(?s)```mermaid\n(.*?)```")
	mermaidLine = regexp.MustCompile(`^(flowchart TD|  n\d+\["[^"\[\]<>()\\]*"\]|  n\d+ --> n\d+)$`)
	leads       = regexp.MustCompile(`(?i)<(img|a|iframe|script|form|link|object|embed|svg|style|h1|blink|b)[ >]`)
)

// harmless fails the test where Markdown loads something, leads somewhere, holds
// HTML, or draws what Mermaid does not read as a drawing of ours.
func harmless(t *testing.T, text string) {
	t.Helper()
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	rendered := strings.ReplaceAll(out.String(), "<h1>", "") // the title of the document
	if found := leads.FindString(rendered); found != "" {
		at := strings.Index(rendered, found)
		t.Errorf("it has %s: %s", found, rendered[max(0, at-100):min(len(rendered), at+200)])
	}
	for _, m := range mermaid.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(m[1]) {
			if !mermaidLine.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("Mermaid: %q", line)
			}
		}
	}
}

func section(t *testing.T, d documents.Draft, key string) documents.Section {
	t.Helper()
	i := slices.IndexFunc(d.Sections, func(s documents.Section) bool { return s.Key == key })
	if i < 0 {
		t.Fatalf("%s has no section %s", d.Kind, key)
	}
	return d.Sections[i]
}

// TestOnlyWhatChanged makes the documents of two commits: what rests on the same
// words stays as it was, though lines moved.
func TestOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop(t))
	before := compose(t, rampforge.DocumentReadme, of(t, repo))
	first, change := documents.Merge(nil, before, false, noon)
	if len(change.Changed) != len(before.Sections) || change.Unchanged != 0 {
		t.Errorf("of the first: %+v", change)
	}
	first.Sections[0].Text, first.Sections[0].Model = "Written for reading [1].", "scripted"
	repo.Add("-- CONTRIBUTING.md --\n# Contributing\n\nAsk before a large change, please, whatever it is about.\n-- README.md --\n# Shop\n\nA new line that says nothing.\n\nShop takes orders over HTTP and ships them from the nearest depot.\n\n## Features\n\n- Orders with several *lines*\n- Refunds up to 30 days after delivery\n-- commit: Ask first --\n")
	after := compose(t, rampforge.DocumentReadme, of(t, repo))
	second, change := documents.Merge(&first, after, false, noon.Add(time.Hour))
	if !slices.Equal(change.Changed, []string{"about", "contributing"}) && !slices.Equal(change.Changed, []string{"contributing"}) || len(change.Removed) != 0 {
		t.Errorf("changed: %+v", change)
	}
	for _, s := range second.Sections {
		if changed := slices.Contains(change.Changed, s.Key); changed != s.GeneratedAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("%s is of %v", s.Key, s.GeneratedAt)
		}
	}
	if _, change = documents.Merge(&second, after, false, noon); len(change.Changed) != 0 || change.Unchanged != len(after.Sections) {
		t.Errorf("again: %+v", change)
	}
	if _, change = documents.Merge(&second, after, true, noon); len(change.Changed) != len(after.Sections) {
		t.Errorf("by force: %+v", change)
	}
	after.Sections = after.Sections[1:]
	if _, change = documents.Merge(&second, after, false, noon); !slices.Equal(change.Removed, []string{"about"}) {
		t.Errorf("without the first: %+v", change)
	}
}

// broken is a repository that cannot be read any more.
type broken struct{ documents.Files }

var errGone = errors.New("the repository is gone")

func (broken) Read(context.Context, []string, func(string, []byte) error) error { return errGone }

func TestUnreadable(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, shop(t)))
	in.Files = broken{in.Files}
	for _, k := range rampforge.DocumentKinds {
		if _, err := documents.Compose(t.Context(), k, in); !errors.Is(err, errGone) {
			t.Errorf("%s of a repository that cannot be read: %v", k, err)
		}
	}
}

// TestBundle writes the same bytes each time, with an index.
func TestBundle(t *testing.T) {
	t.Parallel()
	list := all(t, of(t, gittest.Build(t, shop(t))))
	first, err := documents.Bundle("Shop", list)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	if again, err := documents.Bundle("Shop", list); err != nil || !bytes.Equal(first, again) {
		t.Errorf("another bundle the next time, %v", err)
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s: %v, %.40q", f.Name, err, text)
		}
	}
	if got := fmt.Sprint(names); got != "[index.md readme.md architecture.md setup.md api-reference.md troubleshooting.md glossary.md]" {
		t.Error(got)
	}
}
