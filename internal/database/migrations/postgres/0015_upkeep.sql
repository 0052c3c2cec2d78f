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
    seen_at     TIMESTAMPTZ NOT NULL, -- when it was last read there, by our clock
    PRIMARY KEY (service_id, resource_id, id)
);
CREATE INDEX sprint_places_sprint ON sprint_places (service_id, id);
INSERT INTO sprint_places (service_id, resource_id, id, seen_at)
    SELECT service_id, resource_id, id, synced_at FROM records WHERE stream = 'sprints' AND deleted_at IS NULL;

-- All that lists are narrowed by is in their index: the rows themselves lie far
-- apart. An entry has room for 2,704 bytes.
UPDATE records SET search = left(search, 200) WHERE octet_length(search) > 800;
UPDATE records SET assignees = COALESCE(substring(left(assignees, 125) FROM E'^.*\n'), '') WHERE octet_length(assignees) > 500;
DROP INDEX records_listed;
CREATE INDEX records_listed ON records (service_id, resource_id, stream, updated_at, id, state, status, type, assignees, search) WHERE deleted_at IS NULL;

-- One making anew of the records of a service, of the payloads that are kept.
CREATE TABLE remaps (
    id           TEXT PRIMARY KEY,
    service_id   TEXT NOT NULL,
    dry_run      BOOLEAN NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed')),
    position     TEXT NOT NULL DEFAULT '{}', -- JSON; how far it is, and what it counted
    message      TEXT NOT NULL DEFAULT '',
    requested_by TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    job_id       BIGINT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,
    heartbeat_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX remaps_one_active ON remaps (service_id) WHERE status IN ('queued', 'running');
CREATE INDEX remaps_service ON remaps (service_id, created_at);
CREATE INDEX remaps_silent ON remaps (heartbeat_at) WHERE status IN ('queued', 'running');
