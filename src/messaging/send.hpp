// The idempotent send as a state machine: events in, actions out, no I/O.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "base/id_source.hpp"
#include "calls/breaker_board.hpp"
#include "council/latency_book.hpp"
#include "messaging/configuration.hpp"
#include "messaging/order.hpp"
#include "messaging/plan.hpp"
#include "messaging/rounds.hpp"
#include "messaging/send_council.hpp"
#include "messaging/settlement.hpp"
#include "providers/embeddings.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace conclave::messaging {

// Events: what the driver learned.

/// The state that T1 is decided on was read; also the first event.
struct state_read {
    result<store::prepare_send::answer> answer;
    bool key_unread = false;  ///< taken for new: only T1's claim may be built on that
};
struct claim_committed {
    result<store::claim_send::outcome> outcome;
};
struct calls_released {
    result<store::release_calls::outcome> outcome;
};
struct attempt_ended {
    call_result result;
};
/// A call of a council has.
struct seat_ended {
    std::size_t slot = 0;
    call_result result;
};
/// The tools of a round have run; their outcomes in the order of run_tools.
struct tools_ended {
    std::vector<tool_outcome> outcomes;
};
struct send_settled {
    result<store::settle_send::outcome> outcome;
};
struct send_failed {
    result<store::fail_send::outcome> outcome;
};
struct late_calls_recorded {
    result<store::record_late_calls::outcome> outcome;
};
struct owner_judged {
    store::owner_liveness liveness = store::owner_liveness::dead;
};
struct owner_abandoned {
    result<store::abandon_sends::outcome> outcome;
};
/// The timer rang, or another turn of the session ended.
struct woken {};
/// The last caller left before anything was claimed, or asked to abort.
struct abort_requested {};
/// The gateway closes and drains no longer.
struct closing {};

using event = std::variant<state_read, claim_committed, calls_released, attempt_ended, seat_ended,
                           tools_ended, send_settled, send_failed, late_calls_recorded,
                           owner_judged, owner_abandoned, woken, abort_requested, closing>;

// Actions: what the driver must do. Each but set_timer, cancel_attempt, cut_seat, cancel_tools,
// show_council, answer_callers, keep_turn and end is answered by exactly one event.

struct read_state {
    store::prepare_send query;
};
struct commit {
    store::shared_command command;
};
struct call_provider {
    attempt_key key;
    route target;
    std::shared_ptr<const provider_request> request;
    std::int64_t connect_timeout_ms = 0;
    std::int64_t first_byte_timeout_ms = 0;
    std::int64_t attempt_timeout_ms = 0;
    std::shared_ptr<void> caller = {};                                ///< for asynchronous handlers
    std::shared_ptr<const providers::embeddings_request> texts = {};  ///< in place of `request`
};
/// attempt_ended still follows.
struct cancel_attempt {};
/// A call of a council, beside others; always streamed, so that a cut leaves what was said.
struct ask_seat {
    std::size_t slot = 0;
    call_provider call;
};
/// seat_ended still follows.
struct cut_seat {
    std::size_t slot = 0;
};
/// More steps of the council stand.
struct show_council {};
struct run_tools {
    std::vector<tool_run> runs;
    std::shared_ptr<void> caller;  ///< for asynchronous handlers
};
/// tools_ended still follows.
struct cancel_tools {};
/// Replaces the timer that may be running.
struct set_timer {
    instant at{};
};
struct judge_owner {
    owner_ref owner;
};
/// Everybody who waits for this send gets this; later joiners read the store.
struct answer_callers {
    result<reply> outcome;
    bool replay = false;                  ///< counts as a replay for the one who asked
    std::int64_t epoch = 0;               ///< of the run that gave the reply
    std::vector<stream_step> steps = {};  ///< of the reply: what its stream shows of tools
};
/// What the next turn of the session can be made from without reading it.
struct keep_turn {
    store::turn_basis basis;
};
/// The send needs nothing any more.
struct end {};

using action = std::variant<read_state, commit, call_provider, cancel_attempt, ask_seat, cut_seat,
                            show_council, run_tools, cancel_tools, set_timer, judge_owner,
                            answer_callers, keep_turn, end>;
using actions = std::vector<action>;

/// What decisions may look at, besides state and event.
struct context {
    timestamp now{};
    instant elapsed{};
    std::uint64_t random = 0;
    id_source& ids;
    calls::breaker_board& breakers;
    const configuration& config;
    const std::string& owner;  ///< this instance
    council::latency_book& latencies;
};

/// Where a send stands.
enum class phase {
    reading,       ///< waits for state_read
    claiming,      ///< T1 is on its way
    calling,       ///< an attempt is in flight
    pausing,       ///< between two attempts
    noting_calls,  ///< the answer that asks for tools is on its way into the store
    releasing,     ///< the next attempt's row is on its way
    using_tools,   ///< the calls of the open round are running
    deliberating,  ///< a council is at it
    settling,      ///< T2 is on its way
    failing,       ///< the end without an answer is on its way
    waiting,       ///< for another turn, or for another process with the same key
    judging,       ///< is the other owner alive?
    abandoning,    ///< a dead owner's sends are being closed
    returning,     ///< a claim of ours that was never sent is being given back
    recording,     ///< results of an overtaken epoch are being stored
    ended,
};

/// The state of one logical send.
struct send {
    send_order order;
    phase at = phase::reading;
    std::optional<send_plan> plan{};
    store::turn_basis basis{};  ///< without the history, which the plan took
    std::optional<store::claim_send::claimed> claim{};
    resilience::resolved_policy policy{};
    std::optional<instant> waiting_since{};
    owner_ref other_owner{};         ///< whose liveness is in question
    std::int64_t reads = 0;          ///< of the state; bounded
    std::int64_t write_retries = 0;  ///< of T2 and its kin
    bool key_unread = false;         ///< as state_read says
    bool write_fenced_off = false;   ///< by another epoch, or because it stands already
    bool claim_in_doubt = false;     ///< T1 may stand: nobody could tell
    bool write_waiting = false;      ///< for the next of these retries
    send_rounds rounds{};
    std::optional<send_council> council{};
    std::optional<settlement> t2{};
    std::optional<store::fail_send> failure{};
    std::optional<error> failure_error{};
    bool callers_answered = false;
    bool abort_asked = false;
    bool closing = false;
};

/// The first action of a fresh send: reads what T1 needs.
store::prepare_send state_query(const send_order& order);

/// Decides. Exactly one end per send, as its last action.
actions decide(send& s, event e, const context& c);

}  // namespace conclave::messaging
