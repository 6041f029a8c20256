// Calls for vectors in the ledger: sends without session, message and reply.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

using verdict = begin_embedding::verdict;

begin_embedding begin_of(ledger& l, const tenant_world& t) {
    begin_embedding b{t.scope,
                      {"embeddings.create", l.key().key_hash},
                      send_id(l.id("snd")),
                      request_id(l.id("req")),
                      "own_1",
                      money::from_nano_usd(hold_nano),
                      {{"embedding", 0, 0, 0}, {"vendorA", "small"}, l.price, l.now},
                      l.number("SELECT max(generation) FROM price_version"),
                      l.now};
    return b;
}

settle_embedding settle_of(ledger& l, const begin_embedding& b, send_row row) {
    auto finished = l.answered();
    finished.key.stage = "embedding";
    return {b.scope, {b.key, b.send, "own_1", 1, row}, b.hold, {finished}, l.line(), l.now};
}

std::int64_t count(ledger& l, const std::string& table) {
    return l.number("SELECT count(*) FROM " + table);
}

}  // namespace

TEST_CASE("a call for vectors holds, is billed once and lets go", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto b = begin_of(l, t);
    const auto begun = l.run(b);
    REQUIRE(begun.what == verdict::begun);
    CHECK(l.held(t) == hold_nano);
    CHECK(l.violations().empty());
    const auto t2 = settle_of(l, b, begun.row);
    CHECK_FALSE(l.run(t2).fenced_off);
    CHECK(l.held(t) == 0);
    CHECK(l.spent(t) == cost_nano);
    CHECK(l.state_of(t, b.key) == send_state::succeeded);
    CHECK(l.violations().empty());
    // A second write changes nothing.
    const auto before = l.dump();
    CHECK(l.run(t2).fenced_off);
    CHECK(l.dump() == before);
    l.tamper("DELETE FROM usage_event");
    CHECK(l.violations().find("I10: call " + b.send.str()) != std::string::npos);
}

TEST_CASE("calls for vectors wait neither for one another nor for turns", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto turn = l.claim_of(t, l.key());
    const auto claimed = l.claim(turn);
    const auto a = begin_of(l, t);
    const auto b = begin_of(l, t);
    const auto first = l.run(a);
    const auto second = l.run(b);
    REQUIRE(first.what == verdict::begun);
    REQUIRE(second.what == verdict::begun);
    CHECK_FALSE(l.run(settle_of(l, b, second.row)).fenced_off);
    CHECK_FALSE(l.run(l.settle_of(turn, claimed)).fenced_off);
    CHECK_FALSE(l.run(settle_of(l, a, first.row)).fenced_off);
    CHECK(l.spent(t) == 3 * cost_nano);
    CHECK(count(l, "usage_event") == 3);
    CHECK(l.number("SELECT sum(messages_of_tenant) FROM usage_rollup") == 1);
    CHECK(l.violations().empty());
}

TEST_CASE("a call for vectors needs a tenant and the newest prices", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto before = l.dump();
    auto b = begin_of(l, t);
    --b.price_generation;
    CHECK(l.run(b).what == verdict::changed);
    b = begin_of(l, t);
    b.scope = tenant_scope("tnt_nobody");
    CHECK(l.run(b).what == verdict::tenant_missing);
    CHECK(l.dump() == before);
    l.run(update_tenant{t.scope, {}, tenant_status::suspended, l.now});
    CHECK(l.run(begin_of(l, t)).what == verdict::tenant_suspended);
    l.run(update_tenant{t.scope, {}, tenant_status::deleted, l.now});
    CHECK(l.run(begin_of(l, t)).what == verdict::tenant_missing);
}

TEST_CASE("a call that its process lost is possible spend and in nobody's doubt", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto b = begin_of(l, t);
    const auto begun = l.run(b);
    CHECK(l.run(abandon_sends{"own_1", 10, "{}", l.now}).abandoned == 1);
    CHECK(l.held(t) == 0);
    CHECK(l.state_of(t, b.key) == send_state::failed_retryable);
    CHECK(l.number("SELECT basis FROM provider_call") ==
          static_cast<int>(conclave::store::cost_basis::exposure));
    CHECK(l.ask(list_unknown_sends{t.scope, {}}).sends.items.empty());
    CHECK(l.violations().empty());
    // Its late answer is spend, never a bill.
    const auto t2 = settle_of(l, b, begun.row);
    CHECK(l.run(t2).fenced_off);
    l.run(record_late_calls{t.scope, b.send, 1, t2.finished, l.now});
    CHECK(count(l, "usage_event") == 0);
    CHECK(l.number("SELECT duplicate FROM provider_call") == 1);
    CHECK(l.violations().empty());
}

TEST_CASE("an event without a session is listed, and so is its attempt", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto b = begin_of(l, t);
    l.run(settle_of(l, b, l.run(b).row));
    l.send(t);
    const auto events = l.ask(list_usage_events{t.scope, day_number(0), day_number(0), {}}).events;
    REQUIRE(events.items.size() == 2);
    CHECK_FALSE(events.items[0].session_id.empty());
    CHECK(events.items[1].session_id.empty());
    CHECK(events.items[1].message_id.empty());
    const auto spend = l.ask(read_spend{t.scope, day_number(0), day_number(0), {}}).report;
    REQUIRE(spend.attempts.size() == 2);
    CHECK(spend.attempts[1].stage == "embedding");
    CHECK(spend.attempts[1].session_id.empty());
    CHECK(spend.bill.nano_usd() == 2 * cost_nano);
}
