-- +goose Up
-- The tools of MCP servers, as they are defined now and as somebody approved them.
CREATE TABLE service_tools (
    service_id    TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('read', 'write')),
    in_use        BOOLEAN NOT NULL, -- RampForge knows how to call it
    hash          TEXT NOT NULL, -- SHA-256 of the definition
    definition    TEXT NOT NULL, -- JSON
    approved_hash TEXT, -- of the definition that somebody approved; NULL: nobody has
    approved_at   TIMESTAMPTZ,
    approved_by   TEXT, -- NULL: it was there when the service was first connected
    first_seen    TIMESTAMPTZ NOT NULL,
    changed_at    TIMESTAMPTZ, -- when the definition last became another one
    gone_at       TIMESTAMPTZ,
    PRIMARY KEY (service_id, name)
);
