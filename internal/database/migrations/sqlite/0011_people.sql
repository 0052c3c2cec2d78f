-- +goose Up
-- What commits carry, by where it was seen: a service whose commits were
-- synced, or a repository that was analysed. It is evidence and no person yet.
CREATE TABLE signatures (
    source     TEXT NOT NULL, -- a service's or a repository's id
    email      TEXT NOT NULL, -- as commits have it
    name       TEXT NOT NULL,
    account_id TEXT NOT NULL, -- of the source, by the vendor's word; '' for none
    proper     TEXT NOT NULL, -- the address that the repository's .mailmap has for it; '' where nobody asked
    PRIMARY KEY (source, email, name, account_id)
);

-- Every change of the tables below counts here, so that two who change them at
-- once find out.
CREATE TABLE people_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO people_version (id, version) VALUES (1, 0);

CREATE TABLE people (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL, -- in lower case
    bot         BOOLEAN NOT NULL,
    user_id     TEXT,
    merged_into TEXT,          -- who they are now; the row is there for the old id
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
);
CREATE INDEX people_name ON people (name_key, id) WHERE merged_into IS NULL;

CREATE TABLE identities (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('account', 'git', 'user')),
    service_id TEXT NOT NULL, -- of an account, '' otherwise
    subject    TEXT NOT NULL, -- the account's id, the user's id, or the address that compares
    vendor     TEXT NOT NULL, -- these two outlive the service
    host       TEXT NOT NULL,
    login      TEXT NOT NULL,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    verified   BOOLEAN NOT NULL,
    bot        BOOLEAN NOT NULL,
    person_id  TEXT NOT NULL REFERENCES people (id),
    born       TEXT NOT NULL, -- whose it was at first
    since      TIMESTAMP NOT NULL,
    UNIQUE (kind, service_id, subject)
);
CREATE INDEX identities_person ON identities (person_id);

-- What people said by hand.
CREATE TABLE identity_decisions (
    a          TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    b          TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    together   BOOLEAN NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    PRIMARY KEY (a, b)
);
CREATE INDEX identity_decisions_b ON identity_decisions (b);

CREATE TABLE person_suggestions (
    id         TEXT PRIMARY KEY,
    a          TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    b          TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    score      REAL NOT NULL,
    reasons    TEXT NOT NULL, -- JSON
    created_at TIMESTAMP NOT NULL,
    UNIQUE (a, b)
);
CREATE INDEX person_suggestions_b ON person_suggestions (b);
CREATE INDEX person_suggestions_score ON person_suggestions (score, id);
