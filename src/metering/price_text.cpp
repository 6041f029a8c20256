// Prices as decimal texts, read exactly and printed in their shortest form.
#include "base/field.hpp"
#include "base/limits.hpp"
#include "metering/price.hpp"

#include <algorithm>
#include <utility>

namespace conclave::metering {
namespace {

constexpr std::int64_t nano_per_thousandth = 1'000'000;

// Reads the parts of a price, keeping the first thing wrong.
class part_reader {
   public:
    explicit part_reader(std::string path) : path_(std::move(path)) {}

    std::int64_t read(std::string_view field, const std::string& usd) {
        const auto where = path_ + std::string(field);
        const auto amount = money::parse_usd(usd, where);
        if (!amount) return refuse(amount.error());
        const auto nano_usd = amount->nano_usd();
        if (nano_usd < 0 || nano_usd > limits::price_nano_usd)
            return refuse(invalid(where, "must be between 0 and 1000000 dollars"));
        return nano_usd;
    }
    std::optional<std::int64_t> read(std::string_view field,
                                     const std::optional<std::string>& usd) {
        if (!usd) return std::nullopt;
        return read(field, *usd);
    }
    /// Of a `per_million` or one of its tiers.
    template <class Texts>
    void read_rates(token_rates& r, const Texts& texts) {
        r.input = read("input", texts.input);
        r.output = read("output", texts.output);
        r.cached_input = read("cached_input", texts.cached_input);
        r.cache_write = read("cache_write", texts.cache_write);
        r.cache_write_1h = read("cache_write_1h", texts.cache_write_1h);
        r.reasoning = read("reasoning", texts.reasoning);
    }
    std::int64_t refuse(error e) {
        if (!error_) error_ = std::move(e);
        return 0;
    }
    const std::optional<error>& problem() const { return error_; }

   private:
    std::string path_;
    std::optional<error> error_;
};

result<std::vector<length_tier>> read_tiers(const std::vector<new_price::tier>& texts) {
    if (texts.size() > limits::price_tiers)
        return invalid("usd_per_million.tiers", "must be at most 8");
    std::vector<length_tier> tiers;
    for (const auto& text : texts) {
        const auto path = "usd_per_million.tiers[" + std::to_string(tiers.size()) + "].";
        if (text.above_tokens <= (tiers.empty() ? 0 : tiers.back().above_tokens))
            return invalid(path + "above_tokens", "must be more than that of the tier before");
        part_reader in(path);
        auto& tier = tiers.emplace_back();
        tier.above_tokens = text.above_tokens;
        in.read_rates(tier, text);
        if (in.problem()) return *in.problem();
    }
    return tiers;
}

result<std::int64_t> read_factor(std::string_view field, const std::string& text) {
    const auto amount = money::parse_usd(text, field);
    if (!amount) return amount.error();
    const auto thousandths = amount->nano_usd() / nano_per_thousandth;
    if (amount->nano_usd() % nano_per_thousandth != 0)
        return invalid(field, "must have at most three decimals");
    if (thousandths < 0 || thousandths > limits::service_tier_factor * 1'000)
        return invalid(field, "must be between 0 and 1000");
    return thousandths;
}

result<std::vector<service_tier>> read_service_tiers(
    const std::vector<std::pair<std::string, std::string>>& texts) {
    constexpr std::string_view field = "usd_per_million.service_tiers";
    if (texts.size() > limits::service_tiers) return invalid(field, "must be at most 16");
    std::vector<service_tier> tiers;
    for (const auto& [name, factor] : texts) {
        const auto path = std::string(field) + "." + name;
        constexpr text_rule rule{.min_bytes = 1, .max_bytes = limits::name_bytes};
        if (auto ok = check_text(field, name, rule); !ok) return ok.error();
        auto read = read_factor(path, factor);
        if (!read) return std::move(read).error();
        tiers.push_back({name, *read});
    }
    std::sort(tiers.begin(), tiers.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    const auto twice = std::adjacent_find(
        tiers.begin(), tiers.end(), [](const auto& a, const auto& b) { return a.name == b.name; });
    if (twice != tiers.end()) return invalid(field, "must not name a tier twice");
    return tiers;
}

std::string usd(std::int64_t nano_usd) { return money::from_nano_usd(nano_usd).to_usd_string(); }

std::optional<std::string> usd(const std::optional<std::int64_t>& nano_usd) {
    if (!nano_usd) return std::nullopt;
    return usd(*nano_usd);
}

template <class Texts>
void print_rates(Texts& texts, const token_rates& r) {
    texts.input = usd(r.input);
    texts.output = usd(r.output);
    texts.cached_input = usd(r.cached_input);
    texts.cache_write = usd(r.cache_write);
    texts.cache_write_1h = usd(r.cache_write_1h);
    texts.reasoning = usd(r.reasoning);
}

}  // namespace

result<price> parse_price(const std::optional<std::string>& usd_per_1k_tokens,
                          const std::optional<new_price::per_million>& usd_per_million) {
    if (usd_per_1k_tokens && usd_per_million)
        return invalid("usd_per_million", "must be absent when usd_per_1k_tokens is given");
    price p;
    if (usd_per_1k_tokens) {
        part_reader in("");
        p.blended = in.read("usd_per_1k_tokens", *usd_per_1k_tokens);
        if (in.problem()) return *in.problem();
        return p;
    }
    if (!usd_per_million) return invalid("usd_per_1k_tokens", "or usd_per_million is required");
    part_reader in("usd_per_million.");
    in.read_rates(p, *usd_per_million);
    p.request = in.read("request", usd_per_million->request).value_or(0);
    if (in.problem()) return *in.problem();
    auto tiers = read_tiers(usd_per_million->tiers);
    if (!tiers) return std::move(tiers).error();
    p.tiers = *std::move(tiers);
    auto service_tiers = read_service_tiers(usd_per_million->service_tiers);
    if (!service_tiers) return std::move(service_tiers).error();
    p.service_tiers = *std::move(service_tiers);
    return p;
}

std::optional<std::string> usd_per_1k_tokens(const price& p) { return usd(p.blended); }

std::optional<new_price::per_million> usd_per_million(const price& p) {
    if (p.blended) return std::nullopt;
    new_price::per_million texts;
    print_rates(texts, p);
    if (p.request != 0) texts.request = usd(p.request);
    for (const auto& tier : p.tiers) {
        auto& text = texts.tiers.emplace_back();
        text.above_tokens = tier.above_tokens;
        print_rates(text, tier);
    }
    for (const auto& tier : p.service_tiers)
        texts.service_tiers.emplace_back(tier.name,
                                         usd(tier.factor_thousandths * nano_per_thousandth));
    return texts;
}

}  // namespace conclave::metering
