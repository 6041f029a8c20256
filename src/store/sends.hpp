// The transactions of a send: T1 claims, T2 commits the bill, and what lies between.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/provider.hpp>
#include <conclave/reply.hpp>
#include <conclave/tenant_record.hpp>

#include "model/call.hpp"
#include "model/round.hpp"
#include "model/route.hpp"
#include "model/send.hpp"
#include "model/tenant_scope.hpp"
#include "store/row_numbers.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave::store {

/// An attempt whose row is committed before its first byte leaves.
struct released_attempt {
    attempt_key key;
    conclave::route route;
    std::optional<price_id> price;  ///< the version in force at T1; absent: unpriced
    timestamp at{};
    std::optional<money> worst = {};  ///< what it may cost; absent: all that its send holds
};

/// How well the cost of an attempt is known.
enum class cost_basis : std::int8_t {
    none = 0,       ///< certainly free: not sent, refused, definite no
    known = 1,      ///< priced from reported tokens
    estimated = 2,  ///< priced from tokens we counted
    exposure = 3,   ///< may have been charged; the worst case is recorded
    unpriced = 4,   ///< tokens known, no price
    reported = 5,   ///< as the provider itself reported it
};

/// What became of an attempt.
struct finished_attempt {
    attempt_key key;
    call_result result;  ///< its text only where it is no message: of a partial answer
    std::optional<money> cost;
    cost_basis basis = cost_basis::none;
    timestamp at{};
    bool cut = false;  ///< on request, after text was seen: T2 bills it as an answer
};

/// What a deliberation was begun with.
struct council_basis {
    std::string options;  ///< JSON
    digest seed{};
};

/// What observers of a deliberation are told.
struct council_note {
    std::int64_t seq = 0;
    std::string document;  ///< JSON
};

/// One line of the bill: all billable calls of one (message, provider, model), both as the routes
/// of those calls name them.
struct usage_line {
    usage_id id;
    std::string provider;
    std::string model;
    token_usage tokens;
    std::optional<money> cost;  ///< absent: unpriced
    bool estimated = false;
    std::optional<price_id> price;
    bool cost_reported = false;  ///< some of the cost is as the provider reported it
};

/// A round of an earlier run, which the next run goes on behind.
struct stored_round {
    send_round round;
    usage_line answer;  ///< what it took; without an id
};

/// A call of a deliberation, of whichever run.
struct stored_council_call {
    attempt_key key;
    call_class outcome = call_class::ok;
    attempt_error error = attempt_error::none;
    finish_reason finish = finish_reason::stop;
    bool cut = false;
    bool duplicate = false;   ///< came after its run was overtaken: spend alone
    bool unfinished = false;  ///< its end was never told: it may have been executed
    std::int64_t latency_ms = 0;
    usage_line line;  ///< what it took; without an id
    std::string text;
};

/// What earlier runs of a deliberation left.
struct stored_council {
    council_basis basis;
    std::vector<stored_council_call> calls;  ///< by stage, seat and attempt
    std::vector<std::string> events;         ///< JSON, in order
};

/// The row of a key, as far as decisions need it.
struct send_snapshot {
    send_id id;
    send_state state = send_state::dispatching;
    digest fingerprint{};
    conclave::session_id session;
    conclave::agent_id agent;
    owner_ref owner;
    std::int64_t epoch = 0;
    std::int64_t user_seq = 0;
    std::int64_t attempts = 0;  ///< calls so far, the open one included
    conclave::request_id request;
    std::string error_document;  ///< of a failed or unknown send
    /// Of a succeeded send whose reply is still stored.
    std::optional<message> reply_message;
    std::string reply_metadata;  ///< JSON, as committed by T2
    std::string reply_steps;     ///< likewise what its stream shows of tools; may be empty
    send_row row = send_row::none;
};

/// The last day on which a session was billed for a model.
struct active_day {
    std::string provider;
    std::string model;
    date day{};
};

/// What T2 needs of a session, as T1 and the turn before it told.
struct session_books {
    session_row row = session_row::none;
    std::vector<active_day> active_days;
};

/// Fences a write: it happens only if this owner still drives this epoch.
struct send_fence {
    send_key key;
    send_id send;
    std::string owner;  ///< owner_ref::id
    std::int64_t epoch = 0;
    send_row row = send_row::none;  ///< as T1 told; `none`: found by its id
};

/// T1. Claims the key, holds the worst-case cost, inserts the user message, records the first
/// attempt as released. Re-runs a failed_retryable send, and an unknown one if told to, with
/// epoch + 1 and the user message it already has.
struct claim_send {
    tenant_scope scope;
    send_key key;
    digest fingerprint{};
    send_id send;  ///< for a key never seen
    conclave::session_id session;
    std::int64_t session_next_seq = 0;  ///< as the prompt saw it; moved on: `changed`
    conclave::agent_id agent;
    std::int64_t agent_version = 0;     ///< likewise
    std::int64_t price_generation = 0;  ///< likewise
    message_id user_message;
    message_role role = message_role::user;
    std::string content;
    std::string metadata;
    conclave::request_id request;
    std::string owner;
    money hold;
    released_attempt first;  ///< its attempt number is set by the transaction
    bool recover_unknown = false;
    timestamp now{};
    std::int64_t known_epoch = 0;  ///< as the key was read; another one: `changed`
    /// A run that begins with the tools of this round: `first` is not released.
    std::optional<send_round> tools_first = {};
    std::optional<std::string> parts = {};  ///< of a message in parts, as JSON
    /// A deliberation: in place of `first` all calls of its first stage, under their own numbers.
    struct deliberation {
        council_basis basis;
        std::vector<released_attempt> released;
        std::vector<council_note> events;
    };
    std::optional<deliberation> council = {};

    struct claimed {
        send_id send;
        std::int64_t epoch = 0;
        std::int64_t user_seq = 0;
        std::int64_t first_attempt = 0;  ///< number of the attempt just released, or the next one
        send_row row = send_row::none;
        session_row session = session_row::none;
    };
    enum class verdict {
        claimed,
        existing,      ///< the key is known and not ours to run: see `existing`
        changed,       ///< key, session, agent or prices moved on since they were read: read again
        session_busy,  ///< another turn of the session is dispatching
        session_closed,
        session_missing,
        agent_missing,
        tenant_missing,
        tenant_suspended,
    };
    struct outcome {
        verdict what = verdict::claimed;
        claimed claim;  ///< of `claimed`
        /// Of `existing`; of `session_busy` the other turn.
        std::shared_ptr<const send_snapshot> existing;
    };
};

/// Commits what earlier attempts became and that later ones, or the tools of a round, may leave.
/// Fenced.
struct release_calls {
    tenant_scope scope;
    send_fence fence;
    std::vector<finished_attempt> finished;
    std::vector<released_attempt> released;
    timestamp now{};
    std::optional<send_round> round = {};  ///< as it stands now
    std::vector<council_note> events = {};
    money more_held = {};  ///< than before; less if negative

    struct outcome {
        bool fenced_off = false;  ///< overtaken: nothing was written
    };
};

/// T2. The assistant message, its calls, the usage events and roll-ups, the released hold and the
/// stored reply become durable together. Fenced; must change exactly one send.
struct settle_send {
    tenant_scope scope;
    send_fence fence;
    conclave::session_id session;
    conclave::agent_id agent;
    std::int64_t user_seq = 0;
    money hold;                        ///< as T1 wrote it
    bool has_earlier_results = false;  ///< attempts or rounds of this send that are stored
    std::vector<finished_attempt> finished;
    message_id reply_message;
    std::string content;
    message_status status = message_status::complete;
    std::string reply_metadata;  ///< JSON of the reply's metadata with `replayed` false
    std::vector<usage_line> lines;
    timestamp now{};
    std::vector<tool_call> tool_calls = {};  ///< that the host is to answer
    std::string tool_steps = {};             ///< JSON; empty for none
    std::vector<council_note> events = {};
    /// The first call as T1 released it, if nothing was written of it since.
    std::optional<released_attempt> open = {};
    /// Holds as long as no message follows the send's own; else, or if absent, they are read.
    std::optional<session_books> books = {};

    struct outcome {
        bool fenced_off = false;
        std::int64_t reply_seq = 0;
        std::vector<active_day> active_days = {};  ///< of the session, this bill included
    };
};

/// Ends an epoch without an answer: failed_final, failed_retryable or unknown. Fenced. Releases the
/// hold; bills nothing.
struct fail_send {
    tenant_scope scope;
    send_fence fence;
    send_state state = send_state::failed_retryable;
    std::string error_document;
    std::vector<finished_attempt> finished;
    timestamp now{};
    std::optional<send_round> round = {};  ///< the one in progress, as it stands now
    std::vector<council_note> events = {};

    struct outcome {
        bool fenced_off = false;
    };
};

/// Stores results that came after their epoch was overtaken: spend, never a bill.
struct record_late_calls {
    tenant_scope scope;
    send_id send;
    std::int64_t epoch = 0;  ///< the overtaken one
    std::vector<finished_attempt> finished;
    timestamp now{};

    struct outcome {};
};

/// Settles a doubtful send by hand. `retry` makes it failed_retryable; `succeed` writes T2 from
/// what the caller knows; `fail` makes it failed_final.
struct resolve_send {
    tenant_scope scope;
    std::optional<send_key> key;  ///< this or `send`
    send_id send;
    resolve_decision decision = resolve_decision::retry;
    message_id reply_message;
    std::string content;
    std::string reply_metadata;
    std::vector<usage_line> lines;
    std::string error_document;  ///< of `fail`
    timestamp now{};

    struct outcome {
        bool found = false;
        /// The state after the command; anything but `unknown` before it leaves the send untouched.
        send_state state = send_state::unknown;
        bool changed = false;
    };
};

/// Adds to the replay counters; written with other work, adds no row.
struct count_replays {
    struct entry {
        tenant_scope scope;
        send_key key;
        std::int64_t replays = 1;
    };
    std::vector<entry> entries;

    struct outcome {};
};

/// Marks open sends of a dead owner `unknown` and releases their holds, at most `limit` at a time.
struct abandon_sends {
    std::string owner;
    std::int64_t limit = 1000;
    std::string error_document;
    timestamp now{};

    struct outcome {
        std::int64_t abandoned = 0;
        bool more = false;
    };
};

/// Forgets replies older than `before`: their keys become `closed` (410), never billable again.
struct purge_replies {
    timestamp before{};
    std::int64_t limit = 1000;

    struct outcome {
        std::int64_t purged = 0;
        bool more = false;
    };
};

/// What a key stands for, and whether its tenant may send.
struct find_send {
    tenant_scope scope;
    send_key key;

    struct answer {
        std::optional<tenant_status> tenant;  ///< absent: unknown or deleted
        digest fingerprint_key{};             ///< of the tenant
        std::optional<send_snapshot> send;
    };
};

/// What the next turn of a session is made from.
struct turn_basis {
    std::optional<session_status> session;  ///< absent: unknown or deleted
    conclave::agent_id agent_id;
    digest fingerprint_key{};  ///< of the tenant
    std::int64_t next_seq = 0;
    /// The current version, shared by the turns made of it; null if deleted.
    std::shared_ptr<const conclave::agent> agent;
    /// Answered turns before this one, oldest first, within the prompt limits. For a known key only
    /// those before its user message.
    std::vector<provider_request::turn> history;
    /// Of the session, at next_seq; absent: not known.
    std::optional<std::vector<active_day>> active_days = {};
};

/// Everything a send needs to know before T1, read at one point in time.
struct prepare_send {
    tenant_scope scope;
    send_key key;
    conclave::session_id session;

    struct answer {
        find_send::answer known;
        /// Read only if a call may have to be made (not for succeeded, failed_final, closed).
        turn_basis turn;
        std::int64_t price_generation = 0;      ///< changes with every prices.set
        std::vector<stored_round> rounds = {};  ///< of earlier runs
        std::optional<stored_council> council = {};
    };
};

/// The row of a doubtful send by its id, with the user's message (for resolve).
struct find_unknown_send {
    tenant_scope scope;
    std::optional<send_key> key;
    send_id send;

    struct answer {
        std::optional<send_snapshot> send;
        std::vector<released_attempt> attempts;  ///< all of them, in order
    };
};

/// Makes the hidden agent of council.run, and a hidden session for one run of it, unless they are
/// there.
struct open_council_session {
    tenant_scope scope;
    conclave::agent agent;
    session_id session;

    struct outcome {
        bool tenant_found = false;
    };
};

/// What the reply of an assistant message says of itself.
struct find_council_report {
    tenant_scope scope;
    message_id message;

    struct answer {
        bool found = false;
        std::string metadata;  ///< JSON; empty once the reply was purged
    };
};

/// The same of all messages of a session that councils made.
struct list_council_reports {
    tenant_scope scope;
    session_id session;

    struct answer {
        std::vector<std::pair<message_id, std::string>> metadata;  ///< JSON
    };
};

struct list_unknown_sends {
    tenant_scope scope;
    page_request page;

    struct answer {
        conclave::page<unknown_send> sends;
    };
};

}  // namespace conclave::store
