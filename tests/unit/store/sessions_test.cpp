// Sessions, lists and transcripts.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

TEST_CASE("a session is changed until it is closed", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    l.run(update_session{t.scope, t.session, {.title = "Orders", .pinned = true}, {}, l.now});
    auto s = *l.ask(find_session{t.scope, t.session}).record;
    CHECK(s.title == "Orders");
    CHECK(s.pinned);
    CHECK(s.metadata == "{}");
    CHECK(s.last_activity_at == s.created_at);
    CHECK_FALSE(
        l.run(update_session{t.scope, t.session, {}, session_status::closed, l.now}).closed_before);
    const auto before = l.dump();
    const auto refused = l.run(update_session{t.scope, t.session, {.title = "x"}, {}, l.now});
    CHECK(refused.closed_before);
    CHECK(refused.record->title == "Orders");
    CHECK(l.dump() == before);
    CHECK(l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now}).record);
    CHECK_FALSE(
        l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now}).record);
}

TEST_CASE("the last message tells the last activity", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    l.now = on_day(3);
    l.send(t);
    CHECK(l.ask(find_session{t.scope, t.session}).record->last_activity_at == on_day(3));
}

TEST_CASE("sessions are listed newest first under every filter", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    agent other;
    other.id = l.id("agt");
    other.primary = "vendorA";
    l.run(create_agent{t.scope, other});
    struct made {
        session_id id;
        session_filter is;
    };
    std::vector<made> all{
        {t.session, {t.agent, "customer of " + t.scope.id().str(), session_status::active, {}}}};
    for (int i = 0; i < 24; ++i) {
        session s;
        s.id = l.id("ses");
        s.agent_id = i % 2 == 0 ? t.agent : other.id;
        s.customer_id = i % 3 == 0 ? "ann" : "bob";
        l.run(create_session{t.scope, s});
        const auto status = i % 5 == 0   ? session_status::closed
                            : i % 7 == 0 ? session_status::deleted
                                         : session_status::active;
        if (status != session_status::active)
            l.run(update_session{t.scope, s.id, {}, status, l.now});
        all.push_back({s.id, {s.agent_id, s.customer_id, status, {}}});
    }
    for (int filter = 0; filter < 8; ++filter) {
        session_filter f;
        if (filter & 1) f.agent_id = other.id;
        if (filter & 2) f.customer_id = "ann";
        if (filter & 4) f.status = session_status::closed;
        std::vector<session_id> expected;
        for (auto s = all.rbegin(); s != all.rend(); ++s)
            if (s->is.status != session_status::deleted &&
                (!f.agent_id || f.agent_id == s->is.agent_id) &&
                (!f.customer_id || f.customer_id == s->is.customer_id) &&
                (!f.status || f.status == s->is.status))
                expected.push_back(s->id);
        std::vector<session_id> listed;
        f.page.limit = 3;
        do {
            const auto page = l.ask(list_sessions{t.scope, f}).sessions;
            CHECK(page.items.size() <= 3);
            for (const auto& s : page.items) listed.push_back(s.id);
            f.page.cursor = page.next_cursor;
        } while (f.page.cursor);
        INFO("filter " << filter);
        CHECK(listed == expected);
    }
}

TEST_CASE("a transcript is read oldest first without gaps", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    for (int i = 0; i < 4; ++i) l.send(t);
    std::int64_t seq = 0;
    bool more = true;
    while (more) {
        const auto page = l.ask(read_transcript{t.scope, t.session, seq, 3});
        REQUIRE(page.session);
        for (const auto& m : page.messages) {
            CHECK(m.seq == ++seq);
            CHECK(m.role == (seq % 2 == 1 ? message_role::user : message_role::assistant));
        }
        more = page.more;
    }
    CHECK(seq == 8);
    const auto exact = l.ask(read_transcript{t.scope, t.session, 0, 8});
    CHECK(exact.messages.size() == 8);
    CHECK_FALSE(exact.more);
}

TEST_CASE("a session needs its tenant and its agent", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    session s;
    s.id = l.id("ses");
    s.agent_id = agent_id("agt_none");
    const auto before = l.dump();
    CHECK(l.run(create_session{t.scope, s}).tenant_found);
    CHECK_FALSE(l.run(create_session{t.scope, s}).agent_found);
    CHECK_FALSE(l.run(create_session{tenant_scope(tenant_id("tnt_none")), s}).tenant_found);
    CHECK(l.dump() == before);
}
