// Prints and reads an agent's configuration.
#include "store/agent_config.hpp"

#include "json/council_text.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"
#include "json/value.hpp"
#include "store/sql/driver.hpp"

#include <cstdint>
#include <optional>

namespace conclave::store {

namespace {

[[noreturn]] void refuse() {
    throw sql::failure(sql::failure_kind::corrupt, "an agent's stored configuration is unreadable");
}

// Enumerators are stored as their numbers, like those in columns.
template <class T>
json::value stored(const T& v) {
    if constexpr (std::is_enum_v<T>)
        return static_cast<std::int64_t>(v);
    else
        return v;
}

/// Calls `f` with the name and member of each field that may be absent.
template <class Policy, class F>
void each_policy_field(Policy& p, F f) {
    f("preset", p.preset);
    f("connect_timeout_ms", p.connect_timeout_ms);
    f("first_byte_timeout_ms", p.first_byte_timeout_ms);
    f("attempt_timeout_ms", p.attempt_timeout_ms);
    f("total_timeout_ms", p.total_timeout_ms);
    f("retries", p.retries);
    f("base_delay_ms", p.base_delay_ms);
    f("factor", p.factor);
    f("max_delay_ms", p.max_delay_ms);
    f("jitter", p.jitter);
    f("max_retry_after_ms", p.max_retry_after_ms);
    f("on_ambiguous", p.on_ambiguous);
    f("on_crash", p.on_crash);
    f("in_progress", p.in_progress);
    f("on_cancel", p.on_cancel);
}

template <class T>
void add(json::object& o, const char* key, const std::optional<T>& v) {
    if (v) o.push_back({key, stored(*v)});
}

void take(const json::value& v, std::string& out) {
    const auto* text = v.as_string();
    if (text == nullptr) refuse();
    out = *text;
}

void take(const json::value& v, double& out) {
    const auto number = v.as_number();
    if (!number) refuse();
    out = *number;
}

template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
void take(const json::value& v, T& out) {
    const auto* number = v.as_integer();
    if (number == nullptr) refuse();
    out = static_cast<T>(*number);
}

/// A text names a registered tool; parameters are kept byte for byte, hence as a text.
json::value stored(const agent_tool& t) {
    if (t.registered) return t.name;
    json::object o;
    o.push_back({"name", t.name});
    o.push_back({"description", t.description});
    o.push_back({"parameters", t.parameters});
    return o;
}

template <class T>
void take(const json::value& document, const char* key, T& out);

void take(const json::value& v, agent_tool& out) {
    out.registered = v.as_string() != nullptr;
    if (out.registered) return take(v, out.name);
    take(v, "name", out.name);
    take(v, "description", out.description);
    take(v, "parameters", out.parameters);
}

template <class T>
void take(const json::value& v, std::vector<T>& out) {
    const auto* items = v.as_array();
    if (items == nullptr) refuse();
    for (const auto& item : *items) take(item, out.emplace_back());
}

/// A field that was left out keeps its default.
template <class T>
void take(const json::value& document, const char* key, T& out) {
    if (const auto* v = json::find(document, key)) take(*v, out);
}

template <class T>
void take(const json::value& document, const char* key, std::optional<T>& out) {
    if (const auto* v = json::find(document, key)) take(*v, out.emplace());
}

}  // namespace

std::string print_agent_config(const agent& a) {
    json::object o;
    o.push_back({"name", a.name});
    o.push_back({"primary", a.primary});
    if (!a.fallbacks.empty())
        o.push_back({"fallbacks", json::array(a.fallbacks.begin(), a.fallbacks.end())});
    if (!a.description.empty()) o.push_back({"description", a.description});
    if (!a.instructions.empty()) o.push_back({"instructions", a.instructions});
    add(o, "temperature", a.temperature);
    add(o, "max_tokens", a.max_tokens);
    json::array tools;
    for (const auto& t : a.tools) tools.push_back(stored(t));
    if (!tools.empty()) o.push_back({"tools", std::move(tools)});
    if (a.council) o.push_back({"council", json::print_council(*a.council)});
    json::object policy;
    each_policy_field(a.policy, [&](const char* key, const auto& v) { add(policy, key, v); });
    if (!policy.empty()) o.push_back({"policy", std::move(policy)});
    // Kept byte for byte, hence as a text.
    o.push_back({"metadata", a.metadata});
    return json::print(std::move(o));
}

void read_agent_config(agent& a, std::string_view config) {
    const auto document = json::parse(config, "config");
    if (!document) refuse();
    take(*document, "name", a.name);
    take(*document, "primary", a.primary);
    take(*document, "fallbacks", a.fallbacks);
    take(*document, "description", a.description);
    take(*document, "instructions", a.instructions);
    take(*document, "temperature", a.temperature);
    take(*document, "max_tokens", a.max_tokens);
    take(*document, "tools", a.tools);
    take(*document, "metadata", a.metadata);
    if (const auto* council = json::find(*document, "council")) {
        const auto* text = council->as_string();
        const auto parsed = json::parse(text != nullptr ? *text : "", "council");
        auto options = parsed ? json::read_council(*parsed, "council") : parsed.error();
        if (!options) refuse();
        a.council = *std::move(options);
    }
    if (const auto* policy = json::find(*document, "policy"))
        each_policy_field(a.policy, [&](const char* key, auto& v) { take(*policy, key, v); });
}

}  // namespace conclave::store
