-- The ledger. Times are milliseconds since 1970 UTC, days are days since then, money is nano-USD,
-- enumerations are the numbers of the C++ types named beside them.
--
-- Tenants, sessions and sends have a number inside this file, by which all rows name them, and the
-- id that everybody else knows, `public_id`. A number is never given to another row: none of these
-- rows is ever deleted.

-- Tenants -----------------------------------------------------------------------------------------

CREATE TABLE tenant (
    tenant_id       INTEGER PRIMARY KEY,
    public_id       TEXT    NOT NULL UNIQUE,
    name            TEXT    NOT NULL,
    status          INTEGER NOT NULL,              -- tenant_status
    metadata        TEXT    NOT NULL,
    fingerprint_key BLOB    NOT NULL,              -- of all its sends; never rotates
    created_at      INTEGER NOT NULL
) STRICT;

-- Apart from the tenant's texts, because nearly every batch writes it.
CREATE TABLE tenant_balance (
    tenant_id      INTEGER NOT NULL PRIMARY KEY REFERENCES tenant,
    held_nano_usd  INTEGER NOT NULL,               -- sum of the holds of dispatching sends
    spent_nano_usd INTEGER NOT NULL                -- sum of the usage events
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    tenant_id     INTEGER NOT NULL REFERENCES tenant,
    key_id        TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    last4         TEXT    NOT NULL,
    scopes        TEXT    NOT NULL,                -- JSON array
    text_digest   BLOB    NOT NULL,                -- SHA-256 of the whole key text
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used_at  INTEGER,
    revoked_at    INTEGER,
    revoke_reason TEXT,
    PRIMARY KEY (tenant_id, key_id)
) STRICT, WITHOUT ROWID;

-- At authentication the tenant is what is looked for, so this one table is not tenant-first.
CREATE TABLE api_key_directory (
    key_id    TEXT    NOT NULL PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key
) STRICT, WITHOUT ROWID;

-- Agents ------------------------------------------------------------------------------------------

CREATE TABLE agent (
    tenant_id  INTEGER NOT NULL REFERENCES tenant,
    agent_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL,                   -- of the current version; usage reports show it
    version    INTEGER NOT NULL,                   -- the current one
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (tenant_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_version (
    tenant_id  INTEGER NOT NULL,
    agent_id   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    config     TEXT    NOT NULL,                   -- JSON, never changed
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, version),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agent
) STRICT, WITHOUT ROWID;

-- Sessions ----------------------------------------------------------------------------------------

-- A send does not write here: the last message tells the next seq and the last activity.
CREATE TABLE session (
    session_id  INTEGER PRIMARY KEY,
    tenant_id   INTEGER NOT NULL REFERENCES tenant,
    public_id   TEXT    NOT NULL,
    agent_id    TEXT    NOT NULL,                  -- never changes
    status      INTEGER NOT NULL,                  -- session_status
    pinned      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    customer_id TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    metadata    TEXT    NOT NULL,
    UNIQUE (tenant_id, public_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agent
) STRICT;
CREATE INDEX session_by_customer ON session (tenant_id, customer_id, public_id);
CREATE INDEX session_by_agent ON session (tenant_id, agent_id, public_id);

-- No foreign key: T1 has just read the session, and a check of each message would read it again.
CREATE TABLE message (
    position       INTEGER PRIMARY KEY,            -- order of insertion
    tenant_id      INTEGER NOT NULL,
    session_id     INTEGER NOT NULL,
    seq            INTEGER NOT NULL,               -- 1, 2, 3 ... without gaps
    message_id     TEXT    NOT NULL,
    role           INTEGER NOT NULL,               -- message_role
    status         INTEGER NOT NULL,               -- message_status
    send_id        INTEGER NOT NULL,               -- the send that made it
    reply_to_seq   INTEGER,                        -- of an assistant message
    created_at     INTEGER NOT NULL,
    metadata       TEXT    NOT NULL,
    reply_metadata TEXT,                           -- of a reply until it is purged; JSON
    content        TEXT    NOT NULL,
    UNIQUE (tenant_id, session_id, seq)
) STRICT;

-- How far `position` purging has come: replies up to here are forgotten.
CREATE TABLE purge_mark (
    mark     INTEGER NOT NULL PRIMARY KEY CHECK (mark = 1),
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO purge_mark (mark, position) VALUES (1, 0);

-- Sends -------------------------------------------------------------------------------------------

-- One row per idempotency key, kept for ever; without a foreign key, as a message is. The rows lie
-- in order of time; only the narrow index of the key's hash is written at random places.
CREATE TABLE send (
    send_id        INTEGER PRIMARY KEY,
    tenant_id      INTEGER NOT NULL,
    public_id      TEXT    NOT NULL,
    operation      TEXT    NOT NULL,
    key_hash       BLOB    NOT NULL,
    fingerprint    BLOB    NOT NULL,
    session_id     INTEGER NOT NULL,
    agent_id       TEXT    NOT NULL,
    agent_version  INTEGER NOT NULL,
    user_seq       INTEGER NOT NULL,
    reply_seq      INTEGER,                        -- once succeeded
    state          INTEGER NOT NULL,               -- send_state
    owner          TEXT    NOT NULL,
    epoch          INTEGER NOT NULL,               -- 1, and 1 more with every further run
    hold_nano_usd  INTEGER NOT NULL,               -- 0 unless dispatching
    request_id     TEXT    NOT NULL,
    attempts       INTEGER NOT NULL,               -- rows of provider_call
    replays        INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    error_document TEXT    NOT NULL DEFAULT '',    -- JSON of a failed or unknown send
    UNIQUE (tenant_id, public_id),
    UNIQUE (tenant_id, key_hash, operation)
) STRICT;
-- The turns of a session run one after another.
CREATE UNIQUE INDEX send_dispatching ON send (tenant_id, session_id) WHERE state = 1;
CREATE INDEX send_unknown ON send (tenant_id, public_id) WHERE state = 5;

-- One row per request to a provider: the ledger of everything that costs money.
CREATE TABLE provider_call (
    tenant_id     INTEGER NOT NULL,
    send_id       INTEGER NOT NULL,
    stage         TEXT    NOT NULL,
    seat          INTEGER NOT NULL,
    round         INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,                -- as the route names it
    price_id      TEXT,                            -- in force at T1; null: unpriced
    released_at   INTEGER NOT NULL,                -- committed before its first byte leaves
    finished_at   INTEGER,                         -- null while it runs, with all of the below
    day           INTEGER,                         -- on which it counts as spend
    class         INTEGER,                         -- call_class
    error         INTEGER,                         -- attempt_error
    http_status   INTEGER,                         -- 0: none received
    latency_ms    INTEGER,
    input         INTEGER NOT NULL DEFAULT 0,      -- token_usage
    cached_input  INTEGER NOT NULL DEFAULT 0,
    cache_write   INTEGER NOT NULL DEFAULT 0,
    output        INTEGER NOT NULL DEFAULT 0,
    reasoning     INTEGER NOT NULL DEFAULT 0,
    cost_nano_usd INTEGER,                         -- null: unpriced
    basis         INTEGER,                         -- cost_basis
    billable      INTEGER NOT NULL DEFAULT 0,      -- part of a usage event
    duplicate     INTEGER NOT NULL DEFAULT 0,      -- came after its epoch was overtaken
    provider_code TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, send_id, stage, seat, round, attempt)
) STRICT, WITHOUT ROWID;
-- Written once, when the attempt ends.
CREATE INDEX provider_call_by_day ON provider_call (tenant_id, day) WHERE day IS NOT NULL;

-- Usage -------------------------------------------------------------------------------------------

-- The bill: one row per (assistant message, provider, model). Append-only.
CREATE TABLE usage_event (
    tenant_id     INTEGER NOT NULL,
    day           INTEGER NOT NULL,                -- booking day: of T2, never before the session's last
    event_id      TEXT    NOT NULL,
    operation     TEXT    NOT NULL,
    key_hash      BLOB    NOT NULL,
    line          INTEGER NOT NULL,                -- 0, 1, 2 ... within the key
    epoch         INTEGER NOT NULL,                -- of the send that settled
    session_id    INTEGER NOT NULL,
    agent_id      TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    price_id      TEXT,
    input         INTEGER NOT NULL,                -- token_usage
    cached_input  INTEGER NOT NULL,
    cache_write   INTEGER NOT NULL,
    output        INTEGER NOT NULL,
    reasoning     INTEGER NOT NULL,
    cost_nano_usd INTEGER,                         -- null: unpriced
    estimated     INTEGER NOT NULL,
    corrects      TEXT,                            -- event_id of an earlier event
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, event_id)
) STRICT, WITHOUT ROWID;
-- Whatever becomes of the send's row, its key is never billable again.
CREATE UNIQUE INDEX usage_event_by_key ON usage_event (tenant_id, key_hash, operation, line)
    WHERE corrects IS NULL;

-- Sums of the events of a (day, provider, model, agent), committed with them. A message with several
-- events counts once in `messages` of each row, once per provider and once per tenant in the others.
CREATE TABLE usage_rollup (
    tenant_id            INTEGER NOT NULL,
    day                  INTEGER NOT NULL,
    provider             TEXT    NOT NULL,
    model                TEXT    NOT NULL,
    agent_id             TEXT    NOT NULL,
    messages             INTEGER NOT NULL,
    messages_of_provider INTEGER NOT NULL,
    messages_of_tenant   INTEGER NOT NULL,
    input                INTEGER NOT NULL,
    cached_input         INTEGER NOT NULL,
    cache_write          INTEGER NOT NULL,
    output               INTEGER NOT NULL,
    reasoning            INTEGER NOT NULL,
    cost_nano_usd        INTEGER NOT NULL,
    unpriced_tokens      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, provider, model, agent_id)
) STRICT, WITHOUT ROWID;

-- Distinct sessions of any range of days without reading events. A session that becomes active in a
-- scope on `day`, having been active there last on `prev_day`, adds one to (day, prev_day); so the
-- sessions of [from, to] are the sum over from <= day <= to with prev_day < from.
CREATE TABLE usage_session (
    tenant_id  INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    last_day   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, session_id, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_session_days (
    tenant_id INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    scope     INTEGER NOT NULL,                    -- 0 tenant, 1 provider, 2 model, 3 agent
    subject   TEXT    NOT NULL,                    -- '', provider, provider, agent_id
    model     TEXT    NOT NULL,                    -- of scope 2
    prev_day  INTEGER NOT NULL,
    sessions  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, scope, subject, model, prev_day)
) STRICT, WITHOUT ROWID;

-- Prices ------------------------------------------------------------------------------------------

-- Immutable versions; the newest generation tells whether anything changed.
CREATE TABLE price_version (
    generation           INTEGER PRIMARY KEY,
    price_id             TEXT    NOT NULL UNIQUE,
    provider             TEXT    NOT NULL,
    model                TEXT    NOT NULL,         -- '*': any
    blended              INTEGER,                  -- nano-USD per 1,000 tokens, or null and:
    input                INTEGER NOT NULL,         -- nano-USD per 1,000,000 tokens
    output               INTEGER NOT NULL,
    cached_input         INTEGER,
    cache_write          INTEGER,
    reasoning            INTEGER,
    request              INTEGER NOT NULL,         -- nano-USD per call
    effective_from       INTEGER NOT NULL,
    created_at           INTEGER NOT NULL
) STRICT;
CREATE INDEX price_version_by_model ON price_version (provider, model, effective_from, price_id);

-- Instances ---------------------------------------------------------------------------------------

-- Instances that may have sends open; each holds a lock on one byte of the side file.
CREATE TABLE owner (
    owner_id      TEXT    NOT NULL PRIMARY KEY,
    lock_offset   INTEGER NOT NULL,
    pid           INTEGER NOT NULL,
    process_start INTEGER NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last batch each writer committed: how it learns what became of a failed COMMIT.
CREATE TABLE writer_mark (
    owner TEXT    NOT NULL PRIMARY KEY,
    batch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
