-- +goose Up
-- For questions about what happened in a time; passages of files have none.
CREATE INDEX passages_at ON passages (scope, kind, at) WHERE at IS NOT NULL;
