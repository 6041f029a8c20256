// Recorded traffic: the decoder makes of it what is expected, in whatever pieces it comes.
#include "base/limits.hpp"
#include "exchange.hpp"
#include "providers/openai.hpp"

#include <iostream>

using namespace conclave;
using exchanges::exchange;
using exchanges::integer;
using exchanges::member;
using exchanges::text;

namespace {

constexpr std::uint64_t splits_seed = 20261120;
constexpr int random_splits = 8;

std::unique_ptr<providers::codec> make_openai() {
    new_provider p;
    p.name = "recorded";
    p.base_url = "http://127.0.0.1/v1";
    auto codec = providers::make_codec(p);
    REQUIRE(codec);
    return *std::move(codec);
}

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

/// Tool calls and reasoning text are not read yet.
void compare(const call_result& r, const exchange& x) {
    const auto& expect = x.expect;
    CHECK(r.http_status == x.status);
    CHECK(to_string(r.finish) == text(member(expect, "finish_reason")));
    if (member(expect, "error_code").is_null()) {
        CHECK(r.outcome == call_class::ok);
        CHECK(r.error == attempt_error::none);
        CHECK(r.text == text(member(expect, "text")));
        CHECK(r.model == text(member(expect, "model")));
        CHECK_FALSE(r.retry_after_ms);
        compare_usage(r, expect);
    } else {
        CHECK(r.outcome != call_class::ok);
        compare_failure(r, expect);
    }
}

void run(const providers::codec& codec, const exchange& x) {
    INFO("exchange " << x.id << ", seed " << splits_seed);
    std::mt19937_64 random(splits_seed);
    compare(exchanges::feed_whole(codec, x), x);
    compare(exchanges::feed_bytes(codec, x), x);
    for (int i = 0; i < random_splits; ++i) compare(exchanges::feed_random(codec, x, random), x);
}

}  // namespace

TEST_CASE("own exchanges are read as expected") {
    const auto codec = make_openai();
    const auto all = exchanges::read_whole_ones(exchanges::own_folder);
    CHECK(all.size() >= 45);
    for (const auto& x : all) run(*codec, x);
}

TEST_CASE("recorded exchanges are read as expected") {
    const auto folder = exchanges::shared_folder();
    if (!std::filesystem::exists(folder)) {
        std::cout << "skipped: no recorded exchanges beside the source tree\n";
        return;
    }
    const auto codec = make_openai();
    std::size_t chats = 0;
    std::size_t errors = 0;
    for (const auto& x : exchanges::read_whole_ones(folder)) {
        // A failure is read by the same rules whatever the protocol.
        const bool chat = x.dialect == "openai-chat";
        if (!chat && x.status < 400) continue;
        run(*codec, x);
        chats += chat ? 1 : 0;
        errors += chat ? 0 : 1;
    }
    std::cout << "recorded exchanges: " << chats << " of openai-chat, " << errors
              << " errors of other protocols\n";
    CHECK(chats > 0);
}
