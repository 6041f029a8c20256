// Price versions.
#include "store/prices.hpp"

#include "store/handlers.hpp"
#include "store/price_columns.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

#define CONCLAVE_PRICE_VERSION_COLUMNS \
    "p.price_id, p.provider, p.model, p.effective_from, p.created_at, " CONCLAVE_PRICE_COLUMNS

price_version read_version(const sql::cursor& row) {
    const auto price = read_price(row, 5);
    return {row.text(0),
            row.text(1),
            row.text(2),
            metering::usd_per_1k_tokens(price),
            metering::usd_per_million(price),
            row.time(3),
            row.time(4)};
}

}  // namespace

set_price::outcome perform(batch& c, const set_price& command) {
    const auto& v = command.version;
    const auto parsed = metering::parse_price(v.usd_per_1k_tokens, v.usd_per_million);
    if (!parsed) throw sql::failure(sql::failure_kind::misuse, parsed.error().message);
    const auto& price = *parsed;
    {
        sql::cursor row(c,
                        "SELECT " CONCLAVE_PRICE_VERSION_COLUMNS
                        " FROM price_version p"
                        " WHERE p.provider = ?1 AND p.model = ?2 AND p.effective_from <= ?3"
                        " ORDER BY p.effective_from DESC, p.price_id DESC LIMIT 1",
                        v.provider, v.model, v.effective_from);
        if (row.next() && read_price(row, 5) == price) return {read_version(row)};
    }
    sql::run(c,
             "INSERT INTO price_version (price_id, provider, model, blended, input, output,"
             " cached_input, cache_write, reasoning, request, effective_from, created_at,"
             " cache_write_1h, tiers)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
             v.id, v.provider, v.model, price.blended, price.input, price.output,
             price.cached_input, price.cache_write, price.reasoning, price.request,
             v.effective_from, v.created_at, price.cache_write_1h, print_tiers(price));
    return {v};
}

load_prices::outcome perform(batch& c, const load_prices& command) {
    load_prices::outcome o;
    for (const auto& version : command.versions)
        o.versions.push_back(perform(c, set_price{version}).version);
    return o;
}

list_prices::answer find(sql::connection& c, const list_prices& query) {
    list_prices::answer a;
    {
        sql::cursor row(c,
                        "SELECT " CONCLAVE_PRICE_VERSION_COLUMNS
                        " FROM price_version p"
                        " WHERE p.provider = coalesce(?1, p.provider)"
                        " ORDER BY p.generation DESC",
                        query.provider);
        while (row.next()) a.versions.push_back(read_version(row));
    }
    sql::cursor row(c, "SELECT max(generation) FROM price_version");
    if (row.next()) a.generation = row.integer(0);
    return a;
}

}  // namespace conclave::store
