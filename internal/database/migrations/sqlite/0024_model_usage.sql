-- +goose Up
-- The tokens that models took, by the day in UTC. The row of nobody ('') is
-- everybody's together; those of users go after a month.
CREATE TABLE model_usage (
    day      TEXT NOT NULL, -- 2026-11-30
    user_id  TEXT NOT NULL,
    requests BIGINT NOT NULL DEFAULT 0, -- that ended
    input    BIGINT NOT NULL DEFAULT 0,
    output   BIGINT NOT NULL DEFAULT 0,
    thinking BIGINT NOT NULL DEFAULT 0,
    promised BIGINT NOT NULL DEFAULT 0, -- to requests that have not ended
    PRIMARY KEY (day, user_id)
);
