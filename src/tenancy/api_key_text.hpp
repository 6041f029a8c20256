// The text form of API keys.
#pragma once

#include <conclave/id.hpp>
#include <conclave/result.hpp>

#include "base/random_source.hpp"
#include "model/send.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace conclave::tenancy {

/// What a key text begins with unless the host chooses otherwise.
inline constexpr std::string_view default_key_prefix = "cnv_live";

/// `<prefix>_<id>_<secret><crc>`: the public id, 256 random bits and a CRC-32 of all before it, the
/// last two in base 62. The checksum tells a mistyped key without a look into the store.
std::string make_key_text(std::string_view prefix, const api_key_id& id, random_source& random);

/// The id inside a well-formed key text; nothing for any other text.
std::optional<api_key_id> read_key_text(std::string_view text);

/// SHA-256 of the whole text: what is stored.
digest key_digest(std::string_view text);

/// VALIDATION_ERROR naming `api_key_prefix` unless 1 to 32 of [a-z0-9_].
result<void> check_key_prefix(std::string_view prefix);

}  // namespace conclave::tenancy
