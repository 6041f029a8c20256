// Ids of tool calls in the forms that vendors insist on.
#pragma once

#include <conclave/provider.hpp>

#include "json/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// The id as a vendor takes it: itself where it has the form, else another that stands for it, the
/// same each time. `form` is that of `parameter::call_ids`: `alphanumeric_9` (nine letters or
/// digits), `word_64` (up to 64 letters, digits, '_' and '-'), `any_40` or `any_64` (up to so many
/// bytes); any other takes all ids. Pure.
std::string call_id_in(std::string_view form, const std::string& id);

/// An item of a keepsake with the id under `key` in that form, so that results still find it.
json::value with_call_id_in(std::string_view form, json::value item, std::string_view key);

/// The turns with an id of its own for each call, for a vendor that insists on that, where another
/// gave an id of an earlier turn again; its results follow it. Nothing where all ids differ. Turns
/// with a keepsake keep theirs. Pure.
std::optional<std::vector<provider_request::turn>> with_own_call_ids(
    const std::vector<provider_request::turn>& given);

}  // namespace conclave::providers
