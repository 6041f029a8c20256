// The model of slow members: calls of known length, and a council that waits or does not.
#pragma once

#include "council/cut_policy.hpp"
#include "council/latency_book.hpp"
#include "selection_model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bench {

/// What happens when a seat is asked.
struct drawn_call {
    double latency_ms = 0;
    bool hangs = false;  ///< says nothing for ever
    bool fails = false;  ///< at its end
};

/// All chance of one turn, drawn before any policy is asked, so that policies meet the same turns.
struct drawn_turn {
    std::vector<double> worth;
    std::vector<drawn_call> answers;
    std::vector<drawn_call> sheets;
    std::vector<drawn_call> syntheses;  ///< by whoever writes it
    std::uint64_t opinions = 0;         ///< seed of the scores
};

struct straggler_model {
    std::vector<double> medians_s;
    bool quality_goes_with_slowness = true;
    double tail = 0.03;      ///< of calls that take a multiple of their time
    double failures = 0.02;  ///< quick ones, retried once
    double hangs = 0.005;
    /// The part of its time after which a call begins to speak; 1: at its end.
    double speaks_at = 1;
};

/// What a council does about stragglers.
struct straggler_rule {
    conclave::straggler_mode mode = conclave::straggler_mode::own_quantile;
    double q = 0.99;
    bool forever = false;  ///< waits for each call until its timeout, without deadlines
    double deadline_ms = 120'000;
};

struct turn_result {
    double ms = 0;
    std::optional<double> regret;  ///< nothing: the quorum was missed
    std::size_t answers = 0;
    double paid = 0;        ///< in calls; a call that was cut counts in part
    bool fallback = false;  ///< the winner word for word, as no synthesis came in time
};

drawn_turn draw(const straggler_model& model, dice& random);

/// Runs the turn's three stages on a virtual clock through council::decide_cuts, with what `book`
/// knows of the seats, and tells it what was seen.
turn_result run(const straggler_model& model, const straggler_rule& rule, const drawn_turn& drawn,
                conclave::council::latency_book& book);

}  // namespace bench
