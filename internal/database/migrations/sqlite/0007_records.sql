-- +goose Up
-- What services hold. None of these refers to the service's row: what was
-- synced stays when a service is removed, unless it is purged.
CREATE TABLE resources (
    service_id TEXT NOT NULL,
    id         TEXT NOT NULL, -- the vendor's
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    name       TEXT NOT NULL,
    url        TEXT NOT NULL,
    archived   BOOLEAN NOT NULL,
    streams    TEXT NOT NULL, -- JSON
    seen_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (service_id, id)
);

CREATE TABLE records (
    service_id  TEXT NOT NULL,
    stream      TEXT NOT NULL,
    id          TEXT NOT NULL, -- the vendor's, within the service
    resource_id TEXT NOT NULL,
    key         TEXT NOT NULL,
    title       TEXT NOT NULL,
    state       TEXT NOT NULL,
    updated_at  TIMESTAMP NOT NULL, -- by the vendor's clock
    content     TEXT NOT NULL,      -- JSON of the normalised record
    raw         BLOB,               -- zstd of the vendor's JSON; removed when it is old
    synced_at   TIMESTAMP NOT NULL, -- when it was last read, by our clock
    deleted_at  TIMESTAMP,          -- a tombstone: it is gone at the vendor
    PRIMARY KEY (service_id, stream, id)
);
CREATE INDEX records_resource ON records (service_id, resource_id, stream, updated_at);
CREATE INDEX records_raw ON records (synced_at) WHERE raw IS NOT NULL;

CREATE TABLE accounts (
    service_id     TEXT NOT NULL,
    id             TEXT NOT NULL, -- the vendor's
    login          TEXT NOT NULL,
    name           TEXT NOT NULL,
    email          TEXT NOT NULL,
    email_verified BOOLEAN NOT NULL,
    bot            BOOLEAN NOT NULL,
    seen_at        TIMESTAMP NOT NULL,
    PRIMARY KEY (service_id, id)
);

-- Where each reading stands. It is written with the records that came before.
CREATE TABLE sync_cursors (
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    stream      TEXT NOT NULL,
    position    TEXT NOT NULL,      -- JSON, the connector's own
    updated_at  TIMESTAMP NOT NULL,
    swept_at    TIMESTAMP,          -- when the ids were last compared
    PRIMARY KEY (service_id, resource_id, stream)
);

CREATE TABLE sync_runs (
    id           TEXT PRIMARY KEY,
    requested_by TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL
);

-- One sync of one service. Runs that overlap share it.
CREATE TABLE sync_tasks (
    id               TEXT PRIMARY KEY,
    service_id       TEXT NOT NULL,
    service_type     TEXT NOT NULL,
    force_refresh    BOOLEAN NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled')),
    records          BIGINT NOT NULL DEFAULT 0,
    deleted          BIGINT NOT NULL DEFAULT 0,
    errors           TEXT NOT NULL DEFAULT '[]', -- JSON
    requested_by     TEXT NOT NULL,
    created_at       TIMESTAMP NOT NULL,
    started_at       TIMESTAMP,
    finished_at      TIMESTAMP,
    job_id           BIGINT,
    attempts         INTEGER NOT NULL DEFAULT 0,
    owner            TEXT,
    heartbeat_at     TIMESTAMP NOT NULL,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX sync_tasks_one_active ON sync_tasks (service_id) WHERE status IN ('queued', 'running');
CREATE INDEX sync_tasks_service ON sync_tasks (service_id, created_at);

CREATE TABLE sync_run_tasks (
    run_id  TEXT NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL REFERENCES sync_tasks (id),
    PRIMARY KEY (run_id, task_id)
);
