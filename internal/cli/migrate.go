package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

func newMigrate(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: "Bring the database's schema up to date. serve does the same at its start; run this\n" +
			"beforehand when the server's own user may not change tables. Several may run at\n" +
			"once: one works, the others wait.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			db, err := openMigrated(cmd.Context(), c, nil, newLogger(c, s.err))
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = fmt.Fprintf(s.out, "The %s database is up to date.\n", db.Engine())
			return err
		},
	}
}

// openMigrated opens the database and brings its schema up to date. The registry
// takes its metrics; nil is for a command.
func openMigrated(ctx context.Context, c *config.Config, registry prometheus.Registerer, logger *slog.Logger) (*database.DB, error) {
	db, err := database.Open(ctx, database.Options{URL: c.DatabaseURL, Logger: logger, Registry: registry})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// newLogger returns the logger that the configuration asks for.
func newLogger(c *config.Config, w io.Writer) *slog.Logger {
	o := telemetry.LogOptions{Level: c.LogLevel, JSON: c.LogFormat == "json"}
	if c.LogFormat == "auto" {
		o.JSON = !c.Debug && !isTerminal(w)
	}
	if c.Debug {
		o.Level = min(o.Level, slog.LevelDebug)
	}
	return telemetry.NewLogger(w, o)
}
