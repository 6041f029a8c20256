// What tools and calls of them must be.
#pragma once

#include <conclave/result.hpp>
#include <conclave/tool.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// VALIDATION_ERROR naming the field: `prefix` and `name`, `description` or `parameters`.
result<void> check_tool_name(std::string_view name, const std::string& prefix);
result<void> check_tool_texts(std::string_view description, std::string_view parameters,
                              const std::string& prefix);

/// VALIDATION_ERROR naming the first field that is wrong.
result<void> validate(const new_tool& tool);

/// The calls of an answer with their arguments tidied and their ids filled in: `id_prefix` and a
/// number. Nothing if they are no calls that could be kept.
std::optional<std::vector<tool_call>> keep_tool_calls(std::vector<tool_call> calls,
                                                      std::string_view id_prefix);

}  // namespace conclave::providers
