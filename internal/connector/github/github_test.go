package github_test

import (
	"net/http"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

func options(s *githubtest.Server) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceGitHub, Endpoint: s.URL},
		Credentials: map[string]string{"token": githubtest.Token},
		Client:      &http.Client{},
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Open: github.Open,
		Start: func(t *testing.T) *connectortest.Fake {
			t.Helper()
			s := githubtest.Start(t, githubtest.Options{Seed: 1, PerPage: 10})
			return &connectortest.Fake{Options: options(s), Wrong: map[string]string{"token": "wrong"}, Fail: s.Fail, Change: s.Change}
		},
	})
}
