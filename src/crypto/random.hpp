// Unpredictable bytes.
#pragma once

#include "base/random_source.hpp"

namespace conclave::crypto {

/// The process's cryptographic generator. It keeps no bytes of its own, so that a forked child,
/// which the generator notices by itself, never repeats its parent's. Throws std::runtime_error
/// when the system gives no randomness at all.
class system_random final : public random_source {
   public:
    system_random();
    void fill(std::span<std::byte> out) override;
};

}  // namespace conclave::crypto
