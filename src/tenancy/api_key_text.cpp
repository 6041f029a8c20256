// Makes and reads key texts.
#include "tenancy/api_key_text.hpp"

#include "crypto/crc32.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"

#include <algorithm>
#include <array>

namespace conclave::tenancy {

namespace {

constexpr std::string_view id_prefix = "key_";
constexpr std::size_t id_chars = 26;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_chars = 43;
constexpr std::size_t crc_chars = 6;
constexpr std::size_t prefix_chars = 32;
constexpr std::size_t tail_chars = 1 + id_chars + 1 + secret_chars + crc_chars;

std::string checksum(std::string_view text) {
    const auto crc = crypto::crc32(text);
    std::array<std::byte, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>((crc >> (8 * (bytes.size() - 1 - i))) & 0xff);
    return crypto::base62_encode(bytes);
}

}  // namespace

std::string make_key_text(std::string_view prefix, const api_key_id& id, random_source& random) {
    std::array<std::byte, secret_bytes> secret{};
    random.fill(secret);
    std::string text(prefix);
    text += '_';
    text += std::string_view(id.str()).substr(id_prefix.size());
    text += '_';
    text += crypto::base62_encode(secret);
    text += checksum(text);
    return text;
}

std::optional<api_key_id> read_key_text(std::string_view text) {
    if (text.size() <= tail_chars || text.size() > tail_chars + prefix_chars) return std::nullopt;
    const auto body = text.substr(0, text.size() - crc_chars);
    if (checksum(body) != text.substr(body.size())) return std::nullopt;
    const auto tail = text.substr(text.size() - tail_chars);
    if (tail[0] != '_' || tail[1 + id_chars] != '_') return std::nullopt;
    return api_key_id(std::string(id_prefix) + std::string(tail.substr(1, id_chars)));
}

digest key_digest(std::string_view text) { return crypto::sha256(text); }

result<void> check_key_prefix(std::string_view prefix) {
    const bool plain = std::all_of(prefix.begin(), prefix.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (prefix.empty() || prefix.size() > prefix_chars || !plain)
        return invalid("api_key_prefix", "must be 1 to 32 of a-z, 0-9 and _");
    return {};
}

}  // namespace conclave::tenancy
