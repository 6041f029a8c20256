-- Councils: several calls of one send, by stage and seat.

ALTER TABLE provider_call ADD COLUMN finish INTEGER NOT NULL DEFAULT 0;  -- finish_reason of an answer
-- Cut in favour of others: billed as far as it came.
ALTER TABLE provider_call ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
-- What it may cost; null: all that its send holds.
ALTER TABLE provider_call ADD COLUMN worst_nano_usd INTEGER;

-- What a deliberation was begun with. Later runs of the send go on with it, whatever became of the
-- agent since.
CREATE TABLE council_turn (
    tenant_id INTEGER NOT NULL,
    send_id   INTEGER NOT NULL,
    options   TEXT    NOT NULL,                    -- JSON
    seed      BLOB    NOT NULL,
    UNIQUE (tenant_id, send_id)
) STRICT;

-- What observers are told, committed before they are.
CREATE TABLE council_event (
    tenant_id INTEGER NOT NULL,
    send_id   INTEGER NOT NULL,
    seq       INTEGER NOT NULL,                    -- 1, 2, 3 ... of the send, across its runs
    at        INTEGER NOT NULL,
    document  TEXT    NOT NULL,                    -- JSON
    UNIQUE (tenant_id, send_id, seq)
) STRICT;

-- Those of council.run: in no list.
ALTER TABLE agent ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
