package llm_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/extractive"
	"github.com/rampforgeai/rampforge/internal/llm/gemini"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/llm/openai"
)

// vendors are the models that ask a service, each in front of a server that
// answers with the replies.
var vendors = map[string]func(t *testing.T, replies ...llmtest.Reply) (llm.Model, *llmtest.Server){
	"vertex": func(t *testing.T, replies ...llmtest.Reply) (llm.Model, *llmtest.Server) {
		server := llmtest.Gemini(t, replies...)
		m, err := gemini.New(t.Context(), gemini.Options{Project: "plugh", Location: "europe-west1", CredentialsFile: account(t, tokens(t)), BaseURL: server.URL, Guard: loopback(t)})
		return made(t, m, err), server
	},
	"gemini": func(t *testing.T, replies ...llmtest.Reply) (llm.Model, *llmtest.Server) {
		server := llmtest.Gemini(t, replies...)
		m, err := gemini.New(t.Context(), gemini.Options{APIKey: "xyzzy", BaseURL: server.URL, Guard: loopback(t)})
		return made(t, m, err), server
	},
	"openai": func(t *testing.T, replies ...llmtest.Reply) (llm.Model, *llmtest.Server) {
		server := llmtest.OpenAI(t, replies...)
		m, err := openai.New(openai.Options{Model: "local", BaseURL: server.URL, Guard: loopback(t)})
		return made(t, m, err), server
	},
}

func made(t *testing.T, m llm.Model, err error) llm.Model {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func loopback(t *testing.T) *httpclient.Guard {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// tokens is where a service account gets its tokens.
func tokens(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("assertion") == "" {
			t.Error("a token is asked for without an assertion")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token": "plover", "token_type": "Bearer", "expires_in": 3600}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var accountKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

// account writes the file of a service account.
func account(t *testing.T, tokenURL string) string {
	t.Helper()
	content, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "plugh", "private_key_id": "1", "private_key": accountKey(),
		"client_email": "robot@plugh.example", "client_id": "1", "token_uri": tokenURL,
	})
	path := filepath.Join(t.TempDir(), "account.json")
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// eachVendor runs a test against every model that asks a service, once for
// answers at once and once for streams.
func eachVendor(t *testing.T, test func(t *testing.T, open func(...llmtest.Reply) (llm.Model, *llmtest.Server), stream bool)) {
	t.Helper()
	for name, vendor := range vendors {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%t", name, stream), func(t *testing.T) {
				t.Parallel()
				test(t, func(replies ...llmtest.Reply) (llm.Model, *llmtest.Server) { return vendor(t, replies...) }, stream)
			})
		}
	}
}

// ask asks and returns what was streamed besides.
func ask(ctx context.Context, m llm.Model, r *llm.Request, stream bool) (*llm.Response, string, error) {
	var got strings.Builder
	var to func(string) error
	if stream {
		to = func(s string) error { got.WriteString(s); return nil }
	}
	res, err := m.Generate(ctx, r, to)
	return res, got.String(), err
}

func question(text string) *llm.Request {
	return &llm.Request{System: "Answer from the sources.", Messages: []llm.Message{{Role: llm.RoleUser, Text: text}}}
}

func kindOf(err error) llm.Kind {
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e.Kind
	}
	return llm.Kind(fmt.Sprintf("no *llm.Error: %v", err))
}

// TestModelsAnswer holds for every model there is.
func TestModelsAnswer(t *testing.T) {
	t.Parallel()
	said := llmtest.Reply{Turn: llmtest.Text("Retries are decided in retry.go [1].")}
	models := map[string]llm.Model{
		"extractive": extractive.New(),
		"scripted":   llmtest.Answer(func(*llm.Request) llmtest.Turn { return said.Turn }),
	}
	for name, vendor := range vendors {
		models[name], _ = vendor(t, said, said, said, said, said, said, said)
	}
	r := question("Where are retries decided?")
	r.Sources = []llm.Source{{Number: 1, Title: "retry.go", Text: "// decide says whether retries go on.\nfunc decide() bool", Score: 1}}
	enough := errors.New("enough")
	for name, m := range models {
		t.Run(name, func(t *testing.T) {
			if m.Name() == "" {
				t.Error("it has no name")
			}
			res, streamed, err := ask(t.Context(), m, r, true)
			if err != nil || res.Text == "" || streamed != res.Text || res.Finish != llm.FinishStop || res.Model != m.Name() || !strings.Contains(res.Text, "[1]") {
				t.Errorf("%+v, streamed %q, %v", res, streamed, err)
			}
			if again, _, err := ask(t.Context(), m, r, false); err != nil || again.Text != res.Text {
				t.Errorf("without a stream: %+v, %v", again, err)
			}
			if _, err := m.Generate(t.Context(), r, func(string) error { return enough }); err != enough { //nolint:errorlint // the very same
				t.Errorf("an error of the stream comes back as %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := ask(ctx, m, r, true); err == nil || !errors.Is(err, context.Canceled) || kindOf(err) != llm.KindTimeout {
				t.Errorf("an asker who is gone gets %v", err)
			}
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					if res, _, err := ask(t.Context(), m, r, true); err != nil || res.Finish != llm.FinishStop {
						t.Errorf("beside others: %+v, %v", res, err)
					}
				})
			}
			group.Wait()
		})
	}
}

func TestVendorsTellTokensAndLength(t *testing.T) {
	t.Parallel()
	eachVendor(t, func(t *testing.T, open func(...llmtest.Reply) (llm.Model, *llmtest.Server), stream bool) {
		turn := llmtest.Text("It ends in the")
		turn.Finish, turn.Tokens = llm.FinishLength, llm.Tokens{Input: 1200, Output: 40, Thinking: 7}
		m, server := open(llmtest.Reply{Turn: turn})
		r := question("How?")
		none, warm := 0, 0.5
		r.MaxTokens, r.ThinkingTokens, r.Temperature = 40, &none, &warm
		res, _, err := ask(t.Context(), m, r, stream)
		if err != nil {
			t.Fatal(err)
		}
		if res.Finish != llm.FinishLength || res.Tokens != turn.Tokens || res.Text != "It ends in the" || res.Took <= 0 {
			t.Errorf("%+v", res)
		}
		asked := server.Asked()[0]
		if asked.Stream != stream {
			t.Errorf("streamed: %t", asked.Stream)
		}
		body := fmt.Sprint(asked.Body)
		for _, want := range []string{"Answer from the sources.", "How?", "0.5", "40"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is not sent: %s", want, body)
			}
		}
		if config, ok := asked.Body["generationConfig"].(map[string]any); ok && fmt.Sprint(config["thinkingConfig"]) != "map[thinkingBudget:0]" {
			t.Errorf("the bound of thinking: %v", config)
		}
	})
}

func TestVendorsCallTools(t *testing.T) {
	t.Parallel()
	eachVendor(t, func(t *testing.T, open func(...llmtest.Reply) (llm.Model, *llmtest.Server), stream bool) {
		calls := []llm.Call{
			{ID: "a1", Name: "search", Arguments: json.RawMessage(`{"q":"retry","limit":3}`), Signature: []byte{0, 1, 254, 255}},
			{ID: "a2", Name: "read_file", Arguments: json.RawMessage(`{"path":"retry.go"}`)},
		}
		m, server := open(llmtest.Reply{Turn: llmtest.Calls(calls...)}, llmtest.Reply{Turn: llmtest.Text("Here [1].")})
		r := question("Where?")
		r.Tools = []llm.Tool{
			{Name: "search", Description: "Searches.", Parameters: json.RawMessage(`{"type":"object","properties":{"q":{"type":"string"},"limit":{"type":"integer"}},"required":["q"]}`)},
			{Name: "read_file", Description: "Reads.", Parameters: json.RawMessage(`{"type":"object","properties":{"path":{"type":"string"}}}`)},
		}
		res, _, err := ask(t.Context(), m, r, stream)
		if err != nil {
			t.Fatal(err)
		}
		if res.Finish != llm.FinishTools || len(res.Calls) != 2 || res.Calls[0].ID == res.Calls[1].ID || res.Calls[0].ID == "" {
			t.Fatalf("%+v", res)
		}
		for i, call := range res.Calls {
			var got, want any
			if err := errors.Join(json.Unmarshal(call.Arguments, &got), json.Unmarshal(calls[i].Arguments, &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" || call.Name != calls[i].Name {
				t.Errorf("call %d, %s (-want +got):\n%s", i, call.Name, diff)
			}
		}
		google := strings.Contains(server.Asked()[0].Path, "enerateContent")
		if google && !slices.Equal(res.Calls[0].Signature, calls[0].Signature) {
			t.Errorf("the signature is %v", res.Calls[0].Signature)
		}
		r.Messages = append(r.Messages,
			llm.Message{Role: llm.RoleModel, Text: "I look.", Calls: res.Calls},
			llm.Message{Role: llm.RoleTool, Results: []llm.CallResult{
				{ID: res.Calls[0].ID, Name: "search", Content: "retry.go:12"}, {ID: res.Calls[1].ID, Name: "read_file", Content: "no such file", Failed: true},
			}})
		if res, _, err = ask(t.Context(), m, r, stream); err != nil || res.Text != "Here [1]." {
			t.Errorf("after the tools: %+v, %v", res, err)
		}
		back, err := json.Marshal(server.Asked()[1].Body)
		if err != nil {
			t.Fatal(err)
		}
		wanted := []string{"retry.go:12", "no such file", "error", `"search"`}
		if google {
			wanted = append(wanted, `"thoughtSignature":"AAH+/w=="`)
		}
		for _, want := range wanted {
			if !strings.Contains(string(back), want) {
				t.Errorf("%s does not go back: %s", want, back)
			}
		}
	})
}

func TestVendorsFitSchemas(t *testing.T) {
	t.Parallel()
	schema := json.RawMessage(`{"type":"object","properties":{"confidence":{"type":"number"},"claims":{"type":"array","items":{"type":"string"}}},"required":["confidence","claims"]}`)
	for _, c := range []struct {
		said string
		want llm.Kind // "" is an answer
	}{
		{`{"confidence":0.9,"claims":["a"]}`, ""},
		{"```json\n{\"confidence\":0.9,\"claims\":[]}\n```", ""},
		{`{"confidence":"high","claims":[]}`, llm.KindUnreadable},
		{`{"confidence":0.9}`, llm.KindUnreadable},
		{`{"confidence":0.9,"claims":[`, llm.KindUnreadable},
		{`Sure! I am confident.`, llm.KindUnreadable},
		{``, llm.KindUnreadable},
	} {
		eachVendor(t, func(t *testing.T, open func(...llmtest.Reply) (llm.Model, *llmtest.Server), stream bool) {
			m, server := open(llmtest.Reply{Turn: llmtest.Text(c.said)})
			r := question("How sure?")
			r.Schema = schema
			res, _, err := ask(t.Context(), m, r, stream)
			if c.want != "" {
				if kindOf(err) != c.want {
					t.Errorf("%q gives %+v, %v", c.said, res, err)
				}
				return
			}
			if err != nil || !json.Valid([]byte(res.Text)) {
				t.Errorf("%q gives %+v, %v", c.said, res, err)
			}
			if sent := fmt.Sprint(server.Asked()[0].Body); !strings.Contains(sent, "required:[confidence claims]") {
				t.Errorf("the schema is not sent: %s", sent)
			}
		})
	}
}

func TestVendorsFail(t *testing.T) {
	t.Parallel()
	long := llmtest.Text("This is said before it goes wrong, in several pieces.")
	for fault, want := range map[llmtest.Fault]llm.Kind{
		llmtest.Limited: llm.KindLimited, llmtest.Unavailable: llm.KindUnavailable, llmtest.Denied: llm.KindRefused, llmtest.Missing: llm.KindRefused,
		llmtest.Blocked: llm.KindBlocked, llmtest.Cut: llm.KindBroken, llmtest.Unended: llm.KindBroken, llmtest.Malformed: llm.KindBroken,
		llmtest.Huge: llm.KindTooLong, llmtest.Endless: llm.KindTimeout, llmtest.Silent: llm.KindTimeout,
	} {
		eachVendor(t, func(t *testing.T, open func(...llmtest.Reply) (llm.Model, *llmtest.Server), stream bool) {
			m, _ := open(llmtest.Reply{Turn: long, Fault: fault, RetryAfter: 7 * time.Second})
			ctx := t.Context()
			if want == llm.KindTimeout {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
				defer cancel()
			}
			res, _, err := ask(ctx, m, question("Secret question?"), stream)
			e, ok := errors.AsType[*llm.Error](err)
			if !ok || e.Kind != want || res != nil {
				t.Fatalf("%s gives %+v, %v", fault, res, err)
			}
			if strings.Contains(e.Message, "Secret question") || !strings.HasSuffix(e.Message, ".") {
				t.Errorf("the message is %q", e.Message)
			}
			if fault == llmtest.Limited && e.RetryAfter != 7*time.Second {
				t.Errorf("to be asked again after %s", e.RetryAfter)
			}
		})
	}
}

func TestCredentialsAreSent(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ header, value string }{
		"vertex": {"Authorization", "Bearer plover"}, "gemini": {"X-Goog-Api-Key", "xyzzy"}, "openai": {"Authorization", ""},
	} {
		m, server := vendors[name](t, llmtest.Reply{Turn: llmtest.Text("Yes.")})
		if _, _, err := ask(t.Context(), m, question("?"), false); err != nil {
			t.Fatal(err)
		}
		if got := server.Asked()[0].Header.Get(want.header); got != want.value {
			t.Errorf("%s sends %s: %q", name, want.header, got)
		}
	}
	server := llmtest.OpenAI(t, llmtest.Reply{Turn: llmtest.Text("Yes.")})
	m, err := openai.New(openai.Options{Model: "local", BaseURL: server.URL + "/", APIKey: "frotz", Guard: loopback(t)})
	if err == nil {
		_, err = m.Generate(t.Context(), question("?"), nil)
	}
	if got := server.Asked()[0].Header.Get("Authorization"); err != nil || got != "Bearer frotz" {
		t.Errorf("a key is sent as %q, %v", got, err)
	}
}

// TestGuardHolds: a model is not asked where the operator did not allow it.
func TestGuardHolds(t *testing.T) {
	t.Parallel()
	guard, err := httpclient.NewGuard(httpclient.Options{AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	server := llmtest.OpenAI(t)
	m, err := openai.New(openai.Options{Model: "local", BaseURL: server.URL, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Generate(t.Context(), question("?"), nil); kindOf(err) != llm.KindRefused {
		t.Errorf("%v", err)
	}
}

// TestNoRedirectIsFollowed: the key would go with it.
func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s is asked with the key %q", r.URL, r.Header.Get("X-Goog-Api-Key")+r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	google, err := gemini.New(t.Context(), gemini.Options{APIKey: "xyzzy", BaseURL: server.URL, Guard: loopback(t)})
	if err != nil {
		t.Fatal(err)
	}
	other, err := openai.New(openai.Options{Model: "local", APIKey: "frotz", BaseURL: server.URL, Guard: loopback(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []llm.Model{google, other} {
		if _, err := m.Generate(t.Context(), question("?"), nil); kindOf(err) != llm.KindInvalid {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
}
