package jira_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
)

// ending is a client that ends every request with one error.
type ending struct{ err error }

func (f ending) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestWhatOurOwnClientSays has the guarded client wait and give up.
func TestWhatOurOwnClientSays(t *testing.T) {
	t.Parallel()
	for want, said := range map[string]*rampforge.Error{
		connector.ReasonRateLimited: {Code: rampforge.CodeRateLimited, Message: "Used up.", RetryAfter: time.Minute},
		connector.ReasonUnreachable: {Code: rampforge.CodeExternal, Message: "Left alone.", Details: map[string]any{"reason": "circuit_open"}, RetryAfter: time.Minute},
	} {
		c, err := jira.Open(connector.Options{
			Service: rampforge.Service{Type: rampforge.ServiceJira, Endpoint: "https://jira.example.com"}, Credentials: map[string]string{"token": "x"},
			Client: &http.Client{Transport: ending{said}}, Now: time.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Check(t.Context())
		e, ok := errors.AsType[*rampforge.Error](err)
		if !ok || connector.Reason(err) != want || e.RetryAfter != said.RetryAfter || e.Message != said.Message {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
