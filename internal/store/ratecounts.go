package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

const (
	// The clock is the database's, which is the same for all replicas.
	countRequestPostgres = `INSERT INTO rate_counts (key, used, ends) VALUES ($1, 1, clock_timestamp() + CAST($2 AS BIGINT) * INTERVAL '1 millisecond')
		ON CONFLICT (key) DO UPDATE SET
			used = CASE WHEN rate_counts.ends <= clock_timestamp() THEN 1 ELSE rate_counts.used + 1 END,
			ends = CASE WHEN rate_counts.ends <= clock_timestamp() THEN excluded.ends ELSE rate_counts.ends END
		RETURNING used, CAST(EXTRACT(EPOCH FROM rate_counts.ends - clock_timestamp()) * 1000 AS BIGINT)`
	// The moment is compared twice, as a window may begin anew while its row is waited for.
	deleteOldCounts = `DELETE FROM rate_counts WHERE ends < $1 AND key IN (SELECT c.key FROM rate_counts c WHERE c.ends < $1 ORDER BY c.ends LIMIT 5000)`
)

// CountRequest counts an event of key in a window that begins with its first, on
// PostgreSQL, together with every other replica. It returns the count with this
// event, and how long the window lasts still. Keys are kept as digests: they name
// people and addresses.
func (s *Store) CountRequest(ctx context.Context, key string, window time.Duration) (used int, left time.Duration, err error) {
	sum := sha256.Sum256([]byte(key))
	var ms int64
	err = s.db.Write().QueryRowContext(ctx, countRequestPostgres, hex.EncodeToString(sum[:16]), window.Milliseconds()).Scan(&used, &ms)
	return used, max(0, time.Duration(ms)*time.Millisecond), err
}

// DeleteOldCounts forgets the windows that ended before a moment, 5,000 in a
// transaction, and returns how many there were.
func (s *Store) DeleteOldCounts(ctx context.Context, before time.Time) (int64, error) {
	return s.inBatches(ctx, deleteOldCounts, before)
}
