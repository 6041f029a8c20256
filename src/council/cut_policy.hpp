// When a stage goes on without those who have not answered yet.
#pragma once

#include <conclave/council.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace conclave::council {

// Times are milliseconds since the stage began.

inline constexpr std::int64_t shortest_cut_ms = 5'000;
/// A seat that has begun to speak is left alone unless it falls silent for so long.
inline constexpr std::int64_t stall_ms = 30'000;
/// A seat that has not begun to speak by then counts as failed.
inline constexpr std::int64_t first_text_ms = 60'000;

enum class cut_reason {
    own_quantile,  ///< it takes longer than it nearly ever did
    deadline,      ///< the time of the stage is over
    stall,         ///< it has stopped speaking, or never began
    not_needed,    ///< another one was faster
};

/// A seat that has been asked and has not answered.
struct pending_seat {
    std::size_t seat = 0;
    std::int64_t asked_ms = 0;  ///< when
    /// How long all but few of its calls take; absent where too little is known.
    std::optional<std::int64_t> usual_ms;
    std::optional<std::int64_t> last_text_ms;  ///< when it last said something
    bool streams = true;                       ///< else its silence before the end means nothing
};

struct stage_limits {
    straggler_mode mode = straggler_mode::own_quantile;
    std::int64_t deadline_ms = 0;  ///< of the stage
};

struct seat_cut {
    std::size_t seat = 0;
    cut_reason why = cut_reason::own_quantile;

    bool operator==(const seat_cut&) const = default;
};

struct cut_decision {
    std::vector<seat_cut> cuts;
    std::int64_t look_again_ms = 0;  ///< if any seat is left

    bool operator==(const cut_decision&) const = default;
};

/// Decides at `now_ms`. Without a quorum nobody is cut before the deadline, save those who stall or
/// never begin; with one the stage waits until every pending seat is past its own cut, and then
/// cuts them all.
cut_decision decide_cuts(const stage_limits& limits, bool quorum_met,
                         const std::vector<pending_seat>& pending, std::int64_t now_ms);

}  // namespace conclave::council
