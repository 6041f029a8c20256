// What sends need to know of the process they run in.
#pragma once

#include <conclave/policy.hpp>
#include <conclave/tool.hpp>

#include "json/schema.hpp"
#include "metering/price_book.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace conclave::messaging {

/// Whether a provider gives vectors of texts.
enum class vector_support { none, of_models, without_model };

/// How a registered provider wants to be called.
struct provider_terms {
    conclave::policy policy;
    std::string default_model;  ///< of routes that name the provider alone; may be empty
    vector_support vectors = vector_support::none;
    bool streams = true;       ///< it may tell answers piece by piece
    bool needs_model = false;  ///< it has to be told which of its models is asked
};

/// A registered tool, as sends see it.
struct tool_terms {
    std::string description;
    std::string parameters;
    std::int64_t timeout_ms = 0;
    bool repeatable = false;  ///< a call whose outcome was lost may be made again
    std::optional<json::schema> arguments = {};  ///< what `parameters` says; absent: anything
};

/// Of a tool that was checked when it was registered.
tool_terms terms_of(const new_tool& tool);

/// The process's providers and tools, and the prices of the store. Executor only.
struct configuration {
    conclave::policy policy;  ///< the gateway's
    std::map<std::string, provider_terms, std::less<>> providers;
    std::map<std::string, tool_terms, std::less<>> tools;
    metering::price_book prices;
    std::int64_t price_generation = -1;  ///< of the store, when `prices` was read
};

}  // namespace conclave::messaging
