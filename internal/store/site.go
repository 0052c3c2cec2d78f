package store

import (
	"context"
	"database/sql"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// unsyncService makes a service one that was never synced: it is due at once.
const unsyncService = `UPDATE services SET last_synced = NULL, sync_ended = NULL, sync_failures = 0 WHERE id = $1`

// anotherSite reports whether a change leads a service to where the same ids
// may be other things. Nobody knows what a server of MCP stands before, so that
// another transport is another site, too.
func anotherSite(before, after rampforge.Service) bool {
	return before.Transport != after.Transport || siteOf(before.Endpoint) != siteOf(after.Endpoint)
}

// siteOf is the form of an endpoint that tells sites apart.
func siteOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" { // a program on this machine
		return endpoint
	}
	return strings.ToLower(u.Scheme+"://"+u.Host) + strings.TrimRight(u.Path, "/") + "?" + u.RawQuery
}

// followChangeTx does what a change of a service brings with it.
func (s *Store) followChangeTx(ctx context.Context, tx *sql.Tx, before rampforge.Service, row *ServiceSecret) error {
	v := &row.Service
	if v.Endpoint != before.Endpoint || v.Transport != before.Transport { // another server: what was approved was not its
		if _, err := tx.ExecContext(ctx, forgetTools, v.ID); err != nil {
			return err
		}
	}
	if row.Moved || anotherSite(before, *v) {
		v.LastSynced, v.SyncEnded, v.SyncFailures = nil, nil, 0
		return s.leaveSiteTx(ctx, tx, v.ID)
	}
	if before.Enabled && !v.Enabled {
		_, err := tx.ExecContext(ctx, cancelSyncs, v.ID)
		return err
	}
	return nil
}

// leaveSiteTx forgets how far a service was read, and what its webhook told:
// that is of the site before. The records stay until the next sync, which reads
// everything from the beginning, and then buries what the new site has not. The
// syncs under way end, and keep nothing more: each write of one looks at its
// task, which is taken before the cursors are. No sync begins meanwhile, as
// StartSyncTx waits for the service.
func (s *Store) leaveSiteTx(ctx context.Context, tx *sql.Tx, id string) error {
	for _, text := range []string{cancelSyncs, purgeCursors, purgeUnread, purgeMissingIDs, purgeStatuses, purgeDeliveries, unsyncService} {
		if _, err := tx.ExecContext(ctx, text, id); err != nil {
			return err
		}
	}
	return nil
}
