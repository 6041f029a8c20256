// Reads prices: one as `prices.set` takes it, or a file of them.
#pragma once

#include <conclave/price.hpp>
#include <conclave/result.hpp>

#include "json/object_reader.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::gateway_detail {

/// A name in the document and the one that it has here.
using provider_names = std::vector<std::pair<std::string, std::string>>;

/// What is wrong is kept by `in`. Values are checked where the price is set.
new_price read_price(json::object_reader& in);

/// The prices of a document in the format of docs/prices.md. VALIDATION_ERROR naming the field
/// ("document.prices[3].model"), PAYLOAD_TOO_LARGE. With `providers` only theirs are given, under
/// the names here.
result<std::vector<new_price>> read_price_document(std::string_view text,
                                                   const provider_names& providers);

}  // namespace conclave::gateway_detail
