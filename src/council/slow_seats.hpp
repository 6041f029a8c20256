// Which seats of a council will hardly ever be heard in time.
#pragma once

#include "council/latency_book.hpp"
#include "council/seats.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace conclave::council {

/// A seat whose model takes longer, in all but 1 of 20 calls, than the stage has of the turn.
struct slow_seat {
    std::size_t seat = 0;
    council::stage stage = council::stage::generate;
    std::int64_t p95_ms = 0;
    std::int64_t share_ms = 0;
};

/// By what is known of the models; of those that are not known well enough, nothing.
std::vector<slow_seat> find_slow_seats(const terms& t, const latency_book& latencies);

}  // namespace conclave::council
