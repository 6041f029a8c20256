-- Fewer and narrower rows for each send.

-- The first call of a send lies in its row while it runs, and becomes a row of provider_call with
-- its result. `open_at` is null if there is none; the last two are null where it is unpriced.
ALTER TABLE send ADD COLUMN open_at INTEGER;          -- committed before its first byte leaves
ALTER TABLE send ADD COLUMN open_provider TEXT;
ALTER TABLE send ADD COLUMN open_model TEXT;          -- as the route names it
ALTER TABLE send ADD COLUMN open_price TEXT;          -- price_id in force at T1
ALTER TABLE send ADD COLUMN open_worst INTEGER;       -- nano-USD

-- An event names its send by number. A key is a send and sends are never deleted, so whatever
-- becomes of the send's row, its key is never billable again; and events lie in order of time.
DROP INDEX usage_event_by_key;
ALTER TABLE usage_event ADD COLUMN send_id INTEGER NOT NULL DEFAULT 0;
UPDATE usage_event SET send_id = (SELECT x.send_id FROM send x
    WHERE x.tenant_id = usage_event.tenant_id AND x.key_hash = usage_event.key_hash
    AND x.operation = usage_event.operation);
ALTER TABLE usage_event DROP COLUMN key_hash;
ALTER TABLE usage_event DROP COLUMN operation;
CREATE UNIQUE INDEX usage_event_by_send ON usage_event (tenant_id, send_id, line)
    WHERE corrects IS NULL;
