// Cost arithmetic in whole numbers.
#include "metering/price.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace conclave::metering {
namespace {

// Prices per million are at most 10^18 and counts below 2^63: no sum of products passes 2^125. A
// factor may take them past 2^128, which is noticed.
__extension__ using uint128 = unsigned __int128;

constexpr std::uint64_t per_million_tokens = 1'000'000;
constexpr std::int64_t thousands_per_million = 1'000;
constexpr std::int64_t factor_of_one = 1'000;

/// How providers name the tier that a price means without saying so.
constexpr std::array<std::string_view, 5> ordinary_tiers = {"", "default", "standard", "on_demand",
                                                            "auto"};

uint128 product(std::int64_t tokens, std::int64_t price) {
    return static_cast<uint128>(tokens) * static_cast<uint128>(price);
}

// Rounds a numerator of nano-USD per million, times a factor in thousandths, half up and adds the
// whole nanos; nothing on overflow.
std::optional<money> round_once(uint128 numerator, std::int64_t factor, std::int64_t whole_nanos) {
    const auto denominator = static_cast<uint128>(per_million_tokens) * factor_of_one;
    const auto times = static_cast<uint128>(factor);
    if (times != 0 && numerator > (~uint128{0} - denominator) / times) return std::nullopt;
    const auto nanos =
        (numerator * times + denominator / 2) / denominator + static_cast<uint128>(whole_nanos);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    if (nanos > static_cast<uint128>(largest)) return std::nullopt;
    return money::from_nano_usd(static_cast<std::int64_t>(nanos));
}

result<money> in_range(std::optional<money> cost) {
    if (!cost) return invalid("cost", "must be below 9223372036.854775808 dollars");
    return *cost;
}

/// The rates of a prompt of that many tokens.
token_rates rates_of(const price& p, std::int64_t prompt_tokens) {
    if (p.blended) {
        const auto any = *p.blended * thousands_per_million;
        return {any, any, {}, {}, {}, {}};
    }
    const token_rates* found = &p;
    for (const auto& tier : p.tiers)
        if (prompt_tokens > tier.above_tokens) found = &tier;
    return *found;
}

/// Nothing for a tier that the price does not know.
std::optional<std::int64_t> factor_of(const price& p, std::string_view tier) {
    const auto found = std::find_if(p.service_tiers.begin(), p.service_tiers.end(),
                                    [&](const auto& t) { return t.name == tier; });
    if (found != p.service_tiers.end()) return found->factor_thousandths;
    const bool is_ordinary =
        std::find(ordinary_tiers.begin(), ordinary_tiers.end(), tier) != ordinary_tiers.end();
    if (p.service_tiers.empty() || is_ordinary) return factor_of_one;
    return std::nullopt;
}

std::int64_t price_of_writes(const token_rates& r) { return r.cache_write.value_or(r.input); }

std::int64_t price_of_long_writes(const token_rates& r) {
    return r.cache_write_1h.value_or(price_of_writes(r));
}

uint128 numerator_of(const token_rates& r, const token_usage& tokens, std::int64_t cache_write_1h) {
    const auto cached = std::min(tokens.cached_input, tokens.input);
    const auto written = std::min(tokens.cache_write, tokens.input - cached);
    const auto written_1h = std::min(cache_write_1h, written);
    const auto thought = std::min(tokens.reasoning, tokens.output);
    return product(tokens.input - cached - written, r.input) +
           product(cached, r.cached_input.value_or(r.input)) +
           product(written - written_1h, price_of_writes(r)) +
           product(written_1h, price_of_long_writes(r)) +
           product(tokens.output - thought, r.output) +
           product(thought, r.reasoning.value_or(r.output));
}

}  // namespace

result<money> cost(const price& p, const token_usage& tokens, const call_terms& terms) {
    if (std::min({tokens.input, tokens.cached_input, tokens.cache_write, tokens.output,
                  tokens.reasoning, terms.cache_write_1h}) < 0)
        return invalid("usage", "must not have negative token counts");
    const auto factor = factor_of(p, terms.service_tier);
    if (!factor) return invalid("service_tier", "is none that the price knows");
    const auto rates = rates_of(p, tokens.input);
    return in_range(
        round_once(numerator_of(rates, tokens, terms.cache_write_1h), *factor, p.request));
}

result<money> worst_case(const price& p, std::size_t prompt_bytes,
                         std::optional<std::int64_t> max_tokens) {
    const auto input_tokens = static_cast<std::int64_t>(prompt_bytes);
    const auto output_tokens = max_tokens.value_or(limits::hold_output_tokens);
    if (output_tokens < 0) return invalid("max_tokens", "must not be negative");

    uint128 numerator = 0;
    const auto consider = [&](const token_rates& r) {
        const auto in = std::max({r.input, r.cached_input.value_or(r.input), price_of_writes(r),
                                  price_of_long_writes(r)});
        const auto out = std::max(r.output, r.reasoning.value_or(r.output));
        numerator = std::max(numerator, product(input_tokens, in) + product(output_tokens, out));
    };
    consider(rates_of(p, 0));
    for (const auto& tier : p.tiers)
        if (input_tokens > tier.above_tokens) consider(tier);
    auto factor = factor_of_one;
    for (const auto& tier : p.service_tiers) factor = std::max(factor, tier.factor_thousandths);
    return in_range(round_once(numerator, factor, p.request));
}

}  // namespace conclave::metering
