-- +goose Up
-- What a tracker says of the statuses that work items of a resource may be in.
CREATE TABLE tracker_statuses (
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    id          TEXT NOT NULL, -- as work items have it
    name        TEXT NOT NULL,
    category    TEXT NOT NULL, -- '' is one that the tracker does not place
    position    INTEGER NOT NULL, -- in the tracker's own order, from 1; 0 when it has none
    seen_at     TIMESTAMPTZ NOT NULL, -- when the list was last read that it was on
    PRIMARY KEY (service_id, resource_id, id)
);
