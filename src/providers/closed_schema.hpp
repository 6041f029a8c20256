// Schemas of answers as vendors take them that bind a model to one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conclave::providers {

/// The schema in the part of JSON Schema that Anthropic takes: each object is closed, references
/// are followed, and what bounds numbers, lengths and counts is left out, since answers are checked
/// against the whole schema here. Nothing where that part has no words for it: an object or list of
/// anything, `allOf`, `not`, `prefixItems`, a schema within itself.
std::optional<std::string> closed_schema(std::string_view schema);

}  // namespace conclave::providers
