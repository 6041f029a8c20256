// The stored configuration of an agent's version: one document, so that agents can grow.
#pragma once

#include <conclave/agent.hpp>

#include <string>
#include <string_view>

namespace conclave::store {

/// All of an agent but its id, version and times.
std::string print_agent_config(const agent& a);

/// Fills an agent from what print_agent_config gave. Throws sql::failure for anything else.
void read_agent_config(agent& a, std::string_view config);

}  // namespace conclave::store
