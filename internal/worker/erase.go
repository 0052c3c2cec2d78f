package worker

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// erase makes nameless what is kept of people who were erased, where the process
// that began it did not come to its end, and looks a second time.
func (w *Workers) erase(ctx context.Context) {
	n, err := (&ingest.Eraser{Store: w.Store, Now: w.Now, Rest: betweenBatches / 10, Unread: func(what string) {
		w.Logger.WarnContext(ctx, "what is damaged stays as it is: analyse the repository again", slog.String("document", what))
	}}).Run(ctx)
	if err != nil && ctx.Err() == nil {
		w.complain(ctx, "making nameless what is kept of people who were erased", err)
	}
	if n > 0 {
		w.Logger.InfoContext(ctx, "what was kept of people who were erased was made nameless", slog.Int("rows", n))
		w.forgetNames(ctx)
	}
}

// forgetNames removes what this process keeps of histories that were read with the
// names of people who were erased since.
func (w *Workers) forgetNames(ctx context.Context) {
	erased, err := w.Store.Erased(ctx)
	if err != nil || !erased.Any() {
		return
	}
	entries, err := os.ReadDir(w.Mirrors.Dir)
	if err != nil {
		return // there are none yet
	}
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == filepath.Ext(w.Mirrors.Facts("")) && !e.IsDir() {
			inspect.ForgetNames(filepath.Join(w.Mirrors.Dir, name), erased.Names())
		}
	}
}

// namelessIndex is a code index without those who were erased: files name people in
// what stands above declarations, and the analysis may have begun before the erasure.
func (w *Workers) namelessIndex(ctx context.Context, content []byte) ([]byte, error) {
	erased, err := w.Store.Erased(ctx)
	if err != nil || content == nil || !erased.Any() {
		return content, err
	}
	now, _, err := codeindex.Nameless(content, erased.Names())
	return now, err
}
