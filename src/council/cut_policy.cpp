// Decides about stragglers.
#include "council/cut_policy.hpp"

#include <algorithm>

namespace conclave::council {

namespace {

/// When the seat counts as failed if nothing more is heard of it.
std::int64_t silent_until(const stage_limits& limits, const pending_seat& s) {
    if (!s.streams) return limits.deadline_ms;
    return s.last_text_ms ? *s.last_text_ms + stall_ms : s.asked_ms + first_text_ms;
}

/// When a stage that has its quorum waits no longer for the seat.
std::int64_t patience(const stage_limits& limits, const pending_seat& s) {
    // Who speaks may finish, and of whom too little is known nothing can be said.
    if (limits.mode != straggler_mode::own_quantile || s.last_text_ms || !s.usual_ms)
        return limits.deadline_ms;
    const auto usual = std::max(*s.usual_ms, shortest_cut_ms);
    return std::min(s.asked_ms + usual, limits.deadline_ms);
}

}  // namespace

cut_decision decide_cuts(const stage_limits& limits, bool quorum_met,
                         const std::vector<pending_seat>& pending, std::int64_t now_ms) {
    cut_decision d;
    d.look_again_ms = limits.deadline_ms;
    if (now_ms >= limits.deadline_ms) {
        for (const auto& s : pending) d.cuts.push_back({s.seat, cut_reason::deadline});
        return d;
    }
    std::int64_t last_patience = 0;
    std::vector<std::size_t> waited_for;
    for (const auto& s : pending) {
        const auto silent = silent_until(limits, s);
        if (now_ms >= silent) {
            d.cuts.push_back({s.seat, cut_reason::stall});
            continue;
        }
        waited_for.push_back(s.seat);
        last_patience = std::max(last_patience, patience(limits, s));
        d.look_again_ms = std::min(d.look_again_ms, silent);
    }
    if (!quorum_met) return d;
    if (now_ms < last_patience) {
        d.look_again_ms = std::min(d.look_again_ms, last_patience);
        return d;
    }
    for (const auto seat : waited_for) d.cuts.push_back({seat, cut_reason::own_quantile});
    return d;
}

}  // namespace conclave::council
