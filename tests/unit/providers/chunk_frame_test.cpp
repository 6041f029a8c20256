// A chunk that is like the one before is read without a parser, and with the same result.
#include "providers/chunk_frame.hpp"

#include "base/limits.hpp"
#include "exchange.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace conclave;
using providers::chunk_frame;

namespace {

using text = std::optional<std::string_view>;

/// A frame of a chunk, with the places of the first `A` and `P` in it.
chunk_frame frame_of(std::string_view chunk) {
    chunk_frame frame;
    const auto padding_at = chunk.find("P\"");
    frame.keep(chunk, chunk.find("A\""),
               padding_at == chunk.npos ? std::nullopt : std::optional(padding_at));
    return frame;
}

struct heard {
    call_result result;
    std::vector<std::pair<providers::stream_fact::kind, std::string>> facts;
};

heard read(std::string_view body) {
    static const auto codec =
        providers::make_codec({.name = "vendor", .base_url = "http://127.0.0.1/v1"}).value();
    const auto decoder = codec->make_decoder({}, providers::answer_form::streamed);
    std::vector<providers::stream_fact> facts;
    decoder->on_head(200, {});
    decoder->on_body(body, facts);
    heard h{decoder->on_end(providers::wire_end::complete), {}};
    for (auto& fact : facts) h.facts.emplace_back(fact.what, std::move(fact.text));
    return h;
}

/// The same with a name for each event that has none: those are read without a frame.
heard read_named(const std::string& body) {
    constexpr std::string_view begin = "data:";
    std::string named;
    bool has_name = false;
    for (std::size_t at = 0; at < body.size();) {
        const auto end = std::min(body.find('\n', at), body.size() - 1) + 1;
        const auto line = body.substr(at, end - at);
        if (line.starts_with(begin) && !has_name) named += "event: named\n";
        has_name = line.starts_with("event:") || line.starts_with(begin);
        named += line;
        at = end;
    }
    return read(named);
}

void check_same(const heard& a, const heard& b) {
    CHECK(a.facts == b.facts);
    CHECK(a.result.outcome == b.result.outcome);
    CHECK(a.result.text == b.result.text);
    CHECK(a.result.thinking == b.result.thinking);
    CHECK(a.result.refusal == b.result.refusal);
    CHECK(a.result.finish == b.result.finish);
    CHECK(a.result.finish_word == b.result.finish_word);
    CHECK(a.result.usage == b.result.usage);
    CHECK(a.result.tool_calls == b.result.tool_calls);
    CHECK(a.result.keepsake == b.result.keepsake);
    CHECK(a.result.model == b.result.model);
    CHECK(a.result.provider_code == b.result.provider_code);
}

/// Chunks of two kinds, of all that there are.
class random_stream {
   public:
    explicit random_stream(std::mt19937_64& random) : random_(random) {}

    std::string make() {
        std::string body;
        const std::array kinds{any(16), any(16)};
        const std::array frames{any(8), any(8)};
        for (auto left = any(16); left > 0; --left) {
            const auto which = any(4) / 3;
            body += event(kinds[which], frames[which]);
        }
        if (any(4) != 0) body += "data: [DONE]\n\n";
        return body;
    }

   private:
    std::size_t any(std::size_t below) { return random_() % below; }

    /// Rarely what cannot be read, as nothing counts after it.
    std::string word() {
        static const std::vector<std::string> words = {
            " word", "a", "Gr\xc3\xbc\xc3\x9f", "}", "\\n\\n", "\\\"", "\\u00e9", "", "{"};
        static const std::vector<std::string> broken = {"\\ud800", "\xff", "\x01", "\xed\xa0\x80"};
        return any(100) == 0 ? broken[any(broken.size())] : words[any(words.size())];
    }

    std::string delta(std::size_t kind) {
        const auto content = R"("content":")" + (kind == 0 ? "same" : word()) + '"';
        const auto thought = '"' + word() + '"';
        switch (kind) {
            case 0: return content + R"(,"reasoning_content":)" + thought;
            case 1: return R"("content":null,"reasoning":)" + thought;
            case 2: return R"("content":"","reasoning_content":)" + thought + R"(,"reasoning":"b")";
            case 3: return content + R"(,"refusal":"no")";
            case 4:
                return content + R"(,"tool_calls":[{"index":0,"id":"c","function":)"
                                 R"({"name":"f","arguments":"{}"}}])";
            case 5: return content + R"(,"function_call":{"name":"f","arguments":" "})";
            case 6:
                return content + R"(,"reasoning_details":[{"type":"reasoning.text",)"
                                 R"("text":"t"}])";
            case 7: return R"("content":[{"type":"text","text":)" + thought + "}]";
            default: return content;
        }
    }

    std::string event(std::size_t kind, std::size_t frame) {
        auto chunk = R"({"id":"r","model":"m","choices":[{"index":0,"delta":{)" + delta(kind) +
                     R"(},"finish_reason":)" + (frame == 0 ? R"("length")" : "null") + "}]";
        if (frame < 3)
            chunk +=
                R"(,"usage":{"prompt_tokens":1,"completion_tokens":)" + std::to_string(frame) + "}";
        if (frame < 5) chunk += R"(,"obfuscation":")" + word() + '"';
        if (frame == 5) chunk += R"(,"p":")" + word() + '"';
        if (any(100) == 0) chunk += R"(,"error":{"message":"it broke"})";
        chunk += '}';
        if (any(100) == 0) chunk[any(chunk.size())] = static_cast<char>(any(96) + 32);
        const auto* name = any(40) != 0 ? "" : any(2) != 0 ? "event: error\n" : "event: named\n";
        return std::string(name) + "data: " + chunk + "\n\n";
    }

    std::mt19937_64& random_;
};

constexpr std::string_view chunk = R"({"a":{"text":"A"},"n":1,"p":"P"})";

}  // namespace

TEST_CASE("a chunk with another text and padding is the kept one", "[frame]") {
    const auto frame = frame_of(chunk);
    CHECK(frame.text_in(chunk) == text("A"));
    CHECK(frame.text_in(R"({"a":{"text":" more "},"n":1,"p":""})") == text(" more "));
    CHECK(frame.text_in("{\"a\":{\"text\":\"\xc3\xbc\"},\"n\":1,\"p\":\"}\"}") == text("\xc3\xbc"));
    const auto before = frame_of(R"({"p":"P","text":"A"})");
    CHECK(before.text_in(R"({"p":"xyz","text":"B"})") == text("B"));
    const auto alone = frame_of(R"({"text":"A"})");
    CHECK(alone.text_in(R"({"text":"longer"})") == text("longer"));
}

TEST_CASE("any other chunk is left to the parser", "[frame]") {
    const auto frame = frame_of(chunk);
    for (const std::string_view other :
         {R"({"a":{"text":"B"},"n":2,"p":"P"})", R"({"a":{"text":"B"},"n":1,"p":"P"} )",
          R"({"a":{"text":"B"},"n":1,"p":"P")", R"({"a":{"text":"B"},"n":1})",
          R"({"a":{"text":"B")", R"({"a":{"text":"B)", R"({"a":{"tex":"B"},"n":1,"p":"P"})", "{",
          "", R"({"a":{"text":"B","n":1},"n":1,"p":"P"})"}) {
        INFO(other);
        CHECK_FALSE(frame.text_in(other));
    }
}

TEST_CASE("a string that is empty, escaped or none of JSON is left to the parser", "[frame]") {
    const auto frame = frame_of(chunk);
    for (const std::string_view string :
         {"", "\\n", "a\\\"b", "\\u0041", "\n", "\x1f", "\xff", "\xed\xa0\x80", "a\xc3"}) {
        const auto with = [&](std::string_view a, std::string_view p) {
            return R"({"a":{"text":")" + std::string(a) + R"("},"n":1,"p":")" + std::string(p) +
                   "\"}";
        };
        INFO(string);
        CHECK_FALSE(frame.text_in(with(string, "P")));
        CHECK(frame.text_in(with("B", string)).has_value() == string.empty());
    }
    chunk_frame escaped;
    escaped.keep(R"({"text":"\\\"\n","p":"\""})", 9, 22);
    CHECK(escaped.text_in(R"({"text":"B","p":"c"})") == text("B"));
    CHECK_FALSE(chunk_frame().text_in(""));
}

TEST_CASE("a chunk is kept up to its limit, its strings not counted", "[frame]") {
    const auto sized = [](std::size_t bytes) {
        const std::string rest = R"({"text":"","b":""})";
        return R"({"text":"A","b":")" + std::string(bytes - rest.size(), 'b') + "\"}";
    };
    const auto fits = sized(limits::chunk_frame_bytes);
    CHECK(frame_of(fits).text_in(fits) == text("A"));
    const auto beyond = sized(limits::chunk_frame_bytes + 1);
    CHECK_FALSE(frame_of(beyond).text_in(beyond));
    auto frame = frame_of(fits);
    frame.keep(beyond, beyond.find('A'), {});
    CHECK_FALSE(frame.text_in(fits));
}

TEST_CASE("recorded streams say the same read without a frame", "[frame]") {
    auto all = exchanges::read_all(exchanges::own_folder);
    if (std::filesystem::is_directory(exchanges::shared_folder()))
        for (auto& x : exchanges::read_all(exchanges::shared_folder())) all.push_back(std::move(x));
    int read_both_ways = 0;
    for (const auto& x : all) {
        if (!x.stream || x.dialect != "openai-chat") continue;
        INFO(x.id);
        check_same(read(x.body), read_named(x.body));
        ++read_both_ways;
    }
    CHECK(read_both_ways > 0);
}

TEST_CASE("random streams say the same read without a frame", "[frame]") {
    const auto seed = conclave::test::test_seed();
    std::cout << "chunks: seed " << seed << '\n';
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    random_stream streams(random);
    for (int i = 0; i < 3'000; ++i) {
        const auto body = streams.make();
        INFO(body);
        check_same(read(body), read_named(body));
    }
}
