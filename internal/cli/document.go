package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
)

// documentOptions are the flags of rampforge document.
type documentOptions struct {
	questionOptions

	kinds []string
	out   string
	name  string // of the repository, once it was analysed
}

func newDocument(s *streams) *cobra.Command {
	o := &documentOptions{}
	names := make([]string, len(rampforge.DocumentKinds))
	for i, k := range rampforge.DocumentKinds {
		names[i] = string(k)
	}
	cmd := &cobra.Command{
		Use:   "document [path]",
		Short: "Make documents of a repository: README, architecture, API reference, set-up, troubleshooting, glossary",
		Long: "Make documents of a repository, each claim with the lines or the commit that it rests on:\n" +
			"a README, an overview of the architecture with drawings, a reference of its endpoints,\n" +
			"commands and jobs, a guide to set it up, troubleshooting and a glossary. What no source\n" +
			"says is left out, and each document says what that is.\n\n" +
			"With --out they are written into a folder, with an index; files of other names there stay.\n\n" +
			"No model is asked and nothing leaves this machine." + questionNote,
		Example: "  rampforge document --kind setup\n" +
			"  rampforge document ../shop --out docs/generated\n" +
			"  rampforge document ../shop --kind architecture,glossary --format json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{errors.New("document takes one path at most; see rampforge document --help")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known("format", o.format, "text", "json"); err != nil {
				return err
			}
			kinds, err := documentKinds(o.kinds, names)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				o.repository = args[0]
			}
			list, err := o.documents(cmd.Context(), s, kinds)
			if err != nil {
				return err
			}
			return o.write(s, list)
		},
	}
	o.flags(cmd, "text", "json")
	o.refFlag(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.kinds, "kind", nil, list(names)+", or several with commas between (default: all)")
	f.StringVarP(&o.out, "out", "o", "", "folder to write the documents into as Markdown (default: to the terminal)")
	completeFlag(cmd, "kind", names...)
	return cmd
}

// documentKinds are the kinds that are asked for, in the order of reading; all
// where none is.
func documentKinds(asked, names []string) ([]rampforge.DocumentKind, error) {
	if len(asked) == 0 {
		return rampforge.DocumentKinds, nil
	}
	wanted := map[string]bool{}
	for _, name := range asked {
		if err := known("kind", name, names...); err != nil {
			return nil, err
		}
		wanted[name] = true
	}
	var out []rampforge.DocumentKind
	for _, k := range rampforge.DocumentKinds {
		if wanted[string(k)] {
			out = append(out, k)
		}
	}
	return out, nil
}

// documents analyses the repository and composes.
func (o *documentOptions) documents(ctx context.Context, s *streams, kinds []rampforge.DocumentKind) (out []rampforge.GeneratedDocument, err error) {
	v, err := o.version(ctx, s)
	if err != nil {
		return nil, err
	}
	o.name = v.Report.Name
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	request, err := analyzeRequest(o.repository, analyzeOptions{dependencies: true, noCache: o.noCache})
	if err != nil {
		return nil, err
	}
	reading, err := inspector.OpenReading(ctx, request, v.Report.Commit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reading.Close()) }()
	in, err := documents.OfRepository(ctx, reading, v)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		draft, err := documents.Compose(ctx, k, in)
		if err != nil {
			return nil, err
		}
		d, _ := documents.Merge(nil, draft, false, time.Now().UTC())
		out = append(out, d)
	}
	return out, nil
}

// write writes documents to the terminal, or into a folder with an index.
func (o *documentOptions) write(s *streams, list []rampforge.GeneratedDocument) error {
	if o.out != "" {
		return o.writeFiles(s, list)
	}
	return writeOutput(s.out, "", func(w io.Writer) error {
		if o.format == "json" {
			return answerJSON(w, map[string]any{"documents": list})
		}
		for i := range list {
			if i > 0 {
				if _, err := io.WriteString(w, "\n"); err != nil {
					return err
				}
			}
			if _, err := io.WriteString(w, documents.Markdown(&list[i])); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *documentOptions) writeFiles(s *streams, list []rampforge.GeneratedDocument) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil { //nolint:gosec // documents are for everybody
		return fmt.Errorf("making the folder of the documents: %w", err)
	}
	put := func(name, text string) error {
		return writeOutput(s.out, filepath.Join(o.out, name), func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	if err := put("index.md", documents.Index(o.name, list)); err != nil {
		return err
	}
	for i := range list {
		if err := put(documents.FileName(list[i].Kind), documents.Markdown(&list[i])); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.out, "%d documents and index.md are in %s\n", len(list), o.out)
	return err
}
