-- +goose Up
-- What a project says of how its work flows. No row says nothing.
CREATE TABLE workflow_settings (
    project_id TEXT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    settings   TEXT NOT NULL, -- JSON
    revision   BIGINT NOT NULL, -- from 1; each change adds one
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- How far the facts of a project are, and who brings them up to date: one at a
-- time does.
CREATE TABLE workflows (
    project_id   TEXT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    status       TEXT NOT NULL CHECK (status IN ('current', 'queued', 'running', 'failed')),
    wanted       BIGINT NOT NULL DEFAULT 1, -- each reason to look again adds one
    done         BIGINT NOT NULL DEFAULT 0, -- what of wanted the facts and the report show
    remake       TEXT NOT NULL DEFAULT '[]', -- JSON; services whose facts are made anew, whatever their records' times say
    facts_at     TIMESTAMP, -- all that was kept before is in the facts; NULL: there are none
    revision     BIGINT NOT NULL DEFAULT 0, -- of the facts; each change adds one
    message      TEXT NOT NULL DEFAULT '', -- why the last attempt failed
    job_id       BIGINT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,
    heartbeat_at TIMESTAMP NOT NULL
);
CREATE INDEX workflows_silent ON workflows (heartbeat_at) WHERE status IN ('queued', 'running');

-- The facts themselves, many in a pack. They can be made of the records again.
CREATE TABLE workflow_packs (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    number     BIGINT NOT NULL,
    size       INTEGER NOT NULL, -- how many facts are in it
    data       BLOB NOT NULL,
    PRIMARY KEY (project_id, kind, number)
);

-- The report that is asked for without a window of one's own.
CREATE TABLE workflow_reports (
    project_id   TEXT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    etag         TEXT NOT NULL,
    report       BLOB NOT NULL, -- zstd of JSON
    summary      TEXT NOT NULL, -- JSON; what a project shows of it
    generated_at TIMESTAMP NOT NULL
);
