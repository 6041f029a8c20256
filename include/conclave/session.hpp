// Sessions: one conversation of a customer with an agent.
#pragma once

#include <conclave/content.hpp>
#include <conclave/id.hpp>
#include <conclave/page.hpp>
#include <conclave/time.hpp>
#include <conclave/tool.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

enum class session_status { active, closed, deleted };

struct session {
    session_id id;
    conclave::agent_id agent_id;
    std::string customer_id;
    std::string subject;
    std::string title;
    bool pinned = false;
    session_status status = session_status::active;
    std::string metadata = "{}";
    timestamp created_at{};
    timestamp last_activity_at{};
};

struct new_session {
    conclave::agent_id agent_id;
    std::string customer_id = {};  ///< the texts here: at most 255 bytes each
    std::string subject = {};
    std::string title = {};
    std::optional<std::string> metadata = {};
};

struct session_update {
    std::optional<std::string> title = {};
    std::optional<bool> pinned = {};
    std::optional<std::string> metadata = {};
};

/// Which sessions to list; absent fields do not filter.
struct session_filter {
    std::optional<conclave::agent_id> agent_id = {};
    std::optional<std::string> customer_id = {};
    std::optional<session_status> status = {};
    page_request page = {};
};

enum class message_role { system, user, assistant, tool };

/// `aborted`: the caller cut the answer short.
enum class message_status { complete, aborted };

struct message {
    message_id id;
    conclave::session_id session_id;
    std::int64_t seq = 0;  ///< 1, 2, 3 ... within the session, without gaps
    message_role role = message_role::user;
    message_status status = message_status::complete;
    /// UTF-8; with role `tool` the results as JSON, `[{"tool_call_id", "content"}]`; of a message
    /// with `parts` their texts, a line break between two.
    std::string content;
    std::string metadata = "{}";
    timestamp created_at{};
    std::vector<tool_call> tool_calls = {};  ///< of an answer: those the host was to answer
    std::vector<content_part> parts = {};    ///< of a user's message that was given in parts
};

/// A session with one page of its messages, oldest first.
struct transcript {
    conclave::session session;
    std::vector<message> messages;
    std::optional<std::string> next_cursor;
};

enum class export_format { markdown, json };

}  // namespace conclave
