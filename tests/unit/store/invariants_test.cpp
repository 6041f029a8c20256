// Each invariant holds in an honest ledger and is seen to break in a forged one.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

/// A ledger with every kind of send, two tenants, and foreign keys that no longer protect it.
struct forgery {
    ledger l;
    tenant_world a = l.add_tenant("A");
    tenant_world b = l.add_tenant("B");

    forgery() {
        l.send(a);
        l.send(a);
        l.send(b);
        const auto failed = l.claim_of(a, l.key());
        const auto claim = l.claim(failed);
        l.run(fail_send{a.scope,
                        {failed.key, claim.send, "own_1", 1},
                        send_state::failed_retryable,
                        "{}",
                        {l.refused()},
                        l.now});
        l.claim(l.claim_of(b, l.key()));
        send_with_round();
        REQUIRE(l.violations().empty());
        l.sql().execute("PRAGMA foreign_keys = OFF");
    }

    /// An answer that asks for a tool, and the one after it.
    void send_with_round() {
        const auto t1 = l.claim_of(a, l.key());
        const auto claim = l.claim(t1);
        release_calls next{
            a.scope,        {t1.key, claim.send, "own_1", 1},
            {l.answered()}, {{{"answer", 0, 1, 1}, t1.first.route, t1.first.price, l.now}},
            l.now,          send_round{0, 0, "Wait.", "", "", {{{"c1", "clock", "{}"}}}}};
        next.round->calls[0].state = tool_state::done;
        l.run(next);
        auto t2 = l.settle_of(t1, claim);
        t2.finished = {l.answered(1)};
        t2.finished[0].key.round = 1;
        t2.lines[0].tokens += t2.lines[0].tokens;
        *t2.lines[0].cost += *t2.lines[0].cost;
        l.run(t2);
    }

    bool breaks(const std::string& name) {
        for (const auto& i : l.ask(check_invariants{}).report.invariants)
            if (i.name == name) return !i.ok && !i.offending.empty();
        return false;
    }
};

struct forged {
    const char* invariant;
    const char* sql;
};

const forged forgeries[] = {
    {"I1", "DELETE FROM usage_event WHERE event_id = (SELECT min(event_id) FROM usage_event)"},
    {"I1", "UPDATE message SET message_id = 'msg_forged' WHERE role = 2"},
    {"I2", "UPDATE usage_rollup SET output = output + 1"},
    {"I2", "UPDATE usage_rollup SET messages_of_tenant = messages_of_tenant + 1"},
    {"I2", "UPDATE usage_session_days SET sessions = sessions + 1 WHERE scope = 3"},
    {"I2", "DELETE FROM usage_rollup"},
    {"I3", "UPDATE usage_rollup SET cost_nano_usd = cost_nano_usd - 1"},
    {"I3", "UPDATE usage_rollup SET provider = 'vendorX'"},
    {"I4", "UPDATE provider_call SET cost_nano_usd = cost_nano_usd + 1 WHERE billable = 1"},
    {"I4", "UPDATE provider_call SET billable = 0"},
    {"I4", "UPDATE usage_event SET input = input + 1"},
    {"I5", "UPDATE tenant_balance SET held_nano_usd = held_nano_usd + 1"},
    {"I6", "UPDATE tenant_balance SET spent_nano_usd = spent_nano_usd - 1"},
    {"I8", "UPDATE send SET hold_nano_usd = 1 WHERE state = 2"},
    {"I9",
     "INSERT INTO usage_event SELECT tenant_id, day, event_id || '2', 1,"
     " epoch, session_id, agent_id, message_id, provider, model, price_id, input,"
     " cached_input, cache_write, output, reasoning, cost_nano_usd, estimated, corrects,"
     " created_at, cost_reported, send_id FROM usage_event"},
    {"I10", "UPDATE message SET reply_metadata = NULL"},
    {"I10", "UPDATE send SET epoch = 2 WHERE state = 2"},
    {"I10", "UPDATE send SET state = 4 WHERE state = 2"},
    {"I11", "UPDATE send SET attempts = attempts + 1"},
    {"I11", "UPDATE send SET open_at = 1, attempts = attempts + 1 WHERE state = 2"},
    {"I11",
     "INSERT INTO message (tenant_id, session_id, seq, message_id, role, status, send_id,"
     " created_at, metadata, content) SELECT tenant_id, session_id, seq + 100, message_id,"
     " role, status, send_id, created_at, metadata, content FROM message"},
    {"I12", "UPDATE usage_event SET corrects = 'use_none'"},
    {"I13", "UPDATE provider_call SET cost_nano_usd = 0"},
    {"I14", "UPDATE provider_call SET cost_nano_usd = cost_nano_usd + 1 WHERE billable = 1"},
    {"I14", "UPDATE price_version SET blended = blended + 1000000"},
    {"I14", "UPDATE provider_call SET price_id = NULL"},
    {"I17", "UPDATE provider_call SET billable = 0 WHERE round = 0"},
    {"I17", "UPDATE provider_call SET duplicate = 1 WHERE round = 0"},
    {"I17", "UPDATE provider_call SET epoch = 0 WHERE round = 1"},
    {"I17", "UPDATE send_round SET attempt = 1"},
    {"I17", "UPDATE tool_call SET state = 0"},
    {"I16", "UPDATE send_round SET send_id = 99"},
    {"I16", "UPDATE tool_call SET round = 7"},
    {"I16", "UPDATE session SET tenant_id = (SELECT max(tenant_id) FROM tenant)"},
    {"I16", "UPDATE agent SET tenant_id = 99"},
    {"I16", "UPDATE send SET agent_id = 'agt_none'"},
    {"I16", "UPDATE message SET send_id = 99"},
    {"I16", "UPDATE provider_call SET send_id = send_id + 99"},
    {"I16", "UPDATE usage_event SET send_id = send_id + 99"},
    {"I16", "UPDATE usage_session SET session_id = session_id + 99"},
};

/// How much the database works for a check of so many sends with two lines each, in thousands of
/// SQLite's steps.
std::int64_t work_of_check(int sends) {
    ledger l;
    const auto t = l.add_tenant();
    for (int i = 0; i < sends; ++i) {
        const auto t1 = l.claim_of(t, l.key());
        auto t2 = l.settle_of(t1, l.claim(t1));
        t2.lines = {l.line("vendorB", "large"), l.line()};
        REQUIRE_FALSE(l.run(t2).fenced_off);
    }
    std::int64_t thousands = 0;
    const auto count = [](void* sum) {
        ++*static_cast<std::int64_t*>(sum);
        return 0;
    };
    auto* const db = dynamic_cast<sqlite::connection&>(l.sql()).handle();
    sqlite3_progress_handler(db, 1'000, count, &thousands);
    (void)l.violations();
    return thousands;
}

}  // namespace

TEST_CASE("a check of four times the sends is four times the work", "[store]") {
    CHECK(work_of_check(1'600) < 5 * work_of_check(400));
}

TEST_CASE("a forged ledger is seen", "[store]") {
    for (const auto& forged : forgeries) {
        INFO(forged.invariant << ": " << forged.sql);
        forgery f;
        f.l.tamper(forged.sql);
        CHECK(f.breaks(forged.invariant));
    }
}

TEST_CASE("a check names at most twenty rows, and no content", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    for (int i = 0; i < 21; ++i) l.send(t);
    l.tamper("UPDATE send SET hold_nano_usd = 1");
    const auto report = l.ask(check_invariants{}).report;
    CHECK_FALSE(report.ok());
    for (const auto& i : report.invariants) {
        CHECK_FALSE(i.statement.empty());
        if (i.name == "I8") CHECK(i.offending.size() == 20);
        for (const auto& row : i.offending) CHECK(row.find("question") == std::string::npos);
    }
}

TEST_CASE("the check lists what applies", "[store]") {
    ledger l;
    std::string names;
    for (const auto& i : l.ask(check_invariants{}).report.invariants) {
        names += i.name + " ";
        CHECK(i.ok);
    }
    CHECK(names == "I1 I2 I3 I4 I5 I6 I8 I9 I10 I11 I12 I13 I17 I18 I14 I16 ");
}
