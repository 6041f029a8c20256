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

/// Any bytes as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
std::string quoted_bytes(std::string_view bytes);

/// Text of a message content: a string, or the joined `text` members of a list of parts.
std::string content_text(const nlohmann::json& content);

/// Content of the last message whose role is `user`, empty when there is none.
std::string last_user_text(const nlohmann::json& messages);

/// True for a list of at least one object with a string `role`.
bool is_message_list(const nlohmann::json& messages);

/// Value of the first string member `model` without parsing the document, else `otherwise`.
std::string_view scan_model(std::string_view body, std::string_view otherwise);

}  // namespace simulator
