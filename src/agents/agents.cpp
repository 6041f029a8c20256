// Validates agents.
#include "agents/agents.hpp"

#include "agents/council_rule.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "json/object_text.hpp"
#include "model/route.hpp"
#include "providers/tool_rule.hpp"
#include "resilience/resolved_policy.hpp"

#include <algorithm>
#include <utility>

namespace conclave::agents {

namespace {

result<void> check_texts(const agent& a) {
    if (auto ok = check_text("name", a.name, {.min_bytes = 1, .max_bytes = limits::name_bytes});
        !ok)
        return ok;
    if (auto ok = check_text(
            "description", a.description,
            {.max_bytes = limits::description_bytes, .controls = control_characters::line_breaks});
        !ok)
        return ok;
    return check_text(
        "instructions", a.instructions,
        {.max_bytes = limits::instructions_bytes, .controls = control_characters::line_breaks});
}

/// The members are the routes, and tools would run once for each of them.
result<void> check_council(const agent& a) {
    if (auto ok = agents::check_council(*a.council, "council"); !ok) return ok;
    if (!a.fallbacks.empty()) return invalid("fallbacks", "must be empty beside a council");
    if (!a.tools.empty()) return invalid("tools", "must be empty beside a council");
    return {};
}

result<void> check_routes(const agent& a) {
    if (auto ok = parse_route(a.primary, "primary"); !ok) return ok.error();
    if (a.fallbacks.size() > limits::fallbacks)
        return invalid("fallbacks", "has more than 8 routes");
    for (std::size_t i = 0; i < a.fallbacks.size(); ++i) {
        const auto field = "fallbacks[" + std::to_string(i) + "]";
        if (auto ok = parse_route(a.fallbacks[i], field); !ok) return ok.error();
    }
    return {};
}

result<void> check_tools(const std::vector<agent_tool>& tools) {
    if (tools.size() > limits::agent_tools) return invalid("tools", "has more than 64 tools");
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const auto prefix = "tools[" + std::to_string(i) + "].";
        const auto& t = tools[i];
        if (auto ok = providers::check_tool_name(t.name, prefix); !ok) return ok;
        const auto same = [&](const agent_tool& other) { return other.name == t.name; };
        if (std::any_of(tools.begin(), tools.begin() + static_cast<std::ptrdiff_t>(i), same))
            return invalid(prefix + "name", "must not be given twice");
        if (t.registered && !t.description.empty())
            return invalid(prefix + "description", "belongs to the registered tool");
        if (t.registered && !t.parameters.empty())
            return invalid(prefix + "parameters", "belong to the registered tool");
        if (auto ok = providers::check_tool_texts(t.description, t.parameters, prefix); !ok)
            return ok;
    }
    return {};
}

result<void> check(const agent& a) {
    if (auto ok = check_texts(a); !ok) return ok;
    // Before the routes, as the first member may stand for the primary.
    if (a.council)
        if (auto ok = check_council(a); !ok) return ok;
    if (auto ok = check_routes(a); !ok) return ok;
    if (a.temperature && !(*a.temperature >= 0.0 && *a.temperature <= 2.0))
        return invalid("temperature", "must lie between 0 and 2");
    if (a.max_tokens)
        if (auto ok = check_range("max_tokens", *a.max_tokens, 1, limits::max_tokens); !ok)
            return ok;
    if (auto ok = check_tools(a.tools); !ok) return ok;
    if (auto ok = resilience::validate(a.policy); !ok) return ok;
    if (auto ok = json::object_text(a.metadata, "metadata"); !ok) return ok.error();
    return {};
}

template <class T>
void replace(T& value, std::optional<T>&& change) {
    if (change) value = *std::move(change);
}

}  // namespace

result<store::create_agent> plan_create(tenant_scope scope, new_agent input, id_source& ids,
                                        timestamp now) {
    agent a;
    a.name = std::move(input.name);
    a.description = std::move(input.description);
    a.primary = std::move(input.primary);
    a.council = std::move(input.council);
    if (a.council && a.primary.empty() && !a.council->members.empty())
        a.primary = a.council->members.front().route;
    a.fallbacks = std::move(input.fallbacks);
    a.instructions = std::move(input.instructions);
    a.temperature = input.temperature;
    a.max_tokens = input.max_tokens;
    a.tools = std::move(input.tools);
    a.policy = std::move(input.policy);
    a.metadata = std::move(input.metadata).value_or("{}");
    a.created_at = a.updated_at = now;
    if (auto ok = check(a); !ok) return ok.error();
    a.id = ids.agent();
    return store::create_agent{std::move(scope), std::move(a)};
}

result<store::update_agent> plan_update(tenant_scope scope, const agent& current,
                                        agent_update change, timestamp now) {
    auto next = current;
    ++next.version;
    next.updated_at = now;
    replace(next.name, std::move(change.name));
    replace(next.description, std::move(change.description));
    replace(next.primary, std::move(change.primary));
    replace(next.fallbacks, std::move(change.fallbacks));
    replace(next.instructions, std::move(change.instructions));
    replace(next.temperature, std::move(change.temperature));
    replace(next.max_tokens, std::move(change.max_tokens));
    replace(next.tools, std::move(change.tools));
    replace(next.council, std::move(change.council));
    replace(next.policy, std::move(change.policy));
    replace(next.metadata, std::move(change.metadata));
    if (auto ok = check(next); !ok) return ok.error();
    return store::update_agent{std::move(scope), std::move(next)};
}

}  // namespace conclave::agents
