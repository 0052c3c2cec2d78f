package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/config"
)

func newConfig(s *streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "List every environment variable with its value and default",
		Long: "List every environment variable with its value and default. Secrets are never\n" +
			"shown. A variable marked * is also read from the file that VARIABLE_FILE names.",
		Args: exact(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			if err := known("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			return configFormats[format](s.out, c)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	completeFlag(cmd, "format", "text", "json", "markdown")
	return cmd
}

var configFormats = map[string]func(io.Writer, *config.Config) error{
	"text": configText, "json": configJSON, "markdown": configMarkdown,
}

func configText(w io.Writer, c *config.Config) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "VARIABLE\tVALUE\tDEFAULT")
	for _, v := range config.Variables() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", v.Name+mark(v), dash(v.Value(c)), dash(v.Default))
	}
	return table.Flush()
}

func configJSON(w io.Writer, c *config.Config) error {
	type line struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		Default string `json:"default"`
		Secret  bool   `json:"secret"`
		Doc     string `json:"description"`
	}
	lines := []line{}
	for _, v := range config.Variables() {
		lines = append(lines, line{v.Name, v.Value(c), v.Default, v.Secret, v.Doc})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(lines)
}

// configMarkdown writes the reference table of docs/operations.md, which holds
// defaults and no values.
func configMarkdown(w io.Writer, _ *config.Config) error {
	var b strings.Builder
	b.WriteString("| variable | default | what it does |\n|---|---|---|\n")
	for _, v := range config.Variables() {
		def := ""
		if v.Default != "" {
			def = "`" + v.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", v.Name, strings.ReplaceAll(mark(v), "*", "\\*"), def, strings.ReplaceAll(v.Doc, "|", "\\|"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func mark(v config.Variable) string {
	if v.Secret {
		return "*"
	}
	return ""
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// completeFlag makes the shell offer the values of a flag.
func completeFlag(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist, which the tests would show.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
