package extractive_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/extractive"
)

var sources = []llm.Source{
	{Number: 1, Title: "retry.go: Client.retry", Score: 9, Text: "// retry asks again while the service says that it is busy.\nfunc (c *Client) retry(req *Request) error {\n\tfor range c.attempts {\n\t\tsleep(c.delay)\n\t}\n}"},
	{Number: 2, Title: "docs/limits.md: Limits", Score: 7, Text: "# Limits\n\nThe service takes 600 requests per minute.\nA client that is refused asks again after Retry-After.\n\n![badge](https://elsewhere.example/pixel.png)"},
	{Number: 3, Title: "color.go: Blend", Score: 2, Text: "// Blend mixes two colours.\nfunc Blend(a, b Color) Color"},
}

func answer(t *testing.T, question string, from ...llm.Source) string {
	t.Helper()
	res, err := extractive.New().Generate(t.Context(), &llm.Request{Question: question, Sources: from}, nil)
	if err != nil || res.Finish != llm.FinishStop || res.Tokens != (llm.Tokens{}) {
		t.Fatalf("%+v, %v", res, err)
	}
	return res.Text
}

// TestQuotesStand: every line between fences is a line of the source that is
// cited above it.
func TestQuotesStand(t *testing.T) {
	t.Parallel()
	got := answer(t, "How does the client retry requests?", sources...)
	if !strings.HasPrefix(got, "No model wrote this") || !strings.Contains(got, "`` retry.go: Client.retry `` [1]") || !strings.Contains(got, "func (c *Client) retry(req *Request) error {") {
		t.Errorf("the answer is\n%s", got)
	}
	if strings.Contains(got, "[3]") || strings.Contains(got, "Blend") {
		t.Errorf("what does not fit is quoted:\n%s", got)
	}
	var source llm.Source
	inside, quoted := false, 0
	for line := range strings.Lines(got) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case inside:
			quoted++
			if !strings.Contains("\n"+source.Text+"\n", "\n"+line+"\n") {
				t.Errorf("%q does not stand in %s", line, source.Title)
			}
		default:
			for _, s := range sources {
				if strings.Contains(line, s.Title) {
					source = s
				}
			}
		}
	}
	if quoted == 0 || inside {
		t.Errorf("%d lines are quoted, a fence is open: %t", quoted, inside)
	}
}

func TestDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, question := range []string{"Which vendor prints our invoices?", "Who approves holidays in Norway?", "", "???", "where is it"} {
		if got := answer(t, question, sources...); got != extractive.Unknown {
			t.Errorf("%q is answered by\n%s", question, got)
		}
	}
	if got := answer(t, "How does the client retry?"); got != extractive.Unknown {
		t.Errorf("without sources:\n%s", got)
	}
}

// TestPicksTheLines: of a long source the lines that are asked for.
func TestPicksTheLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("func unrelated() {}\n", 40) + "// maxUploadSize bounds what one upload may hold.\nconst maxUploadSize = 64 << 20\n" + strings.Repeat("var other int\n", 40)
	got := answer(t, "What is the max upload size?", llm.Source{Number: 7, Title: "limits.go", Text: long, Score: 1})
	if !strings.Contains(got, "const maxUploadSize = 64 << 20") && !strings.Contains(got, "// maxUploadSize bounds") || strings.Contains(got, "unrelated") || strings.Contains(got, "other int") {
		t.Errorf("the answer is\n%s", got)
	}
	prose := "Invoices are made at night. " + strings.Repeat("Nothing of this matters here at all. ", 30) + "An upload that is refused is kept for a day."
	got = answer(t, "How long is a refused upload kept?", llm.Source{Number: 1, Title: "notes", Text: prose, Score: 1})
	if !strings.Contains(got, "refused is kept for a day.") || strings.Contains(got, "Invoices") {
		t.Errorf("the answer is\n%s", got)
	}
}

// TestNothingOfASourceIsMarkdown: fences and titles cannot be left.
func TestNothingOfASourceIsMarkdown(t *testing.T) {
	t.Parallel()
	got := answer(t, "How is the picture shown?", llm.Source{
		Number: 1, Score: 1, Title: "picture` ![x](https://elsewhere.example/1.png)\n# shown",
		Text: "The picture is shown:\n```\n````\n![x](https://elsewhere.example/2.png) picture shown\n```",
	})
	fences := 0
	for line := range strings.Lines(got) {
		if strings.TrimRight(line, "\n") == "`````" {
			fences++
		}
		if strings.HasPrefix(line, "#") {
			t.Errorf("a title makes a heading:\n%s", got)
		}
	}
	if strings.Contains(got, "2.png") && fences != 2 {
		t.Errorf("the fence can be left:\n%s", got)
	}
	if !strings.Contains(got, "`` picture' ![x](https://elsewhere.example/1.png) # shown `` [1]") {
		t.Errorf("the title is not kept as code:\n%s", got)
	}
}

func TestNoSchema(t *testing.T) {
	t.Parallel()
	_, err := extractive.New().Generate(t.Context(), &llm.Request{Question: "x", Schema: []byte(`{}`)}, nil)
	if e, ok := errors.AsType[*llm.Error](err); !ok || e.Kind != llm.KindInvalid {
		t.Errorf("%v", err)
	}
}
