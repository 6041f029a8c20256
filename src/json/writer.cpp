// Builds a JSON text directly.
#include "json/writer.hpp"

#include "json/document.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace conclave::json {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr auto must_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t code = 0; code < 0x20; ++code) table[code] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

/// Whether one of eight bytes must be escaped; looks at all of them at once.
bool any_must_escape(const char* eight) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x80 * ones;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    // The top bit of x - n without that of x itself: a byte below n (or one above such a byte).
    const auto below = [](std::uint64_t x, std::uint64_t n) { return (x - n * ones) & ~x & tops; };
    return (below(bytes, 0x20) | below(bytes ^ ('"' * ones), 1) |
            below(bytes ^ ('\\' * ones), 1)) != 0;
}

bool needs_no_escape(std::string_view text) {
    if (text.size() < 8) {
        for (const char c : text)
            if (must_escape[static_cast<unsigned char>(c)]) return false;
        return true;
    }
    for (std::size_t at = 0; at + 8 < text.size(); at += 8)
        if (any_must_escape(text.data() + at)) return false;
    return !any_must_escape(text.data() + text.size() - 8);
}

void append_escaped(std::string& out, char c) {
    out += '\\';
    switch (c) {
        case '"':
        case '\\': out += c; return;
        case '\b': out += 'b'; return;
        case '\f': out += 'f'; return;
        case '\n': out += 'n'; return;
        case '\r': out += 'r'; return;
        case '\t': out += 't'; return;
        default: break;
    }
    const auto code = static_cast<unsigned char>(c);
    out += "u00";
    out += hex_digits[code >> 4];
    out += hex_digits[code & 15];
}

// The shortest text that reads back as the same double.
std::string shortest(double number) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    if (needs_no_escape(text)) {
        out.append(text);
        out += '"';
        return;
    }
    std::size_t plain = 0;  // where the run that needs no escape began
    for (std::size_t at = 0; at < text.size(); ++at) {
        while (text.size() - at > 8 && !any_must_escape(text.data() + at)) at += 8;
        if (!must_escape[static_cast<unsigned char>(text[at])]) continue;
        out.append(text, plain, at - plain);
        append_escaped(out, text[at]);
        plain = at + 1;
    }
    out.append(text, plain);
    out += '"';
}

writer& writer::key(std::string_view name) {
    separate();
    append_quoted(text_, name);
    text_ += ':';
    comma_ = false;
    return *this;
}

writer& writer::string(std::string_view text) {
    separate();
    append_quoted(text_, text);
    return *this;
}

writer& writer::integer(std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return raw({buffer.data(), end});
}

writer& writer::exact_integer(std::int64_t number) {
    constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;
    if (number > exact_in_double || number < -exact_in_double)
        return string(std::to_string(number));
    return integer(number);
}

writer& writer::number(double number) {
    if (!std::isfinite(number)) return null();
    auto text = shortest(number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return raw(text);
}

writer& writer::raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
}

writer& writer::open(char bracket) {
    separate();
    text_ += bracket;
    comma_ = false;
    return *this;
}

writer& writer::close(char bracket) {
    text_ += bracket;
    comma_ = true;
    return *this;
}

writer& writer::value(const json::value& v) {
    switch (v.kind()) {
        case kind::null: return null();
        case kind::boolean: return boolean(*v.as_boolean());
        case kind::integer: return integer(*v.as_integer());
        case kind::big_integer: return raw(v.as_big_integer()->digits);
        case kind::number: return number(*v.as_number());
        case kind::decimal: return raw(v.as_decimal()->text);
        case kind::string: return string(*v.as_string());
        case kind::array:
            begin_array();
            for (const auto& item : *v.as_array()) value(item);
            return end_array();
        case kind::object:
            begin_object();
            for (const auto& m : *v.as_object()) key(m.key).value(m.value);
            return end_object();
    }
    return *this;
}

writer& writer::value(const element& e) {
    switch (e.kind()) {
        case kind::null: return null();
        case kind::boolean: return boolean(*e.as_boolean());
        case kind::integer: return integer(*e.as_integer());
        case kind::big_integer: return raw(*e.as_big_integer());
        case kind::number: break;  // no element is of that kind
        case kind::decimal: return raw(*e.as_decimal());
        case kind::string: return string(*e.as_string());
        case kind::array:
            begin_array();
            for (const auto& item : e.children()) value(item);
            return end_array();
        case kind::object:
            begin_object();
            for (const auto& m : e.children()) key(m.key()).value(m);
            return end_object();
    }
    return *this;
}

}  // namespace conclave::json
