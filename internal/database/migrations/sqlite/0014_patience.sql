-- +goose Up
-- A vendor that is away is left alone for longer each time.
ALTER TABLE sync_tasks ADD COLUMN pauses INTEGER NOT NULL DEFAULT 0;

-- Since when a place cannot be read to its end; NULL: it could be, the last time.
ALTER TABLE sync_cursors ADD COLUMN broken_at TIMESTAMP;
