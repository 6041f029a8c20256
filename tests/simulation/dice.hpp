// Randomness that depends on the seed alone, on every machine and with every compiler.
#pragma once

#include "base/random_source.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <vector>

namespace conclave::simulation {

/// A sequence of choices. The distributions of the standard library differ between libraries, so
/// none is used.
class dice {
   public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t number() { return engine_(); }
    /// low to high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        const auto choices = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(engine_() % choices);
    }
    bool one_in(std::int64_t n) { return between(1, n) == 1; }
    template <class T>
    T pick(std::initializer_list<T> list) {
        return list.begin()[place(list.size())];
    }
    template <class T>
    T& pick(std::vector<T>& list) {
        return list[place(list.size())];
    }
    template <class T>
    const T& pick(const std::vector<T>& list) {
        return list[place(list.size())];
    }

   private:
    std::size_t place(std::size_t size) { return static_cast<std::size_t>(engine_() % size); }

    std::mt19937_64 engine_;
};

/// The gateway's own randomness.
class seeded_random final : public random_source {
   public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override {
        for (auto& b : out) b = static_cast<std::byte>(engine_());
    }

   private:
    std::mt19937_64 engine_;
};

}  // namespace conclave::simulation
