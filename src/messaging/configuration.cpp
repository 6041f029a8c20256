// What sends need of a registered tool.
#include "messaging/configuration.hpp"

#include <utility>

namespace conclave::messaging {

tool_terms terms_of(const new_tool& tool) {
    tool_terms terms{tool.description, tool.parameters, tool.timeout_ms,
                     tool.idempotent || !tool.side_effects, std::nullopt};
    if (tool.parameters.empty()) return terms;
    if (auto schema = json::schema::read(tool.parameters, "parameters"))
        terms.arguments = *std::move(schema);
    return terms;
}

}  // namespace conclave::messaging
