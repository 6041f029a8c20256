// Conversations as texts.
#include "sessions/transcript_text.hpp"

#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace conclave;
using namespace conclave::sessions;

namespace {

session a_session() {
    session s;
    s.id = "ses_1";
    s.agent_id = "agt_1";
    s.metadata = R"({ "a": 1 })";
    return s;
}

message a_message(std::int64_t seq, message_role role, std::string content) {
    message m;
    m.id = "msg_" + std::to_string(seq);
    m.session_id = "ses_1";
    m.seq = seq;
    m.role = role;
    m.content = std::move(content);
    m.created_at = timestamp(std::chrono::milliseconds(1'500));
    return m;
}

}  // namespace

TEST_CASE("a Markdown export names the session and quotes its messages", "[transcript]") {
    auto s = a_session();
    s.title = "Refund";
    s.customer_id = "cus_1";
    s.subject = "Order 7";
    s.status = session_status::closed;
    CHECK(to_markdown(s, {a_message(1, message_role::user, "# not *mine*"),
                          a_message(2, message_role::assistant, "Hi")}) ==
          "# Refund\n\n"
          "- Session: ses_1\n- Agent: agt_1\n- Customer: cus_1\n- Subject: Order 7\n"
          "- Status: closed\n- Created: 1970-01-01T00:00:00.000Z\n"
          "\n## 1. User, 1970-01-01T00:00:01.500Z\n\n# not *mine*\n"
          "\n## 2. Assistant, 1970-01-01T00:00:01.500Z\n\nHi\n");
}

TEST_CASE("what a session does not have is left out of Markdown", "[transcript]") {
    CHECK(to_markdown(a_session(), {}) ==
          "# ses_1\n\n- Session: ses_1\n- Agent: agt_1\n- Status: active\n"
          "- Created: 1970-01-01T00:00:00.000Z\n");
}

TEST_CASE("a JSON export has the contract's keys, metadata as stored", "[transcript]") {
    auto s = a_session();
    s.pinned = true;
    auto m = a_message(2, message_role::assistant, "a \"b\"");
    m.status = message_status::aborted;
    CHECK(to_json(s, {m}) ==
          R"({"session":{"id":"ses_1","agent_id":"agt_1","customer_id":"","subject":"",)"
          R"("status":"active","title":"","pinned":true,"metadata":{ "a": 1 },)"
          R"("created_at":"1970-01-01T00:00:00.000Z",)"
          R"("last_activity_at":"1970-01-01T00:00:00.000Z"},)"
          R"("messages":[{"id":"msg_2","session_id":"ses_1","seq":2,"role":"assistant",)"
          R"("status":"aborted","content":"a \"b\"","metadata":{},)"
          R"("created_at":"1970-01-01T00:00:01.500Z"}]})");
    CHECK(json::parse(to_json(s, {m, m}), "export"));
    CHECK(json::parse(to_json(s, {}), "export"));
}

TEST_CASE("every status and role has its word", "[transcript]") {
    CHECK(to_string(session_status::active) == "active");
    CHECK(to_string(session_status::closed) == "closed");
    CHECK(to_string(session_status::deleted) == "deleted");
    CHECK(to_string(message_role::system) == "system");
    CHECK(to_string(message_role::user) == "user");
    CHECK(to_string(message_role::assistant) == "assistant");
    CHECK(to_string(message_role::tool) == "tool");
}
