package worker

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
)

// Retention is how long is kept what nobody needs for ever.
type Retention struct {
	Raw      time.Duration // vendors' own payloads, after they were last read; 0 is 90 days
	Sessions time.Duration // sessions, after they ended; 0 is 30 days
	Audit    time.Duration // lines of the audit log; 0 is for ever
	Events   time.Duration // events of progress; 0 is 24 hours
}

func (r Retention) raw() time.Duration      { return cmp.Or(r.Raw, 90*24*time.Hour) }
func (r Retention) sessions() time.Duration { return cmp.Or(r.Sessions, 30*24*time.Hour) }
func (r Retention) events() time.Duration   { return cmp.Or(r.Events, 24*time.Hour) }

// resolveTimeout bounds the finding out of who is who: a shutdown waits for it.
const resolveTimeout = 15 * time.Second

// deliveryRetention is how long a delivery is known, so that it does nothing
// when it comes again.
const deliveryRetention = 7 * 24 * time.Hour

// housekeepInterval is how often what nobody needs any more is removed.
const housekeepInterval = time.Hour

// Mirrors is where the mirrors of this process lie: a folder and a file for
// each repository, named by its id.
type Mirrors struct{ Dir string }

// Mirror returns the folder of a repository's mirror.
func (m Mirrors) Mirror(repositoryID string) string {
	return filepath.Join(m.Dir, repositoryID+".git")
}

// Facts returns the file of a repository's facts.
func (m Mirrors) Facts(repositoryID string) string {
	return filepath.Join(m.Dir, repositoryID+".facts")
}

// importInterval is how often imports are looked for whose process died.
const importInterval = time.Minute

func (w *Workers) keepHouse(ctx context.Context) {
	tick, imports := time.NewTicker(housekeepInterval), time.NewTicker(importInterval)
	defer tick.Stop()
	defer imports.Stop()
	w.housekeep(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.housekeep(ctx)
		case <-w.tidy:
			w.housekeep(ctx)
		case <-imports.C:
			w.purgeImports(ctx)
			w.purgeSearch(ctx)
			w.erase(ctx)
			if _, err := w.Store.DeleteOldCounts(ctx, w.Now()); err != nil {
				w.complain(ctx, "forgetting how often requests were made", err)
			}
		}
	}
}

// keepTidy removes mirrors of repositories that are gone, and nothing that
// others keep.
func (w *Workers) keepTidy(ctx context.Context) {
	tick := time.NewTicker(housekeepInterval)
	defer tick.Stop()
	for {
		w.removeOrphans(ctx)
		w.forgetNames(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.tidy:
		}
	}
}

// purgeImports removes what is left of imports that are gone, or that are silent.
func (w *Workers) purgeImports(ctx context.Context) {
	if _, err := w.Store.PurgeImports(ctx, w.Now().Add(-exchange.ImportSilence)); err != nil {
		w.complain(ctx, "removing what is left of imports", err)
	}
}

// purgeSearch removes what is left of searches that nobody can make any more.
func (w *Workers) purgeSearch(ctx context.Context) {
	if _, err := w.Store.PurgeSearch(ctx); err != nil {
		w.complain(ctx, "removing passages that nobody searches", err)
	}
}

// Tidy removes soon what is kept of repositories, imports and projects that were
// removed. It does not wait.
func (w *Workers) Tidy() {
	select {
	case w.tidy <- struct{}{}:
	default: // it was asked for already
	}
}

// housekeep removes what nobody needs any more. Any number of processes may do
// it at once.
func (w *Workers) housekeep(ctx context.Context) {
	if _, err := w.Store.DeleteOldEvents(ctx, w.Now().Add(-w.Retention.events())); err != nil {
		w.complain(ctx, "removing old events", err)
	}
	if _, err := w.Store.DeleteOldSessions(ctx, w.Now().Add(-w.Retention.sessions())); err != nil {
		w.complain(ctx, "removing old sessions", err)
	}
	if _, err := w.Store.DropOldRaw(ctx, w.Now().Add(-w.Retention.raw())); err != nil {
		w.complain(ctx, "removing old payloads of vendors", err)
	}
	if w.Retention.Audit > 0 {
		if _, err := w.Store.DeleteOldAudit(ctx, w.Now().Add(-w.Retention.Audit)); err != nil {
			w.complain(ctx, "removing old lines of the audit log", err)
		}
	}
	if _, err := w.Store.DeleteOrphanKnowledge(ctx); err != nil {
		w.complain(ctx, "removing drafts of accounts that are gone", err)
	}
	w.purgeImports(ctx)
	w.purgeSearch(ctx)
	if err := w.Store.PurgeEmbeddings(ctx, w.Now()); err != nil {
		w.complain(ctx, "removing vectors that no passage has", err)
	}
	w.resolvePeople(ctx)
	if _, err := w.Store.DeleteOldDeliveries(ctx, w.Now().Add(-deliveryRetention)); err != nil {
		w.complain(ctx, "forgetting old deliveries", err)
	}
	w.removeOrphans(ctx)
}

// resolvePeople finds out who is who after new evidence came. What fails here
// is done with the next housekeeping at the latest: the evidence is kept.
func (w *Workers) resolvePeople(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	if _, err := (&ingest.People{Store: w.Store, Now: w.Now}).Resolve(ctx); err != nil {
		w.complain(ctx, "finding out who is who", err)
	}
}

// removeOrphans removes the mirrors of repositories that were removed: the
// process that took the request need not be the one that keeps the mirror.
func (w *Workers) removeOrphans(ctx context.Context) {
	entries, err := os.ReadDir(w.Mirrors.Dir)
	if err != nil {
		return // nothing was mirrored yet
	}
	for _, entry := range entries {
		id, _, named := strings.Cut(entry.Name(), ".")
		if !named || !strings.HasPrefix(id, "repo_") {
			continue // not ours
		}
		exists, err := w.Store.RepositoryExists(ctx, id)
		if err != nil {
			w.complain(ctx, "looking for mirrors to remove", err)
			return
		}
		if exists {
			continue
		}
		if err := os.RemoveAll(filepath.Join(w.Mirrors.Dir, entry.Name())); err != nil {
			w.complain(ctx, "removing a mirror", err, slog.String("repository_id", id))
		}
	}
}
