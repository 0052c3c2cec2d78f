-- +goose Up
-- What is derived anew of the records that were kept by an older version, a
-- batch at a time. A row goes when it is done.
CREATE TABLE backfills (
    name     TEXT PRIMARY KEY,
    position TEXT NOT NULL -- how far it is; '' is the beginning
);
-- The signatures of commits were not kept before there were people.
INSERT INTO backfills (name, position) SELECT 'signatures', '' WHERE EXISTS (SELECT 1 FROM records WHERE stream = 'commits');

-- Which resources show a sprint: boards of several projects may show one.
CREATE TABLE sprint_places (
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    id          TEXT NOT NULL, -- the sprint's
    seen_at     TIMESTAMP NOT NULL, -- when it was last read there, by our clock
    PRIMARY KEY (service_id, resource_id, id)
);
CREATE INDEX sprint_places_sprint ON sprint_places (service_id, id);
INSERT INTO sprint_places (service_id, resource_id, id, seen_at)
    SELECT service_id, resource_id, id, synced_at FROM records WHERE stream = 'sprints' AND deleted_at IS NULL;

-- All that lists are narrowed by is in their index: the rows themselves lie far
-- apart, and what stands behind their content is long to get at. deleted_at is
-- always NULL here: without it the rows would be looked at for it.
DROP INDEX records_listed;
CREATE INDEX records_listed ON records (service_id, resource_id, stream, updated_at, id, state, status, type, assignees, search, deleted_at) WHERE deleted_at IS NULL;

-- One making anew of the records of a service, of the payloads that are kept.
CREATE TABLE remaps (
    id           TEXT PRIMARY KEY,
    service_id   TEXT NOT NULL,
    dry_run      BOOLEAN NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed')),
    position     TEXT NOT NULL DEFAULT '{}', -- JSON; how far it is, and what it counted
    message      TEXT NOT NULL DEFAULT '',
    requested_by TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    started_at   TIMESTAMP,
    finished_at  TIMESTAMP,
    job_id       BIGINT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,
    heartbeat_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX remaps_one_active ON remaps (service_id) WHERE status IN ('queued', 'running');
CREATE INDEX remaps_service ON remaps (service_id, created_at);
CREATE INDEX remaps_silent ON remaps (heartbeat_at) WHERE status IN ('queued', 'running');
