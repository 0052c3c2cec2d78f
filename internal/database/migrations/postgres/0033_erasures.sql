-- +goose Up
-- What named somebody who was erased, as digests: it does not come back with the
-- next sync, and nobody reads here who it was.
CREATE TABLE erasures (
    digest    TEXT PRIMARY KEY, -- HMAC-SHA-256 of an address, an account or a name
    pseudonym TEXT NOT NULL,    -- what stands in its place
    erased_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE erasure_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key TEXT NOT NULL -- of the digests
);
