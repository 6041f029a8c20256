// Reads prices of documents.
#include "gateway/price_document.hpp"

#include "base/limits.hpp"
#include "json/parse.hpp"
#include "metering/price_version.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace conclave::gateway_detail {
namespace {

constexpr std::string_view price_format = "conclave-prices/1";

/// Texts are checked where they are used.
constexpr text_rule any_text{
    .min_bytes = 0, .max_bytes = limits::json_bytes, .controls = control_characters::all_but_nul};

/// The members that a `per_million` and its tiers share.
template <class Rates>
void read_rates(json::object_reader& in, Rates& r) {
    r.input = in.required_string("input", any_text);
    r.output = in.required_string("output", any_text);
    r.cached_input = in.optional_string("cached_input", any_text);
    r.cache_write = in.optional_string("cache_write", any_text);
    r.cache_write_1h = in.optional_string("cache_write_1h", any_text);
    r.reasoning = in.optional_string("reasoning", any_text);
}

std::vector<new_price::tier> read_tiers(json::object_reader& in) {
    std::vector<new_price::tier> tiers;
    const auto* items = in.optional_array("tiers", limits::price_tiers);
    if (items == nullptr) return tiers;
    for (std::size_t i = 0; i < items->size(); ++i) {
        json::object_reader inner((*items)[i], in.path("tiers", i));
        auto& tier = tiers.emplace_back();
        tier.above_tokens = inner.required_integer("above_tokens", 1);
        read_rates(inner, tier);
        in.take(inner.finish());
    }
    return tiers;
}

std::vector<std::pair<std::string, std::string>> read_service_tiers(json::object_reader& in) {
    std::vector<std::pair<std::string, std::string>> tiers;
    const auto* factors = in.optional_object("service_tiers");
    if (factors == nullptr) return tiers;
    for (const auto& [name, factor] : *factors->as_object()) {
        const auto* text = factor.as_string();
        if (text == nullptr) {
            in.refuse("service_tiers", "must have strings as values");
            return {};
        }
        tiers.emplace_back(name, *text);
    }
    return tiers;
}

new_price::per_million read_per_million(json::object_reader& in) {
    new_price::per_million p;
    read_rates(in, p);
    p.request = in.optional_string("request", any_text);
    p.tiers = read_tiers(in);
    p.service_tiers = read_service_tiers(in);
    return p;
}

std::optional<timestamp> read_time(json::object_reader& in, std::string_view key) {
    const auto text = in.optional_string(key, any_text);
    if (!text) return std::nullopt;
    const auto time = parse_timestamp(*text, in.path(key));
    if (time) return *time;
    in.take(time.error());
    return std::nullopt;
}

/// Its values are checked as `prices.set` checks them.
result<new_price> read_row(const json::value& row, const std::string& path) {
    json::object_reader in(row, path);
    in.optional_string("source", any_text);  // for those who read the file
    auto price = read_price(in);
    if (auto ok = in.finish(); !ok) return std::move(ok).error();
    if (auto ok = metering::make_price_version(price, {}, {}); !ok)
        return inside(path, std::move(ok).error());
    return price;
}

result<std::vector<new_price>> rename(const std::vector<new_price>& prices,
                                      const provider_names& providers) {
    constexpr text_rule name{.min_bytes = 1, .max_bytes = limits::name_bytes};
    std::vector<new_price> renamed;
    for (const auto& [theirs, ours] : providers) {
        if (auto ok = check_text("provider_names", theirs, name); !ok) return ok.error();
        if (auto ok = check_text("provider_names", ours, name); !ok) return ok.error();
        const auto size = renamed.size();
        for (const auto& price : prices) {
            if (price.provider != theirs) continue;
            renamed.push_back(price);
            renamed.back().provider = ours;
        }
        if (renamed.size() == size)
            return invalid("provider_names." + theirs,
                           "is a provider that the document has no prices of");
    }
    return renamed;
}

}  // namespace

new_price read_price(json::object_reader& in) {
    new_price p;
    p.provider = in.required_string("provider", any_text);
    p.model = in.required_string("model", any_text);
    p.usd_per_1k_tokens = in.optional_string("usd_per_1k_tokens", any_text);
    if (const auto* parts = in.optional_object("usd_per_million")) {
        json::object_reader inner(*parts, in.path("usd_per_million"));
        p.usd_per_million = read_per_million(inner);
        in.take(inner.finish());
    }
    p.effective_from = read_time(in, "effective_from");
    return p;
}

result<std::vector<new_price>> read_price_document(std::string_view text,
                                                   const provider_names& providers) {
    if (text.size() > limits::price_document_bytes)
        return too_large("document", limits::price_document_bytes);
    const auto document = json::parse(text, "document");
    if (!document) return document.error();
    json::object_reader in(*document, "document");
    const auto format = in.required_string("format", any_text);
    if (in.ok() && format != price_format) in.refuse("format", "must be conclave-prices/1");
    in.optional_string("as_of", any_text);  // for those who read the file
    in.optional_string("notice", any_text);
    const auto* rows = in.required_array("prices", limits::price_document_rows);
    if (auto ok = in.finish(); !ok) return std::move(ok).error();

    std::vector<new_price> prices;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        auto price = read_row((*rows)[i], in.path("prices", i));
        if (!price) return std::move(price).error();
        prices.push_back(*std::move(price));
    }
    return providers.empty() ? prices : rename(prices, providers);
}

}  // namespace conclave::gateway_detail
