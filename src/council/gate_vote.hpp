// What a critic at the gate says: which of two texts is better.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace conclave::council {

/// The JSON Schema of a vote.
std::string gate_vote_schema(std::span<const std::string> labels);

/// The place of the label that the last JSON object with a `better` names; nothing if there is
/// none, or it names no label. What is said around it does not count: the order of mention is no
/// vote.
std::optional<std::size_t> read_gate_vote(std::string_view text,
                                          std::span<const std::string> labels);

}  // namespace conclave::council
