package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	upsertResource = `INSERT INTO resources (service_id, id, kind, key, name, url, archived, streams, seen_at, match_key, match_url) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (service_id, id) DO UPDATE SET kind = excluded.kind, key = excluded.key, name = excluded.name, url = excluded.url,
			archived = excluded.archived, streams = excluded.streams, seen_at = excluded.seen_at,
			match_key = excluded.match_key, match_url = excluded.match_url, missing_since = NULL`
	selectResources = `SELECT s.id, s.kind, s.key, s.name, s.url, s.archived, s.streams FROM resources s WHERE s.service_id = $1 ORDER BY s.key, s.id LIMIT $2 OFFSET $3`
	resourceByKey   = `SELECT s.id, s.kind, s.key, s.name, s.url, s.archived, s.streams FROM resources s
		WHERE s.service_id = $1 AND (s.id = $2 OR s.match_key = $3) ORDER BY CASE WHEN s.id = $2 THEN 0 ELSE 1 END, s.id LIMIT 1`

	// What was just read is how the vendor has it now, whatever its clock says:
	// a time that goes backwards must not keep an older record.
	upsertRecord = `INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, raw, synced_at, type, status, assignees, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (service_id, stream, id) DO UPDATE SET resource_id = excluded.resource_id, key = excluded.key, title = excluded.title, state = excluded.state,
			updated_at = excluded.updated_at, content = excluded.content, raw = excluded.raw, synced_at = excluded.synced_at, deleted_at = NULL,
			type = excluded.type, status = excluded.status, assignees = excluded.assignees, search = excluded.search`
	upsertAccount = `INSERT INTO accounts (service_id, id, login, name, email, email_verified, bot, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (service_id, id) DO UPDATE SET login = excluded.login, name = excluded.name, bot = excluded.bot, seen_at = excluded.seen_at,
			email = CASE WHEN excluded.email = '' THEN accounts.email ELSE excluded.email END,
			email_verified = CASE WHEN excluded.email = '' THEN accounts.email_verified ELSE excluded.email_verified END`
	// A crash of the database may then take the last pages, each with the cursor
	// behind it: they are read again, see advanceTx. Waiting for the disk at every
	// page would take longer than writing it.
	commitLater   = `SET LOCAL synchronous_commit = off`
	setSwept      = `UPDATE sync_cursors SET swept_at = $4, compared_by = '' WHERE service_id = $1 AND resource_id = $2 AND stream = $3`
	selectLiveIDs = `SELECT r.id FROM records r WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL AND r.synced_at < $4`
	// A record that was read, or moved to another resource, since the sweep
	// began is not gone.
	buryRecord = `UPDATE records SET deleted_at = $5 WHERE service_id = $1 AND stream = $3 AND id = $4
		AND resource_id = $2 AND deleted_at IS NULL AND synced_at < $6`
	selectBuriedIDs = `SELECT r.id FROM records r WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NOT NULL`
	reviveRecord    = `UPDATE records SET deleted_at = NULL WHERE service_id = $1 AND resource_id = $2 AND stream = $3 AND id = $4 AND deleted_at IS NOT NULL`
	selectRecords   = `SELECT r.content FROM records r WHERE r.service_id = $1 AND r.resource_id = $2 AND r.stream = $3 AND r.deleted_at IS NULL
		ORDER BY r.updated_at DESC, r.id LIMIT $4 OFFSET $5`
	selectRecord = `SELECT r.content, r.raw, r.deleted_at FROM records r WHERE r.service_id = $1 AND r.stream = $2 AND r.id = $3`
	dropOldRaw   = `UPDATE records SET raw = NULL WHERE raw IS NOT NULL AND synced_at < $1 AND (service_id, stream, id) IN
		(SELECT r.service_id, r.stream, r.id FROM records r WHERE r.raw IS NOT NULL AND r.synced_at < $1 ORDER BY r.synced_at LIMIT 5000)`

	purgeRecords   = `DELETE FROM records WHERE service_id = $1`
	purgeResources = `DELETE FROM resources WHERE service_id = $1`
	purgeAccounts  = `DELETE FROM accounts WHERE service_id = $1`
	purgeCursors   = `DELETE FROM sync_cursors WHERE service_id = $1`
)

// PutResources keeps what a service was seen to have, and binds to it the
// projects that wish for it, as long as the task is c's: it fails with
// ErrSyncLost or ErrSyncCancelled otherwise. What the service has no more stays
// known, as its records do.
func (s *Store) PutResources(ctx context.Context, c SyncClaim, serviceID string, resources []rampforge.Resource, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		return s.putResourcesTx(ctx, tx, serviceID, resources, now)
	})
}

// PutListed is PutResources for who lists what a service has without a sync, as
// long as the service leads to where it did: RESOURCE_CONFLICT says that
// somebody changed or removed it meanwhile.
func (s *Store) PutListed(ctx context.Context, from ServiceSecret, resources []rampforge.Resource, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		v := from.Service
		same, err := changed(tx.ExecContext(ctx, lockSameService, v.ID, v.Endpoint, v.Transport, from.Sealed.Text))
		if err == nil && !same {
			err = rampforge.Errorf(rampforge.CodeConflict, "Somebody changed or removed the service while its resources were listed: list them again.")
		}
		if err != nil {
			return err
		}
		return s.putResourcesTx(ctx, tx, v.ID, resources, now)
	})
}

func (s *Store) putResourcesTx(ctx context.Context, tx *sql.Tx, serviceID string, resources []rampforge.Resource, now time.Time) error {
	erased, err := erasedFrom(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range resources {
		r.Name, _ = erased.Text(r.Name)
		streams, err := jsonText(r.Streams)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, upsertResource, serviceID, r.ID, r.Kind, plain(r.Key), plain(r.Name), plain(r.URL), r.Archived, streams, now,
			matchKey(r.Key), rampforge.RepositoryKey(plain(r.URL))); err != nil {
			return err
		}
	}
	return s.bindWishesTx(ctx, tx, resources, now)
}

// Resources lists what a service was last seen to have, by key.
func (s *Store) Resources(ctx context.Context, serviceID string, p Page) ([]rampforge.Resource, error) {
	rows, err := s.query(ctx, selectResources, serviceID, p.Limit, p.Offset)
	return collect(rows, err, scanResource)
}

// ResourceNamed returns the resource of a service that has a name's id or key.
func (s *Store) ResourceNamed(ctx context.Context, serviceID, name string) (rampforge.Resource, error) {
	v, err := scanResource(s.queryRow(ctx, resourceByKey, serviceID, name, matchKey(name)))
	return v, found(err, "resource")
}

func scanResource(r row) (v rampforge.Resource, err error) {
	err = r.Scan(&v.ID, &v.Kind, &v.Key, &v.Name, &v.URL, &v.Archived, jsonColumn{&v.Streams})
	return v, err
}

// PutPage keeps the records of a page, the accounts and signatures in them and
// the cursor after it, all or nothing, as long as the task is c's: it fails with
// ErrSyncLost or ErrSyncCancelled otherwise, and with ErrPositionLost when the
// place does not stand at any more. at moves on with it. seen is of the same
// sync, or nil.
func (s *Store) PutPage(ctx context.Context, c SyncClaim, at *Position, records []rampforge.Record, cursor []byte, seen *Seen, now time.Time) error {
	p := at.Place
	erased, err := s.Erased(ctx)
	if err != nil {
		return err
	}
	for i := range records {
		if _, err := erased.Record(p.ServiceID, &records[i]); err != nil {
			return err
		}
	}
	made, err := recordRows(p, records, now)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(records))
	index := make(map[string]int, len(records))
	accounts := map[string]rampforge.Account{}
	for i, row := range made {
		if first, twice := index[records[i].ID]; twice { // the later is how it is now
			rows[first] = row
		} else {
			index[records[i].ID] = len(rows)
			rows = append(rows, row)
		}
		collectAccounts(&records[i], accounts)
	}
	accounts = seen.news(accounts)
	signatures := signatureRows(p.ServiceID, records)
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		if s.db.Engine() == database.Postgres {
			if _, err := tx.ExecContext(ctx, commitLater); err != nil {
				return err
			}
		}
		if err := s.countSyncTx(ctx, tx, c, len(records), 0, now); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, upsertRecord, rows); err != nil {
			return err
		}
		if p.Stream == rampforge.StreamSprints {
			if err := s.putSprintPlacesTx(ctx, tx, p, sortedKeys(index), now); err != nil {
				return err
			}
		}
		if err := s.runEach(ctx, tx, upsertAccount, accountRows(p.ServiceID, accounts, now)); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, insertSignature, signatures); err != nil {
			return err
		}
		return s.advanceTx(ctx, tx, c, *at, cursor, now)
	})
	if err == nil {
		at.Cursor, at.TaskID = cursor, c.TaskID
		seen.keep(accounts)
	}
	return err
}

// Sweep begins a comparison of the ids of a place with the vendor's: it
// returns those that are kept and were read before the given moment.
func (s *Store) Sweep(ctx context.Context, p Place, began time.Time) (map[string]bool, error) {
	if p.Stream == rampforge.StreamSprints {
		rows, err := s.query(ctx, selectLiveSprints, p.ServiceID, p.ResourceID, began)
		return idSet(rows, err)
	}
	rows, err := s.query(ctx, selectLiveIDs, p.ServiceID, p.ResourceID, p.Stream, began)
	return idSet(rows, err)
}

// Buried returns the ids of the tombstones of a place; of sprints, all that the
// place is not known to show.
func (s *Store) Buried(ctx context.Context, p Place) (map[string]bool, error) {
	if p.Stream == rampforge.StreamSprints {
		rows, err := s.query(ctx, selectHiddenSprints, p.ServiceID, p.ResourceID)
		return idSet(rows, err)
	}
	rows, err := s.query(ctx, selectBuriedIDs, p.ServiceID, p.ResourceID, p.Stream)
	return idSet(rows, err)
}

func idSet(rows *sql.Rows, err error) (map[string]bool, error) {
	ids, err := collect(rows, err, func(r row) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	})
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}

// Revive takes the tombstones off records that the vendor has after all, as
// long as the task is c's. What changed of them meanwhile the next reading
// brings.
func (s *Store) Revive(ctx context.Context, c SyncClaim, p Place, ids []string, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := s.countSyncTx(ctx, tx, c, 0, 0, now); err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.reviveTx(ctx, tx, p, id, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bury leaves a tombstone in place of each record that the vendor has no more,
// and notes that the place was swept. A record that was read since began is
// not gone, nor is a sprint that another place in scope shows; none is every one.
// It returns how many there are.
func (s *Store) Bury(ctx context.Context, c SyncClaim, p Place, gone, scope []string, began, now time.Time) (buried int, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		buried = 0
		for _, id := range gone {
			was, err := s.buryTx(ctx, tx, p, id, scope, began, now)
			if err != nil {
				return err
			}
			if was {
				buried++
			}
		}
		if err := s.countSyncTx(ctx, tx, c, 0, buried, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteMissingIDs, p.ServiceID, p.ResourceID, p.Stream); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, setSwept, p.ServiceID, p.ResourceID, p.Stream, now)
		return err
	})
	return buried, err
}

// Records returns a page of the records of a place as JSON, the last updated
// first.
func (s *Store) Records(ctx context.Context, p Place, page Page) ([]json.RawMessage, error) {
	rows, err := s.query(ctx, selectRecords, p.ServiceID, p.ResourceID, p.Stream, page.Limit, page.Offset)
	return collect(rows, err, func(r row) (text json.RawMessage, err error) {
		var content string
		err = r.Scan(&content)
		return json.RawMessage(content), err
	})
}

// KeptRecord is one record as it is kept.
type KeptRecord struct {
	Content   json.RawMessage
	Raw       []byte     // the vendor's JSON, nil when it was too old to keep
	DeletedAt *time.Time // it is gone at the vendor
}

// Record returns one record of a service.
func (s *Store) Record(ctx context.Context, serviceID string, stream rampforge.Stream, id string) (KeptRecord, error) {
	var k KeptRecord
	var content string
	var packed []byte
	err := s.queryRow(ctx, selectRecord, serviceID, stream, id).Scan(&content, &packed, database.ScanNullTime(&k.DeletedAt))
	if err != nil {
		return k, found(err, "record")
	}
	k.Content = json.RawMessage(content)
	if packed != nil {
		if k.Raw, err = unpacker().DecodeAll(packed, nil); err != nil {
			return k, fmt.Errorf("unpacking the raw record %s: %w", id, err)
		}
	}
	return k, nil
}

// DropOldRaw removes the vendors' JSON of records that were last read before
// the given moment, 5,000 in a transaction; the records stay. It returns how many
// there were.
func (s *Store) DropOldRaw(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, dropOldRaw, before)
}

// PurgeServiceTx removes everything that was synced of a service. The
// people that it told of go with the next resolution.
func (s *Store) PurgeServiceTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	for _, text := range []string{purgeRecords, purgeResources, purgeAccounts, purgeCursors, purgeSignatures, purgeSprintPlaces, purgeUnread, purgeMissingIDs, purgeRemaps, purgeStatuses} {
		if _, err := tx.ExecContext(ctx, text, serviceID); err != nil {
			return err
		}
	}
	if err := s.StaleServiceSearchTx(ctx, tx, serviceID); err != nil {
		return err
	}
	if err := s.StaleWorkflowsTx(ctx, tx, serviceID, now); err != nil {
		return err
	}
	return s.StalePeopleTx(ctx, tx)
}
