// The operations that run to their end on one thread, by name.
#pragma once

#include <conclave/gateway.hpp>

#include "capi/src/host_calls.hpp"
#include "json/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace conclave::capi {

/// What an operation may look at.
struct call {
    const conclave::gateway& gateway;
    std::optional<conclave::tenant> tenant;  ///< present for operations of one tenant
    const json::value& document;
    handler_home handlers;  ///< of those that the operation registers
};

/// One row of the contract. What waits for providers is carried out by its own means: `run` is
/// null.
struct operation_entry {
    std::string_view name;
    enum class scope_kind { gateway, tenant } scope = scope_kind::gateway;
    result<std::string> (*run)(const call& c) = nullptr;
    /// Waits for the engine's own threads, so it must not run on one of them.
    bool apart = false;
};

inline constexpr std::string_view send_operation = "messages.send";
inline constexpr std::string_view stream_operation = "messages.stream";
inline constexpr std::string_view embed_operation = "embeddings.create";
inline constexpr std::string_view council_operation = "council.run";

/// Null for a name that the contract does not have.
const operation_entry* find_operation(std::string_view name);

}  // namespace conclave::capi
