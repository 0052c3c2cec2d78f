package cli

import (
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// inspectorFor builds the inspector that the configuration asks for.
func inspectorFor(c *config.Config) (*inspect.Inspector, error) {
	guard, err := guardFor(c)
	if err != nil {
		return nil, err
	}
	return inspect.New(inspect.Options{
		Guard: guard, AllowHTTP: c.AllowInsecureHTTP, Parsers: builtin.Parsers(),
		Limits: git.Limits{Timeout: c.GitTimeout, MaxBytes: int64(c.GitMaxSize)},
	}), nil
}
