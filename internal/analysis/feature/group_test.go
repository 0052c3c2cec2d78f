package feature

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestWhatAPathIsAbout takes the first word of a path that tells something.
func TestWhatAPathIsAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, handler, want string }{
		{"/orders/{id}", "", "orders"},
		{"/api/v2/orders", "", "orders"},
		{"/v2beta1/orders", "", "orders"},
		{"/v2_beta/orders", "", "orders"},
		{"/v1.1-rc/orders", "", "orders"},
		{"/vat/{id}", "", "vat"},
		{"/v/{id}", "videos#show", "videos"},
		{"/t/{tag}", "home#tagged", "tag"},
		{"/s/{id}/{title}", "stories#show", "stories"},
		{"/s/{id}", "items#show", ""}, // show is what is done, not what it is about
		{"/u", "", ""},
		{"/x/reports/{id}", "", "reports"},
		{"/{id}", "", ""},
	} {
		var handler *string
		if tt.handler != "" {
			handler = &tt.handler
		}
		if got := pathItem("endpoint", "", tt.path, handler, report.Location{}).label; got != tt.want {
			t.Errorf("%s, handled by %q, is about %q, want %q", tt.path, tt.handler, got, tt.want)
		}
	}
}
