// Prints errors.
#include "error_answer.hpp"

#include "json_text.hpp"

#include <array>
#include <utility>

namespace vocalbridge {

namespace {

/// Fields whose name here differs by more than its case.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> renamed = {{
    {"primary", "primaryProvider"},
    {"fallbacks", "fallbackProvider"},
    {"instructions", "systemPrompt"},
    {"idempotency_key", "Idempotency-Key"},
}};

/// agent_id: agentId.
std::string camel_case(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool joint =
            name[i] == '_' && i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
        if (joint) ++i;
        out += joint ? static_cast<char>(name[i] - 'a' + 'A') : name[i];
    }
    return out;
}

std::string field_here(std::string_view field) {
    for (const auto& [theirs, ours] : renamed)
        if (field.substr(0, field.find('[')) == theirs) return std::string(ours);
    return camel_case(field);
}

const std::string* detail(const conclave::error& e, std::string_view key) {
    for (const auto& d : e.details)
        if (d.key == key) return std::get_if<std::string>(&d.value);
    return nullptr;
}

std::string message_here(const conclave::error& e) {
    constexpr std::string_view absent = "' not found or does not belong to this tenant";
    if (const auto* id = detail(e, "agent_id"); id && e.code == conclave::errc::agent_not_found)
        return "Agent with id '" + *id + std::string(absent);
    if (const auto* id = detail(e, "session_id");
        id && e.code == conclave::errc::resource_not_found)
        return "Session with id '" + *id + std::string(absent);
    if (const auto* field = detail(e, "field"); field && e.message.starts_with(*field))
        return field_here(*field) + e.message.substr(field->size());
    return e.message;
}

std::string details_here(const conclave::error& e) {
    object details;
    for (const auto& [key, value] : e.details) {
        const auto name = camel_case(key);
        if (const auto* text = std::get_if<std::string>(&value))
            details.text(name, key == "field" ? field_here(*text) : *text);
        else if (const auto* number = std::get_if<std::int64_t>(&value))
            details.number(name, *number);
        else
            details.truth(name, std::get<bool>(value));
    }
    return details.str();
}

}  // namespace

answer error_answer(const conclave::error& e, std::string_view request_id) {
    const auto document = object()
                              .text("code", to_string(e.code))
                              .text("message", message_here(e))
                              .raw("details", details_here(e))
                              .text("requestId", request_id)
                              .str();
    return {e.http_status(), object().raw("error", document).str()};
}

}  // namespace vocalbridge
