// Money as a whole number of nano-dollars.
#pragma once

#include <conclave/export.hpp>
#include <conclave/result.hpp>

#include <compare>
#include <cstdint>
#include <optional>
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

/// A cost that may be unknown, as that of a model without a price, which is never 0: to be used
/// like the optional<money> that it converts to, and printed as it stands. Since 0.1.
class optional_money {
   public:
    constexpr optional_money() = default;
    constexpr optional_money(std::nullopt_t) {}
    constexpr optional_money(money amount) : amount_(amount) {}
    constexpr optional_money(std::optional<money> amount) : amount_(amount) {}
    constexpr operator const std::optional<money>&() const { return amount_; }

    constexpr bool has_value() const { return amount_.has_value(); }
    constexpr explicit operator bool() const { return has_value(); }
    constexpr const money& value() const { return amount_.value(); }
    constexpr const money& operator*() const { return *amount_; }
    constexpr money& operator*() { return *amount_; }
    constexpr const money* operator->() const { return &*amount_; }
    constexpr money value_or(money other) const { return amount_.value_or(other); }
    constexpr void reset() { amount_.reset(); }

    /// The amount as money::to_usd_string gives it; empty when it is unknown.
    std::string to_usd_string() const { return amount_ ? amount_->to_usd_string() : ""; }

    /// Unknown is equal to unknown, and to no amount. One for each type: those of std::optional
    /// would take this one for an amount.
    friend constexpr bool operator==(const optional_money&, const optional_money&) = default;
    friend constexpr bool operator==(const optional_money& a, const std::optional<money>& b) {
        return a.amount_ == b;
    }
    friend constexpr bool operator==(const optional_money& a, money b) { return a.amount_ == b; }
    friend constexpr bool operator==(const optional_money& a, std::nullopt_t) {
        return !a.has_value();
    }

   private:
    std::optional<money> amount_;
};

}  // namespace conclave
