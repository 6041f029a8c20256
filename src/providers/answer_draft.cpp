// Turns what was read into the outcome of an attempt.
#include "providers/answer_draft.hpp"

#include "base/ascii.hpp"
#include "providers/fields.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {

namespace {

constexpr std::size_t id_tail_bytes = 24;

/// For calls without an id: the end of the answer's own id tells those of one round from those of
/// the next.
std::string id_prefix(std::string_view response_id) {
    const auto size = std::min(response_id.size(), id_tail_bytes);
    std::string prefix = "call_";
    for (const char c : response_id.substr(response_id.size() - size))
        prefix += is_letter(c) || is_digit(c) || c == '-' ? c : '_';
    return size == 0 ? prefix : prefix + '_';
}

}  // namespace

void answer_draft::name(std::string_view their_model, std::string_view their_id) {
    if (model.empty()) model = kept_name(their_model);
    if (response_id.empty()) response_id = kept_name(their_id);
}

std::optional<call_result> finish_answer(answer_draft& draft, const keepsake_owner& owner) {
    auto calls = draft.calls.take(id_prefix(draft.response_id));
    if (!calls) return std::nullopt;
    call_result r;
    r.tool_calls = *std::move(calls);
    r.finish = draft.finish;
    if (r.finish == finish_reason::stop && !r.tool_calls.empty())
        r.finish = finish_reason::tool_calls;
    r.text = std::move(draft.text);
    r.thinking = std::move(draft.thinking);
    r.refusal = std::move(draft.refusal);
    r.finish_word = kept_name(draft.finish_word);
    r.model = std::move(draft.model);
    r.response_id = std::move(draft.response_id);
    r.usage = draft.usage;
    r.cache_write_1h = draft.cache_write_1h;
    r.service_tier = kept_name(draft.service_tier);
    r.told_cost_nano_usd = draft.told_cost_nano_usd;
    r.keepsake = print_keepsake(owner, draft.kept);
    return r;
}

void add_arrived(call_result& failed, answer_draft&& draft) {
    failed.text = std::move(draft.text);
    failed.thinking = std::move(draft.thinking);
    failed.model = std::move(draft.model);
    failed.response_id = std::move(draft.response_id);
    failed.usage = draft.usage;
    failed.cache_write_1h = draft.cache_write_1h;
    failed.service_tier = kept_name(draft.service_tier);
}

}  // namespace conclave::providers
