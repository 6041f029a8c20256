// Makes versions of prices from what users set.
#pragma once

#include <conclave/price.hpp>
#include <conclave/result.hpp>

namespace conclave::metering {

/// VALIDATION_ERROR naming the field. Decimals are brought to their shortest form, so that equal
/// prices compare equal.
result<price_version> make_price_version(new_price input, price_id id, timestamp now);

}  // namespace conclave::metering
