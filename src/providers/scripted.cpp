// A provider that answers from a script.
#include "providers/scripted.hpp"

#include "base/ascii.hpp"
#include "providers/tool_rule.hpp"
#include "providers/turns.hpp"
#include "providers/vendor_error.hpp"

#include <string>
#include <string_view>

namespace conclave::providers {
namespace {

std::int64_t count_words(std::string_view text) {
    std::int64_t words = 0;
    bool inside = false;
    for (const char c : text) {
        words += !is_space(c) && !inside ? 1 : 0;
        inside = !is_space(c);
    }
    return words;
}

std::int64_t count_words(const provider_request& request) {
    auto words = count_words(request.instructions);
    for (const auto& turn : request.turns) words += count_words(turn.content);
    return words;
}

call_result fail_with(const scripted_reply::failure& failure) {
    if (failure.http_status == 0) return interrupted(wire_end::not_sent, 0);
    vendor_facts facts;
    facts.http_status = failure.http_status;
    facts.code = failure.code;
    facts.known = parse_vendor_code(failure.code);
    facts.message = failure.code;
    facts.retry_after_ms = failure.retry_after_ms;
    return judge(facts);
}

call_result answer_with(const scripted_reply& reply, const provider_request& request,
                        std::uint64_t call_index) {
    call_result r;
    // They were checked when the provider was registered.
    r.tool_calls =
        keep_tool_calls(reply.tool_calls, "call_" + std::to_string(call_index) + "_").value();
    if (!r.tool_calls.empty()) r.finish = finish_reason::tool_calls;
    r.http_status = 200;
    for (const auto& chunk : reply.chunks) r.text += chunk;
    if (reply.chunks.empty()) r.text = reply.text;
    r.model = request.model;
    token_usage tokens;
    tokens.input = reply.tokens_in ? *reply.tokens_in : count_words(request);
    tokens.output = reply.tokens_out ? *reply.tokens_out : count_words(r.text);
    r.usage = tokens;
    return r;
}

constexpr std::int64_t vector_length = 8;

/// The same on every machine, and short and exact as a decimal: multiples of 1/64 from -1 to 1.
std::vector<float> vector_of(std::string_view input, std::int64_t length) {
    std::vector<float> v;
    std::uint64_t hash = 14'695'981'039'346'656'037U;  // FNV-1a
    const auto mix = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 1'099'511'628'211U; };
    for (const char c : input) mix(static_cast<unsigned char>(c));
    for (std::int64_t i = 0; i < length; ++i) {
        mix(static_cast<std::uint64_t>(i) & 0xff);
        const auto number = static_cast<std::int64_t>(hash >> 57) - 64;
        v.push_back(static_cast<float>(number) / 64);
    }
    return v;
}

call_result vectors_of(const embeddings_request& request,
                       const std::optional<std::int64_t>& tokens) {
    call_result r;
    r.http_status = 200;
    r.model = request.model;
    std::int64_t words = 0;
    for (const auto& input : request.inputs) {
        words += count_words(input);
        r.vectors.push_back(vector_of(input, request.dimensions.value_or(vector_length)));
    }
    r.usage = token_usage{.input = tokens.value_or(words)};
    return r;
}

}  // namespace

scripted_answer scripted_script::next(const embeddings_request& request,
                                      std::uint64_t call_index) const {
    if (echo_ || replies_.empty()) return {0, {}, 0, vectors_of(request, {})};
    const auto& reply = replies_[call_index % replies_.size()];
    return {reply.latency_ms,
            {},
            0,
            reply.error ? fail_with(*reply.error) : vectors_of(request, reply.tokens_in)};
}

scripted_answer scripted_script::next(const provider_request& request,
                                      std::uint64_t call_index) const {
    if (echo_ || replies_.empty()) {
        scripted_reply same;
        same.text = last_user_text(request);
        return {0, {}, 0, answer_with(same, request, call_index)};
    }
    const auto& reply = replies_[call_index % replies_.size()];
    return {reply.latency_ms, reply.chunks, reply.chunk_latency_ms,
            reply.error ? fail_with(*reply.error) : answer_with(reply, request, call_index)};
}

}  // namespace conclave::providers
