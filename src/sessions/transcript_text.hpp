// A conversation as a text to read or to process.
#pragma once

#include <conclave/session.hpp>

#include "json/writer.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::sessions {

/// What councils did, by the message that they made: `metadata.council` as JSON.
using council_reports = std::map<message_id, std::string>;

/// Headed by the session's facts, a section per message, oldest first. Content is quoted as it is:
/// Markdown in a message stays Markdown. What a council did stands below its message.
std::string to_markdown(const session& s, const std::vector<message>& messages,
                        const council_reports& councils = {});

/// {"session": {...}, "messages": [...]} with the contract's keys; messages of councils have
/// `council`.
std::string to_json(const session& s, const std::vector<message>& messages,
                    const council_reports& councils = {});

/// One record with the contract's keys, into a document that is being written.
void print(json::writer& w, const session& s);
void print(json::writer& w, const message& m, std::string_view council = {});

std::string_view to_string(session_status s);
std::string_view to_string(message_role r);

}  // namespace conclave::sessions
