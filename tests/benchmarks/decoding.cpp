// What it costs to read vendors' answers, whole and as streams.
#include "json/parse.hpp"
#include "json/writer.hpp"
#include "measure.hpp"
#include "providers/codec.hpp"
#include "scenarios.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

using namespace conclave;

constexpr std::size_t answer_bytes = 32 * 1024;
constexpr int chunks = 1'000;

std::unique_ptr<providers::codec> codec_of(provider_kind kind) {
    return providers::make_codec(
               {.name = "vendor", .kind = kind, .base_url = "http://127.0.0.1/v1"})
        .value();
}

/// A chat completion as vendors print it, with a long text.
std::string make_completion() {
    std::string text;
    while (text.size() < answer_bytes - 600)
        text += "The quick brown fox jumps over the \"lazy\" dog.\n";
    json::writer w(answer_bytes);
    w.begin_object().key("id").string("chatcmpl-1").key("object").string("chat.completion");
    w.key("created").integer(1'760'000'000).key("model").string("model-1").key("choices");
    w.begin_array().begin_object().key("index").integer(0).key("message").begin_object();
    w.key("role").string("assistant").key("content").string(text).key("refusal").null();
    w.end_object().key("logprobs").null().key("finish_reason").string("stop").end_object();
    w.end_array().key("usage").begin_object().key("prompt_tokens").integer(45);
    w.key("completion_tokens").integer(7'000).key("total_tokens").integer(7'045).end_object();
    w.end_object();
    return std::move(w).text();
}

/// Pieces of text, one of eight with an escape, and padding as long as they are short.
constexpr std::array words = {" word", " a",   ".\\n\\n", " benchmark",
                              " of",   " all", " that",   " understanding"};

/// As many of a chunk, each with another text in place of `WORD` and padding in place of `PAD`.
std::string repeat(std::string_view chunk, std::string_view last) {
    std::string stream;
    for (std::size_t i = 0; i < chunks; ++i) {
        const std::string word = words[i % words.size()];
        std::string one(chunk);
        one.replace(one.find("WORD"), 4, word);
        if (const auto at = one.find("PAD"); at != one.npos)
            one.replace(at, 3, std::string(16 - word.size(), 'x'));
        stream += one;
    }
    stream += last;
    return stream;
}

struct dialect {
    const char* name;
    provider_kind kind;
    std::string stream;
};

std::vector<dialect> make_streams() {
    return {
        {"Chat Completions", provider_kind::openai,
         repeat("data: {\"id\":\"chatcmpl-9eBNOIvphTHdB62mRyEA05G05t6hy\","
                "\"object\":\"chat.completion.chunk\",\"created\":1768582461,"
                "\"model\":\"gpt-4.1-nano-2025-04-14\",\"service_tier\":\"default\","
                "\"system_fingerprint\":\"fp_7f8eb7d1f9\",\"choices\":[{\"index\":0,"
                "\"delta\":{\"content\":\"WORD\"},\"logprobs\":null,\"finish_reason\":null}],"
                "\"usage\":null,\"obfuscation\":\"PAD\"}\n\n",
                "data: [DONE]\n\n")},
        {"Responses", provider_kind::openai_responses,
         repeat("event: response.output_text.delta\n"
                "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":10,"
                "\"item_id\":\"msg_68abef6dcba08192a848c941bb211a8b0227cb3dda34901c\","
                "\"output_index\":0,\"content_index\":0,\"delta\":\"WORD\",\"logprobs\":[],"
                "\"obfuscation\":\"PAD\"}\n\n",
                "data: {\"type\":\"response.completed\",\"response\":"
                "{\"status\":\"completed\",\"output\":[]}}\n\n")},
        {"Messages", provider_kind::anthropic,
         "data: {\"type\":\"content_block_start\",\"index\":0,"
         "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
             repeat("event: content_block_delta\n"
                    "data: {\"type\":\"content_block_delta\",\"index\":0,"
                    "\"delta\":{\"type\":\"text_delta\",\"text\":\"WORD\"}       }\n\n",
                    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")},
        {"generateContent", provider_kind::gemini,
         repeat("data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"WORD\"}],"
                "\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {"
                "\"promptTokenCount\": 9,\"candidatesTokenCount\": 4,\"totalTokenCount\": 13},"
                "\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"mSEXaseKG\"}\r\n\r\n",
                "data: {\"candidates\": [{\"finishReason\": \"STOP\"}]}\r\n\r\n")},
    };
}

void decode(const providers::codec& codec, std::string_view body, providers::answer_form form,
            std::size_t piece) {
    const auto decoder = codec.make_decoder({}, form);
    std::vector<providers::stream_fact> facts;
    decoder->on_head(200, {});
    for (std::size_t at = 0; at < body.size(); at += piece) {
        facts.clear();
        decoder->on_body(body.substr(at, piece), facts);
    }
    if (decoder->on_end(providers::wire_end::complete).outcome != call_class::ok)
        throw std::runtime_error("an answer could not be read");
}

/// CPU of one run, the best of several: the machine is shared.
template <class Run>
double best_us(int runs, Run run) {
    double best = 0;
    for (int i = 0; i < runs; ++i) {
        const auto begin = cpu_us();
        run();
        const auto took = cpu_us() - begin;
        if (i == 0 || took < best) best = took;
    }
    return best;
}

}  // namespace

void decoding(const run_length& l) {
    const int runs = l.samples / 10;
    const auto body = make_completion();
    const auto codec = codec_of(provider_kind::openai);
    const auto parse = best_us(runs, [&] {
        if (!json::parse(body, "body")) throw std::runtime_error("no JSON");
    });
    const auto whole =
        best_us(runs, [&] { decode(*codec, body, providers::answer_form::whole, 16 * 1024); });
    std::printf(
        "decoding a completion of %zu KiB: %.1f us, bare parse %.1f us, ratio %.2f (<= 2)\n",
        body.size() / 1024, whole, parse, whole / parse);
    for (const auto& recorded : make_streams()) {
        const auto streaming = codec_of(recorded.kind);
        const auto piece = recorded.stream.size() / chunks;
        const auto us = best_us(runs, [&] {
            decode(*streaming, recorded.stream, providers::answer_form::streamed, piece);
        });
        std::printf("decoding a stream of %s: %.2f us CPU per chunk (< 5)\n", recorded.name,
                    us / chunks);
    }
}

}  // namespace bench
