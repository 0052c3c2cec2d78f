-- +goose Up
-- What questions about the code are answered from, beside the report of an
-- analysis. Only the newest of a repository have one.
CREATE TABLE code_indexes (
    analysis_id   TEXT PRIMARY KEY REFERENCES codebase_analyses (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    finished_at   TIMESTAMPTZ NOT NULL, -- of the analysis
    content       BYTEA NOT NULL
);
CREATE INDEX code_indexes_repository ON code_indexes (repository_id, finished_at);
