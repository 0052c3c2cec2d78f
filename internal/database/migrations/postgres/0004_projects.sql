-- +goose Up
CREATE TABLE projects (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL DEFAULT '',
    status         TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    repository_id  TEXT REFERENCES repositories (id) ON DELETE SET NULL,
    repository_url TEXT,
    pm_tool        TEXT CHECK (pm_tool IN ('jira', 'azure_devops', 'github', 'gitlab')),
    pm_project_key TEXT,
    created_by     TEXT NOT NULL REFERENCES users (id),
    created_at     TIMESTAMPTZ NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX projects_newest ON projects (created_at, id);
CREATE INDEX projects_repository ON projects (repository_id);
CREATE INDEX projects_creator ON projects (created_by, status);

-- Members are kept by address: somebody may be made a member before they
-- register, and is one from the moment they do.
CREATE TABLE project_members (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    email_key  TEXT NOT NULL,
    email      TEXT NOT NULL,
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
    added_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, email_key)
);
CREATE INDEX project_members_user ON project_members (user_id, project_id);
CREATE INDEX project_members_email ON project_members (email_key);
