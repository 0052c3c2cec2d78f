-- +goose Up
-- What somebody is asked before they leave, or because nobody else knows it. Who
-- is asked is named as a member of a project is: by address, and by account once
-- there is one.
CREATE TABLE interviews (
    id          TEXT PRIMARY KEY,
    project_id  TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
    email_key   TEXT NOT NULL,
    email       TEXT NOT NULL,
    reason      TEXT NOT NULL CHECK (reason IN ('leaving', 'sole_expert', 'other')),
    status      TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'finished')),
    commit_hash TEXT NOT NULL,
    content     TEXT NOT NULL, -- JSON: what it was narrowed to, and notes
    created_by  TEXT REFERENCES users (id) ON DELETE SET NULL,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX interviews_project ON interviews (project_id, created_at);
CREATE INDEX interviews_user ON interviews (user_id);
CREATE INDEX interviews_creator ON interviews (created_by);

CREATE TABLE interview_questions (
    id           TEXT PRIMARY KEY,
    interview_id TEXT NOT NULL REFERENCES interviews (id) ON DELETE CASCADE,
    place        INTEGER NOT NULL,
    content      TEXT NOT NULL, -- JSON: the question, its case, and its probes
    status       TEXT NOT NULL CHECK (status IN ('open', 'asked_again', 'answered', 'unknown', 'skipped')),
    follow_up    TEXT NOT NULL DEFAULT '', -- what is asked again
    asked_again  INTEGER NOT NULL DEFAULT 0, -- how often
    thin         TEXT NOT NULL DEFAULT '[]', -- JSON: why the answer is thin
    answer       TEXT NOT NULL DEFAULT '', -- as it stands
    UNIQUE (interview_id, place)
);

-- Every version of an answer, as it was sent.
CREATE TABLE interview_answers (
    id          TEXT PRIMARY KEY,
    question_id TEXT NOT NULL REFERENCES interview_questions (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    follow_up   TEXT NOT NULL, -- that it answers, '' for the question itself
    answer      TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    UNIQUE (question_id, version)
);

CREATE TABLE knowledge_items (
    id           TEXT PRIMARY KEY,
    project_id   TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- What was approved stays when its author's account is erased, without a name.
    author_id    TEXT REFERENCES users (id) ON DELETE SET NULL,
    interview_id TEXT REFERENCES interviews (id) ON DELETE SET NULL,
    question_id  TEXT REFERENCES interview_questions (id) ON DELETE SET NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    question     TEXT NOT NULL DEFAULT '',
    state        TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'retired')),
    stale        BOOLEAN NOT NULL DEFAULT FALSE, -- one of its links is not current
    created_at   TIMESTAMP NOT NULL,
    updated_at   TIMESTAMP NOT NULL,
    approved_at  TIMESTAMP,
    confirmed_at TIMESTAMP
);
CREATE INDEX knowledge_items_project ON knowledge_items (project_id, updated_at);
CREATE INDEX knowledge_items_author ON knowledge_items (author_id);
CREATE INDEX knowledge_items_interview ON knowledge_items (interview_id);
CREATE INDEX knowledge_items_question ON knowledge_items (question_id);

-- Where the code is that an item speaks of.
CREATE TABLE knowledge_links (
    id            TEXT PRIMARY KEY,
    item_id       TEXT NOT NULL REFERENCES knowledge_items (id) ON DELETE CASCADE,
    place         INTEGER NOT NULL,
    repository_id TEXT REFERENCES repositories (id) ON DELETE SET NULL,
    path          TEXT NOT NULL,
    symbol        TEXT NOT NULL,
    start_line    INTEGER NOT NULL, -- 0 for the whole file
    end_line      INTEGER NOT NULL,
    commit_hash   TEXT NOT NULL, -- in which the lines stand
    lines_hash    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('current', 'changed', 'gone')),
    detail        TEXT NOT NULL DEFAULT '', -- what changed
    moved         TEXT NOT NULL DEFAULT '', -- JSON: where it seems to be now, '' for nowhere
    seen          TEXT NOT NULL DEFAULT ''  -- the newest commit that it was looked up in
);
CREATE INDEX knowledge_links_item ON knowledge_links (item_id, place);
CREATE INDEX knowledge_links_repository ON knowledge_links (repository_id, path);

-- The approved items of a project are searched together.
ALTER TABLE search_scopes ADD COLUMN project_id TEXT REFERENCES projects (id) ON DELETE CASCADE;
CREATE UNIQUE INDEX search_scopes_project ON search_scopes (project_id);
