package ingest

import (
	"context"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Caller is a connector whose server has tools beside those that it reads with.
type Caller interface {
	// CallTool calls one that is defined as a hash says, only reads and was approved.
	CallTool(ctx context.Context, name, hash string, args map[string]any) (string, error)
}

// CallTool calls a tool of a service's MCP server, and returns what it says. What
// holds a credential of the service is not returned.
func (s *Services) CallTool(ctx context.Context, serviceID, name, hash string, args map[string]any) (string, error) {
	row, err := s.Store.ServiceSecret(ctx, serviceID)
	if err != nil {
		return "", err
	}
	credentials, err := s.Unseal(row)
	if err != nil {
		return "", explain(err, row.Service, nil)
	}
	said, err := ask(ctx, s, row.Service, credentials, func(ctx context.Context, c connector.Connector) (string, error) {
		if caller, ok := c.(Caller); ok {
			return caller.CallTool(ctx, name, hash, args)
		}
		return "", connector.Errorf(connector.ReasonUnsupported, "The service has no tools.", "Use the transport mcp.", nil)
	})
	if err != nil {
		return "", explain(err, row.Service, credentials)
	}
	if holds(said, credentials) {
		return "", rampforge.Errorf(rampforge.CodeExternal, "The tool's answer holds a credential of the service, and was dropped.")
	}
	return said, nil
}
