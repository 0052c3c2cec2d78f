-- +goose Up
-- What describes a repository, its components and its features, as of the newest
-- analysis that was looked at.
CREATE TABLE narratives (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    subject       TEXT NOT NULL, -- repository, component NAME, feature KIND NAME
    body          TEXT NOT NULL, -- Markdown that names citations as [1]
    citations     TEXT NOT NULL, -- JSON
    places        TEXT NOT NULL, -- JSON; what the cited lines and their files are known by
    cited         TEXT NOT NULL, -- a hash of what is cited
    model         TEXT NOT NULL, -- that wrote it
    note          TEXT NOT NULL, -- why no model wrote it
    open          BOOLEAN NOT NULL, -- a model is to be asked yet
    commit_hash   TEXT NOT NULL, -- in which the cited lines stand
    created_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (repository_id, subject)
);

-- Whether they are up to date, and who brings them there.
CREATE TABLE narrative_states (
    repository_id TEXT PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
    status        TEXT NOT NULL CHECK (status IN ('current', 'queued', 'running', 'failed')),
    wanted        BIGINT NOT NULL DEFAULT 1, -- each reason to look again adds one
    done          BIGINT NOT NULL DEFAULT 0, -- what of wanted they show
    revision      BIGINT NOT NULL DEFAULT 0, -- counts their changes
    commit_hash   TEXT NOT NULL DEFAULT '',  -- of the report that they are of
    requests      BIGINT NOT NULL DEFAULT 0, -- to the model, for that commit,
    tokens        BIGINT NOT NULL DEFAULT 0, -- and what these took
    message       TEXT NOT NULL DEFAULT '',  -- why the last attempt failed
    failures      INTEGER NOT NULL DEFAULT 0, -- in a row
    retry_at      TIMESTAMP,
    job_id        BIGINT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    owner         TEXT,
    heartbeat_at  TIMESTAMP NOT NULL
);
CREATE INDEX narrative_states_silent ON narrative_states (heartbeat_at) WHERE status IN ('queued', 'running');
