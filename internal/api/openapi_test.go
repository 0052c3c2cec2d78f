package api_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestGoldenOpenAPI shows every change of the contract as a change of a file.
func TestGoldenOpenAPI(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		got := w.raw(http.MethodGet, "/openapi.json", "").body
		golden := filepath.Join("testdata", "openapi.json")
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
			t.Errorf("the contract changed; if that is meant, run `make generate` and say so in the changelog (-want +got):\n%s", diff)
		}
	})
}

var operationID = regexp.MustCompile(`^[a-z][a-z0-9-]+$`)

// TestOpenAPIIsComplete checks what every operation must say about itself.
func TestOpenAPIIsComplete(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		doc := w.document()
		seen := map[string]bool{}
		for path, operations := range doc.Paths {
			for method, op := range operations {
				name := method + " " + path
				if !operationID.MatchString(op.OperationID) || seen[op.OperationID] {
					t.Errorf("%s: operation id %q is missing or used twice", name, op.OperationID)
				}
				seen[op.OperationID] = true
				if op.Summary == "" || len(op.Tags) != 1 {
					t.Errorf("%s: summary %q, tags %v", name, op.Summary, op.Tags)
				}
				_, unauthorized := op.Responses["401"]
				if signedIn := len(op.Security) > 0; signedIn && !unauthorized {
					t.Errorf("%s: does not say that it answers 401", name)
				}
				if strings.Contains(path, "{") && op.Responses["404"] == nil {
					t.Errorf("%s: does not say that it answers 404", name)
				}
				if op.Responses["422"] == nil {
					t.Errorf("%s: does not say that it answers 422, as all do to a query that cannot be read", name)
				}
				for _, p := range op.Parameters {
					if also := map[string]string{"If-None-Match": "304", "Prefer": "200"}[p.Name]; also != "" && op.Responses[also] == nil {
						t.Errorf("%s: takes %s and does not say that it answers %s", name, p.Name, also)
					}
				}
				if op.Responses["500"] == nil {
					t.Errorf("%s: does not say that it answers 500", name)
				}
			}
		}
		if !strings.HasPrefix(doc.OpenAPI, "3.1") {
			t.Errorf("OpenAPI version %q", doc.OpenAPI)
		}
	})
}

// TestOpenAPIReferencesResolve finds references that lead nowhere.
func TestOpenAPIReferencesResolve(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		text := w.raw(http.MethodGet, "/openapi.json", "").body
		doc := w.document()
		for _, m := range regexp.MustCompile(`"\$ref": "#/components/schemas/([^"]+)"`).FindAllStringSubmatch(text, -1) {
			if _, ok := doc.Components.Schemas[m[1]]; !ok {
				t.Errorf("no schema %s", m[1])
			}
		}
	})
}

// document is the part of an OpenAPI document that the tests read.
type document struct {
	OpenAPI string                          `json:"openapi"`
	Paths   map[string]map[string]operation `json:"paths"`

	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	OperationID string                     `json:"operationId"`
	Summary     string                     `json:"summary"`
	Tags        []string                   `json:"tags"`
	Security    []map[string][]string      `json:"security"`
	Responses   map[string]json.RawMessage `json:"responses"`
	Parameters  []struct {
		Name string `json:"name"`
	} `json:"parameters"`
	RequestBody *struct {
		Required bool `json:"required"`
	} `json:"requestBody"`
}

func (w *world) document() document {
	w.t.Helper()
	var doc document
	if err := json.Unmarshal([]byte(w.raw(http.MethodGet, "/openapi.json", "").body), &doc); err != nil {
		w.t.Fatal(err)
	}
	return doc
}
