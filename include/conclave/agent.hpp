// Agents: which model answers, with which instructions, and what happens when it does not.
#pragma once

#include <conclave/council.hpp>
#include <conclave/id.hpp>
#include <conclave/policy.hpp>
#include <conclave/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// A tool that an agent may call. Since 0.1.
struct agent_tool {
    std::string name;              ///< 1 to 64 of [A-Za-z0-9_-]
    std::string description = {};  ///< with `parameters` as in tool_definition
    std::string parameters = {};
    /// Names a tool that is registered with the gateway and runs inside the send; the two texts
    /// above are then its own. Otherwise its calls end the send, and the host answers them with a
    /// message of role `tool`.
    bool registered = false;

    bool operator==(const agent_tool&) const = default;
};

/// One version of an agent. Each update makes a new version; sends record the one they used. Since
/// 0.1.
struct agent {
    agent_id id;
    std::int64_t version = 1;
    std::string name;
    std::string description;
    std::string primary;                 ///< a route: `provider/model` or `provider`
    std::vector<std::string> fallbacks;  ///< routes, tried in this order
    std::string instructions;
    std::optional<double> temperature;
    std::optional<std::int64_t> max_tokens;
    std::vector<agent_tool> tools;
    std::optional<council_options> council;  ///< answers in place of `primary`
    conclave::policy policy;
    std::string metadata = "{}";
    timestamp created_at{};
    timestamp updated_at{};
    std::vector<council_warning> warnings = {};  ///< as of now; not a part of the version
};

struct new_agent {
    std::string name;  ///< 1 to 255 bytes
    /// A route: `provider/model`, or `provider` alone. With a council it may be left out.
    std::string primary = {};
    std::vector<std::string> fallbacks = {};  ///< at most 8
    std::string instructions = {};            ///< at most 256 KiB
    std::optional<double> temperature = {};   ///< 0 to 2
    std::optional<std::int64_t> max_tokens = {};
    std::vector<agent_tool> tools = {};  ///< at most 64, each name once
    /// Sends are answered by a council, which has neither fallbacks nor tools.
    std::optional<council_options> council = {};
    conclave::policy policy = {};
    std::string description = {};
    std::optional<std::string> metadata = {};
};

struct agent_update {
    std::optional<std::string> name = {};
    std::optional<std::string> primary = {};
    std::optional<std::vector<std::string>> fallbacks = {};
    std::optional<std::string> instructions = {};
    /// An empty one inside leaves it to the provider.
    std::optional<std::optional<double>> temperature = {};
    std::optional<std::optional<std::int64_t>> max_tokens = {};  ///< likewise
    std::optional<std::vector<agent_tool>> tools = {};
    /// An empty one inside takes the council away.
    std::optional<std::optional<council_options>> council = {};
    std::optional<conclave::policy> policy = {};
    std::optional<std::string> description = {};
    std::optional<std::string> metadata = {};
};

}  // namespace conclave
