// Price versions in the store.
#pragma once

#include <conclave/price.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave::store {

/// Adds a version unless the one of (provider, model) in force at its time has the same values
/// already.
struct set_price {
    price_version version;
    struct outcome {
        price_version version;  ///< the stored one: new, or the unchanged one
    };
};

/// The same for many, all or none.
struct load_prices {
    std::vector<price_version> versions;
    struct outcome {
        std::vector<price_version> versions;  ///< in that order
    };
};

struct list_prices {
    std::optional<std::string> provider;
    struct answer {
        std::vector<price_version> versions;  ///< newest first
        std::int64_t generation = 0;
    };
};

}  // namespace conclave::store
