package cli

import (
	"io"
	"os"
	"sync"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/rampforgeai/rampforge"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth returns the width of the terminal w in columns, and fallback
// when w is none.
func terminalWidth(w io.Writer, fallback int) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return fallback
}

// stageBar draws one bar for each stage of an analysis, one after the other on
// the same line, and wipes it at the end so that only the report remains.
type stageBar struct {
	w     io.Writer
	mu    sync.Mutex
	stage string
	total int64
	bar   *progressbar.ProgressBar
}

// newStageBar returns a bar on w, or nil when w is no terminal: a log file
// should hold no bars.
func newStageBar(w io.Writer) *stageBar {
	if !isTerminal(w) {
		return nil
	}
	return &stageBar{w: w}
}

// Update shows p. It is safe for concurrent use, and on a nil bar.
func (b *stageBar) Update(p rampforge.Progress) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil || p.Stage != b.stage || p.Total != b.total {
		b.restart(p)
	}
	// A bar that cannot be drawn must not end the work that it shows.
	_ = b.bar.Set64(p.Done)
}

func (b *stageBar) restart(p rampforge.Progress) {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
	total := p.Total
	if total <= 0 {
		total = -1 // a spinner
	}
	b.stage, b.total = p.Stage, p.Total
	b.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(b.w),
		progressbar.OptionSetDescription(p.Stage),
		progressbar.OptionShowCount(),
		progressbar.OptionSetItsString(p.Unit),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100e6), // nanoseconds
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
	)
}

// Close wipes the bar.
func (b *stageBar) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
