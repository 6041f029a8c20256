// Money as decimal text.
#include <conclave/money.hpp>

#include <algorithm>
#include <array>

namespace conclave {
namespace {

constexpr std::size_t decimals = 9;
constexpr std::uint64_t nano_per_usd = 1'000'000'000;
constexpr auto largest = static_cast<std::uint64_t>(INT64_MAX);

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Appends the digits to the number; false when it would pass `max`.
bool append_digits(std::uint64_t& number, std::string_view digits, std::uint64_t max) {
    for (const char c : digits) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (number > (max - digit) / 10) return false;
        number = number * 10 + digit;
    }
    return true;
}

}  // namespace

result<money> money::parse_usd(std::string_view text, std::string_view field) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto point = text.find('.');
    const bool has_point = point != std::string_view::npos;
    const auto whole = text.substr(0, point);
    const auto fraction = has_point ? text.substr(point + 1) : std::string_view{};
    if (whole.empty() || (has_point && fraction.empty()) || !all_digits(whole) ||
        !all_digits(fraction))
        return invalid(field, "must be a decimal number such as 0.002");
    if (fraction.size() > decimals) return invalid(field, "must have at most nine decimals");

    constexpr std::string_view zeros = "000000000";
    const auto max = negative ? largest + 1 : largest;
    std::uint64_t nano = 0;
    if (!append_digits(nano, whole, max) || !append_digits(nano, fraction, max) ||
        !append_digits(nano, zeros.substr(fraction.size()), max))
        return invalid(field, "must be between -9223372036.854775808 and 9223372036.854775807");
    return from_nano_usd(static_cast<std::int64_t>(negative ? 0 - nano : nano));
}

std::string money::to_usd_string() const {
    const auto magnitude = nano_usd_ < 0 ? 0 - static_cast<std::uint64_t>(nano_usd_)
                                         : static_cast<std::uint64_t>(nano_usd_);
    std::string text = nano_usd_ < 0 ? "-" : "";
    text += std::to_string(magnitude / nano_per_usd);
    auto fraction = magnitude % nano_per_usd;
    if (fraction == 0) return text;

    std::array<char, decimals> digits{};
    for (auto i = digits.size(); i-- > 0; fraction /= 10)
        digits[i] = static_cast<char>('0' + fraction % 10);
    auto end = digits.size();
    while (digits[end - 1] == '0') --end;
    return text.append(1, '.').append(digits.data(), end);
}

}  // namespace conclave
