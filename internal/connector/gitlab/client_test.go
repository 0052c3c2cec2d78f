package gitlab_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
)

// tooLong is a client whose answers are longer than it takes.
type tooLong struct{}

func (tooLong) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &rampforge.Error{Code: rampforge.CodeExternal, Message: "Too long."}
}

func TestAnswersThatAreTooLong(t *testing.T) {
	t.Parallel()
	c, err := gitlab.Open(connector.Options{
		Service: rampforge.Service{Type: rampforge.ServiceGitLab, Endpoint: "https://gitlab.example.com"}, Credentials: map[string]string{"token": "x"},
		Client: &http.Client{Transport: tooLong{}}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Check(t.Context()); connector.Reason(err) != connector.ReasonTooLarge {
		t.Errorf("%v", err)
	}
}
