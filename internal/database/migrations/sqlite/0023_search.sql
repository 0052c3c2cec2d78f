-- +goose Up
-- What search finds. A scope is what is indexed together and seen together: a
-- repository, or a resource of a service. Like what was synced, the latter does
-- not refer to the service's row.
CREATE TABLE search_scopes (
    number        INTEGER PRIMARY KEY AUTOINCREMENT, -- the ids of its passages begin with it
    repository_id TEXT UNIQUE REFERENCES repositories (id) ON DELETE CASCADE,
    service_id    TEXT NOT NULL DEFAULT '',
    resource_id   TEXT NOT NULL DEFAULT '',
    passages      BIGINT NOT NULL DEFAULT 0, -- how many there are,
    terms         BIGINT NOT NULL DEFAULT 0, -- and the terms of all their texts
    next          BIGINT NOT NULL DEFAULT 0, -- counts the passages that ever were
    commit_hash   TEXT NOT NULL DEFAULT '',  -- of a repository: what is indexed
    status        TEXT NOT NULL CHECK (status IN ('current', 'queued', 'running', 'failed')),
    wanted        BIGINT NOT NULL DEFAULT 1, -- each reason to look again adds one
    done          BIGINT NOT NULL DEFAULT 0, -- what of wanted the passages show
    indexed_at    TIMESTAMP,                 -- what was kept before is in the passages
    message       TEXT NOT NULL DEFAULT '',  -- why the last attempt failed
    failures      INTEGER NOT NULL DEFAULT 0, -- in a row
    retry_at      TIMESTAMP,
    job_id        BIGINT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    owner         TEXT,
    heartbeat_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX search_scopes_resource ON search_scopes (service_id, resource_id) WHERE repository_id IS NULL;
CREATE INDEX search_scopes_silent ON search_scopes (heartbeat_at) WHERE status IN ('queued', 'running');

CREATE TABLE passages (
    id          INTEGER PRIMARY KEY, -- the scope's number, the kind's, and a number of its own: 23, 4 and 36 bits
    scope       BIGINT NOT NULL REFERENCES search_scopes (number) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL, -- what it is of: a path, a commit, a record
    version     TEXT NOT NULL, -- of that; where it is the same, so are the passages
    title       TEXT NOT NULL,
    path        TEXT NOT NULL,
    symbol      TEXT NOT NULL,
    start_line  INTEGER NOT NULL, -- 0 where there are none
    end_line    INTEGER NOT NULL,
    commit_hash TEXT NOT NULL, -- of a commit its own; the lines of code stand in that of the scope
    url         TEXT NOT NULL,
    names       TEXT NOT NULL, -- whose words weigh more
    body        TEXT NOT NULL,
    paths       TEXT NOT NULL, -- JSON; of a commit: what it changed
    weight      DOUBLE PRECISION NOT NULL, -- 0 to 1: how central it is
    at          TIMESTAMP -- when it was written, where that is known
);
CREATE INDEX passages_key ON passages (scope, kind, key, version);

-- In how many passages of a scope a term is.
CREATE TABLE search_terms (
    scope    BIGINT NOT NULL REFERENCES search_scopes (number) ON DELETE CASCADE,
    term     TEXT NOT NULL,
    passages BIGINT NOT NULL,
    PRIMARY KEY (scope, term)
) WITHOUT ROWID;

-- The terms are made in Go, so that both databases know the same ones; here they
-- are parted at spaces only. Neither text nor places are kept a second time.
CREATE VIRTUAL TABLE passage_terms USING fts5 (terms, content = '', contentless_delete = 1, detail = 'none', tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co S* Cn'");
-- +goose StatementBegin
CREATE TRIGGER passages_gone AFTER DELETE ON passages BEGIN
    DELETE FROM passage_terms WHERE rowid = old.id;
END;
-- +goose StatementEnd
