package inspect

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/rampforgeai/rampforge/internal/analysis/render"
)

// ErrKilled is that the process of an inspection was ended by the system or by
// somebody. Nothing is known of the repository by it: it is worth another try.
var ErrKilled = errors.New("the process of the analysis was killed")

// Finished is a result as it is kept: written once, where it was made.
type Finished struct {
	Report        []byte // as render.JSON writes it
	Commit        string
	Files         int
	Index         []byte // the encoded code index; nil when there is none
	IndexFault    string // why there is no index although one was made; "" when there is none to tell
	DefaultBranch string // see Result
	Signed        []Signed
	TokenRefused  bool
}

// Finish writes a result. An index that is too large is left out: the report
// holds all the same, and questions about the code are told that there is none.
func (r *Result) Finish() (*Finished, error) {
	var text bytes.Buffer
	if err := render.JSON(&text, r.Report); err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	f := &Finished{
		Report: text.Bytes(), Commit: r.Report.Commit, Files: r.Report.Totals.Files,
		DefaultBranch: r.DefaultBranch, Signed: r.Signed, TokenRefused: r.TokenRefused,
	}
	if r.Index != nil {
		encoded, err := r.Index.Encode()
		if err != nil {
			f.IndexFault = err.Error()
		}
		f.Index = encoded
	}
	return f, nil
}
