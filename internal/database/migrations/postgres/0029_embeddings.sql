-- +goose Up
-- What passages mean, where a model embeds them. A space is what vectors can be
-- compared in: those of one model and one length. One that nobody uses any more
-- goes after a day, so that replicas of two configurations can stand beside each
-- other.
CREATE TABLE embedding_spaces (
    number  BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name    TEXT NOT NULL UNIQUE,
    used_at TIMESTAMPTZ NOT NULL
);

-- The vector of a text, whichever passages have it.
CREATE TABLE embeddings (
    id        BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    space     BIGINT NOT NULL REFERENCES embedding_spaces (number),
    text_hash BYTEA NOT NULL,
    scale     DOUBLE PRECISION NOT NULL, -- what a byte of the vector stands for
    vector    BYTEA NOT NULL,            -- empty: the model refuses the text
    UNIQUE (space, text_hash)
);

CREATE TABLE passage_embeddings (
    passage_id BIGINT NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    space      BIGINT NOT NULL,
    embedding  BIGINT NOT NULL REFERENCES embeddings (id),
    version    BIGINT NOT NULL, -- the scope's embed_version when it was written
    PRIMARY KEY (passage_id, space)
);
CREATE INDEX passage_embeddings_embedding ON passage_embeddings (embedding);

ALTER TABLE search_scopes ADD COLUMN embed_space BIGINT NOT NULL DEFAULT 0; -- in which its passages are embedded; 0 is none
ALTER TABLE search_scopes ADD COLUMN embed_at TIMESTAMPTZ; -- when to go on embedding; NULL where nothing is left
ALTER TABLE search_scopes ADD COLUMN embed_note TEXT NOT NULL DEFAULT ''; -- why it waits
ALTER TABLE search_scopes ADD COLUMN embed_failures INTEGER NOT NULL DEFAULT 0; -- in a row
ALTER TABLE search_scopes ADD COLUMN embed_version BIGINT NOT NULL DEFAULT 0; -- counts the writes
