// Which price applies to a model at a time.
#pragma once

#include <conclave/id.hpp>
#include <conclave/time.hpp>

#include "metering/price.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace conclave::metering {

/// One immutable version of a price.
struct price_entry {
    price_id id;
    std::string provider;
    std::string model;  ///< `*` for any
    metering::price price;
    timestamp effective_from{};
    timestamp created_at{};
};

/// All versions. They are never changed or removed, and pointers to them stay valid as long as the
/// book lives. Not thread-safe.
class price_book {
   public:
    /// Adds a version; one whose id is there already is ignored.
    void add(const price_entry& entry);

    /// The version in force: one of exactly this model before one of `*`, then the latest that is
    /// effective, then the latest id. nullptr: the model has no price.
    const price_entry* find(std::string_view provider, std::string_view model, timestamp at) const;

   private:
    using versions = std::map<std::pair<timestamp, price_id>, price_entry>;
    using models = std::map<std::string, versions, std::less<>>;

    std::map<std::string, models, std::less<>> providers_;
};

}  // namespace conclave::metering
