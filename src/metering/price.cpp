// Cost arithmetic in whole numbers.
#include "metering/price.hpp"

#include "base/field.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace conclave::metering {
namespace {

// Prices per million are at most 10^18 and counts below 2^63: no sum of products passes 2^125.
__extension__ using uint128 = unsigned __int128;

constexpr std::uint64_t per_million_tokens = 1'000'000;
constexpr std::int64_t thousands_per_million = 1'000;

uint128 product(std::int64_t tokens, std::int64_t price) {
    return static_cast<uint128>(tokens) * static_cast<uint128>(price);
}

// Rounds a numerator of nano-USD per million half up and adds the whole nanos; nothing on overflow.
std::optional<money> round_once(uint128 numerator, std::int64_t whole_nanos) {
    const auto nanos = (numerator + per_million_tokens / 2) / per_million_tokens +
                       static_cast<uint128>(whole_nanos);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    if (nanos > static_cast<uint128>(largest)) return std::nullopt;
    return money::from_nano_usd(static_cast<std::int64_t>(nanos));
}

result<money> in_range(std::optional<money> cost) {
    if (!cost) return invalid("cost", "must be below 9223372036.854775808 dollars");
    return *cost;
}

std::int64_t input_price(const price& p) {
    return p.blended ? *p.blended * thousands_per_million : p.input;
}

std::int64_t output_price(const price& p) {
    return p.blended ? *p.blended * thousands_per_million : p.output;
}

// Reads the parts of a price, keeping the first thing wrong.
class part_reader {
   public:
    std::int64_t read(std::string_view field, const std::string& usd) {
        const auto amount = money::parse_usd(usd, field);
        if (!amount) return refuse(amount.error());
        const auto nano_usd = amount->nano_usd();
        if (nano_usd < 0 || nano_usd > limits::price_nano_usd)
            return refuse(invalid(field, "must be between 0 and 1000000 dollars"));
        return nano_usd;
    }
    std::optional<std::int64_t> read(std::string_view field,
                                     const std::optional<std::string>& usd) {
        if (!usd) return std::nullopt;
        return read(field, *usd);
    }
    result<price> finish(price p) const { return error_ ? result<price>(*error_) : p; }

   private:
    std::int64_t refuse(error e) {
        if (!error_) error_ = std::move(e);
        return 0;
    }

    std::optional<error> error_;
};

std::string usd(std::int64_t nano_usd) { return money::from_nano_usd(nano_usd).to_usd_string(); }

std::optional<std::string> usd(const std::optional<std::int64_t>& nano_usd) {
    if (!nano_usd) return std::nullopt;
    return usd(*nano_usd);
}

}  // namespace

result<price> parse_price(const std::optional<std::string>& usd_per_1k_tokens,
                          const std::optional<new_price::per_million>& usd_per_million) {
    if (usd_per_1k_tokens && usd_per_million)
        return invalid("usd_per_million", "must be absent when usd_per_1k_tokens is given");
    part_reader in;
    price p;
    if (usd_per_1k_tokens) {
        p.blended = in.read("usd_per_1k_tokens", *usd_per_1k_tokens);
        return in.finish(p);
    }
    if (!usd_per_million) return invalid("usd_per_1k_tokens", "or usd_per_million is required");
    p.input = in.read("usd_per_million.input", usd_per_million->input);
    p.output = in.read("usd_per_million.output", usd_per_million->output);
    p.cached_input = in.read("usd_per_million.cached_input", usd_per_million->cached_input);
    p.cache_write = in.read("usd_per_million.cache_write", usd_per_million->cache_write);
    p.reasoning = in.read("usd_per_million.reasoning", usd_per_million->reasoning);
    p.request = in.read("usd_per_million.request", usd_per_million->request).value_or(0);
    return in.finish(p);
}

std::optional<std::string> usd_per_1k_tokens(const price& p) { return usd(p.blended); }

std::optional<new_price::per_million> usd_per_million(const price& p) {
    if (p.blended) return std::nullopt;
    new_price::per_million texts;
    texts.input = usd(p.input);
    texts.output = usd(p.output);
    texts.cached_input = usd(p.cached_input);
    texts.cache_write = usd(p.cache_write);
    texts.reasoning = usd(p.reasoning);
    if (p.request != 0) texts.request = usd(p.request);
    return texts;
}

result<money> cost(const price& p, const token_usage& tokens) {
    if (std::min({tokens.input, tokens.cached_input, tokens.cache_write, tokens.output,
                  tokens.reasoning}) < 0)
        return invalid("usage", "must not have negative token counts");

    const auto cached = std::min(tokens.cached_input, tokens.input);
    const auto written = std::min(tokens.cache_write, tokens.input - cached);
    const auto thought = std::min(tokens.reasoning, tokens.output);
    const auto in = input_price(p);
    const auto out = output_price(p);
    return in_range(round_once(product(tokens.input - cached - written, in) +
                                   product(cached, p.cached_input.value_or(in)) +
                                   product(written, p.cache_write.value_or(in)) +
                                   product(tokens.output - thought, out) +
                                   product(thought, p.reasoning.value_or(out)),
                               p.request));
}

result<money> worst_case(const price& p, std::size_t prompt_bytes,
                         std::optional<std::int64_t> max_tokens) {
    const auto in = input_price(p);
    const auto dearest_in = std::max({in, p.cached_input.value_or(in), p.cache_write.value_or(in)});
    const auto out = output_price(p);
    const auto dearest_out = std::max(out, p.reasoning.value_or(out));
    const auto output_tokens = max_tokens.value_or(limits::hold_output_tokens);
    if (output_tokens < 0) return invalid("max_tokens", "must not be negative");
    return in_range(round_once(product(static_cast<std::int64_t>(prompt_bytes), dearest_in) +
                                   product(output_tokens, dearest_out),
                               p.request));
}

}  // namespace conclave::metering
