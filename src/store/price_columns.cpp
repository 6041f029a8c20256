// Reads prices, and keeps their tiers as JSON: lists of numbers by length, factors by service.
#include "store/price_columns.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace conclave::store {
namespace {

using rate = std::optional<std::int64_t>;

void print_rate(json::writer& w, const rate& r) { r ? w.integer(*r) : w.null(); }

rate integer_of(const json::value& v) {
    if (const auto* number = v.as_integer()) return *number;
    return std::nullopt;
}

metering::length_tier read_tier(const json::array& numbers) {
    std::array<rate, 7> n;
    for (std::size_t i = 0; i < n.size() && i < numbers.size(); ++i) n[i] = integer_of(numbers[i]);
    metering::length_tier t;
    t.above_tokens = n[0].value_or(0);
    t.input = n[1].value_or(0);
    t.output = n[2].value_or(0);
    t.cached_input = n[3];
    t.cache_write = n[4];
    t.cache_write_1h = n[5];
    t.reasoning = n[6];
    return t;
}

void read_tiers(metering::price& p, std::string_view text) {
    const auto tiers = json::parse(text, "tiers");
    if (!tiers) return;  // our own writing
    if (const auto* lengths = json::find(*tiers, "length"); lengths && lengths->as_array())
        for (const auto& tier : *lengths->as_array())
            if (const auto* numbers = tier.as_array()) p.tiers.push_back(read_tier(*numbers));
    if (const auto* services = json::find(*tiers, "service"); services && services->as_object())
        for (const auto& [name, factor] : *services->as_object())
            p.service_tiers.push_back({name, integer_of(factor).value_or(0)});
}

}  // namespace

metering::price read_price(const sql::cursor& row, int column) {
    metering::price p;
    p.blended = row.maybe_integer(column);
    p.input = row.integer(column + 1);
    p.output = row.integer(column + 2);
    p.cached_input = row.maybe_integer(column + 3);
    p.cache_write = row.maybe_integer(column + 4);
    p.reasoning = row.maybe_integer(column + 5);
    p.request = row.integer(column + 6);
    p.cache_write_1h = row.maybe_integer(column + 7);
    if (const auto tiers = row.view(column + 8); !tiers.empty()) read_tiers(p, tiers);
    return p;
}

std::string print_tiers(const metering::price& p) {
    if (p.tiers.empty() && p.service_tiers.empty()) return {};
    json::writer w;
    w.begin_object().key("length").begin_array();
    for (const auto& t : p.tiers) {
        w.begin_array();
        for (const auto& r : {rate(t.above_tokens), rate(t.input), rate(t.output), t.cached_input,
                              t.cache_write, t.cache_write_1h, t.reasoning})
            print_rate(w, r);
        w.end_array();
    }
    w.end_array().key("service").begin_object();
    for (const auto& t : p.service_tiers) w.key(t.name).integer(t.factor_thousandths);
    w.end_object().end_object();
    return std::move(w).text();
}

}  // namespace conclave::store
