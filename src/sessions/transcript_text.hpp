// A conversation as a text to read or to process.
#pragma once

#include <conclave/session.hpp>

#include "json/writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace conclave::sessions {

/// Headed by the session's facts, a section per message, oldest first. Content is quoted as it is:
/// Markdown in a message stays Markdown.
std::string to_markdown(const session& s, const std::vector<message>& messages);

/// {"session": {...}, "messages": [...]} with the contract's keys.
std::string to_json(const session& s, const std::vector<message>& messages);

/// One record with the contract's keys, into a document that is being written.
void print(json::writer& w, const session& s);
void print(json::writer& w, const message& m);

std::string_view to_string(session_status s);
std::string_view to_string(message_role r);

}  // namespace conclave::sessions
