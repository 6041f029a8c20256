// SHA-256 and HMAC-SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace conclave::crypto {

using digest = std::array<std::byte, 32>;

// Any thread. They throw std::bad_alloc when memory for a thread's first digest is missing, and
// otherwise cannot fail.

digest sha256(std::span<const std::byte> data);
digest sha256(std::string_view data);

digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> data);
digest hmac_sha256(std::span<const std::byte> key, std::string_view data);

/// Compares in a time that depends on the sizes alone.
bool constant_time_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;

}  // namespace conclave::crypto
