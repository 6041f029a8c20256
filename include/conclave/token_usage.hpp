// Tokens of one provider call, or of many.
#pragma once

#include <cstdint>

namespace conclave {

/// Token counts in one meaning for all providers. Prices apply to the parts; see metering. Since
/// 0.1.
struct token_usage {
    std::int64_t input = 0;         ///< every prompt token, cached ones included
    std::int64_t cached_input = 0;  ///< the part of `input` read from a cache
    std::int64_t cache_write = 0;   ///< the part of `input` written to a cache
    std::int64_t output = 0;        ///< every token billed as output, thinking included
    std::int64_t reasoning = 0;     ///< the part of `output` spent on thinking

    constexpr std::int64_t total() const { return input + output; }

    constexpr token_usage& operator+=(const token_usage& other) {
        input += other.input;
        cached_input += other.cached_input;
        cache_write += other.cache_write;
        output += other.output;
        reasoning += other.reasoning;
        return *this;
    }

    bool operator==(const token_usage&) const = default;
};

}  // namespace conclave
