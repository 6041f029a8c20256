// An answer while it is read, in the words of no vendor.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/token_usage.hpp>

#include "model/call.hpp"
#include "providers/call_drafts.hpp"
#include "providers/codec.hpp"
#include "providers/keepsake.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::providers {

/// What was read so far, whole or event by event.
struct answer_draft {
    // What each event touches comes first.
    std::string text;
    std::vector<stream_fact>* facts = nullptr;  ///< hears what becomes visible, if anybody does
    bool closed = false;  ///< the closing signal was seen: nothing that matters is missing
    bool ended = false;   ///< and nothing more can follow
    finish_reason finish = finish_reason::stop;
    std::string model;
    std::string response_id;
    std::string refusal;

    std::string thinking;
    call_drafts calls;
    std::string finish_word;
    std::optional<token_usage> usage;
    std::int64_t cache_write_1h = 0;
    std::string service_tier;
    std::optional<std::int64_t> told_cost_nano_usd;
    std::vector<std::string> kept;  ///< items for the keepsake, as JSON

    void say(std::string_view piece) { add(stream_fact::kind::text, piece); }
    void think(std::string_view piece) { add(stream_fact::kind::thinking, piece); }
    void add(stream_fact::kind kind, std::string_view piece) {
        if (piece.empty()) return;
        (kind == stream_fact::kind::text ? text : thinking) += piece;
        if (facts != nullptr) facts->push_back({kind, std::string(piece)});
    }
    /// The first names count; a later event may repeat them.
    void name(std::string_view their_model, std::string_view their_id);
};

/// The outcome of an attempt whose answer is whole. A normal stop with calls is `tool_calls`.
/// Nothing if the calls are none that could be kept; the rest of the draft is then as it was.
std::optional<call_result> finish_answer(answer_draft& draft, const keepsake_owner& owner);

/// Gives a failed attempt what had arrived before; its usage may not be the last word.
void add_arrived(call_result& failed, answer_draft&& draft);

}  // namespace conclave::providers
