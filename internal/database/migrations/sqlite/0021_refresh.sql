-- +goose Up
-- Since when the facts of a project are wanted anew, and when they are tried
-- again after attempts that failed.
ALTER TABLE workflows ADD COLUMN wanted_since TIMESTAMP; -- NULL: they are as they were wanted
ALTER TABLE workflows ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- in a row
ALTER TABLE workflows ADD COLUMN retry_at TIMESTAMP; -- of one that failed; NULL is at once
ALTER TABLE workflows ADD COLUMN unreadable BIGINT NOT NULL DEFAULT 0; -- records that no facts could be made of
