// Prints JSON straight into a string, and takes text out of message contents.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// Appends a decimal number.
void append_number(std::string& out, std::int64_t value);

/// Appends valid UTF-8 as a JSON string with its quotes. Much faster than a JSON document.
void append_quoted(std::string& out, std::string_view text);

/// Text to be printed as a JSON string.
struct quoted {
    std::string_view text;
};

inline void append_one(std::string& out, std::string_view json) { out += json; }
inline void append_one(std::string& out, std::int64_t number) { append_number(out, number); }
inline void append_one(std::string& out, quoted part) { append_quoted(out, part.text); }

/// Appends each part: pieces of JSON as they are, numbers, and texts that are marked `quoted`.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
    (append_one(out, parts), ...);
}

/// The parts as one text.
template <class... Parts>
std::string joined(const Parts&... parts) {
    std::string out;
    append(out, parts...);
    return out;
}

/// Any bytes as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
std::string quoted_bytes(std::string_view bytes);

/// A member of an object, null when it is absent or `object` is not one.
const nlohmann::json& member(const nlohmann::json& object, std::string_view name);

/// A string member, empty when it is absent or not a string.
std::string text_member(const nlohmann::json& object, std::string_view name);

/// A document as text; invalid UTF-8 becomes U+FFFD.
std::string json_text(const nlohmann::json& document);

/// Bytes in base64.
std::string base64(std::string_view bytes);

/// Text of a message content: a string, or the joined `text` members of a list of parts.
std::string content_text(const nlohmann::json& content);

/// Content of the last message whose role is `user`, empty when there is none.
std::string last_user_text(const nlohmann::json& messages);

/// True for a list of at least one object with a string `role`.
bool is_message_list(const nlohmann::json& messages);

/// Value of the first string member `model` without parsing the document, else `otherwise`.
std::string_view scan_model(std::string_view body, std::string_view otherwise);

}  // namespace simulator
