// Counts what is in a table of scores.
#include "council/score_table.hpp"

#include <algorithm>
#include <numeric>

namespace conclave::council {

void score_table::clear_critic(std::size_t critic) noexcept {
    for (std::size_t i = 0; i < answers_; ++i) {
        at_[critic * answers_ + i] = 0;
        has_[critic * answers_ + i] = 0;
    }
}

std::size_t score_table::scores() const noexcept {
    return static_cast<std::size_t>(std::accumulate(has_.begin(), has_.end(), 0.0));
}

std::size_t score_table::scores_by(std::size_t critic) const noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < answers_; ++i) n += has(critic, i) ? 1 : 0;
    return n;
}

std::size_t score_table::scores_of(std::size_t answer) const noexcept {
    std::size_t n = 0;
    for (std::size_t j = 0; j < critics_; ++j) n += has(j, answer) ? 1 : 0;
    return n;
}

std::size_t score_table::critics_with(std::size_t scores) const noexcept {
    std::size_t n = 0;
    for (std::size_t j = 0; j < critics_; ++j) n += scores_by(j) >= scores ? 1 : 0;
    return n;
}

}  // namespace conclave::council
