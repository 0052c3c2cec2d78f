package exchange

import (
	"os"

	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// spills are the files of one import.
type spills struct {
	dir   string
	files []*os.File
}

// open makes a file that has no name any more, so that nothing is left of it
// when the program dies; where that cannot be, close removes it.
func (s *spills) open() (eventlog.Spill, error) {
	f, err := os.CreateTemp(s.dir, "rampforge-import-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // see close
	s.files = append(s.files, f)
	return f, nil
}

func (s *spills) close() {
	for _, f := range s.files {
		_ = f.Close()
		_ = os.Remove(f.Name()) // it has no name any more, mostly
	}
}
