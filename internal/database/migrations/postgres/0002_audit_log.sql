-- +goose Up
CREATE TABLE audit_log (
    id         TEXT PRIMARY KEY,
    at         TIMESTAMPTZ NOT NULL,
    actor_id   TEXT NOT NULL, -- no reference: the log outlives the account
    action     TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    address    TEXT NOT NULL,
    request_id TEXT NOT NULL,
    success    BOOLEAN NOT NULL,
    details    TEXT NOT NULL DEFAULT '{}' -- JSON
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (actor_id, at);
