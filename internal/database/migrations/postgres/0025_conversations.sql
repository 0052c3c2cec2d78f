-- +goose Up
-- Questions about a project, with their answers. A conversation is its owner's
-- alone; whether they may still see the project is asked with each read.
CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    bookmarked BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL -- when the newest question was asked
);
CREATE INDEX conversations_owner ON conversations (user_id, project_id, updated_at);
CREATE INDEX conversations_project ON conversations (project_id);

CREATE TABLE answers (
    id              TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question        TEXT NOT NULL,
    content         TEXT NOT NULL, -- JSON: text, citations and what else is shown
    feedback        TEXT NOT NULL DEFAULT '' CHECK (feedback IN ('', 'helpful', 'unhelpful')),
    feedback_note   TEXT NOT NULL DEFAULT '',
    asked_at        TIMESTAMPTZ NOT NULL
);
CREATE INDEX answers_conversation ON answers (conversation_id, asked_at);

-- Whether what stands in the repository may be sent to a model.
ALTER TABLE projects ADD COLUMN ai_code BOOLEAN NOT NULL DEFAULT TRUE;
