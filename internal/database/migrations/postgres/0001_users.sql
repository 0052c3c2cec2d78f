-- +goose Up
CREATE TABLE users (
    id                TEXT PRIMARY KEY,
    email             TEXT NOT NULL,
    email_key         TEXT NOT NULL UNIQUE, -- the address in the form that tells accounts apart
    name              TEXT NOT NULL,
    password_hash     TEXT NOT NULL,
    role              TEXT NOT NULL CHECK (role IN ('admin', 'team_lead', 'developer', 'observer')),
    is_active         BOOLEAN NOT NULL,
    skills            TEXT NOT NULL DEFAULT '[]', -- JSON
    learning_progress TEXT NOT NULL DEFAULT '{}', -- JSON
    timezone          TEXT NOT NULL DEFAULT 'UTC',
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    last_active       TIMESTAMPTZ
);

-- A row here is what makes the first account an administrator exactly once:
-- its key is fixed, so of two registrations at once one fails to insert it.
CREATE TABLE installation (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    first_user TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE user_sessions (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash TEXT NOT NULL UNIQUE, -- SHA-256 of the newest refresh token
    device        TEXT NOT NULL,
    address       TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    last_used     TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    revoked_at    TIMESTAMPTZ,
    revoked_why   TEXT
);
CREATE INDEX user_sessions_user ON user_sessions (user_id, created_at);
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);

-- Every refresh token that was ever replaced, so that the use of an old one is
-- known for what it is however old it is.
CREATE TABLE used_refresh_tokens (
    hash       TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES user_sessions (id) ON DELETE CASCADE,
    used_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX used_refresh_tokens_session ON used_refresh_tokens (session_id);

CREATE TABLE api_tokens (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE, -- SHA-256 of the token
    prefix     TEXT NOT NULL,
    scopes     TEXT NOT NULL, -- JSON
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used  TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at);

CREATE TABLE invitations (
    email_key  TEXT PRIMARY KEY,
    email      TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('team_lead', 'developer', 'observer')),
    invited_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL
);
