// The size of what a model is told.
#pragma once

#include <conclave/provider.hpp>

#include "base/limits.hpp"

#include <cstddef>

namespace conclave {

/// The bytes of a turn's texts and images, by which prompts are limited. No model makes more tokens
/// of them.
inline std::size_t bytes_of(const provider_request::turn& turn) {
    auto bytes = turn.content.size() + turn.keepsake.size();
    for (const auto& part : turn.parts) {
        if (part.what != content_part::kind::text) bytes += part.value.size();
        if (part.what == content_part::kind::image_url) bytes += limits::fetched_image_bytes;
    }
    for (const auto& call : turn.tool_calls)
        bytes += call.id.size() + call.name.size() + call.arguments.size();
    return bytes;
}

/// The bytes of a whole prompt.
inline std::size_t bytes_of(const provider_request& request) {
    auto bytes = request.instructions.size() + request.output_schema.size();
    for (const auto& text : request.stop) bytes += text.size();
    for (const auto& turn : request.turns) bytes += bytes_of(turn);
    for (const auto& tool : request.tools)
        bytes += tool.name.size() + tool.description.size() + tool.parameters.size();
    return bytes;
}

}  // namespace conclave
