// The seed of a randomised test.
#pragma once

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>

namespace conclave::test {

/// Another one at each run; `--rng-seed N` gives N again. Tests print it with INFO.
inline std::uint64_t test_seed() {
    if (Catch::rngSeed() != 0) return Catch::rngSeed();
    return std::random_device{}();
}

}  // namespace conclave::test
