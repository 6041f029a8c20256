// What a send is decided on: key, session, agent, history.
#include "base/limits.hpp"
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

prepare_send::answer prepare(ledger& l, const tenant_world& t, const send_key& key) {
    return l.ask(prepare_send{t.scope, key, t.session});
}

/// A turn with these texts; without an answer it fails for good.
send_key turn(ledger& l, const tenant_world& t, std::string question,
              std::optional<std::string> answer) {
    auto t1 = l.claim_of(t, l.key());
    t1.content = std::move(question);
    const auto claim = l.claim(t1);
    if (answer) {
        auto t2 = l.settle_of(t1, claim);
        t2.content = *answer;
        l.run(t2);
    } else {
        l.run(fail_send{t.scope,
                        {t1.key, claim.send, "own_1", claim.epoch},
                        send_state::failed_retryable,
                        "{}",
                        {l.refused()},
                        l.now});
    }
    return t1.key;
}

std::string texts(const prepare_send::answer& a) {
    std::string out;
    for (const auto& turn : a.turn.history)
        out += (turn.role == message_role::assistant ? "<" : ">") + turn.content + " ";
    return out;
}

}  // namespace

TEST_CASE("a new key is prepared with session, agent and prices", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto a = prepare(l, t, l.key());
    CHECK(a.known.tenant == tenant_status::active);
    CHECK_FALSE(a.known.send);
    REQUIRE(a.turn.session);
    CHECK(a.turn.agent_id == t.agent);
    CHECK(a.turn.next_seq == 1);
    REQUIRE(a.turn.agent);
    CHECK(a.turn.agent->id == t.agent);
    CHECK(a.turn.agent->primary == "vendorA/small");
    CHECK(a.turn.history.empty());
    CHECK(a.price_generation == 1);
    CHECK(a.known.fingerprint_key != digest{});
}

TEST_CASE("what is missing is absent", "[store]") {
    ledger l;
    auto t = l.add_tenant();
    l.run(delete_agent{t.scope, t.agent, l.now});
    auto a = prepare(l, t, l.key());
    CHECK(a.turn.session);
    CHECK_FALSE(a.turn.agent);
    l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now});
    a = prepare(l, t, l.key());
    CHECK(a.known.tenant);
    CHECK_FALSE(a.turn.session);
    l.run(update_tenant{t.scope, {}, tenant_status::deleted, l.now});
    CHECK_FALSE(prepare(l, t, l.key()).known.tenant);
}

TEST_CASE("a replay reads the reply and nothing else", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto a = prepare(l, t, l.send(t));
    REQUIRE(a.known.send);
    CHECK(a.known.send->state == send_state::succeeded);
    CHECK(a.known.send->reply_message->content == "answer");
    CHECK_FALSE(a.turn.session);
    CHECK_FALSE(a.turn.agent);
}

TEST_CASE("history holds answered turns alone, in order", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    turn(l, t, "q1", "a1");
    const auto failed = turn(l, t, "q2", std::nullopt);
    turn(l, t, "q3", "a3");
    CHECK(texts(prepare(l, t, l.key())) == ">q1 <a1 >q3 <a3 ");
    CHECK(prepare(l, t, l.key()).turn.next_seq == 6);
    // Of a known key, only what came before it.
    CHECK(texts(prepare(l, t, failed)) == ">q1 <a1 ");
    // An answer that came late stands where it came.
    auto again = l.claim_of(t, failed);
    const auto claim = l.claim(again);
    l.run(l.settle_of(again, claim));
    CHECK(texts(prepare(l, t, l.key())) == ">q1 <a1 >q2 >q3 <a3 <answer ");
}

TEST_CASE("history ends at the limits of the prompt, with whole turns", "[store]") {
    ledger l;
    const auto t = l.add_tenant();

    SECTION("messages") {
        for (int i = 0; i < limits::prompt_messages / 2; ++i) turn(l, t, "q", "a");
        CHECK(prepare(l, t, l.key()).turn.history.size() == limits::prompt_messages);
        turn(l, t, "q", "a");
        CHECK(prepare(l, t, l.key()).turn.history.size() == limits::prompt_messages);
    }
    SECTION("bytes") {
        turn(l, t, std::string(limits::prompt_bytes - 3, 'q'), "a");
        turn(l, t, "q", "a");
        CHECK(prepare(l, t, l.key()).turn.history.size() == 4);
        turn(l, t, "q", "a");
        CHECK(texts(prepare(l, t, l.key())) == ">q <a >q <a ");
    }
    SECTION("an answer without room for its question") {
        turn(l, t, "qq", std::string(limits::prompt_bytes - 1, 'a'));
        CHECK(prepare(l, t, l.key()).turn.history.empty());
    }
}

TEST_CASE("doubtful sends are listed newest first, by pages", "[store]") {
    ledger l;
    auto t = l.add_tenant();
    std::vector<send_id> made;
    for (int i = 0; i < 5; ++i) {
        t.session = l.add_session(t);
        made.push_back(l.claim(l.claim_of(t, l.key())).send);
    }
    l.run(abandon_sends{"own_1", 4, "{}", on_day(1)});
    std::vector<send_id> listed;
    page_request page{2, {}};
    do {
        const auto sends = l.ask(list_unknown_sends{t.scope, page}).sends;
        CHECK(sends.items.size() == 2);
        for (const auto& s : sends.items) {
            listed.push_back(s.send_id);
            CHECK(s.unknown_since == on_day(1));
        }
        page.cursor = sends.next_cursor;
    } while (page.cursor);
    CHECK(listed.size() == 4);
    CHECK(std::is_sorted(listed.rbegin(), listed.rend()));
}

TEST_CASE("calls and results of tools come back in the history, a turn for each result",
          "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto first = l.claim_of(t, l.key());
    auto asked = l.settle_of(first, l.claim(first));
    asked.content.clear();
    asked.tool_calls = {{"c1", "ask", R"({"n":1})"}, {"c2", "ask", "oops"}};
    asked.tool_steps = R"([{"place":0}])";
    l.run(asked);
    auto second = l.claim_of(t, l.key());
    second.role = message_role::tool;
    second.content =
        R"([{"tool_call_id":"c2","content":"two"},{"tool_call_id":"c1","content":"one"}])";
    l.run(l.settle_of(second, l.claim(second)));

    const auto history = prepare(l, t, l.key()).turn.history;
    REQUIRE(history.size() == 5);
    CHECK(history[1].tool_calls == asked.tool_calls);
    CHECK(history[2].role == message_role::tool);
    CHECK(history[2].tool_call_id == "c2");
    CHECK(history[2].content == "two");
    CHECK(history[3].tool_call_id == "c1");
    const auto stored = *l.ask(find_send{t.scope, first.key}).send;
    CHECK(stored.reply_message->tool_calls == asked.tool_calls);
    CHECK(stored.reply_steps == asked.tool_steps);
    CHECK(l.ask(find_send{t.scope, second.key}).send->reply_steps.empty());
    CHECK(l.violations().empty());
}
