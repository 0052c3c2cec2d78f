// Package render writes a code report for people and programs: as text for a
// terminal, as Markdown, as one self-contained HTML page and as JSON.
//
// It is pure and deterministic: the same report gives the same bytes. It may
// import analysis/report, analysis/codeindex and the root package only; it knows no clock, no
// file, no network. Whatever the report holds came from a repository that
// somebody else wrote, so every string is made harmless before it is shown
// (see clean.go) and lists are cut at stated lengths, so that the output stays
// small however large the repository is. JSON alone is complete.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// JSON writes the whole report, indented, with a newline at its end. It fails
// when w does.
func JSON(w io.Writer, r *report.CodeReport) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	// The answer is read by programs and people, never placed into HTML as it
	// is, and && in a command should stay readable.
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	return write(w, out.Bytes())
}

// write hands over what was rendered in one piece, so that a fault of the
// writer is seen once and the renderers need not look after it.
func write(w io.Writer, p []byte) error {
	if _, err := w.Write(p); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
