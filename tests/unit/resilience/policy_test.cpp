// Presets, layers and borders of policies.
#include "base/limits.hpp"
#include "resilience/resolved_policy.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <utility>

using namespace conclave;
using namespace conclave::resilience;

namespace {

policy preset(const char* name) {
    policy p;
    p.preset = name;
    return p;
}

policy with_retries(std::int64_t n) {
    policy p;
    p.retries = n;
    return p;
}

std::string problem(const policy& p) {
    const auto checked = validate(p);
    return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("without any policy the defaults of the specification hold", "[policy]") {
    const auto p = *resolve({}, {}, {});
    CHECK(p == resolved_policy{});
    CHECK(p == *resolve({}, {}, preset("default")));
    CHECK(p.connect_timeout_ms == 5'000);
    CHECK(p.first_byte_timeout_ms == 30'000);
    CHECK(p.total_timeout_ms == 120'000);
    CHECK(p.retries == 2);
    CHECK(p.base_delay_ms == 500);
    CHECK(p.factor == 2.0);
    CHECK(p.max_delay_ms == 8'000);
    CHECK(p.jitter == jitter_mode::full);
    CHECK(p.max_retry_after_ms == 10'000);
    CHECK(p.on_ambiguous == ambiguous_policy::retry);
    CHECK(p.on_crash == crash_policy::recover);
}

TEST_CASE("presets", "[policy]") {
    const auto v = *resolve(preset("vocalbridge"), {}, {});
    CHECK(v.attempt_timeout_ms == 2'000);
    CHECK(v.retries == 2);
    CHECK(v.base_delay_ms == 200);
    CHECK(v.factor == 2.0);
    CHECK(v.jitter == jitter_mode::none);
    CHECK(v.on_ambiguous == ambiguous_policy::retry);

    const auto s = *resolve({}, preset("strict"), {});
    CHECK(s.on_ambiguous == ambiguous_policy::stop);
    CHECK(s.on_crash == crash_policy::report);
    CHECK(s.base_delay_ms == 500);
}

TEST_CASE("the agent goes before the provider and the provider before the gateway", "[policy]") {
    CHECK(resolve(with_retries(3), {}, {})->retries == 3);
    CHECK(resolve(with_retries(3), with_retries(4), {})->retries == 4);
    CHECK(resolve(with_retries(3), with_retries(4), with_retries(0))->retries == 0);
}

TEST_CASE("a preset goes before lower layers and after the fields beside it", "[policy]") {
    policy lax;
    lax.on_ambiguous = ambiguous_policy::retry;
    lax.retries = 5;
    const auto strict = *resolve(lax, {}, preset("strict"));
    CHECK(strict.on_ambiguous == ambiguous_policy::stop);
    CHECK(strict.retries == 5);  // of which the preset says nothing

    auto quick = preset("vocalbridge");
    quick.base_delay_ms = 50;
    const auto both = *resolve(preset("strict"), quick, {});
    CHECK(both.base_delay_ms == 50);
    CHECK(both.attempt_timeout_ms == 2'000);
    CHECK(both.on_crash == crash_policy::report);

    CHECK(*resolve(preset("strict"), with_retries(7), preset("default")) == resolved_policy{});
}

TEST_CASE("every field has its borders and is named", "[policy]") {
    using field = std::optional<std::int64_t> policy::*;
    struct border {
        const char* name;
        field member;
        std::int64_t min;
        std::int64_t max;
    };
    const border borders[] = {
        {"connect_timeout_ms", &policy::connect_timeout_ms, 1, 86'400'000},
        {"first_byte_timeout_ms", &policy::first_byte_timeout_ms, 1, 86'400'000},
        {"attempt_timeout_ms", &policy::attempt_timeout_ms, 1, 86'400'000},
        {"total_timeout_ms", &policy::total_timeout_ms, 1, 86'400'000},
        {"retries", &policy::retries, 0, 10},
        {"base_delay_ms", &policy::base_delay_ms, 0, 86'400'000},
        {"max_delay_ms", &policy::max_delay_ms, 0, 86'400'000},
        {"max_retry_after_ms", &policy::max_retry_after_ms, 0, 86'400'000},
    };
    for (const auto& b : borders) {
        const auto with = [&](std::int64_t value) {
            policy p;
            p.*b.member = value;
            return problem(p);
        };
        const auto expected = std::string("policy.") + b.name + " must be between " +
                              std::to_string(b.min) + " and " + std::to_string(b.max);
        CHECK(with(b.min) == "");
        CHECK(with(b.max) == "");
        CHECK(with(b.min - 1) == expected);
        CHECK(with(b.max + 1) == expected);
    }
}

TEST_CASE("factors and presets are checked", "[policy]") {
    const auto with_factor = [](double factor) {
        policy p;
        p.factor = factor;
        return problem(p);
    };
    CHECK(with_factor(1.0) == "");
    CHECK(with_factor(limits::retry_factor) == "");
    CHECK(with_factor(0.999) == "policy.factor must be between 1 and 100");
    CHECK(with_factor(100.001) != "");
    CHECK(with_factor(std::numeric_limits<double>::quiet_NaN()) != "");
    CHECK(with_factor(std::numeric_limits<double>::infinity()) != "");

    CHECK(problem(preset("Default")) == "policy.preset must be one of default vocalbridge strict");
    CHECK(validate(preset(""), "agent.policy").error().message.starts_with("agent.policy.preset "));
    for (const auto& p : {std::pair{preset("x"), policy{}}, std::pair{policy{}, preset("x")}}) {
        CHECK(resolve(p.first, p.second, {}).error().code == errc::validation_error);
        CHECK(resolve({}, p.first, p.second).error().code == errc::validation_error);
    }
}
