// The turns of a request, as protocols name them.
#pragma once

#include <conclave/provider.hpp>

#include <algorithm>
#include <string_view>

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

}  // namespace conclave::providers
