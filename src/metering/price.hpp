// What a call costs.
#pragma once

#include <conclave/money.hpp>
#include <conclave/price.hpp>
#include <conclave/result.hpp>
#include <conclave/token_usage.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace conclave::metering {

/// A price as integers: either `blended` alone, or `input` and `output` with the optional rest.
struct price {
    /// Nano-USD per 1,000 tokens of any kind.
    std::optional<std::int64_t> blended;

    // Nano-USD per 1,000,000 tokens.
    std::int64_t input = 0;
    std::int64_t output = 0;
    std::optional<std::int64_t> cached_input;  ///< the price of input when absent
    std::optional<std::int64_t> cache_write;   ///< the price of input when absent
    std::optional<std::int64_t> reasoning;     ///< the price of output when absent

    std::int64_t request = 0;  ///< nano-USD per call

    bool operator==(const price&) const = default;
};

/// Reads what a user set, exactly. VALIDATION_ERROR naming the field unless there is exactly one of
/// the two forms and every part is a decimal of 0 to limits::price_nano_usd with at most nine
/// decimals.
result<price> parse_price(const std::optional<std::string>& usd_per_1k_tokens,
                          const std::optional<new_price::per_million>& usd_per_million);

/// The inverse: decimals without trailing zeros. Exactly one of the two has a value.
std::optional<std::string> usd_per_1k_tokens(const price& p);
std::optional<new_price::per_million> usd_per_million(const price& p);

/// The cost of one call, rounded once, half up, to a nano. Parts of the input or output that claim
/// more tokens than the whole count as the whole. VALIDATION_ERROR for negative counts and for a
/// cost beyond the range of money.
result<money> cost(const price& p, const token_usage& tokens);

/// What a call can cost at most: no prompt has more tokens than bytes, no answer more than
/// `max_tokens` (limits::hold_output_tokens when absent), and each token is charged as its dearest
/// kind. This is what a send holds.
result<money> worst_case(const price& p, std::size_t prompt_bytes,
                         std::optional<std::int64_t> max_tokens);

}  // namespace conclave::metering
