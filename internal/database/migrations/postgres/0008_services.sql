-- +goose Up
CREATE TABLE services (
    id                  TEXT PRIMARY KEY,
    service_type        TEXT NOT NULL CHECK (service_type IN ('github', 'gitlab', 'jira', 'azure_devops', 'confluence')),
    name                TEXT NOT NULL,
    name_key            TEXT NOT NULL UNIQUE, -- the name in lower case
    endpoint            TEXT NOT NULL,
    transport           TEXT NOT NULL CHECK (transport IN ('rest', 'mcp')),
    enabled             BOOLEAN NOT NULL,
    status              TEXT NOT NULL DEFAULT 'disconnected' CHECK (status IN ('disconnected', 'connecting', 'connected', 'error')),
    auth_needed         BOOLEAN NOT NULL DEFAULT FALSE,
    last_connected      TIMESTAMPTZ,
    last_error          TEXT,
    last_synced         TIMESTAMPTZ,
    requests_per_minute INTEGER NOT NULL,
    requests_per_hour   INTEGER NOT NULL,
    timeout_seconds     INTEGER NOT NULL,
    retry_attempts      INTEGER NOT NULL,
    scope               TEXT NOT NULL, -- JSON
    credentials         TEXT NOT NULL, -- JSON, masked
    sealed              BYTEA NOT NULL, -- the credentials themselves; see internal/secret
    sealed_key          TEXT NOT NULL, -- names the key that opens them
    server              TEXT, -- JSON
    failures            INTEGER NOT NULL DEFAULT 0, -- checks that failed since the last that did not
    last_check          TIMESTAMPTZ,
    last_check_ms       INTEGER, -- how long that took
    next_check          TIMESTAMPTZ, -- NULL: nobody connected it, or somebody disconnected it
    revision            BIGINT NOT NULL DEFAULT 1, -- grows with every change by a person: what a check found of an older one does not count
    created_by          TEXT NOT NULL REFERENCES users (id),
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX services_newest ON services (created_at, id);
CREATE INDEX services_due ON services (next_check) WHERE next_check IS NOT NULL;
CREATE INDEX services_sealed_key ON services (sealed_key, id);
