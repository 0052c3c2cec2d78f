-- +goose Up
-- Files that were brought into projects. An import is the service of its
-- records, and its one resource. It refers to no row of a project: what a removed
-- one leaves is swept.
CREATE TABLE imports (
    id           TEXT PRIMARY KEY,
    project_id   TEXT NOT NULL,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL, -- the name in lower case
    format       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('staging', 'kept', 'gone')), -- its records are being written, are the project's, or are to be removed
    cases        BIGINT NOT NULL DEFAULT 0,
    events       BIGINT NOT NULL DEFAULT 0,
    empty_cases  BIGINT NOT NULL DEFAULT 0,
    skipped      TEXT NOT NULL DEFAULT '{"total":0,"rows":[]}', -- JSON
    first_event  TIMESTAMP,
    last_event   TIMESTAMP,
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    heartbeat_at TIMESTAMP NOT NULL -- when something was last written of it
);
CREATE UNIQUE INDEX imports_one_of_a_name ON imports (project_id, name_key) WHERE state = 'kept';
CREATE INDEX imports_project ON imports (project_id, created_at, id);
