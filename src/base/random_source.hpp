// The seam through which randomness enters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace conclave {

/// Unpredictable bytes in production, a seeded sequence in tests. Thread-safe; waits for a lock at
/// most.
class random_source {
   public:
    virtual ~random_source() = default;
    virtual void fill(std::span<std::byte> out) = 0;

    /// A uniformly distributed 64-bit number.
    std::uint64_t next() {
        std::uint64_t value = 0;
        fill(std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }
};

}  // namespace conclave
