-- +goose Up
-- One generation of documents of a project.
CREATE TABLE document_runs (
    id               TEXT PRIMARY KEY,
    project_id       TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    repository_id    TEXT NOT NULL, -- that the documents are of
    kinds            TEXT NOT NULL, -- JSON
    force            BOOLEAN NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    progress         TEXT NOT NULL DEFAULT '{}', -- JSON
    changed          TEXT NOT NULL DEFAULT '[]', -- JSON; of the documents that are done
    error            TEXT,
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
CREATE UNIQUE INDEX document_runs_one_active ON document_runs (project_id) WHERE status IN ('queued', 'running');
CREATE INDEX document_runs_project ON document_runs (project_id, created_at);
CREATE INDEX document_runs_silent ON document_runs (heartbeat_at) WHERE status IN ('queued', 'running');

-- The documents themselves. Of what they were made is kept as a text that is
-- another one when the sources are.
CREATE TABLE generated_documents (
    project_id   TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind         TEXT NOT NULL,
    title        TEXT NOT NULL,
    commit_hash  TEXT NOT NULL,
    not_found    TEXT NOT NULL, -- JSON
    changed      TEXT NOT NULL, -- JSON; keys of sections
    made_of      TEXT NOT NULL,
    generated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, kind)
);
CREATE TABLE document_sections (
    project_id   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,
    position     INTEGER NOT NULL,
    sources_hash TEXT NOT NULL,
    content      TEXT NOT NULL, -- JSON
    PRIMARY KEY (project_id, kind, key),
    FOREIGN KEY (project_id, kind) REFERENCES generated_documents (project_id, kind) ON DELETE CASCADE
);
