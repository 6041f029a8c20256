// The columns of a price, and their reader.
#pragma once

#include "metering/price.hpp"
#include "store/sql/query.hpp"

#include <string>

namespace conclave::store {

/// Table `price_version` as alias `p`, for read_price.
#define CONCLAVE_PRICE_COLUMNS                                                              \
    "p.blended, p.input, p.output, p.cached_input, p.cache_write, p.reasoning, p.request, " \
    "p.cache_write_1h, p.tiers"

metering::price read_price(const sql::cursor& row, int column);

/// Both kinds of tiers as the column holds them; empty where there are none.
std::string print_tiers(const metering::price& p);

}  // namespace conclave::store
