package cli

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

func newServices(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "services",
		Short: "Look after what was synced of services",
		Args:  cobra.ArbitraryArgs,
		RunE:  groupOnly,
	}
	cmd.AddCommand(newServicesRemap(s))
	return cmd
}

func newServicesRemap(s *streams) *cobra.Command {
	var only string
	var dry bool
	cmd := &cobra.Command{
		Use:   "remap",
		Short: "Make records anew of the vendors' payloads that are kept",
		Long: "Make records anew of the vendors' payloads that are kept (for 90 days), after an\n" +
			"update of rampforge that maps them otherwise. No vendor is asked. Records whose\n" +
			"payload is not kept stay as they are until they are read again; what is gone at the\n" +
			"vendor stays gone. It may be run while servers run, interrupted, and run again.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			db, err := openMigrated(cmd.Context(), c, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer db.Close()
			records, mappings := store.New(db), builtin.Normalisers()
			remapper := &ingest.Remapper{Store: records, DryRun: dry, Now: time.Now, Normalise: func(t rampforge.ServiceType) ingest.Normalise { return mappings[t] }}
			services, err := records.AllServices(cmd.Context())
			if only != "" {
				var service rampforge.Service
				service, err = records.Service(cmd.Context(), only)
				services = []rampforge.Service{service}
			}
			if err != nil {
				return err
			}
			what := "changed"
			if dry {
				what = "would change"
			}
			for _, service := range services {
				sum, err := remapper.Remap(cmd.Context(), service)
				fmt.Fprintf(s.out, "%s (%s): %d of %d records %s, %d could not be mapped, %d have no payload any more.\n",
					service.Name, service.ID, sum.Changed, sum.Read, what, sum.Failed, sum.NoPayload)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&only, "service", "", "id of the one service whose records are made anew")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "count what would change, and write nothing")
	return cmd
}
