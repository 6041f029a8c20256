// What sends need to know of the process they run in.
#pragma once

#include <conclave/policy.hpp>

#include "metering/price_book.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace conclave::messaging {

/// How a registered provider wants to be called.
struct provider_terms {
    conclave::policy policy;
    std::string default_model;  ///< of routes that name the provider alone; may be empty
};

/// The process's providers and the prices of the store. Executor only.
struct configuration {
    conclave::policy policy;  ///< the gateway's
    std::map<std::string, provider_terms, std::less<>> providers;
    metering::price_book prices;
    std::int64_t price_generation = -1;  ///< of the store, when `prices` was read
};

}  // namespace conclave::messaging
