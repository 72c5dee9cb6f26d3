-- How often each account is synced, and when a person last changed it: after a refusal that is a reason to try at once.

ALTER TABLE account ADD COLUMN sync_every_min INTEGER DEFAULT 10;  -- minutes; 0 = off

ALTER TABLE account ADD COLUMN changed_at TIMESTAMP;
