package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

type analyzeOptions struct {
	format, output, ref, name string
	quick, dependencies       bool
	noCache, quiet            bool
	color                     string
}

func newAnalyze(s *streams) *cobra.Command {
	var o analyzeOptions
	cmd := &cobra.Command{
		Use:   "analyze <path|url>",
		Short: "Report on a git repository: what it is, where to start, who knows what",
		Long: "Report on a git repository, from a folder or an https address.\n\n" +
			"The repository is read from git's own objects: uncommitted changes do not count,\n" +
			"nothing in it is run, and nothing in the folder is changed. The same commit gives\n" +
			"the same report, byte for byte.\n\n" +
			"For a private repository set GIT_TOKEN (or GIT_TOKEN_FILE) in the environment: the\n" +
			"token alone, or user:token where the host asks for a certain user. It is sent to the\n" +
			"host of the address, and to no other. Set GIT_TOKEN_HOST too and it is sent to that\n" +
			"host alone, whatever the address is.",
		Example: "  rampforge analyze .\n" +
			"  rampforge analyze . --format html --output report.html\n" +
			"  rampforge analyze https://github.com/owner/name --ref v1.2.0 --format json",
		Args: exact(1, "one path or https address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return analyze(cmd.Context(), s, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.format, "format", "f", "", "text, json, markdown or html (default: by the ending of --output, else text)")
	f.StringVarP(&o.output, "output", "o", "", "file to write; the default is standard output")
	f.StringVar(&o.ref, "ref", "", "branch, tag or commit (default: the default branch, or what is checked out)")
	f.StringVar(&o.name, "name", "", "name in the report (default: from the path or address)")
	f.BoolVar(&o.quick, "quick", false, "leave the history out")
	f.BoolVar(&o.dependencies, "dependencies", true, "list external dependencies")
	f.BoolVar(&o.noCache, "no-cache", false, "neither read nor write the cache of earlier analyses")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	completeFlag(cmd, "format", "text", "json", "markdown", "html")
	completeFlag(cmd, "color", "auto", "always", "never")
	return cmd
}

func analyze(ctx context.Context, s *streams, source string, o analyzeOptions) error {
	write, err := reportWriter(s, &o)
	if err != nil {
		return err
	}
	if err := outputWritable(o.output); err != nil {
		return err
	}
	request, err := analyzeRequest(source, o)
	if err != nil {
		return err
	}
	inspector, err := newInspector()
	if err != nil {
		return err
	}
	var bar *stageBar
	if !o.quiet {
		bar = newStageBar(s.err)
	}
	request.Progress = bar.Update
	defer relaxGC()()
	forget, err := mirrorOfItsOwn(&request)
	if err != nil {
		return err
	}
	defer forget()
	result, err := inspector.Inspect(ctx, request)
	if err == nil {
		err = narrate(ctx, inspector, request, result)
	}
	bar.Close()
	if err != nil {
		return err
	}
	return writeOutput(s.out, o.output, func(w io.Writer) error { return write(w, result.Report) })
}

// mirrorOfItsOwn gives a request of an address that keeps nothing a mirror for this
// one run, which is read twice.
func mirrorOfItsOwn(r *inspect.Request) (forget func(), err error) {
	s, err := inspect.ParseSource(r.Source)
	if err != nil || s.Local || r.MirrorDir != "" {
		return func() {}, nil //nolint:nilerr // the inspection says what is wrong with it
	}
	dir, err := os.MkdirTemp("", "rampforge-mirror-*")
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder for the mirror: %w", err)
	}
	r.MirrorDir = filepath.Join(dir, "mirror.git")
	return func() { _ = os.RemoveAll(dir) }, nil
}

// narrate describes what a report is of, in sentences of the repository itself.
func narrate(ctx context.Context, inspector *inspect.Inspector, r inspect.Request, result *inspect.Result) error {
	r.Progress = nil
	drafts, sources, err := narrative.Compose(ctx, result.Report, result.Index, func(ctx context.Context, paths []string) (map[string][]byte, error) {
		return inspector.Texts(ctx, r, result.Report.Commit, paths)
	})
	if err == nil {
		narrative.Attach(result.Report, narrative.Narratives(result.Report, drafts, sources))
	}
	return err
}

// heapBytes is where the heap of a run stops to grow beyond what is live.
const heapBytes = 1400 << 20

// relaxGC lets the heap of this one run grow to three times of what is live, in
// place of twice, up to heapBytes: it takes a tenth of the time. GOGC and
// GOMEMLIMIT, where they are set, decide.
func relaxGC() (restore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(200), debug.SetMemoryLimit(heapBytes)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// analyzeRequest says what to inspect. Mirrors and facts are kept in the
// user's cache folder, so that the next analysis costs what changed.
func analyzeRequest(source string, o analyzeOptions) (inspect.Request, error) {
	access, err := gitAccess(source)
	if err != nil {
		return inspect.Request{}, err
	}
	r := inspect.Request{
		Source: source, Ref: o.ref, Name: o.name, Access: access,
		Type: rampforge.AnalysisFull, IncludeDependencies: o.dependencies, ForceRefresh: o.noCache,
		AllowLocal: true,
	}
	if o.quick {
		r.Type = rampforge.AnalysisQuick
	}
	if o.noCache {
		// A mirror has to be somewhere; inspect makes a temporary one.
		return r, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return r, nil //nolint:nilerr // no home folder: as with --no-cache
	}
	key := source
	if abs, err := filepath.Abs(source); err == nil && !strings.Contains(source, "://") {
		key = abs
	}
	sum := sha256.Sum256([]byte(key))
	base := filepath.Join(cache, "rampforge", hex.EncodeToString(sum[:12]))
	r.MirrorDir, r.FactsFile = base+".git", base+".facts"
	return r, nil
}

// gitAccess says what a source is fetched with: the token of the environment,
// unless that is for another host.
func gitAccess(source string) (inspect.Access, error) {
	token, err := gitToken()
	if err != nil || token == "" {
		return inspect.Access{Advice: "Check the address, and set GIT_TOKEN or GIT_TOKEN_FILE to a token that may read it."}, err
	}
	host := strings.TrimSpace(os.Getenv("GIT_TOKEN_HOST"))
	if s, err := inspect.ParseSource(source); err == nil && host != "" && !s.Local && !strings.EqualFold(s.Host(), host) {
		return inspect.Access{Advice: fmt.Sprintf("GIT_TOKEN is not sent to it, as it is for %s: change GIT_TOKEN_HOST and GIT_TOKEN if this host is meant.", host)}, nil
	}
	return inspect.Access{
		Token: token, Owner: "of GIT_TOKEN", Advice: "Check the address, and set GIT_TOKEN or GIT_TOKEN_FILE to another token, or to user:token where the host asks for a certain user.",
	}, nil
}

// gitToken reads the token for a private repository from the environment:
// never from a flag, which every user of the machine can read.
func gitToken() (string, error) {
	if path := os.Getenv("GIT_TOKEN_FILE"); path != "" {
		content, err := os.ReadFile(path) //nolint:gosec // the user names the file
		if err != nil {
			return "", fmt.Errorf("GIT_TOKEN_FILE cannot be read: %w", err)
		}
		return strings.TrimSpace(string(content)), nil
	}
	return os.Getenv("GIT_TOKEN"), nil
}

// newInspector builds the inspector with the guard that the environment
// configures; analyze needs no other part of the configuration.
func newInspector() (*inspect.Inspector, error) {
	c, err := loadConfig()
	if faults, ok := errors.AsType[*config.FaultsError](err); ok {
		// A server's faults must not keep a person from a report.
		faults.Faults = slices.DeleteFunc(faults.Faults, func(f config.Fault) bool {
			return !strings.HasPrefix(f.Variable, "OUTBOUND_") && !strings.HasPrefix(f.Variable, "GIT_")
		})
		if len(faults.Faults) > 0 {
			return nil, faults
		}
		c, err = config.Load(nil, "")
	}
	if err != nil {
		return nil, err
	}
	return inspectorFor(c)
}

// reportWriter resolves the format and returns what writes a report in it.
func reportWriter(s *streams, o *analyzeOptions) (func(io.Writer, *report.CodeReport) error, error) {
	if o.format == "" {
		o.format = formatOf(o.output)
	}
	switch o.format {
	case "json":
		return render.JSON, nil
	case "markdown", "md":
		return render.Markdown, nil
	case "html":
		return render.HTML, nil
	case "text":
	default:
		return nil, known("format", o.format, "text", "json", "markdown", "html")
	}
	color := false
	switch o.color {
	case "auto":
		color = o.output == "" && isTerminal(s.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	case "always":
		color = true
	case "never":
	default:
		return nil, known("color", o.color, "auto", "always", "never")
	}
	options := render.TextOptions{Width: 100, Color: color}
	if o.output == "" {
		options.Width = min(terminalWidth(s.out, 100), 140)
	}
	return func(w io.Writer, r *report.CodeReport) error { return render.Text(w, r, options) }, nil
}

func formatOf(output string) string {
	switch strings.ToLower(filepath.Ext(output)) {
	case ".json":
		return "json"
	case ".md", ".markdown":
		return "markdown"
	case ".html", ".htm":
		return "html"
	}
	return "text"
}
