// Costs to the nano, against long arithmetic on decimal digits.
#include "metering/price.hpp"

#include "base/limits.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::metering;

namespace {

// A whole number as decimal digits, lowest first: slow, and nothing like 128-bit arithmetic.
struct long_number {
    std::vector<int> digits;

    explicit long_number(std::uint64_t n) {
        for (; n > 0; n /= 10) digits.push_back(static_cast<int>(n % 10));
    }
    void normalise() {
        int carry = 0;
        for (auto& digit : digits) {
            carry += digit;
            digit = carry % 10;
            carry /= 10;
        }
        for (; carry > 0; carry /= 10) digits.push_back(carry % 10);
        while (!digits.empty() && digits.back() == 0) digits.pop_back();
    }
    long_number operator*(const long_number& other) const {
        long_number product(0);
        product.digits.resize(digits.size() + other.digits.size());
        for (std::size_t i = 0; i < digits.size(); ++i)
            for (std::size_t k = 0; k < other.digits.size(); ++k)
                product.digits[i + k] += digits[i] * other.digits[k];
        product.normalise();
        return product;
    }
    long_number& operator+=(const long_number& other) {
        digits.resize(std::max(digits.size(), other.digits.size()));
        for (std::size_t i = 0; i < other.digits.size(); ++i) digits[i] += other.digits[i];
        normalise();
        return *this;
    }
    // Divides by 10^places, rounding half up: the first digit cut off decides.
    long_number rounded(std::size_t places) const {
        long_number quotient(0);
        if (digits.size() > places) quotient.digits.assign(digits.begin() + places, digits.end());
        if (digits.size() >= places && digits[places - 1] >= 5) quotient += long_number(1);
        return quotient;
    }
    std::string text() const {
        std::string text;
        for (const int digit : digits) text.insert(text.begin(), static_cast<char>('0' + digit));
        return text.empty() ? "0" : text;
    }
};

long_number number(std::int64_t n) { return long_number(static_cast<std::uint64_t>(n)); }

// The formula of the specification, word for word.
std::string cost_by_hand(const price& p, const token_usage& t) {
    if (p.blended) {
        auto sum = number(t.total()) * number(*p.blended);
        return sum.rounded(3).text();
    }
    auto sum = number(t.input - t.cached_input - t.cache_write) * number(p.input);
    sum += number(t.cached_input) * number(p.cached_input.value_or(p.input));
    sum += number(t.cache_write) * number(p.cache_write.value_or(p.input));
    sum += number(t.output - t.reasoning) * number(p.output);
    sum += number(t.reasoning) * number(p.reasoning.value_or(p.output));
    auto nanos = sum.rounded(6);
    nanos += number(p.request);
    return nanos.text();
}

price blended(const char* usd) { return *parse_price(usd, std::nullopt); }

std::string parse_problem(const std::optional<std::string>& per_1k,
                          const std::optional<new_price::per_million>& per_million) {
    const auto parsed = parse_price(per_1k, per_million);
    return parsed ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("45 + 67 tokens at 0.002 per 1,000 cost 0.000224", "[cost]") {
    const auto c = cost(blended("0.002"), {.input = 45, .output = 67});
    REQUIRE(c);
    CHECK(c->nano_usd() == 224'000);
    CHECK(c->to_usd_string() == "0.000224");
    CHECK(cost(blended("0.003"), {.input = 45, .output = 67})->nano_usd() == 336'000);
}

TEST_CASE("a cost is rounded once, half up", "[cost]") {
    price p;
    p.input = 499'999;
    CHECK(cost(p, {.input = 1})->nano_usd() == 0);
    p.input = 500'000;
    CHECK(cost(p, {.input = 1})->nano_usd() == 1);
    CHECK(cost(p, {.input = 3})->nano_usd() == 2);
    // Half a nano each: rounded apart they would make two.
    p.output = 500'000;
    CHECK(cost(p, {.input = 1, .output = 1})->nano_usd() == 1);
    CHECK(cost(blended("0.000000001"), {.input = 499})->nano_usd() == 0);
    CHECK(cost(blended("0.000000001"), {.input = 499, .output = 1})->nano_usd() == 1);
}

TEST_CASE("each part has its price, or that of the whole", "[cost]") {
    const token_usage t{.input = 1'000'000,
                        .cached_input = 400'000,
                        .cache_write = 100'000,
                        .output = 1'000'000,
                        .reasoning = 300'000};
    price p;
    p.input = 10;
    p.output = 100;
    CHECK(cost(p, t)->nano_usd() == 110);
    p.cached_input = 0;
    CHECK(cost(p, t)->nano_usd() == 106);
    p.cache_write = 20;
    CHECK(cost(p, t)->nano_usd() == 107);
    p.reasoning = 200;
    CHECK(cost(p, t)->nano_usd() == 137);
    p.request = 1'000;
    CHECK(cost(p, t)->nano_usd() == 1'137);
    CHECK(cost(p, {})->nano_usd() == 1'000);
}

TEST_CASE("parts that claim more than the whole count as the whole", "[cost]") {
    price p;
    p.input = 1'000'000;
    p.cached_input = 100'000'000;
    p.cache_write = 1'000'000'000;
    p.reasoning = 7'000'000;
    CHECK(cost(p, {.input = 3, .cached_input = 5, .cache_write = 5})->nano_usd() == 300);
    CHECK(cost(p, {.input = 3, .cached_input = 1, .cache_write = 5})->nano_usd() == 2'100);
    CHECK(cost(p, {.output = 2, .reasoning = 9})->nano_usd() == 14);
}

TEST_CASE("10,000 random costs agree with long arithmetic, and totals with their parts", "[cost]") {
    const auto seed = conclave::test::test_seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t most) {  // all magnitudes equally likely
        return static_cast<std::int64_t>((random() >> (random() % 64)) %
                                         (static_cast<std::uint64_t>(most) + 1));
    };
    const auto sometimes = [&](std::int64_t n) {
        return random() % 2 ? std::optional(n) : std::nullopt;
    };
    constexpr auto dearest = limits::price_nano_usd;
    money total;
    long_number total_by_hand(0);
    for (int i = 0; i < 10'000; ++i) {
        price p;
        if (random() % 3 == 0) {
            p.blended = below(dearest);
        } else {
            p.input = below(dearest);
            p.output = below(dearest);
            p.cached_input = sometimes(below(dearest));
            p.cache_write = sometimes(below(dearest));
            p.reasoning = sometimes(below(dearest));
            p.request = below(dearest);
        }
        token_usage t;
        t.input = below(1'000'000'000'000);
        t.cached_input = below(t.input);
        t.cache_write = below(t.input - t.cached_input);
        t.output = below(1'000'000'000'000);
        t.reasoning = below(t.output);
        CAPTURE(i, t.input, t.output, p.blended.value_or(-1), p.input, p.output);
        const auto expected = cost_by_hand(p, t);
        const auto c = cost(p, t);
        if (expected.size() > 19 || (expected.size() == 19 && expected > "9223372036854775807")) {
            REQUIRE_FALSE(c);
            continue;
        }
        REQUIRE(c);
        REQUIRE(std::to_string(c->nano_usd()) == expected);
        if (c->nano_usd() < 100'000'000'000'000) {  // keeps the sum of all in range
            total += *c;
            total_by_hand += number(c->nano_usd());
        }
    }
    CHECK(std::to_string(total.nano_usd()) == total_by_hand.text());
}

TEST_CASE("overflow and negative counts are refused", "[cost]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    price p;
    p.input = 1'000'000;
    CHECK(cost(p, {.input = most})->nano_usd() == most);
    p.request = 1;
    CHECK(cost(p, {.input = most}).error().code == errc::validation_error);
    p.input = p.output = limits::price_nano_usd;
    CHECK_FALSE(cost(p, {.input = most, .output = most}));
    p = {};
    p.blended = limits::price_nano_usd;
    CHECK_FALSE(cost(p, {.input = most, .output = most}));
    CHECK(cost(p, {.input = -1}).error().message == "usage must not have negative token counts");
    CHECK_FALSE(cost(p, {.input = 1, .cached_input = -1}));
    CHECK_FALSE(cost(p, {.input = 1, .cache_write = -1}));
    CHECK_FALSE(cost(p, {.output = -1}));
    CHECK_FALSE(cost(p, {.output = 1, .reasoning = -1}));
}

TEST_CASE("prices are read exactly and written back", "[price]") {
    CHECK(blended("0.002").blended == 2'000'000);
    const auto p = *parse_price(
        std::nullopt,
        new_price::per_million{
            .input = "2.50", .output = "10", .cached_input = "0.25", .request = "0.01"});
    CHECK(p.input == 2'500'000'000);
    CHECK(p.output == 10'000'000'000);
    CHECK(p.cached_input == 250'000'000);
    CHECK(p.cache_write == std::nullopt);
    CHECK(p.request == 10'000'000);

    CHECK(usd_per_1k_tokens(blended("0.0020")) == "0.002");
    CHECK(usd_per_million(blended("0.002")) == std::nullopt);
    CHECK(usd_per_1k_tokens(p) == std::nullopt);
    const auto texts = *usd_per_million(p);
    CHECK(texts.input == "2.5");
    CHECK(texts.cached_input == "0.25");
    CHECK(texts.cache_write == std::nullopt);
    CHECK(*parse_price(std::nullopt, texts) == p);
}

TEST_CASE("a wrong price names its field", "[price]") {
    using per_million = new_price::per_million;
    CHECK(parse_problem(std::nullopt, std::nullopt) ==
          "usd_per_1k_tokens or usd_per_million is required");
    CHECK(parse_problem("1", per_million{.input = "1", .output = "1"}) ==
          "usd_per_million must be absent when usd_per_1k_tokens is given");
    CHECK(parse_problem("-0.1", std::nullopt) ==
          "usd_per_1k_tokens must be between 0 and 1000000 dollars");
    CHECK(parse_problem("1000000", std::nullopt) == "");
    CHECK(parse_problem("1000000.000000001", std::nullopt) != "");
    CHECK(parse_problem("0.0000000001", std::nullopt) ==
          "usd_per_1k_tokens must have at most nine decimals");
    CHECK(parse_problem(std::nullopt, per_million{.input = "1"}) ==
          "usd_per_million.output must be a decimal number such as 0.002");
    CHECK(parse_problem(std::nullopt, per_million{.input = "x", .output = "y"}) ==
          "usd_per_million.input must be a decimal number such as 0.002");
    CHECK(
        parse_problem(std::nullopt, per_million{.input = "1", .output = "1", .reasoning = "1e2"}) ==
        "usd_per_million.reasoning must be a decimal number such as 0.002");
}

TEST_CASE("the worst case is never below the cost", "[price]") {
    price p;
    p.input = 1'000'000;
    p.cache_write = 2'000'000;
    p.output = 10'000'000;
    p.request = 7;
    CHECK(worst_case(p, 100, 5)->nano_usd() == 257);
    CHECK(worst_case(p, 0, std::nullopt)->nano_usd() == 10 * limits::hold_output_tokens + 7);
    p.reasoning = 20'000'000;
    CHECK(worst_case(p, 100, 5)->nano_usd() == 307);
    const token_usage dearest{.input = 100, .cache_write = 100, .output = 5, .reasoning = 5};
    CHECK(cost(p, dearest)->nano_usd() == 307);
    CHECK(worst_case(blended("0.002"), 1'000, 1'000)->nano_usd() == 4'000'000);
    CHECK_FALSE(worst_case(p, 1, -1));
    CHECK_FALSE(worst_case(p, 1, std::numeric_limits<std::int64_t>::max()));
}
