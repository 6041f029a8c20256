// Keeps one breaker per route.
#include "calls/breaker_board.hpp"

#include <algorithm>

namespace conclave::calls {

std::optional<admission> breaker_board::admit(const route& r, instant now) {
    auto text = r.text();
    const auto permit = breakers_[text].admit(now);
    if (!permit) return std::nullopt;
    return admission{std::move(text), *permit};
}

void breaker_board::report(const admission& a, resilience::call_outcome outcome, instant now) {
    breakers_[a.route].report(a.permit, outcome, now);
}

std::optional<instant> breaker_board::opens_until(const route& r) const {
    const auto found = breakers_.find(r.text());
    return found != breakers_.end() ? found->second.opens_until() : std::nullopt;
}

breaker_state breaker_board::state_of(const std::string& provider, instant now) const {
    auto worst = breaker_state::closed;
    for (const auto& [text, breaker] : breakers_) {
        if (text != provider && !text.starts_with(provider + "/")) continue;
        const auto state = breaker.state(now);
        if (state == breaker_state::open) return state;
        worst = std::max(worst, state, [](auto a, auto b) {
            return a == breaker_state::closed && b == breaker_state::half_open;
        });
    }
    return worst;
}

resilience::call_outcome breaker_verdict(const call_result& r) {
    switch (r.outcome) {
        case call_class::ok:
        case call_class::final: return resilience::call_outcome::success;
        // Told to slow down: the route works, yet counting it as success would hide an overload.
        case call_class::refused: return resilience::call_outcome::abandoned;
        case call_class::not_sent:
        case call_class::server_error:
        case call_class::ambiguous:
        case call_class::partial: return resilience::call_outcome::failure;
    }
    return resilience::call_outcome::failure;
}

}  // namespace conclave::calls
