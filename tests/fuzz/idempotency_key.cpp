// Fuzzes the check of idempotency keys.
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "messaging/order.hpp"

#include <string>

namespace {

bool is_visible(std::string_view key) {
    for (const unsigned char c : key)
        if (c <= ' ' || c >= 0x7f) return false;
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using conclave::errc;
    const auto key = fuzz::text_of(data, size);
    const auto hashed = conclave::messaging::hash_key("send", key);
    const bool good =
        !key.empty() && key.size() <= conclave::limits::idempotency_key_bytes && is_visible(key);
    fuzz::require(hashed.has_value() == good);
    if (hashed) {
        // One byte more or less is another key, and so is another operation's.
        fuzz::require(hashed->operation == "send");
        const auto shorter = conclave::messaging::hash_key("send", key.substr(1));
        fuzz::require(!shorter || shorter->key_hash != hashed->key_hash);
        return 0;
    }
    fuzz::require(hashed.error().code ==
                  (key.empty() ? errc::idempotency_key_required : errc::idempotency_key_invalid));
    fuzz::require(conclave::utf8::valid(hashed.error().message));
    return 0;
}
