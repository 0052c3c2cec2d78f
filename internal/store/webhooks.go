package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	// Either the id or the digest is known already: the message came before.
	insertDelivery = `INSERT INTO webhook_deliveries (service_id, id, digest, event, changes, sync, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	// The update takes the row's lock, so that a job that begins now either sees
	// the delivery or comes after the lock.
	lockWebhookQueue = `INSERT INTO webhook_queues (service_id, queued, touched_at) VALUES ($1, FALSE, $2)
		ON CONFLICT (service_id) DO UPDATE SET service_id = excluded.service_id RETURNING queued`
	setWebhookJob   = `UPDATE webhook_queues SET queued = TRUE, job_id = $2, touched_at = $3 WHERE service_id = $1`
	setWebhookLater = `UPDATE webhook_queues SET later_job = $2 WHERE service_id = $1`
	beginDeliveries = `UPDATE webhook_queues SET queued = CASE WHEN job_id = $2 THEN FALSE ELSE queued END,
		later_job = CASE WHEN later_job = $2 THEN NULL ELSE later_job END, touched_at = $3
		WHERE service_id = $1 AND (queued AND job_id = $2 OR later_job = $2) RETURNING later_job IS NOT NULL`

	newDeliveries = `SELECT d.id, d.changes FROM webhook_deliveries d
		WHERE d.service_id = $1 AND d.worked_at IS NULL AND d.applied_at IS NULL ORDER BY d.received_at, d.id LIMIT $2`
	openDeliveries = `SELECT d.id, d.changes FROM webhook_deliveries d
		WHERE d.service_id = $1 AND d.worked_at IS NULL ORDER BY d.received_at, d.id LIMIT $2`
	wantsSync       = `SELECT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.service_id = $1 AND d.worked_at IS NULL AND d.sync)`
	appliedDelivery = `UPDATE webhook_deliveries SET applied_at = $3 WHERE service_id = $1 AND id = $2`
	workedDelivery  = `UPDATE webhook_deliveries SET worked_at = $3 WHERE service_id = $1 AND id = $2`
	forgetOpen      = `UPDATE webhook_deliveries SET worked_at = $2 WHERE service_id = $1 AND worked_at IS NULL`
	// A sync that paused, or whose worker died, may have passed what changed as
	// one that runs may.
	syncBegan  = `(t.status = 'running' OR t.status = 'queued' AND t.started_at IS NOT NULL)`
	activeSync = `SELECT EXISTS (SELECT 1 FROM sync_tasks t WHERE t.service_id = $1 AND ` + syncBegan + `),
		EXISTS (SELECT 1 FROM sync_tasks t WHERE t.service_id = $1 AND t.status = 'queued' AND t.started_at IS NULL)`
	runningSync = `SELECT EXISTS (SELECT 1 FROM sync_tasks t WHERE t.service_id = $1 AND ` + syncBegan + `)`

	goneRecord = `UPDATE records SET deleted_at = $5 WHERE service_id = $1 AND stream = $2 AND id = $3 AND ($4 = '' OR resource_id = $4) AND deleted_at IS NULL`
	backRecord = `UPDATE records SET deleted_at = NULL WHERE service_id = $1 AND stream = $2 AND id = $3 AND ($4 = '' OR resource_id = $4) AND deleted_at IS NOT NULL`

	followDeliveries = `UPDATE webhook_queues SET touched_at = $2 WHERE service_id = $1 AND NOT queued
		AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.service_id = $1 AND d.worked_at IS NULL)`
	// Deliveries of a service that is being synced wait for the end of that.
	silentWebhooks = `SELECT q.service_id, q.job_id, q.later_job FROM webhook_queues q WHERE q.touched_at < $1
		AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.service_id = q.service_id AND d.worked_at IS NULL)
		AND NOT EXISTS (SELECT 1 FROM sync_tasks t WHERE t.service_id = q.service_id AND ` + syncBegan + `)
		ORDER BY q.touched_at LIMIT $2`
	touchWebhook     = `UPDATE webhook_queues SET touched_at = $3 WHERE service_id = $1 AND touched_at < $2`
	deleteDeliveries = `DELETE FROM webhook_deliveries WHERE worked_at IS NOT NULL AND received_at < $1 AND (service_id, id) IN
		(SELECT d.service_id, d.id FROM webhook_deliveries d WHERE d.worked_at IS NOT NULL AND d.received_at < $1 ORDER BY d.received_at LIMIT 5000)`

	purgeDeliveries    = `DELETE FROM webhook_deliveries WHERE service_id = $1`
	purgeWebhookQueues = `DELETE FROM webhook_queues WHERE service_id = $1`
)

// The most deliveries that one transaction applies, and that one closes: it
// holds what a sync of the service may wait for.
const (
	applyLimit = 200
	closeLimit = 1000
)

// TakeDeliveryTx keeps a delivery, and a job for it unless one waits already.
// It answers false for a message that came before: by its id, or by its digest,
// which is never "".
func (s *Store) TakeDeliveryTx(ctx context.Context, tx *sql.Tx, serviceID string, d rampforge.Delivery, digest string, now time.Time, enqueue Enqueue) (taken bool, err error) {
	changes, err := jsonText(append([]rampforge.RecordChange{}, d.Changes...))
	if err != nil {
		return false, err
	}
	id := d.ID
	if id == "" {
		id = digest
	}
	taken, err = changed(tx.ExecContext(ctx, insertDelivery, serviceID, id, digest, plain(d.Event), changes, d.Sync, now))
	if err != nil || !taken {
		return false, err
	}
	var queued bool
	if err := tx.QueryRowContext(ctx, lockWebhookQueue, serviceID, now).Scan(&queued); err != nil || queued {
		return true, err
	}
	return true, s.queueDeliveriesTx(ctx, tx, serviceID, now, enqueue)
}

func (s *Store) queueDeliveriesTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time, enqueue Enqueue) error {
	job, err := enqueue(ctx, tx, serviceID)
	if err == nil {
		_, err = tx.ExecContext(ctx, setWebhookJob, serviceID, job, now)
	}
	return err
}

// DeliveryWork is what it takes to work the deliveries of a service.
type DeliveryWork struct {
	ServiceID string
	JobID     int64
	Now       time.Time
	// Pause is the least time between a sync's end and the next that deliveries
	// ask for.
	Pause       time.Duration
	Enqueue     Enqueue // writes another job for deliveries
	EnqueueSync Enqueue
	// EnqueueAt writes a job for deliveries that is not worked before a time.
	EnqueueAt func(ctx context.Context, tx *sql.Tx, serviceID string, at time.Time) (int64, error)
}

// DeliveriesWorked is what came of working deliveries.
type DeliveriesWorked struct {
	Gone, Back int  // records that were buried, and that came back
	Synced     bool // a sync was asked for
	// Deferred says that a sync runs, which may have passed what changed: the
	// deliveries stay open until FollowDeliveries.
	Deferred bool
}

// WorkDeliveries makes the changes that the open deliveries of a service tell
// of, and asks for one sync for all of them. It does nothing when the job is
// not the service's any more.
func (s *Store) WorkDeliveries(ctx context.Context, w DeliveryWork) (done DeliveriesWorked, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		done = DeliveriesWorked{}
		var later bool
		ours, err := exists(tx.QueryRowContext(ctx, beginDeliveries, w.ServiceID, w.JobID, w.Now).Scan(&later))
		if err != nil || !ours {
			return err
		}
		service, err := scanService(tx.QueryRowContext(ctx, selectService, w.ServiceID))
		there, err := exists(err)
		if err != nil {
			return err
		}
		if !there || !service.Enabled {
			_, err := tx.ExecContext(ctx, forgetOpen, w.ServiceID, w.Now)
			return err
		}
		rows, err := tx.QueryContext(ctx, newDeliveries, w.ServiceID, applyLimit)
		fresh, err := s.applyTx(ctx, tx, w, &done, appliedDelivery, rows, err)
		if err != nil {
			return err
		}
		if fresh == applyLimit {
			return s.queueDeliveriesTx(ctx, tx, w.ServiceID, w.Now, w.Enqueue)
		}
		ready, err := s.syncForDeliveriesTx(ctx, tx, w, service, later, &done)
		if err != nil || !ready {
			return err
		}
		// Once more: a sync that ran meanwhile may have kept what it had read before.
		rows, err = tx.QueryContext(ctx, openDeliveries, w.ServiceID, closeLimit)
		closed, err := s.applyTx(ctx, tx, w, &done, workedDelivery, rows, err)
		if err != nil || closed < closeLimit {
			return err
		}
		return s.queueDeliveriesTx(ctx, tx, w.ServiceID, w.Now, w.Enqueue)
	})
	return done, err
}

// applyTx makes the changes of deliveries in their order, marks each of them,
// and returns how many there are.
func (s *Store) applyTx(ctx context.Context, tx *sql.Tx, w DeliveryWork, done *DeliveriesWorked, mark string, rows *sql.Rows, err error) (int, error) {
	type delivery struct {
		id      string
		changes []rampforge.RecordChange
	}
	list, err := collect(rows, err, func(r row) (d delivery, err error) {
		err = r.Scan(&d.id, jsonColumn{&d.changes})
		return d, err
	})
	if err != nil {
		return 0, err
	}
	before := done.Gone + done.Back
	for _, d := range list {
		for _, c := range d.changes {
			count, text, args := &done.Back, backRecord, []any{w.ServiceID, c.Stream, c.ID, c.ResourceID}
			if c.Gone {
				count, text, args = &done.Gone, goneRecord, append(args, w.Now)
			}
			was, err := changed(tx.ExecContext(ctx, text, args...))
			if err != nil {
				return 0, err
			}
			if was {
				*count++
			}
		}
		if _, err := tx.ExecContext(ctx, mark, w.ServiceID, d.id, w.Now); err != nil {
			return 0, err
		}
	}
	if done.Gone+done.Back > before {
		if err = s.StaleServiceSearchTx(ctx, tx, w.ServiceID); err == nil {
			err = s.StaleWorkflowsTx(ctx, tx, w.ServiceID, w.Now)
		}
	}
	return len(list), err
}

// syncForDeliveriesTx sees to it that a sync begins after now, where one is
// wanted. It answers false when the deliveries have to stay open: a sync runs,
// or the last one ended a moment ago.
func (s *Store) syncForDeliveriesTx(ctx context.Context, tx *sql.Tx, w DeliveryWork, service rampforge.Service, later bool, done *DeliveriesWorked) (ready bool, err error) {
	var began, waits bool
	if err := tx.QueryRowContext(ctx, activeSync, w.ServiceID).Scan(&began, &waits); err != nil || began {
		done.Deferred = began
		return false, err
	}
	var wanted bool
	if err := tx.QueryRowContext(ctx, wantsSync, w.ServiceID).Scan(&wanted); err != nil || !wanted {
		return true, err
	}
	if put, err := s.putOffTx(ctx, tx, w, waits, later); err != nil || put {
		return false, err
	}
	// One that waits for its worker is joined, and widened if it is of a part only.
	done.Synced = true
	_, err = s.StartSyncTx(ctx, tx, SyncRequest{
		RunID: NewID("sync"), Services: []rampforge.Service{service}, RequestedBy: service.CreatedBy, At: w.Now,
	}, w.EnqueueSync)
	return true, err
}

// putOffTx gives the deliveries a job for later when the last sync ended a
// moment ago and none waits to begin. later says that there is one already.
func (s *Store) putOffTx(ctx context.Context, tx *sql.Tx, w DeliveryWork, waits, later bool) (put bool, err error) {
	if waits {
		return false, nil
	}
	newest, err := scanSyncTask(tx.QueryRowContext(ctx, newestSyncTask, w.ServiceID))
	there, err := exists(err)
	if err != nil || !there || newest.FinishedAt == nil || w.Now.Sub(*newest.FinishedAt) >= w.Pause {
		return false, err
	}
	if later {
		return true, nil
	}
	job, err := w.EnqueueAt(ctx, tx, w.ServiceID, newest.FinishedAt.Add(w.Pause))
	if err == nil {
		_, err = tx.ExecContext(ctx, setWebhookLater, w.ServiceID, job)
	}
	return true, err
}

// SyncRuns reports whether a sync of a service runs at this moment, or pauses.
func (s *Store) SyncRuns(ctx context.Context, serviceID string) (runs bool, err error) {
	err = s.queryRow(ctx, runningSync, serviceID).Scan(&runs)
	return runs, err
}

// FollowDeliveries gives the open deliveries of a service a job, after a sync
// that they had to wait for. It answers false when there are none, or a job
// waits already.
func (s *Store) FollowDeliveries(ctx context.Context, serviceID string, now time.Time, enqueue Enqueue) (queued bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		queued, err = changed(tx.ExecContext(ctx, followDeliveries, serviceID, now))
		if err != nil || !queued {
			return err
		}
		return s.queueDeliveriesTx(ctx, tx, serviceID, now, enqueue)
	})
	return queued, err
}

// SilentWebhook is a service whose open deliveries nobody worked for a while.
type SilentWebhook struct {
	ServiceID string
	Jobs      []int64 // those that may still wait
}

// SilentWebhooks returns at most limit services whose deliveries were last
// seen to before the given moment, the longest silent first.
func (s *Store) SilentWebhooks(ctx context.Context, before time.Time, limit int) ([]SilentWebhook, error) {
	rows, err := s.query(ctx, silentWebhooks, before, limit)
	return collect(rows, err, func(r row) (w SilentWebhook, err error) {
		var jobs [2]sql.NullInt64
		err = r.Scan(&w.ServiceID, &jobs[0], &jobs[1])
		for _, job := range jobs {
			if job.Valid {
				w.Jobs = append(w.Jobs, job.Int64)
			}
		}
		return w, err
	})
}

// RequeueDeliveries gives silent deliveries a new job. It answers false when
// somebody saw to them meanwhile.
func (s *Store) RequeueDeliveries(ctx context.Context, serviceID string, before, now time.Time, enqueue Enqueue) (won bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		won, err = changed(tx.ExecContext(ctx, touchWebhook, serviceID, before, now))
		if err != nil || !won {
			return err
		}
		return s.queueDeliveriesTx(ctx, tx, serviceID, now, enqueue)
	})
	return won, err
}

// TouchDeliveries says that a job was seen waiting for the deliveries.
func (s *Store) TouchDeliveries(ctx context.Context, serviceID string, before, now time.Time) error {
	_, err := s.db.Write().ExecContext(ctx, touchWebhook, serviceID, before, now)
	return err
}

// DeleteOldDeliveries forgets deliveries that were received before the given
// moment and are worked, 5,000 in a transaction: from then on they would count as new.
func (s *Store) DeleteOldDeliveries(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, deleteDeliveries, before)
}

// KeptDelivery is a delivery as it is kept.
type KeptDelivery struct {
	ID         string
	Event      string
	ReceivedAt time.Time
	WorkedAt   *time.Time
}

const selectDeliveries = `SELECT d.id, d.event, d.received_at, d.worked_at FROM webhook_deliveries d WHERE d.service_id = $1
	ORDER BY d.received_at DESC, d.id LIMIT $2 OFFSET $3`

// Deliveries returns a page of the deliveries of a service, newest first.
func (s *Store) Deliveries(ctx context.Context, serviceID string, p Page) ([]KeptDelivery, error) {
	rows, err := s.query(ctx, selectDeliveries, serviceID, p.Limit, p.Offset)
	return collect(rows, err, func(r row) (d KeptDelivery, err error) {
		err = r.Scan(&d.ID, &d.Event, database.ScanTime(&d.ReceivedAt), database.ScanNullTime(&d.WorkedAt))
		return d, err
	})
}
