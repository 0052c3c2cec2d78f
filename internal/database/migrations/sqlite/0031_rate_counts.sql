-- +goose Up
-- How often something was done in its window, where replicas have no Redis to count
-- in: on PostgreSQL alone, since SQLite has one process. What a crash of the
-- database loses is counted anew.
CREATE TABLE rate_counts (
    key  TEXT NOT NULL PRIMARY KEY, -- a digest
    used BIGINT NOT NULL,
    ends TEXT NOT NULL
);
CREATE INDEX rate_counts_ends ON rate_counts (ends);
