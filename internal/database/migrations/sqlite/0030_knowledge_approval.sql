-- +goose Up
-- Who approved an item: its author, or, where that is gone, somebody who leads.
ALTER TABLE knowledge_items ADD COLUMN approved_by TEXT REFERENCES users (id) ON DELETE SET NULL;
-- Somebody changed what was approved after its author's account was erased: it
-- is no draft of theirs that goes with the account.
ALTER TABLE knowledge_items ADD COLUMN revised BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX knowledge_items_approver ON knowledge_items (approved_by);
UPDATE knowledge_items SET approved_by = author_id WHERE state = 'approved';
