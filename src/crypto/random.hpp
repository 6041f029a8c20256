// Unpredictable bytes.
#pragma once

#include "base/random_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace conclave::crypto {

/// The process's cryptographic generator. Up to ten bytes, as an id takes, come from a stock: to
/// ask the generator takes some thousand instructions, which are rarely in a cache. What was given
/// is wiped from the stock, and a forked child, known by its process number, drops its copy, so
/// that it never repeats its parent's. Throws std::runtime_error when the system gives no
/// randomness at all.
class system_random final : public random_source {
   public:
    system_random();
    void fill(std::span<std::byte> out) override;

   private:
    void take_from_stock(std::span<std::byte> out);

    std::mutex mutex_;
    std::array<std::byte, 512> stock_;
    std::size_t left_ = 0;      ///< bytes of the stock that were not given, at its beginning
    std::int64_t process_ = 0;  ///< whose stock it is
};

}  // namespace conclave::crypto
