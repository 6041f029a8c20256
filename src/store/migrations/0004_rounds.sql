-- Rounds of a send: what stands before its last answer. Recovery goes on behind them.

-- An answer that led to another call, committed before anything follows from it.
CREATE TABLE send_round (
    tenant_id INTEGER NOT NULL,
    send_id   INTEGER NOT NULL,
    round     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,                    -- with the round: the call that gave it
    text      TEXT    NOT NULL,
    keepsake  TEXT    NOT NULL,                    -- its provider's, opaque
    complaint TEXT    NOT NULL,                    -- what was wrong with it; '' where tools were asked for
    UNIQUE (tenant_id, send_id, round)
) STRICT;

-- A call of a tool that such an answer asks for.
CREATE TABLE tool_call (
    tenant_id    INTEGER NOT NULL,
    send_id      INTEGER NOT NULL,
    round        INTEGER NOT NULL,
    number       INTEGER NOT NULL,                 -- 0, 1, 2 ... as the model gave them
    tool_call_id TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    arguments    TEXT    NOT NULL,                 -- JSON, or what the model wrote instead
    repeatable   INTEGER NOT NULL,                 -- may run again where its outcome is not held
    state        INTEGER NOT NULL,                 -- tool_state
    content      TEXT    NOT NULL DEFAULT '',      -- as the model is told; with those below once ended
    sources      TEXT    NOT NULL DEFAULT '',      -- a JSON array; '' for none
    duration_ms  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant_id, send_id, round, number)
) STRICT;
