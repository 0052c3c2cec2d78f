package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestResourcesAreCutShort reads what headers say of a list.
func TestResourcesAreCutShort(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{"true": true, "false": false, "": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Total-Count", "20000")
			if header != "" {
				w.Header().Set("X-Truncated", header)
			}
			fmt.Fprint(w, `[{"id":"1","kind":"repository","key":"a/b"}]`)
		}))
		got, err := client.New(server.URL, server.Client()).ServiceResources(t.Context(), "svc_a", client.Paging(1, 0))
		server.Close()
		if err != nil || got.Truncated != want || got.Total != 20000 || len(got.Resources) != 1 || got.Resources[0].Key != "a/b" {
			t.Errorf("%q: %+v, %v", header, got, err)
		}
	}
}

// TestAListWithoutItsTotal is an answer of something else than this API.
func TestAListWithoutItsTotal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[]`) }))
	defer server.Close()
	if _, err := client.New(server.URL, server.Client()).ServiceResources(t.Context(), "svc_a", nil); err == nil {
		t.Error("no total, and no error")
	}
}
