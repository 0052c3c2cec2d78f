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
    seen_at     TIMESTAMP NOT NULL, -- when it was last read there, by our clock
    PRIMARY KEY (service_id, resource_id, id)
);
CREATE INDEX sprint_places_sprint ON sprint_places (service_id, id);
INSERT INTO sprint_places (service_id, resource_id, id, seen_at)
    SELECT service_id, resource_id, id, synced_at FROM records WHERE stream = 'sprints' AND deleted_at IS NULL;

-- All that lists are narrowed by is in their index: the rows themselves lie far
-- apart, and what stands behind their content is long to get at. deleted_at is
-- always NULL here: without it the rows would be looked at for it.
DROP INDEX records_listed;
CREATE INDEX records_listed ON records (service_id, resource_id, stream, updated_at, id, state, status, type, assignees, search, deleted_at) WHERE deleted_at IS NULL;
