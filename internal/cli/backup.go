package cli

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/database"
)

func newBackup(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "backup <file>",
		Short: "Write a consistent copy of the SQLite database, while it is in use",
		Long: "Write a consistent copy of the SQLite database, while it is in use. The copy is\n" +
			"written whole or not at all and never replaces an existing file. For PostgreSQL\n" +
			"the command says which pg_dump to run.",
		Args: exact(1, "the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			if engine, _, err := database.ParseURL(c.DatabaseURL); err == nil && engine == database.Postgres {
				return fmt.Errorf("PostgreSQL makes its own backups: run pg_dump --format=custom --file=%s with the address, user and database of DATABASE_URL, and restore with pg_restore", args[0])
			}
			db, err := database.Open(cmd.Context(), database.Options{URL: c.DatabaseURL, Logger: slog.New(slog.DiscardHandler), MustExist: true})
			if err != nil {
				return err
			}
			defer db.Close()
			if err := db.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "Wrote %s. Keep %s with it: it signs sessions and opens sealed credentials.\n", args[0], "the SECRET_KEY (or secret.key)")
			return err
		},
	}
}
