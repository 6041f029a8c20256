// The turns of a request, as protocols name them.
#pragma once

#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// The word for a role that all vendors use.
constexpr std::string_view role_word(message_role role) {
    switch (role) {
        case message_role::system: return "system";
        case message_role::user: return "user";
        case message_role::assistant: return "assistant";
        case message_role::tool: return "tool";
    }
    return "";
}

/// Empty when no user has spoken.
inline std::string_view last_user_text(const provider_request& request) {
    const auto last =
        std::find_if(request.turns.rbegin(), request.turns.rend(),
                     [](const auto& turn) { return turn.role == message_role::user; });
    return last != request.turns.rend() ? std::string_view(last->content) : std::string_view();
}

/// What a tool without any is said to take.
inline constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";

inline std::string_view parameters_of(const tool_definition& tool) {
    return tool.parameters.empty() ? no_parameters : std::string_view(tool.parameters);
}

/// The parts of a turn: its content is one, unless it has others.
inline std::vector<content_part> parts_of(const provider_request::turn& turn) {
    if (!turn.parts.empty()) return turn.parts;
    return {{content_part::kind::text, turn.content, {}}};
}

inline bool has_images(const provider_request& request) {
    const auto is_image = [](const content_part& p) { return p.what != content_part::kind::text; };
    return std::any_of(request.turns.begin(), request.turns.end(), [&](const auto& turn) {
        return std::any_of(turn.parts.begin(), turn.parts.end(), is_image);
    });
}

/// The instructions, and what the system said in between.
inline std::string system_text(const provider_request& request) {
    auto text = request.instructions;
    for (const auto& turn : request.turns) {
        if (turn.role != message_role::system) continue;
        if (!text.empty()) text += "\n\n";
        text += turn.content;
    }
    return text;
}

/// Instructions that tell the schema of the answer in words, for models that take no other form.
std::string with_schema(std::string instructions, std::string_view schema);

/// `data:image/png;base64,...`
inline std::string data_url(const content_part& image) {
    return "data:" + image.media_type + ";base64," + image.value;
}

/// Bytes enough for most of what is written of a request.
inline std::size_t bytes_to_write(const provider_request& request) {
    auto bytes = request.instructions.size() + request.output_schema.size();
    for (const auto& turn : request.turns) {
        bytes += turn.content.size() + turn.keepsake.size() + 48;
        for (const auto& part : turn.parts) bytes += part.value.size();
    }
    for (const auto& tool : request.tools) bytes += tool.parameters.size() + 128;
    return bytes + bytes / 16 + 256;
}

/// VALIDATION_ERROR unless there is a model, a turn, and a call for each tool's result.
result<void> check_request(const provider_request& request);

}  // namespace conclave::providers
