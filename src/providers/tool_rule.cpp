// Checks tools and the calls that models make of them.
#include "providers/tool_rule.hpp"

#include "base/ascii.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/schema.hpp"
#include "json/tool_text.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {

namespace {

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= limits::name_bytes && utf8::valid(text);
}

bool is_repeated(const std::vector<tool_call>& calls, std::size_t at) {
    return std::any_of(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(at),
                       [&](const auto& c) { return c.id == calls[at].id; });
}

}  // namespace

result<void> check_tool_name(std::string_view name, const std::string& prefix) {
    const bool fits = std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '-';
    });
    if (name.empty() || name.size() > limits::tool_name_bytes || !fits)
        return invalid(prefix + "name", "must be 1 to 64 letters, digits, '_' and '-'");
    return {};
}

result<void> check_tool_texts(std::string_view description, std::string_view parameters,
                              const std::string& prefix) {
    if (auto ok = check_text(
            prefix + "description", description,
            {.max_bytes = limits::description_bytes, .controls = control_characters::line_breaks});
        !ok)
        return ok;
    if (parameters.empty()) return {};
    const auto field = prefix + "parameters";
    if (parameters.size() > limits::schema_bytes)
        return invalid(field, "must be at most 65536 bytes");
    const auto schema = json::schema::read(parameters, field);
    if (!schema) return schema.error();
    return {};
}

result<void> validate(const new_tool& t) {
    if (auto ok = check_tool_name(t.name, {}); !ok) return ok;
    if (auto ok = check_tool_texts(t.description, t.parameters, {}); !ok) return ok;
    if (static_cast<bool>(t.handler) == static_cast<bool>(t.async_handler))
        return invalid("handler", "must be given, or else `async_handler`");
    return check_range("timeout_ms", t.timeout_ms, 1, limits::policy_time_ms);
}

std::optional<std::vector<tool_call>> keep_tool_calls(std::vector<tool_call> calls,
                                                      std::string_view id_prefix) {
    if (calls.size() > limits::tool_calls) return std::nullopt;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        auto& call = calls[i];
        if (call.id.empty()) call.id = std::string(id_prefix) + std::to_string(i);
        const bool fits = is_word(call.id) && is_word(call.name) &&
                          call.arguments.size() <= limits::content_bytes &&
                          utf8::valid(call.arguments);
        if (!fits || is_repeated(calls, i)) return std::nullopt;
        call.arguments = json::tidy_arguments(call.arguments);
    }
    return calls;
}

}  // namespace conclave::providers
