package database

import "context"

// WaitingFrames is how much of the log is not in the database's file.
func (db *DB) WaitingFrames(ctx context.Context) int { return db.waitingFrames(ctx) }

// SoonFrames is how many frames wait at most for long.
const SoonFrames = soonFrames
