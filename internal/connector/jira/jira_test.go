package jira_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

func TestConnector(t *testing.T) {
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{Open: jira.Open, Start: func(t *testing.T) *connectortest.Fake {
				t.Helper()
				s := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 1})
				return &connectortest.Fake{Options: optionsFor(s), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
			}})
		})
	}
}

var flavours = map[string]bool{"cloud": false, "data center": true}

func optionsFor(s *jiratest.Server) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceJira, Endpoint: s.URL},
		Credentials: s.Credentials(), Client: http.DefaultClient, Now: time.Now,
	}
}
