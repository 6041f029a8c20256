// Checks what a provider is asked.
#include "providers/turns.hpp"

namespace conclave::providers {

result<void> check_request(const provider_request& request) {
    if (request.model.empty()) return invalid("model", "must not be empty");
    if (request.turns.empty()) return invalid("turns", "must not be empty");
    for (const auto& turn : request.turns) {
        if (turn.role == message_role::tool && turn.tool_call_id.empty())
            return invalid("turns", "must not hold a tool's result without its call");
    }
    return {};
}

std::string with_schema(std::string instructions, std::string_view schema) {
    if (!instructions.empty()) instructions += "\n\n";
    instructions += "Answer with nothing but JSON that fits this JSON Schema: ";
    return instructions.append(schema);
}

}  // namespace conclave::providers
