package passage_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/passage"
)

// TestFormats parts documents of all formats by their headings.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, text, want string }{
		{"doc/new_lru.txt", "1. Introduction\n\nItems move.\n\n1.1 Segments\n\nThere are three.\n\n2. Tuning\n\nLittle.\n", "1. Introduction @1|1. Introduction › 1.1 Segments @5|2. Tuning @9"},
		{"doc/protocol.txt", "Protocol\n--------\n\nClients talk.\n\nCommands\n--------\n\nThere are three.\n", "Protocol @1|Commands @6"},
		{"docs/NOTES.txt", "OVERVIEW\n\nIt works.\n\nHow it starts:\nIt begins.\n", "OVERVIEW @1|OVERVIEW › How it starts @5"},
		{"README", "Quay\n====\n\nTakes ships in.\n", "Quay @1"},
		{"INSTALL.unix", "BUILDING\n\nRun make.\n", "BUILDING @1"},
		{"docs/usage.org", "#+TITLE: Quay\n\n* Usage :doc:\nRun it.\n#+BEGIN_SRC sh\n* no heading\n#+END_SRC\n** TODO Flags\nMany.\n", "docs/usage.org @1|Usage @3|Usage › Flags @8"},
		{"man/quay.1", ".TH QUAY 1 \"2025\"\n.SH NAME\nquay \\- takes ships in\n.SH \"OPTIONS\"\n.SS Long \\fBoptions\\fP\nMany.\n.SH\nFILES\nNone.\n", "quay 1 @1|quay 1 › NAME @2|quay 1 › OPTIONS @4|quay 1 › OPTIONS › Long options @5|quay 1 › FILES @7"},
		{"man/quayd.8", ".Dd June 1, 2025\n.Dt QUAYD 8\n.Os\n.Sh DESCRIPTION\nIt waits.\n", "man/quayd.8 @1|quayd 8 @2|quayd 8 › DESCRIPTION @4"},
		{"lib/Quay.pod", "=head1 NAME\n\nQuay\n\n=head2 METHODS\n\nMany.\n", "NAME @1|NAME › METHODS @5"},
		{"docs/a.adoc", "= Quay\n\nText.\n\n== Parts\n\nMany.\n", "Quay @1|Quay › Parts @5"},
	} {
		if !passage.IsDocument(c.file) {
			t.Errorf("%s is no document", c.file)
		}
		var got []string
		for _, p := range passage.OfDocument(c.file, []byte(c.text)) {
			got = append(got, p.Title+" @"+string(rune('0'+p.Start)))
			if p.Kind != passage.Document {
				t.Errorf("%s: %+v", c.file, p)
			}
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", c.file, strings.Join(got, "|"), c.want)
		}
	}
	for _, file := range []string{"CMakeLists.txt", "requirements.txt", "requirements-dev.txt", "public/robots.txt", "lib/libquay.so.1", "quay.log.1", "data-1.2", "install.sh", "build/history.go", "security.py", "Makefile", "release.yml", "todo.js", "news.h", "main.c"} {
		if passage.IsDocument(file) {
			t.Errorf("%s is a document", file)
		}
	}
}

// TestProse leaves the words of a document without its marks.
func TestProse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, text, want string }{
		{"quay.1", ".SH NAME\nquay \\- takes\n.B ships\nin\n.PP\n\\fBMore\\fP of it.", "\nquay - takes\nships\nin\n\nMore of it."},
		{"a.adoc", "== Parts\n[source]\nMany.", "\n\nMany."},
		{"a.org", "* Parts\n#+BEGIN_SRC\nMany.", "\n\nMany."},
		{"a.pod", "=head1 NAME\n\nC<quay> runs.", "\n\nquay runs."},
		{"a.md", "# Parts\n.B is", "# Parts\n.B is"},
	} {
		if got := passage.Prose(c.file, c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
}
