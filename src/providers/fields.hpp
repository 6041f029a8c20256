// Members of vendors' documents, which may be anything.
#pragma once

#include "json/document.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::providers {

/// No answer has more tokens of one sort; a greater count is taken for not told.
inline constexpr std::int64_t tokens_max = 1'000'000'000'000;

/// A count of tokens; nothing for anything that cannot be one.
std::optional<std::int64_t> token_count(const json::element& e);

/// The first of several places (JSON pointers) that holds a count.
std::optional<std::int64_t> count_at(const json::element& e,
                                     std::initializer_list<std::string_view> pointers);

// Inline, as most of what an event is asked for is not there, which then takes a bit's test.

/// The text of a member; nullptr where it is none.
inline const std::string_view* text_at(const json::element& e, std::string_view key) {
    const auto* found = json::find(e, key);
    return found != nullptr ? found->as_string() : nullptr;
}

/// Likewise, empty where it is none.
inline std::string_view word_at(const json::element& e, std::string_view key) {
    const auto* text = text_at(e, key);
    return text != nullptr ? *text : std::string_view();
}
std::string_view word_at(const json::value& v, std::string_view key);

/// The items of a member that is a list; else none.
inline json::elements items_at(const json::element& e, std::string_view key) {
    const auto* found = json::find(e, key);
    return found != nullptr && found->is_array() ? found->children() : json::elements();
}
const json::array& items_at(const json::value& v, std::string_view key);

/// The arguments of a call as text, whether they are a text or JSON; empty for none. A tool that
/// takes any text has it as `input`.
std::string arguments_at(const json::element& call);
std::string arguments_at(const json::value& call);

/// A name or id of theirs as it may be kept: empty beyond limits::name_bytes.
std::string kept_name(std::string_view theirs);

/// What the usage of an answer says that the call cost, in nano-USD, rounded half up: `cost` in
/// dollars (OpenRouter), `cost.total_cost` (Perplexity) or `cost_in_usd_ticks` (xAI). Exact.
/// Beyond limits::price_nano_usd it is none.
std::optional<std::int64_t> told_cost_nano_usd(const json::element& usage);

}  // namespace conclave::providers
