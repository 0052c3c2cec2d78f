-- +goose Up
-- Whether somebody may be named as one to ask about what they know.
ALTER TABLE users ADD COLUMN named_as_expert BOOLEAN NOT NULL DEFAULT TRUE;

-- The figures of a group of people, each as it was computed once for a month.
-- The next month's takes its place.
CREATE TABLE team_figures (
    project_id  TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    figure      TEXT NOT NULL,
    period      TEXT NOT NULL, -- 2026-10
    value       TEXT NOT NULL, -- JSON
    computed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, figure)
);
