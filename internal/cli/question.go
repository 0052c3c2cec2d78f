package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex/diagram"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
)

// questionOptions are the flags that every question about the code has.
type questionOptions struct {
	repository, ref string
	format          string
	noCache, quiet  bool
}

const questionNote = "\n\nThe repository is analysed first, unless that commit was asked about before: the last\n" +
	"four analyses are kept in the user's cache folder. Uncommitted changes do not count."

func (o *questionOptions) flags(cmd *cobra.Command, formats ...string) {
	f := cmd.Flags()
	f.StringVarP(&o.repository, "repository", "r", "", "folder or https address of the repository (default: the one that you are in)")
	f.StringVarP(&o.format, "format", "f", formats[0], list(formats))
	f.BoolVar(&o.noCache, "no-cache", false, "neither read nor write what earlier analyses kept")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress")
	completeFlag(cmd, "format", formats...)
}

func (o *questionOptions) refFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.ref, "ref", "", "branch, tag or commit (default: the default branch, or what is checked out)")
}

// list writes names as a person does: a, b or c.
func list(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// known refuses a value that is none of those that there are.
func known(flag, value string, values ...string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return usageError{fmt.Errorf("--%s %s is not known: use %s", flag, value, list(values))}
}

// versions analyses what is not kept of the commits that refs name.
func (o *questionOptions) versions(ctx context.Context, s *streams, refs ...string) ([]codeindex.Version, error) {
	if o.repository == "" {
		o.repository = rootOf(".")
	}
	request, err := analyzeRequest(o.repository, analyzeOptions{dependencies: true, noCache: o.noCache})
	if err != nil {
		return nil, err
	}
	if request.FactsFile != "" {
		request.VersionsDir = strings.TrimSuffix(request.FactsFile, filepath.Ext(request.FactsFile)) + ".versions"
		request.Build = programVersion()
	}
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	var bar *stageBar
	if !o.quiet {
		bar = newStageBar(s.err)
	}
	request.Progress = bar.Update
	defer relaxGC()()
	defer bar.Close()
	return inspector.Versions(ctx, request, refs...)
}

func (o *questionOptions) version(ctx context.Context, s *streams) (codeindex.Version, error) {
	versions, err := o.versions(ctx, s, o.ref)
	if err != nil {
		return codeindex.Version{}, err
	}
	return versions[0], nil
}

func answerJSON(w io.Writer, answer any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(answer)
}

func newImpact(s *streams) *cobra.Command {
	var o questionOptions
	var depth, limit int
	cmd := &cobra.Command{
		Use:   "impact <path|symbol>",
		Short: "What a change of a file or a symbol may touch: users, tests to run, people to ask",
		Long: "What a change of a file, a folder or a symbol may touch: what depends on it, nearest\n" +
			"first, the tests to run, whom to ask, and what changed together with it before.\n\n" +
			"A folder is answered as its files together. A symbol is PATH#NAME (with :LINE behind it for one\n" +
			"of several in a file), Type.method, or a name that only one has." + questionNote,
		Example: "  rampforge impact internal/store/store.go\n" +
			"  rampforge impact Store.Close --repository ../shop --format json",
		Args: exact(1, "one path or symbol"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known("format", o.format, "text", "json"); err != nil {
				return err
			}
			v, err := o.version(cmd.Context(), s)
			if err != nil {
				return err
			}
			answer, err := impactOf(v.Index, o.repository, args[0], codeindex.ImpactQuery{Depth: depth, Page: codeindex.Page{Limit: limit}})
			if err != nil {
				return ambiguous(err)
			}
			return writeOutput(s.out, "", func(w io.Writer) error {
				if o.format == "json" {
					return answerJSON(w, answer)
				}
				return render.Impact(w, answer, min(terminalWidth(s.out, 100), 140))
			})
		},
	}
	o.flags(cmd, "text", "json")
	o.refFlag(cmd)
	cmd.Flags().IntVar(&depth, "depth", 5, "how many steps to follow, at most 20")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many dependents to list, at most 500")
	return cmd
}

// impactOf takes a target for a path when there is such a file, from where the
// person is or from the root of the repository, and else for a symbol.
func impactOf(ix *codeindex.Index, repository, target string, q codeindex.ImpactQuery) (*codeindex.Impact, error) {
	paths := []string{target}
	if p, ok := fromRoot(repository, target); ok && p != target {
		paths = append(paths, p)
	}
	for _, p := range paths {
		q.Path = p
		if answer, err := ix.Impact(q); err == nil {
			return answer, nil
		}
	}
	if strings.ContainsRune(target, '/') && !strings.ContainsRune(target, '#') {
		return ix.Impact(q) // it is no name of a symbol; the error names files
	}
	q.Path, q.Symbol = "", target
	answer, err := ix.Impact(q)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound && strings.Contains(strings.TrimPrefix(target, "."), ".") && !strings.Contains(target, "#") {
		// store.go is a name of a file rather than a member of a type.
		q.Path, q.Symbol = target, ""
		if _, fileErr := ix.Impact(q); suggests(fileErr) || !suggests(err) {
			return nil, fileErr
		}
	}
	return answer, err
}

// suggests reports whether an error names what may have been meant.
func suggests(err error) bool {
	e, ok := errorOf(err)
	return ok && e.Details["suggestions"] != nil
}

func errorOf(err error) (*rampforge.Error, bool) {
	e, ok := err.(*rampforge.Error) //nolint:errorlint // the index returns it as it is
	return e, ok
}

// ambiguous puts the candidates into the message: a person sees no details.
func ambiguous(err error) error {
	e, ok := errorOf(err)
	if !ok {
		return err
	}
	candidates, _ := e.Details["candidates"].([]string)
	if len(candidates) == 0 {
		return err
	}
	total, _ := e.Details["total"].(int)
	message := fmt.Sprintf("%d symbols have this name: say which one:\n  %s", total, strings.Join(candidates, "\n  "))
	if total > len(candidates) {
		message += fmt.Sprintf("\n  and %d more", total-len(candidates))
	}
	return usageError{fmt.Errorf("%s", message)}
}

// fromRoot turns a path on this machine into one of the repository in a folder.
func fromRoot(repository, target string) (string, bool) {
	if strings.Contains(repository, "://") {
		return "", false
	}
	abs, err := filepath.Abs(target)
	if err != nil {
		return "", false
	}
	root, err := filepath.Abs(repository)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// rootOf is the folder around dir that is a repository, and dir where there is
// none: the analysis says so then.
func rootOf(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	for at := abs; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}

func newGraph(s *streams) *cobra.Command {
	var o questionOptions
	q := codeindex.GraphQuery{}
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "A drawing of the components, files or symbols of a repository",
		Long: "A drawing of the components, files or symbols of a repository: those around one, or the\n" +
			"best connected of all." + questionNote,
		Example: "  rampforge graph\n" +
			"  rampforge graph --format svg > map.svg\n" +
			"  rampforge graph --level file --around internal/store/store.go --format dot",
		Args: exact(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := known("format", o.format, "mermaid", "dot", "svg", "json"); err != nil {
				return err
			}
			if err := known("level", q.Level, codeindex.LevelComponent, codeindex.LevelFile, codeindex.LevelSymbol); err != nil {
				return err
			}
			v, err := o.version(cmd.Context(), s)
			if err != nil {
				return err
			}
			g, err := v.Index.Graph(q)
			if err != nil {
				return ambiguous(err)
			}
			return writeOutput(s.out, "", func(w io.Writer) error {
				var text string
				switch o.format {
				case "json":
					return answerJSON(w, g)
				case "dot":
					text = diagram.DOT(g)
				case "svg":
					text = diagram.SVG(g)
				default:
					text = diagram.Mermaid(g)
				}
				_, err := io.WriteString(w, text)
				return err
			})
		},
	}
	o.flags(cmd, "mermaid", "dot", "svg", "json")
	o.refFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&q.Level, "level", codeindex.LevelComponent, "component, file or symbol")
	f.StringVar(&q.Around, "around", "", "a component's name, the path of a file or folder, or PATH#NAME")
	f.IntVar(&q.Depth, "depth", 1, "steps from there, in both directions, at most 5")
	f.IntVar(&q.Limit, "limit", codeindex.DefaultGraphNodes, fmt.Sprintf("how many nodes, at most %d", codeindex.MaxGraphNodes))
	completeFlag(cmd, "level", codeindex.LevelComponent, codeindex.LevelFile, codeindex.LevelSymbol)
	return cmd
}

func newCompare(s *streams) *cobra.Command {
	var o questionOptions
	cmd := &cobra.Command{
		Use:   "compare <from> <to>",
		Short: "What changed between two commits: components, endpoints, dependencies, complexity",
		Long: "What changed between two commits: measures, components and what they use, cycles,\n" +
			"features, endpoints, dependencies, hotspots, files and functions. Each is a branch, a tag\n" +
			"or a commit." + questionNote,
		Example: "  rampforge compare v1.0.0 main\n" +
			"  rampforge compare main my-branch --repository ../shop --format json",
		Args: exact(2, "two branches, tags or commits"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known("format", o.format, "text", "json"); err != nil {
				return err
			}
			v, err := o.versions(cmd.Context(), s, args...)
			if err != nil {
				return err
			}
			answer := codeindex.Compare(v[0], v[1])
			return writeOutput(s.out, "", func(w io.Writer) error {
				if o.format == "json" {
					return answerJSON(w, answer)
				}
				return render.Comparison(w, answer, min(terminalWidth(s.out, 100), 140))
			})
		},
	}
	o.flags(cmd, "text", "json")
	return cmd
}
