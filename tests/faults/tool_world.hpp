// A model that uses tools in several rounds, and tools whose effects are written down before they
// answer.
#pragma once

#include <conclave/conclave.hpp>

#include "faults/crash_world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace conclave::faults {

inline constexpr const char* tool_user_name = "tool-user";

/// `look` has no side effects, `book` is idempotent, `pay` must never run twice.
std::vector<agent_tool> agent_tools();
/// `on_effect` is called when an effect is written down and the tool has not answered yet.
void register_tools(const gateway& gw, const std::string& database,
                    std::function<void()> on_effect = {});

/// How many rounds of tools the model wants for a key. It names a new id with every call.
int rounds_of(world_key key);
/// Writes a journal beside the database in the simulator's format, with the round behind it.
new_provider tool_user(const std::string& database);
std::string tool_journal(const std::string& database);

/// A tool has run.
struct effect {
    world_key key;
    int round = -1;  ///< where the model told it
    std::string tool;
    std::string call_id;
};
std::vector<effect> read_effects(const std::string& database);

}  // namespace conclave::faults
