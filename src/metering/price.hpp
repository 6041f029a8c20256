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
#include <string_view>
#include <vector>

namespace conclave::metering {

/// What the tokens of a call cost, in nano-USD per 1,000,000.
struct token_rates {
    std::int64_t input = 0;
    std::int64_t output = 0;
    std::optional<std::int64_t> cached_input;    ///< the price of input when absent
    std::optional<std::int64_t> cache_write;     ///< the price of input when absent
    std::optional<std::int64_t> cache_write_1h;  ///< the price of cache_write when absent
    std::optional<std::int64_t> reasoning;       ///< the price of output when absent

    bool operator==(const token_rates&) const = default;
};

/// The rates of a call whose prompt is longer than `above_tokens`.
struct length_tier : token_rates {
    std::int64_t above_tokens = 0;

    bool operator==(const length_tier&) const = default;
};

/// What the rates are multiplied with in a service tier.
struct service_tier {
    std::string name;
    std::int64_t factor_thousandths = 1'000;

    bool operator==(const service_tier&) const = default;
};

/// A price as integers: either `blended` alone, or rates with the optional rest.
struct price : token_rates {
    /// Nano-USD per 1,000 tokens of any kind.
    std::optional<std::int64_t> blended;

    std::int64_t request = 0;                 ///< nano-USD per call
    std::vector<length_tier> tiers;           ///< by above_tokens
    std::vector<service_tier> service_tiers;  ///< by name; the ordinary one need not be there

    bool operator==(const price&) const = default;
};

/// What else the cost of a call depends on.
struct call_terms {
    std::int64_t cache_write_1h = 0;     ///< the part of token_usage::cache_write kept for an hour
    std::string_view service_tier = {};  ///< as the provider named it; empty: it did not
};

/// Reads what a user set, exactly. VALIDATION_ERROR naming the field unless there is exactly one of
/// the two forms, every part is a decimal of 0 to limits::price_nano_usd with at most nine
/// decimals, and tiers and service tiers are within their limits.
result<price> parse_price(const std::optional<std::string>& usd_per_1k_tokens,
                          const std::optional<new_price::per_million>& usd_per_million);

/// The inverse: decimals without trailing zeros. Exactly one of the two has a value.
std::optional<std::string> usd_per_1k_tokens(const price& p);
std::optional<new_price::per_million> usd_per_million(const price& p);

/// The cost of one call, rounded once, half up, to a nano. Parts of the input or output that claim
/// more tokens than the whole count as the whole. VALIDATION_ERROR for negative counts, for a cost
/// beyond the range of money, and for a service tier that the price says nothing about.
result<money> cost(const price& p, const token_usage& tokens, const call_terms& terms = {});

/// What a call can cost at most: no prompt has more tokens than bytes, no answer more than
/// `max_tokens` (limits::hold_output_tokens when absent), and each token is charged as its dearest
/// kind in the dearest tier that may apply. This is what a send holds.
result<money> worst_case(const price& p, std::size_t prompt_bytes,
                         std::optional<std::int64_t> max_tokens);

}  // namespace conclave::metering
