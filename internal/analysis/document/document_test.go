package document_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

func shown(s *string) string {
	if s == nil {
		return "(not known)"
	}
	return *s
}

func describe(d report.Documentation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "readme %s\ntitle %s\nsummary %s\nlicense %s\ncontributing %s\nchangelog %s\n",
		shown(d.Readme), shown(d.Title), shown(d.Summary), shown(d.License), shown(d.Contributing), shown(d.Changelog))
	for _, doc := range d.Docs {
		fmt.Fprintf(&b, "doc %s: %s\n", doc.Path, doc.Title)
	}
	for _, doc := range d.Decisions {
		fmt.Fprintf(&b, "decision %s: %s\n", doc.Path, doc.Title)
	}
	return b.String()
}

// read reads a fixture as a pipeline would give it.
func read(t *testing.T, archive *txtar.Archive) report.Documentation {
	t.Helper()
	var paths []string
	content := map[string][]byte{}
	for _, f := range archive.Files {
		paths = append(paths, f.Name)
		content[f.Name] = f.Data
	}
	slices.Sort(paths)
	var files []document.File
	for _, p := range document.Select(paths) {
		files = append(files, document.File{Path: p, Content: content[p]})
	}
	return document.Read(paths, files, nil)
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("%d fixtures, error %v", len(fixtures), err)
	}
	for _, fixture := range fixtures {
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(fixture)
			if err != nil {
				t.Fatal(err)
			}
			got := describe(read(t, archive))
			golden := strings.TrimSuffix(fixture, ".txtar") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("run with -update and check the change (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptyTree(t *testing.T) {
	t.Parallel()
	want := report.Documentation{Docs: []report.Document{}, Decisions: []report.Document{}}
	if diff := cmp.Diff(want, document.Read(nil, nil, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, content, title, summary string }{
		{"badges, links and a table of contents first", "README.md", "# Shop\n\n[![ci](a)](b) [![x](y)](z)\n\n[Docs](a) | [API](b) | [Chat](c)\n\n## Table of contents\n\nWhat follows is only a list of the parts.\n\n- [One](#one)\n\n## About\n\nShop *sells* `things` to [people](x) &amp; others.\n", "Shop", "Shop sells things to people & others."},
		{"HTML around the title", "README.md", "<h1 align=\"center\">\n  <img src=\"x\">\n  Shop &amp; Co\n</h1>\n\n<p align=\"center\"><b>A tagline in HTML</b></p>\n\nIt is a shop with <b>everything</b> in it.\n", "Shop & Co", "It is a shop with everything in it."},
		{"a line below the logo that says what it is", "README.md", "<h1 align=\"center\">Shop</h1>\n\n<p align=\"center\">\n  <i>Shop is a small program that sells things.</i>\n</p>\n\n## Getting started\n\nA guide can be found elsewhere.\n\n## Configure it\n\nCreate an .env file with the following:\n", "Shop", "Shop is a small program that sells things."},
		{"a quote when there is nothing else", "README.md", "# Shop\n\n> [!NOTE]\n> This is only a note of the page.\n\n> The shop for everything that exists.\n\n- list\n", "Shop", "The shop for everything that exists."},
		{"a sentence that leads to a list", "README.md", "# Shop\n\nThe shop sells things to people. It has two parts:\n\n- a\n", "Shop", "The shop sells things to people."},
		{"an announcement first", "README.md", "# Shop\n\n## 📰 [Announcing Shop 2](x)\n\nWe are happy to announce the second version of it.\n\n## Features\n\nThe shop is fast and small.\n", "Shop", "The shop is fast and small."},
		{"news under a heading of another name", "README.md", "# Shop\n\n## Shop 2 is here\n\nWe're excited to announce the release of Shop 2! It is full of new things.\n\n---\n\nShop is a program that sells things.\n", "Shop", "Shop is a program that sells things."},
		{"a pointer and nothing that says more", "README.md", "# Apache Shop\n\nSee our [web site](x) for details on the project.\n\nYou need to have Java installed on your machine.\n\nScala 2.13 is the only version that is supported.\n\nApache Shop is interested in your thoughts.\n", "Apache Shop", ""},
		{"a pointer before what it is", "README.md", "# Apache Shop\n\nSee our [web site](x) for details on the project.\n\nApache Shop is the shop of them all.\n", "Apache Shop", "Apache Shop is the shop of them all."},
		{"steps below a heading", "README.md", "# Image\n\n## Build\n\nFrom the root of this repository run:\n\n```\n./build.sh\n```\n\nThe image will be called shop from then on.\n\n## Run\n\nSet the variables and map the folders:\n", "Image", ""},
		{"setext headings and code", "a.markdown", "Shop\n====\n\n    make install\n\n```sh\nmake this is no prose at all\n```\n\nNote: read the manual before you start.\n\nThe shop is one program.\n", "Shop", "The shop is one program."},
		{"front matter", "a.mdx", "---\ntitle: \"The shop\"\n---\n\nIt is a shop of things.\n", "The shop", "It is a shop of things."},
		{"an anchor in a heading", "a.md", "# Shop { #shop }\n\ntext\n", "Shop", ""},
		{"reStructuredText", "README.rst", ".. image:: x\n   :alt: y\n\n====\nShop\n====\n\n|badge| |other|\n\n:Author: somebody with a name\n\n.. note::\n\n   This is a note that is long enough.\n\nThe ``shop`` sells *things*, see `the site <x>`_ and `docs`_ and :ref:`more`.\nIt is good.\n\nUsage\n-----\n", "Shop", "The shop sells things, see the site and docs and more. It is good."},
		{"AsciiDoc", "README.adoc", "= Shop\n:toc:\nimage:x[y]\n\nimage::a[b]\n\n[NOTE]\n====\nThis is a note that is long enough.\n====\n\nThe *shop* sells `things`, see link:x[the site].\n", "Shop", "The shop sells things, see the site."},
		{"plain text", "README", "SHOP\n\nThe shop is a program that sells things.\n", "", "The shop is a program that sells things."},
		{"nothing", "README.md", "", "", ""},
		{"badges only", "README.md", "[![ci](a)](b)\n", "", ""},
		{"another script", "README.md", "# 商店\n\nこれはとても長い文章ですので、要約として使うことができます ここに 続きが あります。\n", "商店", "これはとても長い文章ですので、要約として使うことができます ここに 続きが あります。"},
		{"invalid UTF-8", "README.md", "# Sh\xffop\n\nThe shop \xfe sells things to all.\n", "Sh\ufffdop", "The shop \ufffd sells things to all."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			title, summary := document.Summary(tc.file, []byte(tc.content))
			if title != tc.title || summary != tc.summary {
				t.Errorf("title %q, summary %q\nwant  %q, %q", title, summary, tc.title, tc.summary)
			}
		})
	}
}

// TestSummaryEndsWithASentence cuts long prose where a sentence ends.
func TestSummaryEndsWithASentence(t *testing.T) {
	t.Parallel()
	_, got := document.Summary("a.md", []byte(strings.Repeat("The shop sells many things to people. ", 40)))
	if len(got) > 600 || len(got) < 500 || !strings.HasSuffix(got, "people.") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	_, got = document.Summary("a.md", []byte(strings.Repeat("word ", 400)))
	if len(got) > 600 || !strings.HasSuffix(got, "word …") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	markdown := "---\ntitle: x\n---\n# One\n\n```Console\n$ a\n```\n\n## Two\n\n1. step\n\n   ```sh\n   b\n   c\n   ```\n\n    d\n"
	want := []document.Code{
		{Language: "console", Text: "$ a\n", Line: 7, Section: "One"},
		{Language: "sh", Text: "b\nc\n", Line: 15, Section: "Two"},
	}
	if diff := cmp.Diff(want, document.Codes("a.md", []byte(markdown))); diff != "" {
		t.Errorf("Markdown (-want +got):\n%s", diff)
	}
	rst := "One\n===\n\nDo it::\n\n    a\n    b\n\n.. code-block:: sh\n   :linenos:\n\n   c\n\n.. prompt:: bash\n\n   d\n"
	want = []document.Code{
		{Text: "a\nb\n", Line: 6, Section: "One"}, {Language: "sh", Text: "c\n", Line: 12, Section: "One"}, {Language: "console", Text: "d\n", Line: 16, Section: "One"},
	}
	if diff := cmp.Diff(want, document.Codes("a.rst", []byte(rst))); diff != "" {
		t.Errorf("reStructuredText (-want +got):\n%s", diff)
	}
	adoc := "= One\n\n[source,bash]\n----\na\nb\n----\n\n....\nc\n....\n"
	want = []document.Code{{Language: "bash", Text: "a\nb\n", Line: 5, Section: "One"}, {Text: "c\n", Line: 10, Section: "One"}}
	if diff := cmp.Diff(want, document.Codes("a.adoc", []byte(adoc))); diff != "" {
		t.Errorf("AsciiDoc (-want +got):\n%s", diff)
	}
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const isc = `Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
`

func TestLicense(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"the text", map[string]string{"LICENSE": "MIT License\n\nCopyright (c) 2026 The authors\n\n" + mit}, "MIT"},
		{"two files to choose from", map[string]string{"LICENSE-MIT": mit, "LICENSE-ISC.txt": isc}, "ISC OR MIT"},
		{"the same twice", map[string]string{"LICENSE": mit, "COPYING": mit}, "MIT"},
		{"two in one file", map[string]string{"LICENSE": mit + isc}, "(not known)"},
		{"words of its own", map[string]string{"LICENSE": "All rights reserved. " + strings.Repeat("You may not use this in any way. ", 20)}, "(not known)"},
		{"mostly other words", map[string]string{"LICENSE": mit + strings.Repeat("And further conditions apply to everyone who reads this. ", 60)}, "(not known)"},
		{"an SPDX tag", map[string]string{"LICENSE": "SPDX-License-Identifier: Apache-2.0\n"}, "Apache-2.0"},
		{"package.json", map[string]string{"package.json": `{"license": "BSD-3-Clause"}`}, "BSD-3-Clause"},
		{"package.json of old", map[string]string{"package.json": `{"license": {"type": "MIT", "url": "x"}}`}, "MIT"},
		{"an expression", map[string]string{"Cargo.toml": "[package]\nlicense = \"MIT OR Apache-2.0\"\n"}, "MIT OR Apache-2.0"},
		{"an exception", map[string]string{"Cargo.toml": "[package]\nlicense = \"(Apache-2.0 WITH LLVM-exception) OR GPL-3.0-only\"\n"}, "(Apache-2.0 WITH LLVM-exception) OR GPL-3.0-only"},
		{"pyproject.toml", map[string]string{"pyproject.toml": "[project]\nlicense = {text = \"MIT\"}\n"}, "MIT"},
		{"no id", map[string]string{"package.json": `{"license": "SEE LICENSE IN LICENSE.txt"}`}, "(not known)"},
		{"unlicensed", map[string]string{"package.json": `{"license": "UNLICENSED"}`}, "(not known)"},
		{"not whole", map[string]string{"package.json": `{"license": "MIT OR"}`}, "(not known)"},
		{"the README", map[string]string{"README.md": "# x\n\n<!-- SPDX-License-Identifier: MIT -->\n"}, "MIT"},
		{"the file wins", map[string]string{"LICENSE": mit, "package.json": `{"license": "ISC"}`}, "MIT"},
		{"none", map[string]string{"main.go": "package main"}, "(not known)"},
		{"in a folder of others", map[string]string{"vendor/x/LICENSE": mit, "lib/LICENSE": mit}, "(not known)"},
		{"REUSE", map[string]string{"LICENSES/MIT.txt": mit}, "MIT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			archive := &txtar.Archive{}
			for name, content := range tc.files {
				archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
			}
			if got := shown(read(t, archive).License); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	paths := []string{"README.md", "main.go", "docs/a.md", "docs/a.png", "LICENSE", "CHANGELOG.md", "lib/README.md", "vendor/x/README.md", "doc/adr/0001-x.md", "docs/requirements.txt", "testdata/README.md"}
	want := []string{"LICENSE", "README.md", "docs/a.md", "lib/README.md", "doc/adr/0001-x.md"}
	if diff := cmp.Diff(want, document.Select(paths)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var many []string
	for i := range 5_000 {
		many = append(many, fmt.Sprintf("docs/%d.md", i), fmt.Sprintf("p%d/README.md", i))
	}
	if got := len(document.Select(many)); got > 1_200 {
		t.Errorf("%d files", got)
	}
}

func FuzzSummary(f *testing.F) {
	for _, ext := range []string{".md", ".rst", ".adoc", ""} {
		for _, seed := range []string{"# a\n\nb c d e f g h.\n", "a\n=\n\nb::\n\n  c\n", "= a\n\n----\nb\n----\n", "---\ntitle: x\n---\n", "<h1>x</h1>", ".. a::\n", "\xff"} {
			f.Add(ext, seed)
		}
	}
	f.Fuzz(func(t *testing.T, ext, content string) {
		if len(content) > 4000 {
			t.Skip()
		}
		title, summary := document.Summary("a"+ext, []byte(content))
		if len(title) > 210 || len(summary) > 610 || strings.ContainsAny(summary, "\n\r") {
			t.Errorf("title %q, summary %q", title, summary)
		}
		for _, c := range document.Codes("a"+ext, []byte(content)) {
			if c.Line < 1 || c.Line > 2+strings.Count(content, "\n")+strings.Count(content, "\r") {
				t.Errorf("%+v", c)
			}
		}
	})
}

// memory counts what it is asked for and had.
type memory struct {
	kept map[string][]byte
	had  int
}

func (m *memory) Get(key string) ([]byte, bool) {
	value, ok := m.kept[key]
	if ok {
		m.had++
	}
	return value, ok
}

func (m *memory) Put(key string, value []byte) { m.kept[key] = value }

// TestLicenseIsRemembered reads a licence, the same again, and another one in
// its place; and a text that is none.
func TestLicenseIsRemembered(t *testing.T) {
	t.Parallel()
	kept := &memory{kept: map[string][]byte{}}
	for i, c := range []struct {
		text, want string
		had        int
	}{
		{"SPDX-License-Identifier: ISC\n", "ISC", 0}, {"SPDX-License-Identifier: ISC\n", "ISC", 1},
		{"SPDX-License-Identifier: MIT\n", "MIT", 1}, {"Do as you like.\n", "", 1}, {"Do as you like.\n", "", 2},
	} {
		d := document.Read([]string{"LICENSE"}, []document.File{{Path: "LICENSE", Content: []byte(c.text)}}, kept)
		got := ""
		if d.License != nil {
			got = *d.License
		}
		if got != c.want || kept.had != c.had {
			t.Errorf("%d: %q, %d of the memory; want %q, %d", i, got, kept.had, c.want, c.had)
		}
	}
}
