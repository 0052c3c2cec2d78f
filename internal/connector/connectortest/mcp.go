package connectortest

import (
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// OpenMCP returns what opens a vendor's connectors by a session of their own
// with the MCP server at the service's endpoint.
func OpenMCP(v mcpclient.Vendor, programs mcpclient.Programs) connector.Open {
	return func(o connector.Options) (connector.Connector, error) {
		session := mcpclient.New(mcpclient.Options{
			Service: o.Service, Credentials: o.Credentials, Header: v.Headers(o.Credentials), Client: o.Client,
			Programs: programs, Profile: v.Profile, Version: "test",
		})
		c, err := v.Open(o, session)
		if err != nil {
			session.Close()
			return nil, err
		}
		session.Hold()
		return ended{session.Wrap(c), session}, nil
	}
}

// ended closes the session with its connector.
type ended struct {
	connector.Connector

	session *mcpclient.Session
}

// Close implements connector.Connector.
func (e ended) Close() error {
	defer e.session.Close()
	return e.Connector.Close()
}
