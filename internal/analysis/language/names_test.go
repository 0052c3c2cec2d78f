package language_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

func TestNamesKeepWhatTheFileDoesNotDeclare(t *testing.T) {
	t.Parallel()
	var names language.Names
	for _, name := range []string{"zeta", "own", "zeta", "alpha", "x", "é", "", "own"} {
		names.Use([]byte(name))
	}
	names.Declare([]byte("own"))
	names.Declare([]byte("never"))
	want := []language.Reference{{Name: "zeta", Count: 2}, {Name: "alpha", Count: 1}}
	if diff := cmp.Diff(want, names.References()); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestBoundNamesHideWhatStandsAlone(t *testing.T) {
	t.Parallel()
	var names language.Names
	names.Use([]byte("session"))
	names.UseMember([]byte("session"))
	names.UseMember([]byte("close"))
	names.Bind([]byte("session"))
	names.Declare([]byte("close"))
	want := []language.Reference{{Name: "session", Count: 1}}
	if diff := cmp.Diff(want, names.References()); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func TestQualify(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 390)
	for _, tt := range []struct{ scope, name, want string }{
		{"", "f", "f"},
		{"A.B", "f", "A.B.f"},
		{long, "short", long + ".short"},
		{long, "long_enough", "….long_enough"},
	} {
		if got := language.Qualify(tt.scope, tt.name); got != tt.want {
			t.Errorf("Qualify(%q, %q) = %q, want %q", tt.scope, tt.name, got, tt.want)
		}
	}
}

func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	var names language.Names
	for i := range 3 * language.MaxReferences {
		names.Use(fmt.Appendf(nil, "name%05d", i))
	}
	names.Use([]byte("name05999"))
	refs := names.References()
	if len(refs) != language.MaxReferences || refs[0].Name != "name05999" || refs[1].Name != "name00000" {
		t.Errorf("%d references, starting with %v", len(refs), refs[:2])
	}
}

func TestFirstParagraph(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"\n\n  One line.  \n", "One line."},
		{"Two\n  lines.\n\nMore.", "Two lines."},
		{"$Id: a.c,v 1.2 2020/01/02 who Exp $\n\nWhat it is for.", "What it is for."},
		{"Says it.\n$Revision$\n", "Says it."},
		{"$OpenBSD$", ""},
		{"$HOME and $PATH$ are read", "$HOME and $PATH$ are read"},
		{"bad \xff byte", "bad \uFFFD byte"},
	} {
		if got := language.FirstParagraph([]byte(tt.text)); got != tt.want {
			t.Errorf("FirstParagraph(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
	long := language.FirstParagraph([]byte(strings.Repeat("é", 1200)))
	if len(long) != 1000 || !utf8.ValidString(long) {
		t.Errorf("a long paragraph is cut to %d bytes, valid: %v", len(long), utf8.ValidString(long))
	}
}
