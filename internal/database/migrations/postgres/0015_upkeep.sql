-- +goose Up
-- What is derived anew of the records that were kept by an older version, a
-- batch at a time. A row goes when it is done.
CREATE TABLE backfills (
    name     TEXT PRIMARY KEY,
    position TEXT NOT NULL -- how far it is; '' is the beginning
);
-- The signatures of commits were not kept before there were people.
INSERT INTO backfills (name, position) SELECT 'signatures', '' WHERE EXISTS (SELECT 1 FROM records WHERE stream = 'commits');
