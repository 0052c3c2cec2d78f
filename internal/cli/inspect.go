package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/inspect/apart"
)

// inspectCommand is the name of the command that a server runs for an analysis.
const inspectCommand = "inspect"

// newInspect is the other end of inspectApart: nobody types it.
func newInspect(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:    inspectCommand,
		Short:  "Work one analysis of a server, which sends it and hears of it",
		Hidden: true,
		Args:   exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A terminal or a supervisor signals the server's children too. The server
			// hands its analyses back and says when to stop.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			yieldProcessors()
			c, err := loadConfig()
			if err != nil {
				return err
			}
			inspector, err := inspectorFor(c)
			if err != nil {
				return err
			}
			return apart.Serve(context.WithoutCancel(cmd.Context()), inspector, s.in, s.out)
		},
	}
}

// inspectApart inspects in processes of this program.
func inspectApart() *apart.Inspector {
	return &apart.Inspector{Command: func(ctx context.Context) (*exec.Cmd, error) {
		program, err := ownProgram()
		if err != nil {
			return nil, fmt.Errorf("finding the program of an analysis: %w", err)
		}
		cmd := exec.CommandContext(ctx, program, inspectCommand) //nolint:gosec // our own
		cmd.Args[0] = os.Args[0]                                 // people see it in a list of processes
		ownGroup(cmd)
		return cmd, nil
	}}
}

// ownProgram is the program that runs, on Linux even when its file was
// replaced by another version since.
func ownProgram() (string, error) {
	const linux = "/proc/self/exe"
	if runtime.GOOS == "linux" {
		if _, err := os.Stat(linux); err == nil {
			return linux, nil
		}
	}
	return os.Executable()
}
