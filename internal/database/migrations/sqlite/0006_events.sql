-- +goose Up
CREATE TABLE events (
    sequence      INTEGER PRIMARY KEY AUTOINCREMENT,
    at            TIMESTAMP NOT NULL,
    repository_id TEXT NOT NULL,
    user_id       TEXT NOT NULL,
    payload       TEXT NOT NULL -- JSON
);
CREATE INDEX events_at ON events (at);
