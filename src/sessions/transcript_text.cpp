// Exports conversations.
#include "sessions/transcript_text.hpp"

#include "json/part_text.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "sessions/council_text.hpp"

namespace conclave::sessions {

namespace {

void line(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += "- ";
    out += name;
    out += ": ";
    out += value;
    out += '\n';
}

/// Its bytes, if it has any here, are no text to read.
void image_line(std::string& out, const content_part& part) {
    if (part.what == content_part::kind::image_url) line(out, "Image", part.value);
    if (part.what == content_part::kind::image) line(out, "Image", part.media_type);
}

std::string_view heading(message_role r) {
    switch (r) {
        case message_role::system: return "System";
        case message_role::user: return "User";
        case message_role::assistant: return "Assistant";
        case message_role::tool: return "Tool";
    }
    return "";
}

}  // namespace

std::string to_markdown(const session& s, const std::vector<message>& messages,
                        const council_reports& councils) {
    std::string out = "# ";
    out += s.title.empty() ? s.id.str() : s.title;
    out += "\n\n";
    line(out, "Session", s.id.str());
    line(out, "Agent", s.agent_id.str());
    line(out, "Customer", s.customer_id);
    line(out, "Subject", s.subject);
    line(out, "Status", to_string(s.status));
    line(out, "Created", to_iso8601(s.created_at));
    for (const auto& m : messages) {
        out += "\n## " + std::to_string(m.seq) + ". ";
        out += heading(m.role);
        out += ", " + to_iso8601(m.created_at) + "\n\n" + m.content + "\n";
        for (const auto& part : m.parts) image_line(out, part);
        if (const auto council = councils.find(m.id); council != councils.end())
            out += describe_council(council->second);
    }
    return out;
}

std::string to_json(const session& s, const std::vector<message>& messages,
                    const council_reports& councils) {
    json::writer w(4096);
    w.begin_object().key("session");
    print(w, s);
    w.key("messages").begin_array();
    for (const auto& m : messages) {
        const auto council = councils.find(m.id);
        print(w, m, council != councils.end() ? std::string_view(council->second) : "");
    }
    w.end_array().end_object();
    return std::move(w).text();
}

void print(json::writer& w, const session& s) {
    w.begin_object().key("id").string(s.id.str()).key("agent_id").string(s.agent_id.str());
    w.key("customer_id").string(s.customer_id).key("subject").string(s.subject);
    w.key("status").string(to_string(s.status)).key("title").string(s.title);
    w.key("pinned").boolean(s.pinned).key("metadata").raw(s.metadata);
    w.key("created_at").string(to_iso8601(s.created_at));
    w.key("last_activity_at").string(to_iso8601(s.last_activity_at)).end_object();
}

void print(json::writer& w, const message& m, std::string_view council) {
    w.begin_object().key("id").string(m.id.str()).key("session_id").string(m.session_id.str());
    w.key("seq").integer(m.seq).key("role").string(to_string(m.role));
    w.key("status").string(m.status == message_status::complete ? "complete" : "aborted");
    w.key("content").string(m.content);
    if (!m.parts.empty()) w.key("parts").raw(json::print_parts(m.parts));
    w.key("metadata").raw(m.metadata);
    if (!m.tool_calls.empty()) w.key("tool_calls").raw(json::print_tool_calls(m.tool_calls));
    if (!council.empty()) w.key("council").raw(council);
    w.key("created_at").string(to_iso8601(m.created_at)).end_object();
}

std::string_view to_string(session_status s) {
    switch (s) {
        case session_status::active: return "active";
        case session_status::closed: return "closed";
        case session_status::deleted: return "deleted";
    }
    return "";
}

std::string_view to_string(message_role r) {
    switch (r) {
        case message_role::system: return "system";
        case message_role::user: return "user";
        case message_role::assistant: return "assistant";
        case message_role::tool: return "tool";
    }
    return "";
}

}  // namespace conclave::sessions
