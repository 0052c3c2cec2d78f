package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func newSecrets(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Look after the credentials that are kept sealed",
		Args:  cobra.ArbitraryArgs,
		RunE:  groupOnly,
	}
	cmd.AddCommand(newSecretsRotate(s))
	return cmd
}

func newSecretsRotate(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate",
		Short: "Seal the credentials of every service under the present SECRET_KEY",
		Long: "Seal the credentials of every service under the present SECRET_KEY. To change the\n" +
			"key: give the new one as SECRET_KEY and the old one as SECRET_KEY_PREVIOUS (for a\n" +
			"generated one SECRET_KEY_PREVIOUS_FILE=DATA_DIR/secret.key), restart the server,\n" +
			"run this, and take the old one away when ACCESS_TOKEN_EXPIRE_MINUTES have passed.\n" +
			"Nobody has to sign in again. Replicas that restart one after another need the new\n" +
			"key as SECRET_KEY_PREVIOUS first, all of them. It may be run while servers run, and\n" +
			"any number of times.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			logger := slog.New(slog.DiscardHandler)
			db, err := openMigrated(cmd.Context(), c, nil, logger)
			if err != nil {
				return err
			}
			defer db.Close()
			records := store.New(db)
			services, _, err := servicesFor(c, records, nil, nil, logger)
			if err != nil {
				return err
			}
			done, err := services.Reseal(cmd.Context())
			err = errors.Join(err, records.Audit(cmd.Context(), rampforge.AuditEntry{
				At: time.Now(), Action: "secrets.rotated", Address: commandLine, Success: err == nil, Details: map[string]any{"services": done},
			}))
			what := "services were"
			if done == 1 {
				what = "service was"
			}
			fmt.Fprintf(s.out, "The credentials of %d %s sealed anew.\n", done, what)
			return err
		},
	}
}
