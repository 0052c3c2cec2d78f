// Package cli is the command line and the wiring: it reads the configuration,
// builds every part once and hands the parts to each other. Nothing imports it
// but the program's main.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/config"
)

// version is set by the linker; a plain go build or go install leaves it empty.
var version string

// Exit codes. Scripts rely on them; docs/operations.md lists them.
const (
	exitOK            = 0
	exitFailed        = 1 // something went wrong that has no code of its own
	exitUsage         = 2 // the command line is wrong
	exitConfig        = 3 // the configuration is wrong
	exitNotRepository = 10
	exitEmpty         = 11 // the repository has no commit
	exitUnreachable   = 12 // the address does not answer, or may not be reached
	exitRefNotFound   = 13
	exitPermission    = 14 // no permission, or a sign-in is needed
	exitNoSpace       = 15
	exitTimeout       = 16
	exitCorrupt       = 17 // the repository is damaged or lacks objects
	exitInterrupted   = 130
)

// Main runs the program with the given arguments and returns its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	dumpNoCore()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second signal ends the program at once: after the first one the
	// signals have their default effect again.
	context.AfterFunc(ctx, stop)

	root := newRoot(&streams{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if !errors.As(err, new(quietError)) {
		fmt.Fprintf(stderr, "rampforge: %s\n", sentence(err))
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitCode(err)
}

// streams are the program's standard streams.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func newRoot(s *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "rampforge",
		Short: "Give a newcomer a true picture of the code and of how the team works",
		Long: "RampForge analyses a team's repositories and trackers and tells a new developer\n" +
			"what the code is, where to start, who knows what and how work moves.\n\n" +
			"  rampforge analyze .       a report on the repository in this folder\n" +
			"  rampforge serve           the server on http://localhost:8000",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       programVersion(),
		Args:          cobra.ArbitraryArgs,
		RunE:          groupOnly,
	}
	root.SetVersionTemplate("rampforge {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.AddCommand(
		newServe(s), newAnalyze(s), newImpact(s), newGraph(s), newCompare(s), newAsk(s), newDocument(s), newMigrate(s), newUser(s), newAudit(s), newSecrets(s), newServices(s),
		newBackup(s), newConfig(s), newDoctor(s), newHealthcheck(s), newVersion(s), newInspect(s),
	)
	return root
}

// groupOnly is what a command does that only holds others: it shows its help,
// and takes anything else for a command that does not exist.
func groupOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	hint := ""
	if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = fmt.Sprintf(" Did you mean %q?", similar[0])
	}
	return usageError{fmt.Errorf("unknown command %q for %s;%s see %s --help", args[0], c.CommandPath(), hint, c.CommandPath())}
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// quietError is a failure that the command has already told.
type quietError struct{ error }

// exact is cobra.ExactArgs with the exit code and the hint of a usage error.
func exact(n int, what string) cobra.PositionalArgs { return between(n, n, what) }

// between is cobra.RangeArgs with the exit code and the hint of a usage error.
func between(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usageError{fmt.Errorf("%s takes %s; see %s --help", c.CommandPath(), what, c.CommandPath())}
		}
		return nil
	}
}

// sentence is what a person is told of err.
func sentence(err error) string {
	if e, ok := errors.AsType[*rampforge.Error](err); ok && e.Code != rampforge.CodeInternal {
		return e.Message
	}
	return err.Error()
}

// exitCode maps an error to the code that scripts see.
func exitCode(err error) int {
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	if _, ok := errors.AsType[*config.FaultsError](err); ok {
		return exitConfig
	}
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		return exitFailed
	}
	reason, _ := e.Details["reason"].(string)
	if code, known := reasonCodes[reason]; known {
		return code
	}
	return exitFailed
}

// reasonCodes maps the reasons that a repository could not be analysed.
var reasonCodes = map[string]int{
	"not_a_repository":        exitNotRepository,
	"empty_repository":        exitEmpty,
	"unreachable":             exitUnreachable,
	"blocked_address":         exitUnreachable,
	"ref_not_found":           exitRefNotFound,
	"permission_denied":       exitPermission,
	"authentication_required": exitPermission,
	"no_space":                exitNoSpace,
	"too_large":               exitNoSpace,
	"timeout":                 exitTimeout,
	"corrupt":                 exitCorrupt,
}

// programVersion is what the linker set, or what go install recorded.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// loadConfig reads the configuration from the environment and from .env in the
// current folder.
func loadConfig() (*config.Config, error) {
	c, err := config.Load(os.Environ(), ".env", rules()...)
	if err != nil {
		return nil, err
	}
	if c.Version == "" {
		c.Version = programVersion()
	}
	return c, nil
}
