// Times and days in ISO 8601.
#include <conclave/time.hpp>

#include <algorithm>
#include <array>

namespace conclave {
namespace {

using std::chrono::floor;

// Writes `value` with exactly `width` digits.
char* put(char* out, std::int64_t value, int width) {
    for (int i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
    return out + width;
}

char* put_date(char* out, date d) {
    const std::chrono::year_month_day parts{d};
    out = put(out, static_cast<int>(parts.year()), 4);
    *out++ = '-';
    out = put(out, static_cast<unsigned>(parts.month()), 2);
    *out++ = '-';
    return put(out, static_cast<unsigned>(parts.day()), 2);
}

// Years are written with four digits; what lies outside is shown as the nearest end.
constexpr date first_day = std::chrono::year{0} / 1 / 1;
constexpr date last_day = std::chrono::year{9999} / 12 / 31;

// Reads fixed fields from left to right; once something does not fit, all that follows fails.
class reader {
   public:
    explicit reader(std::string_view text) : rest_(text) {}

    int digits(std::size_t width) {
        if (rest_.size() < width) return failed();
        int value = 0;
        for (const char c : rest_.substr(0, width)) {
            if (c < '0' || c > '9') return failed();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return value;
    }
    void expect(char c) {
        if (!accept(c)) failed();
    }
    bool accept(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Milliseconds from one to nine decimals; finer ones are cut off.
    int milliseconds() {
        int value = 0;
        std::size_t width = 0;
        for (; width < rest_.size() && rest_[width] >= '0' && rest_[width] <= '9'; ++width)
            if (width < 3) value = value * 10 + (rest_[width] - '0');
        if (width < 1 || width > 9) return failed();
        for (auto i = width; i < 3; ++i) value *= 10;
        rest_.remove_prefix(width);
        return value;
    }
    date day() {
        const std::chrono::year year{digits(4)};
        expect('-');
        const std::chrono::month month{static_cast<unsigned>(digits(2))};
        expect('-');
        const std::chrono::year_month_day parts{year, month,
                                                std::chrono::day(static_cast<unsigned>(digits(2)))};
        if (!parts.ok()) failed();
        return ok_ ? date{parts} : date{};
    }
    bool done() const { return ok_ && rest_.empty(); }

   private:
    int failed() {
        ok_ = false;
        return 0;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace

std::string to_iso8601(date d) {
    std::array<char, 10> text{};
    put_date(text.data(), std::clamp(d, first_day, last_day));
    return {text.data(), text.size()};
}

std::string to_iso8601(timestamp t) {
    t = std::clamp(t, timestamp{first_day},
                   timestamp{last_day + std::chrono::days{1}} - std::chrono::milliseconds{1});
    const auto day = floor<std::chrono::days>(t);
    const std::chrono::hh_mm_ss clock{t - day};
    std::array<char, 24> text{};
    char* out = put_date(text.data(), day);
    *out++ = 'T';
    out = put(out, clock.hours().count(), 2);
    *out++ = ':';
    out = put(out, clock.minutes().count(), 2);
    *out++ = ':';
    out = put(out, clock.seconds().count(), 2);
    *out++ = '.';
    out = put(out, clock.subseconds().count(), 3);
    *out = 'Z';
    return {text.data(), text.size()};
}

result<date> parse_date(std::string_view text, std::string_view field) {
    reader in(text);
    const auto day = in.day();
    if (!in.done()) return invalid(field, "must be a date such as 2026-11-21");
    return day;
}

result<timestamp> parse_timestamp(std::string_view text, std::string_view field) {
    reader in(text);
    const auto day = in.day();
    in.expect('T');
    const int hours = in.digits(2);
    in.expect(':');
    const int minutes = in.digits(2);
    in.expect(':');
    const int seconds = in.digits(2);
    const int milliseconds = in.accept('.') ? in.milliseconds() : 0;
    in.expect('Z');
    if (!in.done() || hours > 23 || minutes > 59 || seconds > 59)
        return invalid(field, "must be a UTC time such as 2026-11-21T08:30:00.123Z");
    return timestamp{day} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
           std::chrono::seconds{seconds} + std::chrono::milliseconds{milliseconds};
}

}  // namespace conclave
