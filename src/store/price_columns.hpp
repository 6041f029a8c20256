// The columns of a price, and their reader.
#pragma once

#include "metering/price.hpp"
#include "store/sql/query.hpp"

namespace conclave::store {

/// Table `price_version` as alias `p`, for read_price.
#define CONCLAVE_PRICE_COLUMNS \
    "p.blended, p.input, p.output, p.cached_input, p.cache_write, p.reasoning, p.request"

inline metering::price read_price(const sql::cursor& row, int column) {
    metering::price p;
    p.blended = row.maybe_integer(column);
    p.input = row.integer(column + 1);
    p.output = row.integer(column + 2);
    p.cached_input = row.maybe_integer(column + 3);
    p.cache_write = row.maybe_integer(column + 4);
    p.reasoning = row.maybe_integer(column + 5);
    p.request = row.integer(column + 6);
    return p;
}

}  // namespace conclave::store
