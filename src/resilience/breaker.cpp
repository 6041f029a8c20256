// The states of a circuit breaker.
#include "resilience/breaker.hpp"

namespace conclave::resilience {

std::optional<breaker::permit> breaker::admit(instant now) {
    switch (state(now)) {
        case breaker_state::closed: return permit{generation_};
        case breaker_state::open: return std::nullopt;
        case breaker_state::half_open: break;
    }
    if (state_ == breaker_state::open) enter(breaker_state::half_open);
    if (probing_) return std::nullopt;
    probing_ = true;
    return permit{generation_};
}

void breaker::report(permit p, call_outcome outcome, instant now) {
    if (p.generation != generation_) return;
    if (state_ == breaker_state::closed) {
        if (outcome != call_outcome::abandoned) record(outcome == call_outcome::failure, now);
        return;
    }
    // Only the probe has this generation.
    switch (outcome) {
        case call_outcome::success: enter(breaker_state::closed); break;
        case call_outcome::failure: open(now); break;
        case call_outcome::abandoned: probing_ = false; break;
    }
}

breaker_state breaker::state(instant now) const {
    const bool waited = state_ == breaker_state::open && now - opened_at_ >= open_time;
    return waited ? breaker_state::half_open : state_;
}

std::optional<instant> breaker::opens_until() const {
    if (state_ != breaker_state::open) return std::nullopt;
    return opened_at_ + open_time;
}

void breaker::record(bool failed, instant now) {
    outcomes_.push_back({now, failed});
    failures_ += failed ? 1 : 0;
    while (outcomes_.size() > max_outcomes || now - outcomes_.front().at >= window) {
        failures_ -= outcomes_.front().failed ? 1 : 0;
        outcomes_.pop_front();
    }
    if (failed && outcomes_.size() >= min_calls && failures_ * 2 >= outcomes_.size()) open(now);
}

void breaker::open(instant now) {
    enter(breaker_state::open);
    opened_at_ = now;
}

void breaker::enter(breaker_state state) {
    state_ = state;
    ++generation_;
    probing_ = false;
    outcomes_.clear();
    failures_ = 0;
}

}  // namespace conclave::resilience
