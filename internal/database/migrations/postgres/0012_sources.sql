-- +goose Up
-- A sync may be narrowed, and another may wait for its end.
ALTER TABLE sync_tasks ADD COLUMN resources TEXT NOT NULL DEFAULT '[]'; -- JSON; empty is every resource in the service's scope
ALTER TABLE sync_tasks ADD COLUMN forced TEXT NOT NULL DEFAULT '[]'; -- JSON; with force_refresh: the resources that it is for, empty is all of the task's
ALTER TABLE sync_tasks ADD COLUMN following BOOLEAN NOT NULL DEFAULT FALSE; -- it has no job yet: it begins when the one before it ends
ALTER TABLE sync_tasks ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'; -- JSON; what there is to know and is no fault
ALTER TABLE sync_tasks ADD COLUMN progress TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE sync_tasks ADD COLUMN message TEXT NOT NULL DEFAULT ''; -- what was last said of it
ALTER TABLE sync_tasks ADD COLUMN paused_until TIMESTAMPTZ; -- the vendor takes no requests before
DROP INDEX sync_tasks_one_active;
CREATE UNIQUE INDEX sync_tasks_one_active ON sync_tasks (service_id) WHERE status IN ('queued', 'running') AND NOT following;
CREATE UNIQUE INDEX sync_tasks_one_following ON sync_tasks (service_id) WHERE status IN ('queued', 'running') AND following;
CREATE INDEX sync_tasks_silent ON sync_tasks (heartbeat_at) WHERE status IN ('queued', 'running') AND NOT following;

-- Which task wrote a cursor last, and which one read the place to its end: a
-- task that goes on after a pause begins none of them anew.
ALTER TABLE sync_cursors ADD COLUMN task_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_cursors ADD COLUMN done_by TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_cursors ADD COLUMN done_at TIMESTAMPTZ; -- when it was last read to its end

-- The forms that the wishes of projects are compared with.
ALTER TABLE resources ADD COLUMN match_key TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN match_url TEXT NOT NULL DEFAULT ''; -- written when the resource is seen again
UPDATE resources SET match_key = lower(key);
CREATE INDEX resources_match_key ON resources (match_key);
CREATE INDEX resources_match_url ON resources (match_url);

-- What of which service a project's work lives in. Like what was synced, it
-- does not refer to the service's row.
CREATE TABLE project_sources (
    project_id  TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    service_id  TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    wish        TEXT NOT NULL CHECK (wish IN ('', 'tracker', 'repository')), -- what of the project it was matched with; '' is bound by hand
    removed     BOOLEAN NOT NULL DEFAULT FALSE, -- taken out by hand: matching leaves it out
    bound_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, service_id, resource_id)
);
CREATE INDEX project_sources_resource ON project_sources (service_id, resource_id);

-- When a service is synced by itself.
ALTER TABLE services ADD COLUMN sync_interval INTEGER; -- minutes; NULL is the installation's default, 0 never
ALTER TABLE services ADD COLUMN sync_ended TIMESTAMPTZ; -- when all of it was last synced, or was tried to
ALTER TABLE services ADD COLUMN sync_failures INTEGER NOT NULL DEFAULT 0; -- syncs that failed since the last that did not

-- What records are looked for by.
ALTER TABLE records ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN assignees TEXT NOT NULL DEFAULT ''; -- a line for each account's id, between line breaks
ALTER TABLE records ADD COLUMN search TEXT NOT NULL DEFAULT ''; -- the title in lower case
UPDATE records SET search = lower(title);
-- What holds an escaped NUL waits until it is read again.
UPDATE records SET type = COALESCE(content::json ->> 'type', ''), status = COALESCE(content::json ->> 'status', '')
    WHERE stream = 'work_items' AND strpos(content, '\u0000') = 0;
UPDATE records SET assignees = COALESCE((SELECT chr(10) || string_agg(a ->> 'id', chr(10)) || chr(10)
        FROM json_array_elements(CASE json_typeof(content::json -> 'assignees') WHEN 'array' THEN content::json -> 'assignees' ELSE '[]'::json END) a), '')
    WHERE stream IN ('work_items', 'pull_requests') AND strpos(content, '\u0000') = 0;
CREATE INDEX records_listed ON records (service_id, resource_id, stream, updated_at, id, state, status, type) WHERE deleted_at IS NULL;
DROP INDEX records_resource; -- the one above says more
