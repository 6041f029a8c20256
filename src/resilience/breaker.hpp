// The circuit breaker of one provider route.
#pragma once

#include <conclave/policy.hpp>

#include "base/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace conclave::resilience {

/// How a call that was let through ended, as the breaker sees it. A definite answer, also a refusal
/// of the request itself, shows that the route works: success. `abandoned`: the call says nothing
/// about the route, for example because its caller cancelled it.
enum class call_outcome { success, failure, abandoned };

/// closed: calls pass. A failure opens it when it makes at least `min_calls` outcomes in the last
/// `window`, at least half of them failures; a success never does. open: calls are refused; after
/// `open_time` the next call passes as the probe. half_open: the probe runs, all others are
/// refused; its success closes, its failure opens again, its abandonment frees the place for
/// another probe. Not thread-safe.
class breaker {
   public:
    static constexpr std::size_t min_calls = 5;
    static constexpr std::chrono::seconds window{30};
    static constexpr std::chrono::seconds open_time{30};
    /// Only the latest outcomes are kept, however many fall into the window.
    static constexpr std::size_t max_outcomes = 1'000;

    /// Leave to make one call; each is reported back once.
    struct permit {
        std::uint64_t generation = 0;
    };

    /// Asks to start a call. Nothing: refused.
    std::optional<permit> admit(instant now);

    /// Reports the end of a call. Outcomes of calls that were let through before the last change of
    /// state say nothing about now and are ignored.
    void report(permit p, call_outcome outcome, instant now);

    /// half_open also while the next call would be the probe.
    breaker_state state(instant now) const;

    /// When a refused call may be tried again: while open, the end of `open_time`.
    std::optional<instant> opens_until() const;

   private:
    struct outcome_at {
        instant at;
        bool failed;
    };

    void record(bool failed, instant now);
    void enter(breaker_state state);
    void open(instant now);

    breaker_state state_ = breaker_state::closed;
    bool probing_ = false;
    std::uint64_t generation_ = 0;
    instant opened_at_{};
    std::deque<outcome_at> outcomes_;
    std::size_t failures_ = 0;
};

}  // namespace conclave::resilience
