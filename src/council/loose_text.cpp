// Reads the words of loose JSON.
#include "council/loose_text.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace conclave::council {

namespace {

constexpr std::string_view wide_comma = "\xEF\xBC\x8C";
constexpr std::string_view wide_colon = "\xEF\xBC\x9A";
constexpr std::size_t key_bytes = 48;
constexpr std::size_t comment_bytes = 512;

bool is_name_byte(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == ' ';
}

// What holds brackets and is no sound text has swallowed the end of an item.
bool has_bracket(std::string_view text) { return text.find_first_of("{}") != text.npos; }

// The bytes of a comment or "..." at the front of `text`; 0 for none.
std::size_t comment_at_front(std::string_view text) {
    if (text.starts_with("...") || text.starts_with("\xE2\x80\xA6")) return 3;
    text = text.substr(0, comment_bytes);
    const bool line = text.starts_with("//") || text.starts_with('#');
    if (!line && !text.starts_with("/*")) return 0;
    const auto end = line ? text.find('\n') : text.find("*/");
    if (end == text.npos) return line && text.size() < comment_bytes ? text.size() : 0;
    return line ? end : end + 2;
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Of code points below U+10000; surrogates become the replacement character.
void append_code_point(std::string& out, std::uint32_t c) {
    if (c >= 0xD800 && c <= 0xDFFF) c = 0xFFFD;
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else {
        out += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    }
}

}  // namespace

loose_text::mark loose_text::mark_at(std::size_t at) const {
    struct known {
        std::string_view bytes;
        bool single;
    };
    constexpr std::array<known, 9> all{{
        {"\"", false},
        {"'", true},
        {"`", true},
        {"\xE2\x80\x9C", false},
        {"\xE2\x80\x9D", false},
        {"\xE2\x80\x98", true},
        {"\xE2\x80\x99", true},
        {"\xC2\xAB", false},
        {"\xC2\xBB", false},
    }};
    for (const auto& k : all)
        if (starts(at, k.bytes)) return {k.bytes.size(), k.single};
    return {};
}

std::size_t loose_text::skip_blank(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
}

void loose_text::skip_space() {
    while (true) {
        at_ = skip_blank(at_);
        const auto bytes = comment_at_front(text_.substr(at_));
        if (bytes == 0 || has_bracket(text_.substr(at_, bytes))) return;
        at_ += bytes;
        mended_ = true;
    }
}

bool loose_text::take_comma() {
    if (next(',')) return take(1), true;
    if (next(';')) return mend(), take(1), true;
    if (starts(at_, wide_comma)) return mend(), take(wide_comma.size()), true;
    return false;
}

bool loose_text::take_colon() {
    skip_space();
    if (next(':')) {
        take(1);
    } else if (starts(at_, wide_colon)) {
        mend();
        take(wide_colon.size());
    } else if (next('=')) {
        mend();
        take(starts(at_, "=>") ? 2 : 1);
    } else {
        return false;
    }
    skip_space();
    return true;
}

// Whether a key and its colon stand at `at`.
bool loose_text::member_at(std::size_t at) const {
    at = skip_blank(at);
    const auto open = mark_at(at);
    const auto end = std::min(text_.size(), at + key_bytes);
    auto i = at + open.bytes;
    if (open.bytes > 0) {
        const auto closes = [&] {
            const auto m = mark_at(i);
            return m.bytes > 0 && m.single == open.single;
        };
        while (i < end && !closes() && text_[i] != '\n') ++i;
        if (i >= end || !closes()) return false;
        i += mark_at(i).bytes;
    } else {
        if (i >= end || !is_letter(text_[i])) return false;
        while (i < end && is_name_byte(text_[i])) ++i;
    }
    i = skip_blank(i);
    return starts(i, ":") || starts(i, wide_colon) || (open.bytes > 0 && starts(i, "="));
}

// Whether a bracket stands at `at`, or nothing more.
bool loose_text::bracket_at(std::size_t at) const {
    at = skip_blank(at);
    return at >= text_.size() || std::string_view("{}[]").find(text_[at]) != text_.npos;
}

// Whether a further item of an array may begin at `at`.
bool loose_text::value_at(std::size_t at) const {
    at = skip_blank(at);
    return bracket_at(at) || mark_at(at).bytes > 0 || is_digit(text_[at]);
}

bool loose_text::ends_text(std::size_t after, text_role role) const {
    const auto at = skip_blank(after);
    if (role == text_role::key) return starts(at, ":") || starts(at, wide_colon) || starts(at, "=");
    if (at >= text_.size() || text_[at] == '}' || text_[at] == ']') return true;
    if (starts(at, "//") || starts(at, "/*")) return true;
    const std::size_t comma = starts(at, ",") || starts(at, ";") ? 1
                              : starts(at, wide_comma)           ? wide_comma.size()
                                                                 : 0;
    if (comma == 0) return member_at(at);  // the comma was forgotten
    if (role == text_role::item && value_at(at + comma)) return true;
    return member_at(at + comma) || bracket_at(at + comma);
}

// Returns the place behind the escape whose backslash is at `at`.
std::size_t loose_text::append_escape(std::string& out, std::size_t at) const {
    if (at + 1 >= text_.size()) return text_.size();
    const char c = text_[at + 1];
    if (c == 'u' && at + 6 <= text_.size()) {
        std::uint32_t code = 0;
        bool valid = true;
        for (std::size_t i = at + 2; i < at + 6; ++i) {
            const int digit = hex_digit(text_[i]);
            valid = valid && digit >= 0;
            code = code << 4 | static_cast<std::uint32_t>(digit & 0xF);
        }
        if (valid) return append_code_point(out, code), at + 6;
    }
    if (c == 'n' || c == 'r') {
        out += '\n';
    } else if (c == 't' || c == 'b' || c == 'f') {
        out += ' ';
    } else if ((c & 0x80) == 0) {
        out += c;
    } else {
        return at + 1;  // the backslash alone, in front of what is longer than a byte
    }
    return at + 2;
}

std::optional<std::string> loose_text::quoted(text_role role) {
    const bool key = role == text_role::key;
    const auto open = mark_at(at_);
    if (open.bytes == 0) return std::nullopt;
    if (text_[at_] != '"') mend();
    std::string out;
    bool quotes = false;  // unescaped ones inside
    for (auto i = at_ + open.bytes; i < text_.size();) {
        if (key && out.size() > key_bytes) return std::nullopt;
        if (text_[i] == '\\') {
            i = append_escape(out, i);
            continue;
        }
        reached_ = i;
        const auto m = mark_at(i);
        if (m.bytes > 0 && m.single == open.single) {
            const bool ends = ends_text(i + m.bytes, role);
            const bool forgotten = !ends && !key && member_at(i);
            if (ends || forgotten) {
                if (forgotten) mend();
                if ((quotes || forgotten) && has_bracket(out)) return std::nullopt;
                at_ = ends ? i + m.bytes : i;
                return out;
            }
            if (key) return std::nullopt;
            quotes = true;
        }
        quotes = quotes || (open.single && m.bytes > 0 && !m.single);
        if (text_[i] == '\n' || (m.bytes == 1 && m.single == open.single)) mend();
        out += text_[i++];
    }
    if (!key) at_ = text_.size();
    return std::nullopt;
}

std::optional<std::string> loose_text::bare_key() {
    if (ended() || !is_letter(text_[at_]) || !member_at(at_)) return std::nullopt;
    auto end = at_;
    while (end < text_.size() && is_name_byte(text_[end])) ++end;
    std::string key(trim(text_.substr(at_, end - at_)));
    at_ = end;
    mend();
    return key;
}

std::string loose_text::bare_value() {
    const auto first = at_;
    const bool number = !ended() && (is_digit(text_[at_]) || text_[at_] == '-');
    while (!ended()) {
        const char c = text_[at_];
        if (c == '}' || c == ']' || c == '{' || c == '[' || c == '\n' || c == '"') break;
        if (starts(at_, "//") || c == '#' || starts(at_, wide_comma)) break;
        if (c == ',') {
            // A decimal comma: nothing but a name may follow the comma of a member.
            const bool decimal = number && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
            const bool phrase = !number && !member_at(at_ + 1) && !bracket_at(at_ + 1);
            if (!decimal && !phrase) break;
        }
        ++at_;
    }
    return std::string(trim(text_.substr(first, at_ - first)));
}

}  // namespace conclave::council
