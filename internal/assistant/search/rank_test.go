package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// shelf is a source with a few passages, all of which are candidates: what is
// tested here is the order that they are put in.
type shelf []rampforge.Passage

func (s shelf) Search(_ context.Context, _ store.Viewer, _ string, q store.SearchQuery) (store.Candidates, error) {
	c := store.Candidates{Total: int64(len(s)), Frequencies: map[string]int64{}, Length: 8}
	splitter := terms.NewSplitter()
	for _, p := range s {
		has := map[string]bool{}
		for _, t := range splitter.Terms(p.Text + "\n" + p.Names) {
			has[t.Text] = true
		}
		for _, term := range q.Terms {
			if has[term] {
				c.Frequencies[term]++
			}
		}
		if len(q.Kinds) == 0 || slices.Contains(q.Kinds, p.Kind) {
			c.Passages = append(c.Passages, p)
		}
	}
	return c, nil
}

func code(path, name, text string) rampforge.Passage {
	return rampforge.Passage{Kind: rampforge.PassageCode, Path: path, Title: "function " + name, Names: name, Text: text, StartLine: 1, EndLine: 3}
}

// first is the title of the best passage for a question.
func first(t *testing.T, s shelf, question string) string {
	t.Helper()
	for i := range s {
		s[i].ID = int64(i + 1)
	}
	found, err := search.Ask(t.Context(), s, store.Viewer{}, "prj", search.Question{Text: question})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Hits) == 0 {
		return ""
	}
	return found.Hits[0].Title
}

// TestOrder says by example what comes first. Each pair stands with the worse one
// first, so that nothing but the ranking puts it right.
func TestOrder(t *testing.T) {
	t.Parallel()
	noise := code("z.go", "z", "nothing of that kind stands in here at all")
	for name, c := range map[string]struct {
		shelf    shelf
		question string
		want     string
	}{
		"a name before a text": {shelf{code("a.go", "a", "retry the payment"), code("b.go", "retryPayment", "send it")}, "where is the payment retried", "function retryPayment"},
		"all words before one word often": {
			shelf{code("a.go", "a", "lock lock lock lock lock"), code("b.go", "b", "a lock is refreshed")}, "where are locks refreshed", "function b",
		},
		"the short one of two": {shelf{code("a.go", "a", "lock "+strings.Repeat("other words of a long text ", 30)), code("b.go", "b", "lock it")}, "lock", "function b"},
		"code before its test": {shelf{code("pay_test.go", "TestPay", "pay the invoice"), code("pay.go", "x", "pay the invoice")}, "where is the invoice paid", "function x"},
		"the test that is asked for": {
			shelf{code("pay.go", "x", "pay the invoice"), code("pay_test.go", "TestPay", "pay the invoice, test")}, "which test pays the invoice", "function TestPay",
		},
		"the file that is named":       {shelf{code("a/open.go", "a", "open the file"), code("b/open.go", "b", "open the file")}, "what does b/open.go open", "function b"},
		"two words that are one":       {shelf{code("a.go", "a", "web sockets and mentions of names"), code("b.go", "sendWebmention", "post")}, "where are web mentions sent", "function sendWebmention"},
		"what many use":                {shelf{code("a.go", "a", "open it"), {Kind: rampforge.PassageCode, Path: "b.go", Title: "function b", Names: "b", Text: "open it", Weight: 1}}, "open", "function b"},
		"the one name of a short list": {shelf{code("a.go", strings.Repeat("one two three four five six ", 5)+"close", "x"), code("b.go", "close", "x")}, "close", "function close"},
		"an irregular verb":            {shelf{code("a.go", "a", "the mail of somebody"), code("b.go", "sendMail", "x")}, "where is mail sent", "function sendMail"},
		"nothing":                      {shelf{code("a.go", "a", "x")}, "kafka", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := first(t, append(c.shelf, noise, noise, noise), c.question); got != c.want {
				t.Errorf("%q finds %q first, not %q", c.question, got, c.want)
			}
		})
	}
}

// TestFiles finds a file by the commits that changed it, the more by those that
// changed little else.
func TestFiles(t *testing.T) {
	t.Parallel()
	commit := func(title string, paths ...string) rampforge.Passage {
		return rampforge.Passage{Kind: rampforge.PassageCommit, Title: title, Names: title, Text: title, Paths: paths}
	}
	s := shelf{
		code("other.go", "other", "nothing"), code("pay.go", "pay", "send money, retry"),
		commit("retry when the bank is away", "bank.go"), commit("retry the bank of others", "a.go", "b.go", "c.go", "d.go"),
	}
	found, err := search.Ask(t.Context(), s, store.Viewer{}, "prj", search.Question{Text: "retry when the bank does not answer"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found.Files() {
		got = append(got, f.Path)
	}
	if len(got) != 6 || !slices.Contains(got[:2], "bank.go") || slices.Index(got, "bank.go") > slices.Index(got, "a.go") {
		t.Errorf("the files are %v", got)
	}
	for _, f := range found.Files() {
		if (f.Best != nil) != (f.Path == "pay.go") {
			t.Errorf("the best passage of %s is %+v", f.Path, f.Best)
		}
	}
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("line of nothing\n", 20) + "the lock is refreshed\nhere\n" + strings.Repeat("more\n", 20)
	p := code("lock.go", "lock", lines)
	p.StartLine, p.EndLine = 101, 142
	found, err := search.Ask(t.Context(), shelf{p, code("z.go", "z", "other")}, store.Viewer{}, "prj", search.Question{Text: "where are locks refreshed"})
	if err != nil {
		t.Fatal(err)
	}
	got := search.SnippetOf(&found.Hits[0], &found)
	if got.StartLine != 121 || got.EndLine != 127 || !strings.HasPrefix(got.Text, "the lock is refreshed\nhere\n") {
		t.Errorf("the snippet is %+v", got)
	}
	var marked []string
	for _, h := range got.Highlights {
		marked = append(marked, got.Text[h[0]:h[1]])
	}
	if diff := cmp.Diff([]string{"lock", "refreshed"}, marked); diff != "" {
		t.Error(diff)
	}
}
