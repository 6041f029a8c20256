// JSON numbers, whichever of the four kinds they are.
#pragma once

#include "json/value.hpp"

#include <optional>
#include <string_view>

namespace conclave::json {

/// The double nearest to a number as JSON writes it; nothing for one that is beyond all doubles.
std::optional<double> read_number(std::string_view text) noexcept;

bool is_number(const value& v) noexcept;
/// Also 3.0 and 1e3.
bool is_integer(const value& v) noexcept;

/// Below, at or above 0 as `a` is less than, equal to or greater than `b`; both are numbers. Exact
/// for integers, and for an integer of 64 bits beside a double.
int compare_numbers(const value& a, const value& b);

/// Whether `n` is a multiple of `of`, which is above 0. Exact for integers; fractions, which binary
/// numbers cannot hold, count when the quotient is whole to one part in 10^9.
bool is_multiple(const value& n, const value& of);

}  // namespace conclave::json
