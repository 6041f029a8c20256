// Fuzzes the decoders of all protocols.
#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "providers/codec.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace conclave;
using providers::answer_form;

constexpr std::array kinds = {provider_kind::openai, provider_kind::openai_responses,
                              provider_kind::anthropic, provider_kind::gemini};
constexpr std::array<std::int64_t, 8> statuses = {200, 200, 200, 200, 200, 400, 429, 503};

const providers::codec& codec_of(std::size_t kind) {
    static const auto codecs = [] {
        std::array<std::unique_ptr<providers::codec>, kinds.size()> made;
        for (std::size_t i = 0; i < kinds.size(); ++i)
            made[i] = providers::make_codec(
                          {.name = "fuzzed", .kind = kinds[i], .base_url = "http://127.0.0.1/v1"})
                          .value();
        return made;
    }();
    return *codecs[kind];
}

call_result read(const providers::codec& codec, answer_form form, std::int64_t status,
                 std::string_view body, std::size_t piece) {
    const auto decoder = codec.make_decoder({}, form);
    decoder->on_head(status, {});
    std::vector<providers::stream_fact> facts;
    for (std::size_t at = 0; at < body.size(); at += piece) {
        const std::string bytes(body.substr(at, piece));
        decoder->on_body(bytes, facts);
    }
    auto r = decoder->on_end(providers::wire_end::complete);
    std::string text;
    for (const auto& fact : facts)
        if (fact.what == providers::stream_fact::kind::text) text += fact.text;
    fuzz::require(r.text.starts_with(text));
    return r;
}

void check(const call_result& r) {
    fuzz::require((r.outcome == call_class::ok) == (r.error == attempt_error::none));
    for (const auto* text : {&r.text, &r.thinking, &r.refusal, &r.model, &r.keepsake})
        fuzz::require(utf8::valid(*text));
    if (r.usage) fuzz::require(r.usage->total() >= 0);
    if (r.told_cost_nano_usd) fuzz::require(*r.told_cost_nano_usd >= 0);
    if (r.retry_after_ms) fuzz::require(*r.retry_after_ms >= 0);
}

bool same(const call_result& a, const call_result& b) {
    return a.outcome == b.outcome && a.text == b.text && a.thinking == b.thinking &&
           a.tool_calls == b.tool_calls && a.usage == b.usage && a.keepsake == b.keepsake &&
           a.provider_code == b.provider_code;
}

/// With names for events, which change nothing in Chat Completions, but are read without a frame.
std::string with_names(std::string_view body) {
    constexpr std::string_view end = "\n\n";
    constexpr std::string_view name = "event: named\n";
    std::string whole(body);
    for (auto at = whole.find(end); at != whole.npos; at = whole.find(end, at)) {
        whole.insert(at += end.size(), name);
        at += name.size();
    }
    return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto body = fuzz::text_of(data, size);
    const auto how = fuzz::take_byte(body);
    const auto status = statuses[fuzz::take_byte(body) % statuses.size()];
    const auto& codec = codec_of(how % kinds.size());
    const auto form = (how & 4) != 0 ? answer_form::streamed : answer_form::whole;
    const auto piece = static_cast<std::size_t>(how >> 3) + 1;
    const auto whole = read(codec, form, status, body, std::max<std::size_t>(body.size(), 1));
    check(whole);
    fuzz::require(same(read(codec, form, status, body, piece), whole));
    const auto first = body.find_first_not_of(" \t\r\n\v\f");
    const bool is_stream = form == answer_form::streamed && status == 200 && first != body.npos &&
                           std::string_view("{[\"").find(body[first]) == std::string_view::npos;
    if (is_stream && how % kinds.size() == 0) {
        const auto named = with_names(body);
        fuzz::require(same(read(codec, form, status, named, named.size()), whole));
    }
    return 0;
}
