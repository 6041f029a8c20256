// Prices of models.
#pragma once

#include <conclave/id.hpp>
#include <conclave/time.hpp>

#include <optional>
#include <string>

namespace conclave {

/// A price to set: either one blended price per 1,000 tokens, or prices per million tokens and
/// component. Decimal strings in US dollars, at most nine decimals. Since 0.1.
struct new_price {
    std::string provider;
    std::string model = "*";  ///< exact model name, or `*` for any
    std::optional<std::string> usd_per_1k_tokens = {};
    struct per_million {
        std::string input = {};
        std::string output = {};
        std::optional<std::string> cached_input = {};  ///< defaults to `input`
        std::optional<std::string> cache_write = {};   ///< defaults to `input`
        std::optional<std::string> reasoning = {};     ///< defaults to `output`
        std::optional<std::string> request = {};       ///< dollars per call
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

}  // namespace conclave
