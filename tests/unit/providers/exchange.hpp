// Recorded exchanges: read from files, fed to a decoder in pieces, compared with what is expected.
#pragma once

#include "json/parse.hpp"
#include "json/value.hpp"
#include "providers/codec.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace exchanges {

namespace json = conclave::json;
namespace providers = conclave::providers;
using header_list = std::vector<std::pair<std::string, std::string>>;

struct exchange {
    std::string id;
    std::string dialect;
    bool stream = false;
    std::int64_t status = 0;
    header_list headers;
    std::string body;
    json::value expect;
};

inline const std::filesystem::path source_folder = CONCLAVE_SOURCE_DIR;
inline const auto own_folder = source_folder / "tests/unit/providers/exchanges";

/// Recordings kept beside the source tree, or where CONCLAVE_SHARED_DIR says; they may be absent.
inline std::filesystem::path shared_folder() {
    const char* given = std::getenv("CONCLAVE_SHARED_DIR");
    const auto shared =
        given != nullptr ? std::filesystem::path(given) : source_folder / "../shared";
    return shared / "wire/exchanges";
}

inline const json::value& member(const json::value& v, std::string_view key) {
    static const json::value null;
    const auto* found = json::find(v, key);
    return found != nullptr ? *found : null;
}

inline std::string text(const json::value& v) {
    return v.as_string() != nullptr ? *v.as_string() : std::string();
}

inline std::optional<std::int64_t> integer(const json::value& v) {
    return v.as_integer() != nullptr ? std::optional(*v.as_integer()) : std::nullopt;
}

inline exchange read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto document = json::parse(bytes, "exchange");
    INFO(file.string());
    REQUIRE(document);
    const auto& response = member(*document, "response");
    exchange x;
    x.id = text(member(*document, "id"));
    x.dialect = text(member(*document, "dialect"));
    const auto* stream = member(*document, "stream").as_boolean();
    x.stream = stream != nullptr && *stream;
    x.status = integer(member(response, "status")).value();
    x.body = text(member(response, "body"));
    x.expect = member(*document, "expect");
    if (const auto* headers = member(response, "headers").as_object()) {
        for (const auto& [name, value] : *headers) {
            std::string lower = name;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            x.headers.emplace_back(lower, text(value));
        }
    }
    return x;
}

/// Those of a folder, in the order of their names.
inline std::vector<exchange> read_all(const std::filesystem::path& folder) {
    INFO("folder " << folder.string());
    REQUIRE(std::filesystem::is_directory(folder));
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json" && entry.path().filename() != "index.json")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<exchange> found;
    for (const auto& file : files) found.push_back(read(file));
    return found;
}

/// Where the closing signal of a stream begins, found without the code under test.
inline std::size_t find_closing(const exchange& x) {
    static const std::map<std::string, std::vector<std::string>> signals = {
        {"openai-chat", {"\"finish_reason\":\"", "\"finish_reason\": \"", "[DONE]"}},
        {"openai-responses", {"response.completed", "response.incomplete", "response.failed"}},
        {"anthropic-messages", {"message_stop"}},
        {"gemini-generate", {"\"finishReason\"", "\"blockReason\""}}};
    auto first = x.body.size();
    for (const auto& signal : signals.at(x.dialect)) first = std::min(first, x.body.find(signal));
    return first;
}

inline bool is_embedding(const exchange& x) { return x.dialect.ends_with("-embeddings"); }

inline conclave::provider_kind kind_of(const exchange& x) {
    if (x.dialect == "openai-responses") return conclave::provider_kind::openai_responses;
    if (x.dialect == "anthropic-messages") return conclave::provider_kind::anthropic;
    if (x.dialect == "gemini-generate") return conclave::provider_kind::gemini;
    return conclave::provider_kind::openai;
}

/// Codecs by kind, made once.
inline const providers::codec& codec_of(conclave::provider_kind kind) {
    static std::map<conclave::provider_kind, std::unique_ptr<providers::codec>> codecs;
    auto& codec = codecs[kind];
    if (!codec) {
        auto made = providers::make_codec(
            {.name = "recorded", .kind = kind, .base_url = "http://127.0.0.1/v1"});
        REQUIRE(made);
        codec = *std::move(made);
    }
    return *codec;
}

inline providers::answer_form form_of(const exchange& x) {
    return x.stream ? providers::answer_form::streamed : providers::answer_form::whole;
}

inline conclave::provider_request some_request() {
    conclave::provider_request r;
    r.model = "m";
    return r;
}

/// Feeds a body in pieces whose sizes `next_size` gives.
template <class NextSize>
conclave::call_result feed(const providers::codec& codec, const exchange& x, NextSize next_size,
                           providers::wire_end end = providers::wire_end::complete) {
    const auto decoder = codec.make_decoder(some_request(), form_of(x));
    decoder->on_head(x.status, x.headers);
    std::vector<providers::stream_fact> facts;
    for (std::size_t at = 0; at < x.body.size();) {
        const auto size = std::min<std::size_t>(next_size(), x.body.size() - at);
        decoder->on_body(std::string_view(x.body).substr(at, size), facts);
        at += size;
    }
    auto r = decoder->on_end(end);
    if (!x.stream) CHECK(facts.empty());
    std::string text;
    std::string thinking;
    for (const auto& fact : facts)
        (fact.what == providers::stream_fact::kind::text ? text : thinking) += fact.text;
    // What follows the last line end is heard at the end only.
    CHECK(r.text.starts_with(text));
    CHECK(r.thinking.starts_with(thinking));
    return r;
}

inline conclave::call_result feed_whole(const providers::codec& codec, const exchange& x) {
    return feed(codec, x, [&] { return x.body.size(); });
}

inline conclave::call_result feed_bytes(const providers::codec& codec, const exchange& x) {
    return feed(codec, x, [] { return std::size_t{1}; });
}

/// A line at a time, with its end.
inline conclave::call_result feed_lines(const providers::codec& codec, const exchange& x) {
    std::size_t at = 0;
    return feed(codec, x, [&] {
        const auto end = x.body.find('\n', at);
        const auto size = end == std::string::npos ? x.body.size() - at : end + 1 - at;
        at += size;
        return size;
    });
}

inline conclave::call_result feed_random(const providers::codec& codec, const exchange& x,
                                         std::mt19937_64& random) {
    return feed(codec, x, [&] { return std::size_t{1 + random() % 200}; });
}

}  // namespace exchanges
