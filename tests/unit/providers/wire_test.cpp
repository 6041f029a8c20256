// Recorded traffic: the decoder makes of it what is expected, in whatever pieces it comes.
#include "base/limits.hpp"
#include "exchange.hpp"

#include <iostream>

using namespace conclave;
using exchanges::exchange;
using exchanges::integer;
using exchanges::member;
using exchanges::text;

namespace {

constexpr std::uint64_t splits_seed = 20261120;
constexpr int random_splits = 8;
constexpr int random_cuts = 8;

void compare_usage(const call_result& r, const json::value& expect) {
    const auto count = [&](const char* key) { return integer(member(expect, key)); };
    CHECK(r.usage.has_value() == count("tokens_in").has_value());
    if (!r.usage || !count("tokens_in")) return;
    CHECK(r.usage->input == count("tokens_in"));
    CHECK(r.usage->output == count("tokens_out").value_or(0));
    CHECK(r.usage->cached_input == count("cached_tokens_in").value_or(0));
    CHECK(r.usage->cache_write == count("cache_write_tokens_in").value_or(0));
    CHECK(r.usage->reasoning == count("reasoning_tokens").value_or(0));
}

/// A call without an id has one made up.
void compare_calls(const call_result& r, const json::value& expect) {
    const json::array none;
    const auto* list = member(expect, "tool_calls").as_array();
    const auto& expected = list != nullptr ? *list : none;
    CHECK(r.tool_calls.size() == expected.size());
    if (r.tool_calls.size() != expected.size()) return;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& call = r.tool_calls[i];
        const auto id = text(member(expected[i], "id"));
        if (id.empty())
            CHECK_FALSE(call.id.empty());
        else
            CHECK(call.id == id);
        CHECK(call.name == text(member(expected[i], "name")));
        if (const auto* raw = json::find(expected[i], "arguments_raw"))
            CHECK(call.arguments == text(*raw));
        else
            CHECK(json::parse(call.arguments, "arguments").value() ==
                  member(expected[i], "arguments"));
    }
}

void compare_failure(const call_result& r, const json::value& expect) {
    CHECK(r.provider_code == text(member(expect, "error_code")));
    const auto* retryable = member(expect, "retryable").as_boolean();
    REQUIRE(retryable != nullptr);
    CHECK((r.outcome != call_class::final) == *retryable);
    CHECK(r.retry_after_ms == integer(member(expect, "retry_after_ms")));
    CHECK(r.error != attempt_error::none);
    const auto message = text(member(expect, "error_message"));
    const auto as_json = json::parse(r.provider_message, "message");
    if (as_json && as_json->as_array() != nullptr) {
        CHECK(json::parse(message, "message").value() == *as_json);
    } else {
        CHECK(r.provider_message == message.substr(0, limits::provider_message_bytes));
    }
}

void compare(const call_result& r, const exchange& x) {
    const auto& expect = x.expect;
    CHECK(r.http_status == x.status);
    CHECK(to_string(r.finish) == text(member(expect, "finish_reason")));
    CHECK(r.text == text(member(expect, "text")));
    CHECK(r.thinking == text(member(expect, "reasoning_text")));
    CHECK(r.model == text(member(expect, "model")));
    CHECK(r.response_id == text(member(expect, "response_id")));
    if (member(expect, "error_code").is_null()) {
        CHECK(r.outcome == call_class::ok);
        CHECK(r.error == attempt_error::none);
        CHECK(r.refusal == text(member(expect, "refusal")));
        CHECK(r.finish_word == text(member(expect, "finish_reason_raw")));
        CHECK_FALSE(r.retry_after_ms);
        compare_calls(r, expect);
        compare_usage(r, expect);
    } else {
        CHECK(r.outcome != call_class::ok);
        compare_failure(r, expect);
    }
}

void check_cut(const providers::codec& codec, exchange x, std::size_t at, providers::wire_end end) {
    INFO("cut at " << at);
    x.body.resize(at);
    const auto r = exchanges::feed(
        codec, x, [&] { return at; }, end);
    CHECK(r.outcome != call_class::ok);
    CHECK(r.outcome != call_class::final);
    CHECK(r.finish == finish_reason::error);
    CHECK(r.error != attempt_error::none);
    CHECK(r.provider_code == "stream_truncated");
}

/// At each end of a line, and anywhere.
void run_cuts(const providers::codec& codec, const exchange& x, std::mt19937_64& random) {
    const auto closing = exchanges::find_closing(x);
    REQUIRE(closing < x.body.size());
    for (std::size_t at = 0; at < closing; ++at) {
        if (at > 0 && x.body.find_first_of("\r\n", at) >= closing) break;
        check_cut(codec, x, at, providers::wire_end::complete);
        at = std::min(x.body.find_first_of("\r\n", at), closing);
    }
    for (int i = 0; i < random_cuts; ++i) {
        const auto at = static_cast<std::size_t>(random()) % closing;
        check_cut(codec, x, at, providers::wire_end::complete);
        check_cut(codec, x, at, providers::wire_end::broken);
        check_cut(codec, x, at, providers::wire_end::timeout);
    }
}

void run(const exchange& x) {
    INFO("exchange " << x.id << ", seed " << splits_seed);
    const auto& codec = exchanges::codec_of(exchanges::kind_of(x));
    std::mt19937_64 random(splits_seed);
    compare(exchanges::feed_whole(codec, x), x);
    compare(exchanges::feed_bytes(codec, x), x);
    compare(exchanges::feed_lines(codec, x), x);
    for (int i = 0; i < random_splits; ++i) compare(exchanges::feed_random(codec, x, random), x);
    if (x.stream && member(x.expect, "error_code").is_null()) run_cuts(codec, x, random);
}

}  // namespace

TEST_CASE("own exchanges are read as expected") {
    const auto all = exchanges::read_all(exchanges::own_folder);
    CHECK(all.size() >= 45);
    for (const auto& x : all) run(x);
}

TEST_CASE("recorded exchanges are read as expected") {
    const auto folder = exchanges::shared_folder();
    if (!std::filesystem::exists(folder)) {
        std::cout << "skipped: no recorded exchanges beside the source tree\n";
        return;
    }
    std::map<std::string, int> counts;
    for (const auto& x : exchanges::read_all(folder)) {
        if (exchanges::is_embedding(x) && x.status < 400) continue;
        run(x);
        ++counts[x.dialect];
    }
    for (const auto& [dialect, count] : counts) std::cout << count << " of " << dialect << '\n';
    CHECK(counts.size() >= 4);
}
