// Money as a whole number of nano-dollars.
#pragma once

#include <conclave/export.hpp>
#include <conclave/result.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace conclave {

/// An amount of US dollars in units of 10^-9, exact, no floating point anywhere. Range of int64:
/// about +-9.2 billion dollars. Since 0.1.
class CONCLAVE_API money {
   public:
    constexpr money() = default;
    static constexpr money from_nano_usd(std::int64_t nano_usd) { return money(nano_usd); }

    /// Parses a decimal such as "0.000224": optional '-', digits, optional '.' and up to nine
    /// decimals. VALIDATION_ERROR naming `field` for anything else or out of range.
    static result<money> parse_usd(std::string_view text, std::string_view field = "amount");

    constexpr std::int64_t nano_usd() const { return nano_usd_; }

    /// The shortest exact decimal: 224'000 nano is "0.000224", zero is "0".
    std::string to_usd_string() const;

    constexpr auto operator<=>(const money&) const = default;
    constexpr money operator+(money other) const { return money(nano_usd_ + other.nano_usd_); }
    constexpr money operator-(money other) const { return money(nano_usd_ - other.nano_usd_); }
    constexpr money& operator+=(money other) { return nano_usd_ += other.nano_usd_, *this; }

   private:
    constexpr explicit money(std::int64_t nano_usd) : nano_usd_(nano_usd) {}

    std::int64_t nano_usd_ = 0;
};

}  // namespace conclave
