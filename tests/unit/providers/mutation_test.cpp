// Broken bodies: never a crash, never a success without a text. --rng-seed replays a run.
#include "exchange.hpp"
#include "json/pointer.hpp"
#include "unit/test_seed.hpp"
#include "vendors.hpp"

#include <catch2/catch.hpp>

#include <iostream>
#include <set>
#include <string>

using namespace conclave;
using exchanges::exchange;
using exchanges::member;

namespace {

constexpr int mutations_per_body = 400;

std::size_t below(std::mt19937_64& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

/// What breaks JSON, or turns it into other JSON.
constexpr std::string_view pieces[] = {"null",        "{}",
                                       "[]",          "\"\"",
                                       "0",           "-1",
                                       "1e999",       "99999999999999999999",
                                       "true",        "\\u",
                                       "\\ud800",     "\xff",
                                       "\xc0",        "{",
                                       "}",           "[",
                                       "]",           "\"",
                                       ":",           ",",
                                       "\n",          "\\",
                                       "error",       "[[[[[[[[[[[[[[[[[[[[[[[[[",
                                       "429",         "\xef\xbb\xbf",
                                       "\"choices\"", "\"message\":{\"content\":3}"};

void mutate(std::string& body, std::mt19937_64& random) {
    for (auto left = 1 + below(random, 4); left > 0; --left) {
        const auto at = below(random, body.size() + 1);
        const auto piece = pieces[below(random, std::size(pieces))];
        switch (below(random, 6)) {
            case 0: body.resize(at); break;
            case 1: body.insert(at, piece); break;
            case 2: body.erase(at, 1 + below(random, 20)); break;
            case 3: body.replace(at, below(random, 12), piece); break;
            case 4: body.insert(at, body.substr(below(random, body.size() + 1), 40)); break;
            default:
                if (at < body.size()) body[at] = static_cast<char>(random());
        }
    }
}

/// Where the text of an answer may stand, found without the code under test.
bool has_text(const std::string& body, std::string_view pointer) {
    const auto document = json::parse(body, "body");
    if (!document) return false;
    const auto* found = json::at_pointer(*document, pointer);
    return found != nullptr && found->as_string() != nullptr;
}

/// A choice with a content that can be read, or with a reason to have none.
bool may_succeed(const json::value& document) {
    const auto* choice = json::at_pointer(document, "/choices/0");
    if (choice == nullptr) return false;
    const auto& message = member(*choice, "message");
    if (const auto* content = json::find(message, "content"))
        return content->is_null() || content->as_string() != nullptr ||
               content->as_array() != nullptr;
    const auto finish = exchanges::text(member(*choice, "finish_reason"));
    const auto* said = json::at_pointer(document, "/usage/completion_tokens");
    if (said != nullptr && exchanges::integer(*said) == 0) return true;
    static const std::set<std::string> reasons = {"length", "model_length", "MAX_TOKENS",
                                                  "content_filter", "insufficient_system_resource"};
    return reasons.count(finish) > 0 || json::find(message, "tool_calls") != nullptr ||
           json::find(message, "function_call") != nullptr ||
           member(message, "refusal").as_string() != nullptr;
}

/// As the decoder is told by the first character, found without it.
bool is_stream(const std::string& body) {
    const auto first = body.find_first_not_of(" \t\r\n\v\f");
    return first != std::string::npos &&
           std::string_view("{[\"").find(body[first]) == std::string_view::npos;
}

/// A document that holds an answer, or a stream with its closing signal.
bool may_succeed(const exchange& x) {
    if (x.stream) return exchanges::find_closing(x) < x.body.size();
    const auto document = json::parse(x.body, "body");
    if (!document) return false;
    if (x.dialect == "openai-chat") return may_succeed(*document);
    if (x.dialect == "openai-responses") return member(*document, "output").as_array() != nullptr;
    if (x.dialect == "anthropic-messages")
        return member(*document, "content").as_array() != nullptr;
    return document->as_array() != nullptr ||
           member(*document, "candidates").as_array() != nullptr ||
           json::find(*document, "promptFeedback") != nullptr;
}

void check_sound(const call_result& r, std::int64_t status) {
    CHECK(r.http_status == status);
    CHECK((r.outcome == call_class::ok) == (r.error == attempt_error::none));
    if (status != 200) CHECK(r.outcome != call_class::ok);
    if (r.retry_after_ms) CHECK(*r.retry_after_ms >= 0);
    if (r.usage) CHECK(r.usage->total() >= 0);
}

std::vector<exchange> vendor_exchanges() {
    exchange a;
    a.status = 200;
    a.body = R"({"outputText":"Hello","tokensIn":45,"tokensOut":67,"latencyMs":12})";
    exchange b = a;
    b.status = 429;
    b.body = R"({"error":{"type":"rate_limited","message":"later","retryAfterMs":700}})";
    return {a, b};
}

}  // namespace

TEST_CASE("a mutated answer never crashes and never succeeds without a text") {
    const auto seed = conclave::test::test_seed();
    std::cout << "mutations: seed " << seed << '\n';
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (auto x : exchanges::read_all(exchanges::own_folder)) {
        const auto& codec = exchanges::codec_of(exchanges::kind_of(x));
        const auto original = x.body;
        for (int i = 0; i < mutations_per_body; ++i) {
            x.body = original;
            mutate(x.body, random);
            INFO(x.id << ": " << x.body);
            x.stream = is_stream(x.body);
            const auto r = exchanges::feed_random(codec, x, random);
            check_sound(r, x.status);
            if (!x.stream && r.outcome != call_class::ok) CHECK(r.text.empty());
            if (r.outcome == call_class::ok) CHECK(may_succeed(x));
        }
    }
}

TEST_CASE("a mutated answer of a mapped vendor neither") {
    const auto seed = conclave::test::test_seed();
    std::cout << "mutations: seed " << seed << '\n';
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (const auto& [vendor, pointer] :
         {std::pair{vendors::vendor_a(), "/outputText"},
          std::pair{vendors::vendor_b(), "/choices/0/message/content"}}) {
        const auto codec = *providers::make_codec(vendor);
        for (auto x : vendor_exchanges()) {
            const auto original = x.body;
            for (int i = 0; i < 10 * mutations_per_body; ++i) {
                x.body = original;
                mutate(x.body, random);
                INFO(x.body);
                const auto r = exchanges::feed_random(*codec, x, random);
                check_sound(r, x.status);
                if (r.outcome == call_class::ok) CHECK(has_text(x.body, pointer));
            }
        }
    }
}

TEST_CASE("a mutated template is refused or gives JSON") {
    const auto seed = conclave::test::test_seed();
    std::cout << "mutations: seed " << seed << '\n';
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    provider_request request;
    request.model = "m";
    request.turns = {{message_role::user, "Hi"}};
    for (int i = 0; i < 10 * mutations_per_body; ++i) {
        auto vendor = vendors::vendor_b();
        mutate(vendor.mapped.request_template, random);
        INFO(vendor.mapped.request_template);
        const auto codec = providers::make_codec(vendor);
        if (!codec) continue;
        const auto sent = (*codec)->encode(request, providers::answer_form::whole);
        REQUIRE(sent);
        CHECK(json::parse(sent->body, "body"));
    }
}
