// One deliberation as a state machine: events in, decisions out, no I/O.
//
//     begin -> generate: each member answers
//           -> critique: each critic scores all answers but its own
//           -> the scores are aggregated
//           -> synthesis: the best answer is improved
//           -> gate, if there is one: critics compare the two -> conclusion
#pragma once

#include <conclave/error.hpp>
#include <conclave/money.hpp>
#include <conclave/result.hpp>

#include "base/clock.hpp"
#include "council/acceptance.hpp"
#include "council/aggregate.hpp"
#include "council/cut_policy.hpp"
#include "council/labels.hpp"
#include "council/latency_book.hpp"
#include "council/prompts.hpp"
#include "council/score_sheet.hpp"
#include "council/seats.hpp"
#include "model/call.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace conclave::council {

/// What has become of a seat in a stage.
enum class seat_state : std::uint8_t {
    idle,      ///< not asked, or not in this run
    asked,     ///< a call is in flight
    answered,  ///< with something that counts
    rejected,  ///< with something that does not
    failed,    ///< certainly not executed, or a definite no
    doubtful,  ///< may have been executed, and no answer is held
    cut,       ///< not waited for
};

std::string_view name_of(seat_state s) noexcept;

/// A seat's work in one stage.
struct seat_work {
    seat_state state = seat_state::idle;
    std::size_t call = 0;    ///< the one in flight, of `asked`
    std::int64_t tries = 0;  ///< of this run
    instant asked_at{};
    std::optional<instant> last_text{};
    std::optional<std::int64_t> usual_ms{};  ///< after which a call of it is unusually slow
    money worst;                             ///< of the call in flight
    std::string text;
    bool truncated = false;
    answer_check check;
    std::string trouble;  ///< why it has no answer that counts: a public word
    std::int64_t latency_ms = 0;
    std::optional<score_sheet> sheet{};   ///< of a critic, the last one read
    bool asked_again = false;             ///< because its sheet could not be read
    std::optional<bool> for_synthesis{};  ///< the vote at the gate
};

/// A call to make.
struct ask {
    std::size_t call = 0;  ///< its number in this run
    council::stage stage = stage::generate;
    std::size_t seat = 0;
    request prompt;
    instant deadline{};
};

/// How the turn ends.
enum class synthesis_status : std::uint8_t {
    none,           ///< not wanted, or a single answer: the answer stands word for word
    skipped,        ///< the critics were sure of the winner
    accepted,       ///< the synthesiser's own text
    fallback_best,  ///< none was accepted: the winner word for word
    aborted,        ///< as far as it came when the caller broke it off
};
std::string_view name_of(synthesis_status s) noexcept;

struct conclusion {
    std::string text;
    std::size_t seat = 0;  ///< whose text it is
    synthesis_status synthesis = synthesis_status::none;
    std::string reason;                 ///< of a fallback
    std::optional<std::size_t> call{};  ///< that gave it in this run
    bool truncated = false;
};

/// What observers are told: stored, then shown; numbers have no gaps.
struct council_event {
    std::int64_t number = 0;
    std::string document;  ///< JSON: {"seq", "event", ...}
};

struct degradation {
    std::string step;  ///< synthesis, critics, members
    std::string reason;

    bool operator==(const degradation&) const = default;
};

/// What the host is to rank, under the rule `external`.
struct ranking_request {
    std::string document;  ///< JSON
    instant deadline{};
};

/// What is to be done now.
struct step {
    std::vector<ask> asks;
    std::vector<std::size_t> cuts;  ///< calls to cancel; their ends are still told
    std::vector<council_event> events;
    std::optional<ranking_request> rank{};
    std::optional<instant> wake{};
    std::optional<conclusion> concluded{};
    std::optional<error> failed{};
};

/// What decisions may look at.
struct circumstances {
    instant now{};
    const latency_book& latencies;
};

struct deliberation {
    council::terms terms;
    instant began{};
    council::stage at = stage::generate;
    std::vector<seat_work> answers;        ///< by seat
    std::vector<seat_work> sheets;         ///< by seat
    std::vector<seat_work> syntheses;      ///< by seat
    std::vector<seat_work> votes;          ///< by seat, of the gate
    std::vector<seat_work> votes_swapped;  ///< by seat

    struct call_info {
        council::stage stage = stage::generate;
        std::size_t seat = 0;
        money worst;
        bool cut = false;  ///< and its worst case stands for it until its end is told
    };
    std::vector<call_info> calls;

    std::vector<std::size_t> answered;  ///< whose answers the critics judge, once that is settled
    std::size_t critics_asked = 0;
    std::vector<critic_view> views;
    bool ranking_due = false;                   ///< the host is asked, and nothing else goes on
    bool ranking_failed = false;                ///< `robust/1` ranks in its place
    std::map<std::size_t, double> host_scores;  ///< by seat
    std::optional<verdict> judged{};
    std::vector<std::size_t> chain;  ///< who may synthesise, in order
    std::size_t chain_next = 0;
    std::string synthesis_trouble;  ///< of the last attempt
    bool hedged = false;
    std::optional<std::size_t> candidate{};  ///< the seat whose synthesis stands at the gate
    std::optional<std::size_t> candidate_call{};
    std::vector<std::size_t> panel;        ///< who judges it there
    std::optional<std::size_t> speaker{};  ///< the synthesis that observers hear as it is made

    std::int64_t events = 0;
    money spent;  ///< on calls that have ended, also in earlier runs
    std::vector<degradation> degradations;
    bool resumed = false;
    bool quorum_told = false;
    bool verdict_told = false;
    bool ended = false;

    std::vector<seat_work>& work(council::stage s);
    const std::vector<seat_work>& work(council::stage s) const;
    /// What is spent, and what the calls in flight may cost at worst.
    money exposure() const;
};

/// Fits the turn into its budget. BUDGET_EXCEEDED where it cannot be, or where a seat has no price.
result<deliberation> open(terms t);

/// A call of an earlier run of the same turn.
struct past_call {
    council::stage stage = stage::generate;
    std::size_t seat = 0;
    call_class outcome = call_class::ok;
    std::string text = {};
    bool truncated = false;
    bool cut = false;
    std::int64_t latency_ms = 0;
    std::string error_code = {};
    money cost = {};  ///< or exposure
};

/// Takes up what earlier runs left: their calls in the order of their attempts, and their events.
/// `after_failure`: the run before came to its end without an answer, so that every seat that has
/// none is asked again; else only so many as the quorum lacks.
void take_up(deliberation& d, const std::vector<past_call>& calls,
             const std::vector<std::string>& events, bool after_failure);

struct call_end {
    std::size_t call = 0;
    call_result result;
    std::string error_code;  ///< public word of what went wrong
    money cost;              ///< or exposure
};

/// The first decision of a run.
step begin(deliberation& d, const circumstances& c);
step on_call_end(deliberation& d, call_end e, const circumstances& c);
/// What the host says to step::rank: JSON, or why there is none.
step on_ranking(deliberation& d, const result<std::string>& answer, const circumstances& c);
/// The time of step::wake has come.
step on_wake(deliberation& d, const circumstances& c);
/// A call in flight said something. True for the first synthesis that speaks: observers may hear
/// it. Should it not be accepted, they are told by `synthesis_reset`.
bool hear(deliberation& d, std::size_t call, instant now);

}  // namespace conclave::council
