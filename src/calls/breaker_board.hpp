// The circuit breakers of all routes of a gateway.
#pragma once

#include "model/call.hpp"
#include "model/route.hpp"
#include "resilience/breaker.hpp"

#include <map>
#include <optional>
#include <string>

namespace conclave::calls {

/// Leave to make one attempt at a route; reported back once.
struct admission {
    std::string route;
    resilience::breaker::permit permit;
};

/// One breaker per route, made on first use. Executor only.
class breaker_board {
   public:
    /// Nothing: the circuit is open.
    std::optional<admission> admit(const route& r, instant now);
    void report(const admission& a, resilience::call_outcome outcome, instant now);
    /// When a route that was refused may be tried again; nothing: when the probe under way ends.
    std::optional<instant> opens_until(const route& r) const;
    /// The worst state among the routes of a provider.
    breaker_state state_of(const std::string& provider, instant now) const;

   private:
    std::map<std::string, resilience::breaker> breakers_;
};

/// What an attempt says about its route: a definite answer shows that the route works.
resilience::call_outcome breaker_verdict(const call_result& r);

}  // namespace conclave::calls
