// Makes ids of tool calls fit.
#include "providers/call_ids.hpp"

#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"

#include <algorithm>
#include <cstddef>

namespace conclave::providers {
namespace {

constexpr std::string_view alphanumeric_9 = "alphanumeric_9";
constexpr std::size_t characters = 9;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string call_id_in(std::string_view form, const std::string& id) {
    const bool fits = id.size() == characters && std::all_of(id.begin(), id.end(), is_alphanumeric);
    if (form != alphanumeric_9 || fits) return id;
    // The first digits of a number hardly differ, the last ones do.
    const auto digits = crypto::base62_encode(crypto::sha256(id));
    return digits.substr(digits.size() - characters);
}

}  // namespace conclave::providers
