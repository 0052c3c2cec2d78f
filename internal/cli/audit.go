package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

// commandLine is where the audit log says that somebody was who acts without a
// server.
const commandLine = "command line"

func newAudit(s *streams) *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Read the audit log, without a server", Args: cobra.ArbitraryArgs, RunE: groupOnly}
	cmd.AddCommand(newAuditExport(s))
	return cmd
}

func newAuditExport(s *streams) *cobra.Command {
	var format, output, from, to string
	var filter store.AuditFilter
	var failed bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the audit log as JSONL or CSV, oldest first",
		Long: "Write the audit log as JSONL or CSV, oldest first. The export is a line of the log\n" +
			"itself. A file is written whole or not at all, for its owner alone to read, and\n" +
			"never replaces another.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != auth.AuditJSONL && format != auth.AuditCSV {
				return usageError{fmt.Errorf("--format must be jsonl or csv, not %q", format)}
			}
			var err error
			if filter.From, err = day("from", from); err != nil {
				return err
			}
			if filter.Until, err = day("to", to); err != nil {
				return err
			}
			if now := time.Now(); filter.Until.IsZero() || filter.Until.After(now) {
				filter.Until = now
			}
			if failed {
				filter.Success = new(false)
			}
			c, err := loadConfig()
			if err != nil {
				return err
			}
			db, err := openMigrated(cmd.Context(), c, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer db.Close()
			records, lines := store.New(db), 0
			err = toFile(s, output, func(w io.Writer) error {
				lines, err = auth.ExportAudit(cmd.Context(), records, w, format, filter)
				return err
			})
			return errors.Join(err, records.Audit(cmd.Context(), rampforge.AuditEntry{
				At: time.Now(), Action: "audit.exported", Address: commandLine, Success: err == nil, Details: map[string]any{"format": format, "lines": lines},
			}))
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", auth.AuditJSONL, "jsonl or csv")
	f.StringVar(&output, "output", "", "the file to write; standard output without it")
	f.StringVar(&filter.Actor, "actor", "", "only what this account did: its id or e-mail address")
	f.StringVar(&filter.Action, "action", "", "only this action, such as auth.login; with a dot at the end all that begin so")
	f.StringVar(&filter.Target, "target", "", "only what was done to what has this id")
	f.StringVar(&from, "from", "", "only from this day (UTC) or moment (RFC 3339) on")
	f.StringVar(&to, "to", "", "only before this day or moment")
	f.BoolVar(&failed, "failed", false, "only what did not succeed")
	completeFlag(cmd, "format", auth.AuditJSONL, auth.AuditCSV)
	return cmd
}

// day reads a day (UTC) or a moment of a flag; the zero time for none.
func day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s is no day (2026-01-31) and no moment (2026-01-31T15:04:05Z): %q", flag, text)}
}

// toFile lets write write into a new file that its owner alone can read, or to
// standard output without a name. What fails leaves no file.
func toFile(s *streams, name string, write func(io.Writer) error) error {
	if name == "" {
		out := bufio.NewWriter(s.out)
		return errors.Join(write(out), out.Flush())
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	err = write(out)
	if err = errors.Join(err, out.Flush(), f.Close()); err != nil {
		_ = os.Remove(name) // ours: it was not there before
	}
	return err
}
