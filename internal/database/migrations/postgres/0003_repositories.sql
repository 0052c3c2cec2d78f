-- +goose Up
CREATE TABLE repositories (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    url             TEXT NOT NULL,
    type            TEXT NOT NULL CHECK (type IN ('github', 'gitlab', 'azure_devops', 'git', 'local')),
    service_id      TEXT,
    default_branch  TEXT,
    last_analyzed   TIMESTAMPTZ,
    analysis_status TEXT NOT NULL DEFAULT 'pending',
    analysis_error  TEXT,
    created_by      TEXT NOT NULL REFERENCES users (id),
    created_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (created_by, url)
);

CREATE TABLE codebase_analyses (
    id                  TEXT PRIMARY KEY,
    repository_id       TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    status              TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    options             TEXT NOT NULL, -- JSON
    commit_hash         TEXT,
    error               TEXT,
    progress            TEXT NOT NULL DEFAULT '{}', -- JSON
    requested_by        TEXT NOT NULL,
    created_at          TIMESTAMPTZ NOT NULL,
    started_at          TIMESTAMPTZ,
    finished_at         TIMESTAMPTZ,
    job_id              BIGINT,           -- the one job that may work this row
    attempts            INTEGER NOT NULL DEFAULT 0,
    owner               TEXT,              -- the process that works it
    heartbeat_at        TIMESTAMPTZ,
    cancel_requested    BOOLEAN NOT NULL DEFAULT FALSE,
    report              BYTEA,             -- zstd of the JSON
    report_etag         TEXT               -- SHA-256 of the JSON, in hexadecimal
);
CREATE INDEX codebase_analyses_repository ON codebase_analyses (repository_id, created_at);
-- At most one analysis of a repository is under way: the database says so.
CREATE UNIQUE INDEX codebase_analyses_one_active ON codebase_analyses (repository_id) WHERE status IN ('queued', 'running');
CREATE INDEX codebase_analyses_active ON codebase_analyses (heartbeat_at) WHERE status IN ('queued', 'running');
