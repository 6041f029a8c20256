// Builds a JSON text directly, for the documents of the main path.
#pragma once

#include "json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace conclave::json {

class element;

/// Appends `text`, which is valid UTF-8, as a JSON string with its quotes.
void append_quoted(std::string& out, std::string_view text);

/// Appends values and places the commas: `w.begin_object().key("id").string(id).end_object()`. That
/// begins and ends match and that each member has a key is the caller's business. Texts are valid
/// UTF-8.
class writer {
   public:
    explicit writer(std::size_t reserve_bytes = 512) { text_.reserve(reserve_bytes); }

    writer& begin_object() { return open('{'); }
    writer& end_object() { return close('}'); }
    writer& begin_array() { return open('['); }
    writer& end_array() { return close(']'); }
    writer& key(std::string_view name);
    /// One that stands in our code, and needs no escape.
    template <std::size_t N>
    writer& key(const char (&name)[N]) {
        separate();
        text_ += '"';
        text_.append(name, N - 1);
        text_ += "\":";
        comma_ = false;
        return *this;
    }

    writer& string(std::string_view text);
    writer& integer(std::int64_t number);
    /// A string where a double would not hold it exactly, beyond 2^53.
    writer& exact_integer(std::int64_t number);
    writer& number(double number);
    writer& boolean(bool truth) { return raw(truth ? "true" : "false"); }
    writer& null() { return raw("null"); }
    writer& value(const json::value& v);
    writer& value(const element& e);
    /// A text that is JSON already.
    writer& raw(std::string_view json);

    const std::string& text() const& { return text_; }
    std::string text() && { return std::move(text_); }

   private:
    writer& open(char bracket);
    writer& close(char bracket);
    void separate() {
        if (comma_) text_ += ',';
        comma_ = true;
    }

    std::string text_;
    bool comma_ = false;
};

}  // namespace conclave::json
