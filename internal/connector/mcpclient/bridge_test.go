package mcpclient_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

func TestBridge(t *testing.T) {
	t.Parallel()
	refused := connector.Errorf(connector.ReasonPermission, "No.", "Ask.", nil)
	client := mcpclient.NewBridge(map[string]mcpclient.Handler{
		"GET /projects/{id}/issues": func(r *http.Request) (mcpclient.Answer, error) {
			body, err := json.Marshal([]string{r.PathValue("id"), r.URL.Query().Get("page")})
			return mcpclient.Answer{JSON: body, Header: http.Header{"Link": {"<x>; rel=next"}}}, err
		},
		"POST /query": func(r *http.Request) (mcpclient.Answer, error) {
			body, err := io.ReadAll(r.Body)
			return mcpclient.Answer{JSON: body}, err
		},
		"GET /refused": func(*http.Request) (mcpclient.Answer, error) { return mcpclient.Answer{}, refused },
	})
	ask := func(method, path, body string) (string, http.Header, error) {
		req, err := http.NewRequestWithContext(t.Context(), method, "https://mcp.invalid"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			return "", nil, err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		return string(text), res.Header, err
	}
	if got, h, err := ask("GET", "/projects/group%2Fproject/issues?page=2", ""); err != nil || got != `["group/project","2"]` || h.Get("Link") == "" || h.Get("Content-Type") != "application/json" {
		t.Errorf("%s, %v, %v", got, h, err)
	}
	if got, _, err := ask("POST", "/query", `{"q":1}`); err != nil || got != `{"q":1}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, _, err := ask("GET", "/refused", ""); connector.Reason(err) != connector.ReasonPermission {
		t.Error(err)
	}
	for _, path := range []string{"/elsewhere", "/projects//issues", "/projects/1/issues/"} {
		if _, _, err := ask("GET", path, ""); connector.Reason(err) != connector.ReasonUnsupported {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, _, err := ask("DELETE", "/refused", ""); connector.Reason(err) != connector.ReasonUnsupported {
		t.Errorf("another method: %v", err)
	}
}
