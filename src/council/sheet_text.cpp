// Takes wrappings off.
#include "council/sheet_text.hpp"

#include "base/ascii.hpp"

#include <array>

namespace conclave::council {

namespace {

struct tag_pair {
    std::string_view open;
    std::string_view close;
};

constexpr std::array<tag_pair, 7> reasoning_tags{{
    {"<think>", "</think>"},
    {"<thinking>", "</thinking>"},
    {"<thought>", "</thought>"},
    {"<reasoning>", "</reasoning>"},
    {"<reflection>", "</reflection>"},
    {"<scratchpad>", "</scratchpad>"},
    {"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7"},
}};

// A tag inside a sheet's own texts stands amid a line.
bool begins_line(std::string_view text, std::size_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
    return at == 0 || text[at - 1] == '\n' || text[at - 1] == '>';
}

std::string without_reasoning(const std::string& text, const tag_pair& tag) {
    const auto lower = to_lower(text);
    std::size_t at = 0;
    // Some servers swallow the first tag.
    const auto end = lower.find(tag.close);
    if (end != lower.npos && lower.rfind(tag.open, end) == lower.npos) at = end + tag.close.size();
    std::string rest;
    while (at < text.size()) {
        auto open = lower.find(tag.open, at);
        while (open != lower.npos && !begins_line(text, open))
            open = lower.find(tag.open, open + 1);
        rest += text.substr(at, open - at);
        if (open == lower.npos) break;
        const auto close = lower.find(tag.close, open);
        at = close == lower.npos ? text.size() : close + tag.close.size();
    }
    return rest;
}

std::string_view without_channels(std::string_view text) {
    constexpr std::string_view last = "<|channel|>final<|message|>";
    const auto at = text.rfind(last);
    return at == text.npos ? text : text.substr(at + last.size());
}

std::string_view without_fence(std::string_view text) {
    constexpr std::string_view fence = "```";
    if (!text.starts_with(fence)) return text;
    const auto line = text.find('\n');
    if (line == text.npos) return text;
    text.remove_prefix(line + 1);
    text = trim(text);
    if (text.ends_with(fence)) text.remove_suffix(fence.size());
    return trim(text);
}

}  // namespace

std::string unwrap_sheet(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    text = trim(text);
    while (text.starts_with(mark)) text = trim(text.substr(mark.size()));
    std::string rest(without_channels(text));
    for (const auto& tag : reasoning_tags) rest = without_reasoning(rest, tag);
    return std::string(without_fence(trim(rest)));
}

std::string without_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        ++i;
        if (text[i] == 'n' || text[i] == 'r' || text[i] == 't')
            out += text[i] == 't' ? ' ' : '\n';
        else
            out += text[i];
    }
    return out;
}

}  // namespace conclave::council
