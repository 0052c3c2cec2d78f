-- +goose Up
-- When a place was last put back to its beginning, as its vendor has what was
-- not read; NULL: never.
ALTER TABLE sync_cursors ADD COLUMN anew_at TIMESTAMPTZ;

-- What a vendor was found to have in a place, at its last comparison, and is not
-- kept there.
CREATE TABLE unread_ids (
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    stream      TEXT NOT NULL,
    id          TEXT NOT NULL,    -- the record's
    asked       BOOLEAN NOT NULL, -- the place was read anew for its sake
    PRIMARY KEY (service_id, resource_id, stream, id)
);

-- Since when a resource is not among those that its service has; NULL: it was,
-- the last time that all of them were listed.
ALTER TABLE resources ADD COLUMN missing_since TIMESTAMPTZ;

-- What is missing in a place at the comparison of a task, until that is settled:
-- a task that pauses does not compare again.
ALTER TABLE sync_cursors ADD COLUMN compared_by TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_cursors ADD COLUMN compared_at TIMESTAMPTZ; -- when the list of ids was at its end
ALTER TABLE sync_cursors ADD COLUMN again_at TIMESTAMPTZ;    -- when the reading began that last looked for what may have moved there
CREATE TABLE missing_ids (
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    stream      TEXT NOT NULL,
    id          TEXT NOT NULL, -- the record's
    PRIMARY KEY (service_id, resource_id, stream, id)
);
