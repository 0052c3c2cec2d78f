-- +goose Up
-- How often something was done in its window, where replicas have no Redis to count
-- in: on PostgreSQL alone, since SQLite has one process. What a crash of the
-- database loses is counted anew.
CREATE UNLOGGED TABLE rate_counts (
    key  TEXT NOT NULL PRIMARY KEY, -- a digest
    used BIGINT NOT NULL,
    ends TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rate_counts_ends ON rate_counts (ends);
