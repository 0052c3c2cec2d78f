package confluence_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

var flavours = map[string]bool{"cloud": false, "data center": true}

// engineering is the first space of the fake.
var engineering = rampforge.Resource{ID: "98305", Key: "ENG"}

// now is a moment after everything in the fake.
var now = time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC)

func TestConnector(t *testing.T) {
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{Open: confluence.Open, Start: func(t *testing.T) *connectortest.Fake {
				t.Helper()
				s := confluencetest.New(t, confluencetest.Options{DataCenter: dc, Seed: 1})
				return &connectortest.Fake{Options: optionsFor(s, s.URL+"/"), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
			}})
		})
	}
}

func optionsFor(s *confluencetest.Server, endpoint string) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceConfluence, Endpoint: endpoint},
		Credentials: s.Credentials(), Client: http.DefaultClient, Now: func() time.Time { return now },
	}
}
