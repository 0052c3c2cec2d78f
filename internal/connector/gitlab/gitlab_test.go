package gitlab_test

import (
	"net/http"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
)

func options(s *gitlabtest.Server) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceGitLab, Endpoint: s.URL},
		Credentials: map[string]string{"token": gitlabtest.Token},
		Client:      &http.Client{Transport: &http.Transport{}},
	}
}

func start(t *testing.T, o gitlabtest.Options) *connectortest.Fake {
	t.Helper()
	s := gitlabtest.Start(t, o)
	return &connectortest.Fake{
		Options: options(s),
		Wrong:   map[string]string{"token": "glpat-wrong"},
		Fail:    s.Fail,
		Change: func() (rampforge.Stream, string) {
			return rampforge.StreamWorkItems, s.Touch(gitlabtest.App, "issues", 20)
		},
	}
}

func TestConnector(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{Open: gitlab.Open, Start: func(t *testing.T) *connectortest.Fake {
		return start(t, gitlabtest.Options{Seed: 1})
	}})
}

// TestConnectorElsewhere runs the suite against an installation below a path,
// behind a proxy that takes the headers of paging away.
func TestConnectorElsewhere(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{Open: gitlab.Open, Start: func(t *testing.T) *connectortest.Fake {
		return start(t, gitlabtest.Options{Seed: 2, Prefix: "/git/lab", NoPages: true, MaxPage: 13})
	}})
}
