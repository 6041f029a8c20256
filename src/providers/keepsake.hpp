// What a provider gave along with an answer and wants to see again, unchanged.
#pragma once

#include "json/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// Signed thinking is of use to the model that signed it, nobody else.
struct keepsake_owner {
    std::string kind;  ///< of the provider
    std::string provider;
    std::string model;
};

/// JSON with the owner and the items, which are JSON texts. Empty for no items.
std::string print_keepsake(const keepsake_owner& owner, const std::vector<std::string>& items);

/// The items of a keepsake; nothing unless it is this owner's.
std::optional<json::array> read_keepsake(const std::string& keepsake, const keepsake_owner& owner);

}  // namespace conclave::providers
