// Councils: several models answer, critics score the answers, and the best one is improved.
#pragma once

#include <conclave/money.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// A model that answers. Since 0.1.
struct council_member {
    std::string route;  ///< `provider/model` or `provider`
    /// Its name in the report, 1 to 64 bytes; `member-1`, `member-2` ... when empty. Two seats of
    /// one route need names, so that they are meant.
    std::string seat = {};

    bool operator==(const council_member&) const = default;
};

/// Who scores the answers.
struct council_critics {
    bool members = true;                      ///< each member scores the answers of the others
    std::vector<std::string> extra = {};      ///< routes that score without answering
    std::optional<std::int64_t> sample = {};  ///< so many of all these, evenly drawn by the seed

    bool operator==(const council_critics&) const = default;
};

/// What becomes of a turn whose answers or score sheets are fewer than were asked for.
enum class council_partial {
    accept,  ///< as long as the quorum holds
    fail,
};

/// When a stage goes on without those who have not answered, once its quorum is there.
enum class straggler_mode {
    own_quantile,  ///< each is waited for as long as it takes in all but 1 - q of its calls
    wait_all,      ///< until the time that is kept for the synthesis begins
    deadline,      ///< until the share of the stage is over
};

struct council_straggler {
    straggler_mode mode = straggler_mode::own_quantile;
    double q = 0.99;

    bool operator==(const council_straggler&) const = default;
};

/// What is made of the answers and their scores.
enum class council_mode {
    select,     ///< the best answer, word for word
    improve,    ///< the best answer, improved by what the critics found wrong with it
    improve_k,  ///< the same, with the `k` next best answers at hand
    fuse,       ///< one answer out of all
    automatic,  ///< improve, unless the critics are sure of a winner without a major flaw
};

enum class council_hedge {
    none,
    synthesis,  ///< another model starts when the first takes longer than it does in 19 of 20 calls
};

/// What a synthesis has to pass before it takes the best answer's place.
enum class council_gate {
    sanity,  ///< it is finished, long enough, no refusal, and does not speak of the council
    /// Two critics, neither its author nor the best answer's, compare it blind with that answer, in
    /// both orders; it is kept on half of their votes or more. Its text is shown after that.
    panel,
};

/// What happens when the worst case of a turn does not fit `max_usd`.
enum class council_budget {
    reject,   ///< BUDGET_EXCEEDED before anything is called
    degrade,  ///< first without synthesis, then fewer critics, then fewer members; never below 3
};

/// How a council works. Since 0.1.
struct council_options {
    std::vector<council_member> members;  ///< 2 to 16
    council_critics critics = {};         ///< at most 32 in all
    double min_answer_ratio = 0.5;        ///< the quorum is this share of the members, at least 2
    std::int64_t min_chars = 50;          ///< of an answer that counts, in characters, trimmed
    /// The quorum is that share alone: where it is one answer, one is enough, and given as it is.
    bool best_effort = false;
    council_partial on_partial = council_partial::accept;
    council_straggler straggler = {};
    /// Of the whole turn, 1 second to 1 hour; 120 seconds when absent.
    std::optional<std::int64_t> deadline_ms = {};
    /// Of the deadline, for answers, scores and synthesis: each above 0, together at most 1. What
    /// one leaves over goes to those behind it.
    std::array<double, 3> shares = {0.45, 0.25, 0.30};
    std::string rule = "robust/1";  ///< or `mean`, `borda` or `external`
    /// Of the rule `external`, and of no other: the registered tool that ranks the answers. Its
    /// arguments are {"question", "answers": [{"seat", "text", "mean_score"}], "scores": as in
    /// reply_metadata::council}, its answer {"scores": {seat: number ...}}, where more is better.
    /// Where it fails `robust/1` ranks, and `degradations` says so.
    std::string ranker = {};
    council_mode mode = council_mode::improve;
    std::int64_t k = 2;                ///< of `improve_k`: so many further answers, 1 to 15
    std::string synthesizer = "auto";  ///< the winner's author, or a route
    council_hedge hedge = council_hedge::synthesis;
    /// `panel` needs two critics besides the best answer's author, and takes the last third of the
    /// synthesis's share of time.
    council_gate gate = council_gate::sanity;
    /// No turn costs more: the worst case of each stage is held before it begins.
    std::optional<money> max_usd = {};
    council_budget on_budget = council_budget::degrade;
    /// Fixes the order and the labels under which critics see answers; each turn has its own when
    /// absent.
    std::optional<std::int64_t> seed = {};

    bool operator==(const council_options&) const = default;
};

/// What speaks against the options of a council, by what this process has seen so far. Nothing is
/// refused for it. Since 0.1.
struct council_warning {
    /// MEMBER_EXCEEDS_STAGE_BUDGET: the model at a seat takes longer in 1 of 20 calls than its
    /// stage has of the turn's time, and will often be cut. Known after 20 calls of councils.
    std::string code;
    std::string field;    ///< where the options name the seat: `council.members[2].route`
    std::string message;  ///< in English
    std::string seat;
    std::string stage;          ///< generate, critique or synthesis
    std::int64_t p95_ms = 0;    ///< estimated where calls were cut
    std::int64_t share_ms = 0;  ///< of the stage

    bool operator==(const council_warning&) const = default;
};

}  // namespace conclave
