// Reads members of vendors' documents.
#include "providers/fields.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "json/pointer.hpp"
#include "json/print.hpp"

#include <algorithm>
#include <charconv>

namespace conclave::providers {
namespace {

constexpr std::int64_t nano_digits = 9;
constexpr std::int64_t tick_digits = 10;  ///< a tick of xAI is 10^-10 dollars
constexpr std::int64_t exponent_max = 1'000;

std::optional<std::int64_t> parse_integer(std::string_view digits) {
    std::int64_t number = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, problem] = std::from_chars(digits.data(), end, number);
    if (problem != std::errc() || stop != end) return std::nullopt;
    return number;
}

/// digits x 10^exponent, rounded half up. Nothing below zero or beyond the range.
std::optional<std::int64_t> scaled(std::string digits, std::int64_t exponent) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) return 0;
    const auto size = static_cast<std::int64_t>(digits.size());
    if (size + exponent < 0) return 0;
    if (size + exponent > 19) return std::nullopt;
    bool up = false;
    if (exponent < 0) {
        const auto kept = static_cast<std::size_t>(size + exponent);
        up = digits[kept] >= '5';
        digits.resize(kept);
    } else {
        digits.append(static_cast<std::size_t>(exponent), '0');
    }
    const auto whole = digits.empty() ? std::optional<std::int64_t>(0) : parse_integer(digits);
    if (!whole || *whole == INT64_MAX) return std::nullopt;
    return *whole + (up ? 1 : 0);
}

/// A decimal as JSON writes it, times 10^shift.
std::optional<std::int64_t> parse_amount(std::string_view text, std::int64_t shift) {
    const auto e = std::min(text.find_first_of("eE"), text.size());
    std::int64_t exponent = 0;
    if (e < text.size()) {
        auto power = text.substr(e + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto read = parse_integer(power);
        if (!read || *read < -exponent_max || *read > exponent_max) return std::nullopt;
        exponent = *read;
    }
    const auto number = text.substr(0, e);
    const auto point = std::min(number.find('.'), number.size());
    std::string digits(number.substr(0, point));
    if (point < number.size()) digits += number.substr(point + 1);
    const auto decimals = point < number.size() ? number.size() - point - 1 : 0;
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return is_digit(c); }))
        return std::nullopt;  // also below zero
    return scaled(std::move(digits), exponent - static_cast<std::int64_t>(decimals) + shift);
}

std::optional<std::int64_t> amount_of(const json::element* e, std::int64_t shift) {
    if (e == nullptr) return std::nullopt;
    if (const auto* exact = e->as_decimal()) return parse_amount(*exact, shift);
    if (const auto* whole = e->as_integer()) return parse_amount(std::to_string(*whole), shift);
    return std::nullopt;
}

template <class Node>
std::string arguments_of(const Node& call) {
    const auto* found = json::find(call, "arguments");
    if (found == nullptr) found = json::find(call, "input");
    if (found == nullptr || found->is_null()) return {};
    if (const auto* text = found->as_string()) return std::string(*text);
    return json::print(*found);
}

}  // namespace

std::optional<std::int64_t> token_count(const json::element& e) {
    const auto* count = e.as_integer();
    if (count == nullptr || *count < 0 || *count > tokens_max) return std::nullopt;
    return *count;
}

std::optional<std::int64_t> count_at(const json::element& e,
                                     std::initializer_list<std::string_view> pointers) {
    for (const auto pointer : pointers) {
        const auto* found = json::at_pointer(e, pointer);
        if (const auto count = found != nullptr ? token_count(*found) : std::nullopt) return count;
    }
    return std::nullopt;
}

std::string_view word_at(const json::value& v, std::string_view key) {
    const auto* found = json::find(v, key);
    const auto* text = found != nullptr ? found->as_string() : nullptr;
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

const json::array& items_at(const json::value& v, std::string_view key) {
    static const json::array none;
    const auto* found = json::find(v, key);
    const auto* items = found != nullptr ? found->as_array() : nullptr;
    return items != nullptr ? *items : none;
}

std::string arguments_at(const json::element& call) { return arguments_of(call); }

std::string arguments_at(const json::value& call) { return arguments_of(call); }

std::string kept_name(std::string_view theirs) {
    return theirs.size() <= limits::name_bytes ? std::string(theirs) : std::string();
}

std::optional<std::int64_t> told_cost_nano_usd(const json::element& usage) {
    const auto ticks = amount_of(json::find(usage, "cost_in_usd_ticks"), nano_digits - tick_digits);
    const auto* cost = json::find(usage, "cost");
    if (cost != nullptr && cost->is_object()) cost = json::find(*cost, "total_cost");
    const auto told = ticks ? ticks : amount_of(cost, nano_digits);
    if (told && *told > limits::price_nano_usd) return std::nullopt;
    return told;
}

}  // namespace conclave::providers
