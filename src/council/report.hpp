// What a council did, as `metadata.council` tells it.
#pragma once

#include <conclave/token_usage.hpp>

#include "council/deliberation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace conclave::council {

/// What a seat took in one stage, of all its calls.
struct seat_cost {
    council::stage stage = stage::generate;
    std::size_t seat = 0;
    token_usage tokens;
    std::optional<money> cost;  ///< absent: unpriced
    std::int64_t calls = 0;
};

/// What the answer rests on, in one word: `full`, `quorum`, `partial_scores`, `two_answers`,
/// `unranked` or `single_survivor`.
std::string_view basis_of(const deliberation& d);

/// A JSON object.
std::string report(const deliberation& d, const conclusion& end,
                   const std::vector<seat_cost>& costs);

/// The ranking of a stored report by another rule: `{rule, ranking, winner, p_best, ...}`.
/// VALIDATION_ERROR naming `rule` for one that is unknown, UNSUPPORTED for a report without scores.
result<std::string> rank_again(std::string_view stored, std::string_view rule);

}  // namespace conclave::council
