// Reads, compares and divides JSON numbers.
#include "json/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace conclave::json {

namespace {

constexpr double whole_to = 1e-9;

/// Whether a number that no double holds is too great, and not too near 0.
bool is_above_one(std::string_view text) {
    const auto e = std::min(text.find_first_of("eE"), text.size());
    const auto number = text.substr(0, e);
    const auto point = std::min(number.find('.'), number.size());
    const auto first = std::min(number.find_first_of("123456789"), number.size());
    auto power = text.substr(std::min(e + 1, text.size()));
    if (power.starts_with('+')) power.remove_prefix(1);
    std::int64_t exponent = 0;
    const auto [end, problem] =
        std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (problem == std::errc::result_out_of_range) return power.front() != '-';
    return exponent > static_cast<std::int64_t>(first) - static_cast<std::int64_t>(point);
}

bool is_negative(const big_integer& n) { return n.digits.starts_with('-'); }

int sign_of(bool less, bool greater) { return less ? -1 : (greater ? 1 : 0); }

/// Both of the same sign: the longer one is further from 0.
int compare_big(const big_integer& a, const big_integer& b) {
    if (is_negative(a) != is_negative(b)) return is_negative(a) ? -1 : 1;
    const auto order =
        a.digits.size() != b.digits.size()
            ? sign_of(a.digits.size() < b.digits.size(), a.digits.size() > b.digits.size())
            : a.digits.compare(b.digits);
    return is_negative(a) ? -order : order;
}

/// Wide enough for every integer of 64 bits beside every double.
long double widened(const value& v) {
    if (const auto* integer = v.as_integer()) return static_cast<long double>(*integer);
    return static_cast<long double>(v.as_number().value_or(0));
}

/// What is left of a long integer, digit by digit; `of` is above 0.
std::uint64_t remainder_of(const big_integer& n, std::uint64_t of) {
    __extension__ using wide = unsigned __int128;
    wide left = 0;
    for (const char c : n.digits)
        if (c != '-') left = (left * 10 + static_cast<wide>(c - '0')) % of;
    return static_cast<std::uint64_t>(left);
}

}  // namespace

std::optional<double> read_number(std::string_view text) noexcept {
    double nearest = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), nearest);
    if (problem != std::errc::result_out_of_range && std::isfinite(nearest)) return nearest;
    return is_above_one(text) ? std::nullopt : std::optional(0.0);
}

bool is_number(const value& v) noexcept { return v.as_number().has_value(); }

bool is_integer(const value& v) noexcept {
    if (v.kind() == kind::integer || v.kind() == kind::big_integer) return true;
    const auto number = v.as_number();
    return number && std::trunc(*number) == *number;
}

int compare_numbers(const value& a, const value& b) {
    const auto* small_a = a.as_integer();
    const auto* small_b = b.as_integer();
    if (small_a && small_b) return sign_of(*small_a<*small_b, *small_a> * small_b);
    const auto* big_a = a.as_big_integer();
    const auto* big_b = b.as_big_integer();
    if (big_a && big_b) return compare_big(*big_a, *big_b);
    // Beyond 64 bits, so further from 0 than any integer that is not.
    if (big_a && small_b) return is_negative(*big_a) ? -1 : 1;
    if (small_a && big_b) return is_negative(*big_b) ? 1 : -1;
    return sign_of(widened(a) < widened(b), widened(a) > widened(b));
}

bool is_multiple(const value& n, const value& of) {
    const auto* divisor = of.as_integer();
    if (const auto* integer = n.as_integer(); integer && divisor) return *integer % *divisor == 0;
    if (const auto* big = n.as_big_integer(); big && divisor)
        return remainder_of(*big, static_cast<std::uint64_t>(*divisor)) == 0;
    const auto quotient = n.as_number().value_or(0) / of.as_number().value_or(1);
    const auto nearest = std::round(quotient);
    return std::isfinite(quotient) &&
           std::abs(quotient - nearest) <= whole_to * std::max(1.0, std::abs(quotient));
}

}  // namespace conclave::json
