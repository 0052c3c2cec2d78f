-- +goose Up
-- What vendors said by themselves. A row stays for a week after it was worked,
-- so that a message that comes again is known.
CREATE TABLE webhook_deliveries (
    service_id  TEXT NOT NULL,
    id          TEXT NOT NULL,   -- the vendor's, or the digest
    digest      TEXT NOT NULL,   -- SHA-256 of the message: an id that is not signed can be changed
    event       TEXT NOT NULL,
    changes     TEXT NOT NULL,   -- JSON
    sync        BOOLEAN NOT NULL,
    received_at TIMESTAMP NOT NULL,
    applied_at  TIMESTAMP,      -- the changes were made; while a sync runs they are made once more after it
    worked_at   TIMESTAMP,
    PRIMARY KEY (service_id, id)
);
CREATE UNIQUE INDEX webhook_deliveries_digest ON webhook_deliveries (service_id, digest);
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (service_id, received_at, id) WHERE worked_at IS NULL;
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (received_at);

-- Whether a job waits for the deliveries of a service. The row's lock orders
-- who adds deliveries and who works them.
CREATE TABLE webhook_queues (
    service_id TEXT PRIMARY KEY,
    queued     BOOLEAN NOT NULL,
    job_id     BIGINT,
    later_job  BIGINT,           -- waits until the service may be synced again
    touched_at TIMESTAMP NOT NULL
);
