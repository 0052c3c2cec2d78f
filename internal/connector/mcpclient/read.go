package mcpclient

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// CallRead calls a tool that no profile knows, where somebody approved it and it
// only reads. The server is asked for its tools anew before: one that is not
// defined as the hash says any more is not called (ReasonQuarantined). Errors are
// those of connector.Connector.
func (s *Session) CallRead(ctx context.Context, name, hash string, args map[string]any) (Result, error) {
	var out Result
	err := s.with(ctx, func(l *live) error {
		ctx, cancel := context.WithTimeout(ctx, s.timeout())
		defer cancel()
		if err := s.list(ctx, l); err != nil {
			return err
		}
		offered := l.catalogue.Load()
		tool, there := offered.tools[name]
		if !there || tool.Hash != hash || tool.Kind != KindRead || !offered.approved[name] {
			return connector.Errorf(ReasonQuarantined, fmt.Sprintf("The tool %s is not defined as it was approved, or it does not only read.", Visible(name)),
				"Look at it among the service's tools, and approve it if it still only reads.", nil)
		}
		res, err := l.session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
		if err != nil {
			return spokenError(err)
		}
		out, err = normalise(res, tool)
		return err
	})
	return out, err
}

// CallTool implements ingest.Caller.
func (w wrapped) CallTool(ctx context.Context, name, hash string, args map[string]any) (string, error) {
	res, err := w.session.CallRead(ctx, name, hash, args)
	switch {
	case err != nil:
		return "", err
	case res.Text != "":
		return res.Text, nil
	case len(res.JSON) > 0:
		return string(res.JSON), nil
	case len(res.Resources) > 0:
		return string(res.Resources[0].Content), nil
	}
	return "", nil
}
