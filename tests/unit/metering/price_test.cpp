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

namespace {

/// Input 2, output 10, cache writes 2.5 and for an hour 4 dollars; above 100 tokens the double.
price tiered() {
    new_price::per_million texts{.input = "2", .output = "10", .cache_write = "2.5"};
    texts.cache_write_1h = "4";
    texts.tiers = {{.above_tokens = 100,
                    .input = "4",
                    .output = "20",
                    .cached_input = "0.5",
                    .cache_write = "5"}};
    texts.service_tiers = {{"priority", "2"}, {"flex", "0.5"}};
    return parse_price(std::nullopt, texts).value();
}

std::int64_t nano(const price& p, const token_usage& tokens, const call_terms& terms = {}) {
    return cost(p, tokens, terms).value().nano_usd();
}

}  // namespace

TEST_CASE("the length of the prompt decides about all tokens of the call", "[cost]") {
    const auto p = tiered();
    CHECK(nano(p, {.input = 100, .output = 1}) == 100 * 2'000 + 10'000);
    CHECK(nano(p, {.input = 101, .output = 1}) == 101 * 4'000 + 20'000);
    CHECK(nano(p, {.input = 101, .cached_input = 100}) == 4'000 + 100 * 500);
    CHECK(nano(p, {.input = 1, .output = 1'000}) == 2'000 + 1'000 * 10'000);
}

TEST_CASE("of several tiers the highest that is passed applies", "[cost]") {
    auto texts = usd_per_million(tiered()).value();
    texts.tiers.push_back({.above_tokens = 200, .input = "8", .output = "0"});
    const auto p = parse_price(std::nullopt, texts).value();
    CHECK(nano(p, {.input = 200}) == 200 * 4'000);
    CHECK(nano(p, {.input = 201}) == 201 * 8'000);
}

TEST_CASE("what is cached for an hour has its own price", "[cost]") {
    const auto p = tiered();
    CHECK(nano(p, {.input = 10, .cache_write = 8}, {.cache_write_1h = 3}) ==
          2 * 2'000 + 5 * 2'500 + 3 * 4'000);
    // More than was written at all counts as all of it; without a price of its own it is a write.
    CHECK(nano(p, {.input = 10, .cache_write = 8}, {.cache_write_1h = 9}) == 2 * 2'000 + 8 * 4'000);
    CHECK(nano(p, {.input = 101, .cache_write = 8}, {.cache_write_1h = 8}) ==
          93 * 4'000 + 8 * 5'000);
    CHECK_FALSE(cost(p, {}, {.cache_write_1h = -1}));
}

TEST_CASE("a service tier multiplies the price of tokens, and one unknown has none", "[cost]") {
    auto p = tiered();
    p.request = 7;
    const token_usage tokens{.input = 10, .output = 1};
    CHECK(nano(p, tokens, {.service_tier = "flex"}) == 15'000 + 7);
    CHECK(nano(p, tokens, {.service_tier = "priority"}) == 60'000 + 7);
    for (const auto* ordinary : {"", "default", "standard", "on_demand", "auto"})
        CHECK(nano(p, tokens, {.service_tier = ordinary}) == 30'000 + 7);
    const auto unknown = cost(p, tokens, {.service_tier = "scale"});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message == "service_tier is none that the price knows");
    p.service_tiers.clear();
    CHECK(nano(p, tokens, {.service_tier = "scale"}) == 30'000 + 7);
    CHECK(nano(blended("0.002"), tokens, {.service_tier = "scale"}) == 11 * 2'000);
}

TEST_CASE("a factor is part of the one fraction that is rounded", "[cost]") {
    price p;
    p.input = 1'000'000;
    p.service_tiers = {{"third", 333}};
    CHECK(nano(p, {.input = 1}, {.service_tier = "third"}) == 0);
    CHECK(nano(p, {.input = 2}, {.service_tier = "third"}) == 1);
    p.service_tiers = {{"most", 1'000'000}};
    p.input = limits::price_nano_usd;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK_FALSE(cost(p, {.input = most}, {.service_tier = "most"}));
    CHECK_FALSE(cost(p, {.input = 9'223'373}, {.service_tier = "most"}));
}

TEST_CASE("the worst case holds for the dearest tier that may apply", "[cost]") {
    auto p = tiered();
    CHECK(worst_case(p, 100, 1)->nano_usd() == 2 * (100 * 4'000 + 10'000));
    CHECK(worst_case(p, 101, 1)->nano_usd() == 2 * (101 * 5'000 + 20'000));
    p.service_tiers.clear();
    CHECK(worst_case(p, 100, 1)->nano_usd() == 100 * 4'000 + 10'000);
}

TEST_CASE("tiers are read exactly and written back", "[price]") {
    const auto p = tiered();
    const auto texts = usd_per_million(p).value();
    CHECK(texts.cache_write_1h == "4");
    REQUIRE(texts.tiers.size() == 1);
    CHECK(texts.tiers[0].above_tokens == 100);
    CHECK(texts.tiers[0].cached_input == "0.5");
    CHECK_FALSE(texts.tiers[0].cache_write_1h);
    REQUIRE(texts.service_tiers.size() == 2);
    CHECK(texts.service_tiers[0] == std::pair<std::string, std::string>("flex", "0.5"));
    CHECK(*parse_price(std::nullopt, texts) == p);
}

TEST_CASE("a wrong tier names its field", "[price]") {
    const auto problem = [](auto change) {
        auto texts = usd_per_million(tiered()).value();
        change(texts);
        return parse_problem(std::nullopt, texts);
    };
    CHECK(problem([](auto& t) { t.tiers[0].above_tokens = 0; }) ==
          "usd_per_million.tiers[0].above_tokens must be more than that of the tier before");
    CHECK(problem([](auto& t) { t.tiers.push_back(t.tiers[0]); }) ==
          "usd_per_million.tiers[1].above_tokens must be more than that of the tier before");
    CHECK(problem([](auto& t) { t.tiers[0].output = "x"; }) ==
          "usd_per_million.tiers[0].output must be a decimal number such as 0.002");
    CHECK(problem([](auto& t) { t.service_tiers[0].second = "0.0005"; }) ==
          "usd_per_million.service_tiers.flex must have at most three decimals");
    CHECK(problem([](auto& t) { t.service_tiers[0].second = "1000"; }).empty());
    CHECK(problem([](auto& t) { t.service_tiers[0].second = "1000.001"; }) ==
          "usd_per_million.service_tiers.flex must be between 0 and 1000");
    CHECK(problem([](auto& t) { t.service_tiers[0].second = "-1"; }) ==
          "usd_per_million.service_tiers.flex must be between 0 and 1000");
    CHECK(problem([](auto& t) { t.service_tiers[0].first = "priority"; }) ==
          "usd_per_million.service_tiers must not name a tier twice");
    const auto tiers = [&](std::size_t n) {
        return problem([n](auto& t) {
            while (t.tiers.size() < n) {
                t.tiers.push_back(t.tiers.back());
                ++t.tiers.back().above_tokens;
            }
        });
    };
    CHECK(tiers(limits::price_tiers).empty());
    CHECK(tiers(limits::price_tiers + 1) == "usd_per_million.tiers must be at most 8");
    const auto services = [&](std::size_t n) {
        return problem([n](auto& t) {
            while (t.service_tiers.size() < n)
                t.service_tiers.emplace_back("t" + std::to_string(t.service_tiers.size()), "1");
        });
    };
    CHECK(services(limits::service_tiers).empty());
    CHECK(services(limits::service_tiers + 1) ==
          "usd_per_million.service_tiers must be at most 16");
}
