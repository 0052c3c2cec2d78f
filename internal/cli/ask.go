package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/assistant/local"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

func newAsk(s *streams) *cobra.Command {
	var o questionOptions
	cmd := &cobra.Command{
		Use:   "ask [path] <question>",
		Short: "Answer a question about a repository, with the lines that the answer rests on",
		Long: "Answer a question about a repository: where something is, how to run or test it, who\n" +
			"knows it, what a change may touch, why it is as it is. Every claim cites the lines or\n" +
			"commits that it rests on. What they do not say is not answered.\n\n" +
			"No model is asked and nothing leaves this machine: the answer is composed of the code\n" +
			"index, the report and passages of the repository." + questionNote,
		Example: "  rampforge ask \"Where is the configuration read?\"\n" +
			"  rampforge ask ../shop \"What breaks if I change Cart.Total?\"\n" +
			"  rampforge ask ../shop \"How do I run the tests?\" --format json",
		Args: between(1, 2, "a question, and before it the folder that it is about if that is another; quote the question"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known("format", o.format, "text", "json"); err != nil {
				return err
			}
			if len(args) == 2 {
				o.repository = args[0]
			}
			answer, err := o.answer(cmd.Context(), s, args[len(args)-1])
			if err != nil {
				return err
			}
			return writeOutput(s.out, "", func(w io.Writer) error {
				if o.format == "json" {
					return answerJSON(w, answer)
				}
				return renderAnswer(w, answer)
			})
		},
	}
	o.flags(cmd, "text", "json")
	o.refFlag(cmd)
	return cmd
}

// answer analyses and indexes the repository, and asks.
func (o *questionOptions) answer(ctx context.Context, s *streams, question string) (a rampforge.Answer, err error) {
	if question = strings.TrimSpace(question); question == "" {
		return a, usageError{errors.New("the question is empty")}
	}
	v, err := o.version(ctx, s)
	if err != nil {
		return a, err
	}
	dir, err := os.MkdirTemp("", "rampforge-ask-*")
	if err != nil {
		return a, fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	logger := slog.New(slog.DiscardHandler)
	db, err := database.Open(ctx, database.Options{URL: "sqlite:///" + filepath.Join(dir, "ask.db"), Logger: logger})
	if err != nil {
		return a, err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		return a, err
	}
	loaded, err := o.load(ctx, store.New(db), v)
	if err != nil {
		return a, err
	}
	loaded.Assistant.Logger = logger
	return loaded.Assistant.Ask(ctx, assistant.Question{Project: loaded.Project, Viewer: loaded.Viewer, Text: question}, nil)
}

// load indexes the repository that was analysed.
func (o *questionOptions) load(ctx context.Context, st *store.Store, v codeindex.Version) (*local.Loaded, error) {
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	request, err := analyzeRequest(o.repository, analyzeOptions{dependencies: true, noCache: o.noCache})
	if err != nil {
		return nil, err
	}
	l := &local.Loader{Store: st, Inspector: inspector, Now: time.Now}
	return l.Load(ctx, request, v)
}

// renderAnswer writes an answer for a terminal: its Markdown, and its sources.
func renderAnswer(w io.Writer, a rampforge.Answer) error {
	var out strings.Builder
	out.WriteString(a.Text + "\n")
	if len(a.Citations) > 0 {
		out.WriteString("\nSources\n")
	}
	for _, c := range a.Citations {
		fmt.Fprintf(&out, "  [%d] %s\n", c.N, sourceLine(c))
	}
	if a.Note != "" {
		fmt.Fprintf(&out, "\n%s\n", a.Note)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// sourceLine names a source in one line: a place that an editor opens, where it
// has one.
func sourceLine(c rampforge.Citation) string {
	commit := c.Commit[:min(len(c.Commit), 10)]
	switch {
	case c.Path != "" && c.StartLine != nil:
		return fmt.Sprintf("%s:%d-%d at %s", c.Path, *c.StartLine, *c.EndLine, commit)
	case c.Kind == rampforge.PassageCommit:
		return fmt.Sprintf("commit %s: %s", commit, c.Title)
	case c.URL != "":
		return c.Title + " " + c.URL
	}
	return c.Title
}
