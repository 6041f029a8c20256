// The model of selection quality: answers of known worth, critics of known faults.
#pragma once

#include "council/aggregate.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace bench {

/// Who does what wrong in a council. S0 to S11 of the design.
enum class scenario {
    noise_only,
    base,
    harsh,
    missing,
    inverted,
    compromised,
    injection,
    sharp,
    dull,
    harsh_missing_compromised,
    nearly_blind,
    constant,
};
inline constexpr int scenarios_all = 12;

/// How the answers are laid before the critics.
enum class answer_order { shared_shuffle, shuffle_per_critic, rotation };

/// Standard deviations are in points of a score from 1 to 10.
struct selection_model {
    bench::scenario scenario = bench::scenario::base;
    std::size_t members = 5;
    std::size_t extra_critics = 0;
    answer_order order = answer_order::shuffle_per_critic;
    double position_bias = 0.4;
    double position_bias_sd = 0.3;
};

/// One turn: what the answers are worth, and what the critics say of them.
struct turn {
    std::vector<double> worth;
    std::vector<conclave::council::ballot> ballots;

    std::size_t best() const;
    std::size_t worst() const;
};

using dice = std::mt19937_64;

turn play(const selection_model& model, dice& random);
/// With answers of these worths, one for each member.
turn play(const selection_model& model, std::vector<double> worth, dice& random);

/// Members 0 to n - 1 with priorities in that order.
std::vector<conclave::council::candidate> candidates_of(std::size_t members);

}  // namespace bench
