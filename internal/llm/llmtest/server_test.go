package llmtest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// failing keeps what a server says of requests.
type failing struct {
	testing.TB
	said int
}

func (f *failing) Errorf(string, ...any) { f.said++ }

const generate = "/v1/projects/p/locations/l/publishers/google/models/m:generateContent"

func post(t *testing.T, url, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// TestRequestsAreCheckedAgainstTheDocument: what Vertex AI would refuse fails a
// test.
func TestRequestsAreCheckedAgainstTheDocument(t *testing.T) {
	t.Parallel()
	const contents = `"contents":[{"role":"user","parts":[{"text":"?"}]}]`
	for body, wrong := range map[string]bool{
		`{` + contents + `}`: false,
		`{` + contents + `,"generationConfig":{"temperature":0.5,"maxOutputTokens":3,"responseJsonSchema":{"type":"object"}}}`: false,
		`{` + contents + `,"generationConfig":{"max_tokens":3}}`:                                                               true,
		`{` + contents + `,"generationConfig":{"maxOutputTokens":"3"}}`:                                                        true,
		`{` + contents + `,"generationConfig":{"maxOutputTokens":1.5}}`:                                                        true,
		`{` + contents + `,"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"NEVER"}]}`:                    true,
		`{"contents":{"role":"user"}}`:                                     true,
		`{"contents":[{"role":"user","parts":["?"]}]}`:                     true,
		`{"contents":[{"parts":[{"text":"?","thoughtSignature":"%%%"}]}]}`: true,
	} {
		f := &failing{TB: t}
		s := llmtest.Gemini(f, llmtest.Reply{Turn: llmtest.Text("!")})
		post(t, s.URL+generate, body)
		if (f.said > 0) != wrong {
			t.Errorf("%s: %d faults", body, f.said)
		}
	}
	f := &failing{TB: t}
	s := llmtest.Gemini(f, llmtest.Reply{})
	post(t, s.URL+"/v1/models/m:generateContent", `{`+contents+`}`)
	if f.said == 0 {
		t.Error("a path that Vertex AI does not have passes")
	}
}

// TestRefusalsAreGoogles: Google's own client reads them.
func TestRefusalsAreGoogles(t *testing.T) {
	t.Parallel()
	for fault, status := range map[llmtest.Fault]int{llmtest.Limited: 429, llmtest.Unavailable: 503, llmtest.Denied: 401, llmtest.Missing: 404} {
		s := llmtest.Gemini(t, llmtest.Reply{Fault: fault, RetryAfter: 3 * time.Second})
		res := post(t, s.URL+generate, `{"contents":[{"role":"user","parts":[{"text":"?"}]}]}`)
		e, ok := errors.AsType[*googleapi.Error](googleapi.CheckResponse(res))
		if !ok || e.Code != status || e.Message == "" || (len(e.Details) > 0) != (fault == llmtest.Limited || fault == llmtest.Unavailable) {
			t.Errorf("%s is %+v", fault, e)
		}
	}
}
