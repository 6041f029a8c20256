// Prices of models.
#pragma once

#include <conclave/id.hpp>
#include <conclave/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave {

/// A price to set: either one blended price per 1,000 tokens, or prices per million tokens and
/// component. Decimal strings in US dollars, at most nine decimals. Since 0.1.
struct new_price {
    std::string provider;
    std::string model = "*";  ///< exact model name, or `*` for any
    std::optional<std::string> usd_per_1k_tokens = {};
    /// Prices of a call whose prompt, cached tokens included, is longer than `above_tokens`: of all
    /// its tokens. What is left out defaults as below.
    struct tier {
        std::int64_t above_tokens = 0;
        std::string input = {};
        std::string output = {};
        std::optional<std::string> cached_input = {};
        std::optional<std::string> cache_write = {};
        std::optional<std::string> cache_write_1h = {};
        std::optional<std::string> reasoning = {};
    };
    struct per_million {
        std::string input = {};
        std::string output = {};
        std::optional<std::string> cached_input = {};    ///< defaults to `input`
        std::optional<std::string> cache_write = {};     ///< defaults to `input`
        std::optional<std::string> reasoning = {};       ///< defaults to `output`
        std::optional<std::string> request = {};         ///< dollars per call
        std::optional<std::string> cache_write_1h = {};  ///< kept for an hour; as `cache_write`
        std::vector<tier> tiers = {};                    ///< by `above_tokens`, at most 8
        /// What tokens cost more or less in a service tier, as the provider names it in its answer:
        /// `{"flex", "0.5"}`, at most three decimals. With any given, an answer in another tier
        /// has no price; the ordinary one (`default`, `standard`, `on_demand`, `auto` or none)
        /// always has.
        std::vector<std::pair<std::string, std::string>> service_tiers = {};
    };
    std::optional<per_million> usd_per_million = {};
    std::optional<timestamp> effective_from = {};  ///< now, when absent
};

/// An immutable version of a price.
struct price_version {
    price_id id;
    std::string provider;
    std::string model;
    std::optional<std::string> usd_per_1k_tokens;
    std::optional<new_price::per_million> usd_per_million;
    timestamp effective_from{};
    timestamp created_at{};
};

/// A file of prices, or such a document as text: `{"format": "conclave-prices/1", "prices": [...]}`
/// with a `new_price` each, as docs/prices.md describes it. Since 0.1.
struct price_source {
    std::string path = {};      ///< this
    std::string document = {};  ///< or this
    /// Under which names the providers of the file are registered here: `{"openai", "vendorA"}`.
    /// With any given only these are loaded.
    std::vector<std::pair<std::string, std::string>> provider_names = {};
};

}  // namespace conclave
