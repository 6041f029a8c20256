// Compares chunks.
#include "providers/chunk_frame.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

/// The string that ends with the next quote; nothing if it has an escape or is no string of JSON.
std::optional<std::string_view> plain_string(std::string_view from) {
    const auto is_special = [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    };
    const auto end = std::find_if(from.begin(), from.end(), is_special);
    if (end == from.end() || *end != '"') return std::nullopt;
    const auto text = from.substr(0, static_cast<std::size_t>(end - from.begin()));
    if (!utf8::valid(text)) return std::nullopt;
    return text;
}

/// How long the string is, as it stands in a valid JSON text.
std::size_t written_bytes(std::string_view from) {
    std::size_t end = 0;
    while (end < from.size() && from[end] != '"') end += from[end] == '\\' ? 2 : 1;
    return end;
}

}  // namespace

void chunk_frame::keep(std::string_view chunk, std::size_t text_at,
                       std::optional<std::size_t> padding_at) {
    clear();
    std::array<gap, 2> begins{gap{padding_at.value_or(text_at), false}, gap{text_at, true}};
    if (begins[0].at > begins[1].at) std::swap(begins[0], begins[1]);
    first_gap_ = padding_at ? 0 : 1;
    std::array<std::string_view, 3> rest;
    std::size_t begin = 0;
    std::size_t bytes = 0;
    for (auto i = first_gap_; i < begins.size(); ++i) {
        rest[i] = chunk.substr(begin, begins[i].at - begin);
        bytes += rest[i].size();
        gaps_[i] = {bytes, begins[i].is_text};
        begin = begins[i].at + written_bytes(chunk.substr(begins[i].at));
    }
    rest.back() = chunk.substr(begin);
    if (bytes + rest.back().size() > limits::chunk_frame_bytes) return;
    for (const auto piece : rest) kept_ += piece;
}

std::optional<std::string_view> chunk_frame::text_in(std::string_view chunk) const {
    if (kept_.empty()) return std::nullopt;
    const std::string_view kept = kept_;
    std::string_view text;
    std::size_t at = 0;
    for (auto i = first_gap_; i < gaps_.size(); ++i) {
        const auto same = kept.substr(at, gaps_[i].at - at);
        if (!chunk.starts_with(same)) return std::nullopt;
        chunk.remove_prefix(same.size());
        const auto loose = plain_string(chunk);
        if (!loose) return std::nullopt;
        chunk.remove_prefix(loose->size());
        if (gaps_[i].is_text) text = *loose;
        at = gaps_[i].at;
    }
    if (text.empty() || chunk != kept.substr(at)) return std::nullopt;
    return text;
}

}  // namespace conclave::providers
