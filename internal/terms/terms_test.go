package terms_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/terms"
)

func of(text string) string {
	return strings.TrimSpace(string(terms.NewSplitter().Append(nil, text)))
}

// TestTerms states the rules of the package by example.
func TestTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "",
		"the of is":                  "",
		"Retry policies":             "retri polici",
		"RetryPolicy":                "retri polici retrypolicy",
		"retry_policy":               "retri polici retrypolicy",
		"_private":                   "privat",
		"__init__":                   "init",
		"parseHTTPRequest2":          "pars http request 2 parsehttprequest2",
		"parseURLs":                  "pars url parseurls",
		"HTTPServer":                 "http server httpserver",
		"sha256":                     "sha 256 sha256",
		"X-Request-ID":               "request id",
		"MAX_RETRIES = 3":            "max retri maxretries 3",
		"internal/store/search.go":   "intern store search go",
		"Größe straßenName":          "größe straßen name straßenname",
		"e\u0301te\u0301":            "e\u0301te\u0301",
		"検索する":                       "検索 索す する",
		"名":                          "名",
		"don't":                      "don",
		"i == j":                     "",
		strings.Repeat("x", 65):      "",
		strings.Repeat("aB", 65):     "",
		"a\xffvalid \xff name":       "valid name",
		"connect connected connects": "connect connect connect",
		"sent sending":               "send send",
		"overwritten, rewrote":       "overwrit rewrit",
		"overwrite rewriting":        "overwrit rewrit",
	} {
		if got := of(text); got != want {
			t.Errorf("%q has the terms %q, not %q", text, got, want)
		}
	}
}

// TestPlaces says where terms stand, for what is to be shown.
func TestPlaces(t *testing.T) {
	t.Parallel()
	got := terms.NewSplitter().Terms("Call runJob, run.")
	want := []terms.Term{
		{Text: "call", Start: 0, End: 4},
		{Text: "run", Start: 5, End: 8},
		{Text: "job", Start: 8, End: 11},
		{Text: "runjob", Start: 5, End: 11, Whole: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzTerms(f *testing.F) {
	for _, text := range []string{"parseHTTPRequest2 of_x", "検索する", "e\u0301X\xffé", "URLs_s", "ﬁX İstanbul"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		terms.NewSplitter().Scan(text, func(term terms.Term) bool {
			if term.Text == "" || strings.ContainsAny(term.Text, " \t\n_") || term.Start >= term.End || term.End > len(text) {
				t.Fatalf("the term %+v of %q", term, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(term.Text) {
				t.Fatalf("%q is no text", term.Text)
			}
			if !term.Whole && term.Start < end && utf8.RuneCountInString(term.Text) != 2 {
				t.Fatalf("%+v of %q begins before the one before it ends", term, text)
			}
			if !term.Whole {
				end = term.End
			}
			return true
		})
	})
}

func BenchmarkAppend(b *testing.B) {
	text := strings.Repeat("// parseHTTPRequest reads a request from the connection and returns it.\nfunc parseHTTPRequest(conn net.Conn) (*Request, error) {\n", 400)
	s := terms.NewSplitter()
	b.SetBytes(int64(len(text)))
	var dst []byte
	for b.Loop() {
		dst = s.Append(dst[:0], text)
	}
}

// TestSame leads from what code writes in short to the full word, and back.
func TestSame(t *testing.T) {
	t.Parallel()
	one := func(word string) string { return terms.NewSplitter().Terms(word)[0].Text }
	for short, full := range map[string]string{"addr": "addresses", "ADMIN": "administrator", "cfg": "configuration", "db": "databases", "Params": "parameter"} {
		if !slices.Contains(terms.Same(one(short)), one(full)) || !slices.Contains(terms.Same(one(full)), one(short)) {
			t.Errorf("%s and %s are not the same: %v, %v", short, full, terms.Same(one(short)), terms.Same(one(full)))
		}
	}
	if other := terms.Same("harbour"); other != nil {
		t.Errorf("harbour is the same as %v", other)
	}
}
