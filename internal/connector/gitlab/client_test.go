package gitlab_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
)

// failing is a client that ends every request with one error.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestWhatOurOwnClientSays has the guarded client refuse, wait and give up.
func TestWhatOurOwnClientSays(t *testing.T) {
	t.Parallel()
	for want, said := range map[string]*rampforge.Error{
		connector.ReasonRateLimited: {Code: rampforge.CodeRateLimited, Message: "Used up.", RetryAfter: time.Minute},
		connector.ReasonTooLarge:    {Code: rampforge.CodeExternal, Message: "Too long."},
		connector.ReasonUnreachable: {Code: rampforge.CodeExternal, Message: "Left alone.", Details: map[string]any{"reason": "circuit_open"}, RetryAfter: time.Minute},
	} {
		c, err := gitlab.Open(connector.Options{
			Service: rampforge.Service{Type: rampforge.ServiceGitLab, Endpoint: "https://gitlab.example.com"}, Credentials: map[string]string{"token": "x"},
			Client: &http.Client{Transport: failing{said}}, Now: time.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(t.Context())
		if got := connector.Reason(err); got != want {
			t.Errorf("%v is %q, want %q", said, got, want)
		}
		if e, ok := err.(*rampforge.Error); ok && e.RetryAfter != said.RetryAfter { //nolint:errorlint // the connector's own
			t.Errorf("%s: try again after %s, want %s", want, e.RetryAfter, said.RetryAfter)
		}
	}
}
