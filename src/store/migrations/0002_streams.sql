-- Streams.

-- What an attempt gave before its answer broke off. The text of a whole answer is its message.
CREATE TABLE call_text (
    tenant_id INTEGER NOT NULL,
    send_id   INTEGER NOT NULL,
    stage     TEXT    NOT NULL,                    -- with those above and below the key of a call
    seat      INTEGER NOT NULL,
    round     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    text      TEXT    NOT NULL,
    UNIQUE (tenant_id, send_id, stage, seat, round, attempt)
) STRICT;
