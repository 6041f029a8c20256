// Decisions about agents: input in, transaction out.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/result.hpp>

#include "base/id_source.hpp"
#include "model/tenant_scope.hpp"
#include "store/agents.hpp"

namespace conclave::agents {

// VALIDATION_ERROR naming the field, or PAYLOAD_TOO_LARGE for metadata over its limit.

result<store::create_agent> plan_create(tenant_scope scope, new_agent input, id_source& ids,
                                        timestamp now);

/// The next version of an agent.
result<store::update_agent> plan_update(tenant_scope scope, const agent& current,
                                        agent_update change, timestamp now);

}  // namespace conclave::agents
