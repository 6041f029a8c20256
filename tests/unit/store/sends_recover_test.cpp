// What happens to sends without their owner: recovery, purging, erasure, replays.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

TEST_CASE("recovery of 10,000 open sends takes under two seconds and ends", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    constexpr std::int64_t count = 10'000;
    l.sql().execute("BEGIN");
    batch all(l.sql());
    for (std::int64_t i = 0; i < count; ++i) {
        auto world = t;
        session s;
        s.id = world.session = l.id("ses");
        s.agent_id = t.agent;
        conclave::store::apply(all, command(create_session{t.scope, s}));
        auto t1 = l.claim_of(world, l.key());
        t1.session_next_seq = 1;
        const auto outcome = conclave::store::apply(all, command(std::move(t1)));
        REQUIRE(std::get<claim_send::outcome>(outcome).what == claim_send::verdict::claimed);
    }
    all.write_sums();
    l.sql().execute("COMMIT");
    auto alive = t;
    alive.session = l.add_session(t);
    auto other = l.claim_of(alive, l.key());
    other.owner = "own_2";
    l.claim(other);

    const auto start = std::chrono::steady_clock::now();
    std::int64_t abandoned = 0;
    for (bool more = true; more;) {
        const auto outcome = l.run(abandon_sends{"own_1", 1'000, "{}", l.now});
        CHECK(outcome.abandoned <= 1'000);
        abandoned += outcome.abandoned;
        more = outcome.more;
    }
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(abandoned == count);
    CHECK(took < std::chrono::seconds(2));
    CHECK(l.held(t) == hold_nano);  // of the one that lives
    CHECK(l.state_of(alive, other.key) == send_state::dispatching);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE basis = 3") == count);
    CHECK(l.number("SELECT count(*) FROM send WHERE state = 5") == count);

    const auto before = l.number("SELECT sum(updated_at) FROM send");
    l.now += std::chrono::hours(1);
    CHECK(l.run(abandon_sends{"own_1", 1'000, "{}", l.now}).abandoned == 0);
    CHECK(l.number("SELECT sum(updated_at) FROM send") == before);
    CHECK(l.violations().empty());
}

TEST_CASE("purged replies close their keys, oldest first", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    std::vector<send_key> keys;
    for (int day = 0; day < 4; ++day) {
        l.now = on_day(day);
        keys.push_back(l.send(t));
    }
    auto outcome = l.run(purge_replies{on_day(3), 2});
    CHECK(outcome.purged == 2);
    CHECK(outcome.more);
    CHECK(l.state_of(t, keys[1]) == send_state::closed);
    CHECK(l.state_of(t, keys[2]) == send_state::succeeded);
    outcome = l.run(purge_replies{on_day(3), 2});
    CHECK(outcome.purged == 1);
    CHECK_FALSE(outcome.more);
    CHECK(l.state_of(t, keys[3]) == send_state::succeeded);  // not older than its own time
    CHECK(l.run(purge_replies{on_day(3), 2}).purged == 0);
    CHECK(l.run(purge_replies{on_day(3, 1), 2}).purged == 1);

    const auto found = *l.ask(find_send{t.scope, keys[0]}).send;
    CHECK_FALSE(found.reply_message);
    CHECK(l.run(l.claim_of(t, keys[0])).what == claim_send::verdict::existing);
    CHECK(l.ask(read_transcript{t.scope, t.session}).messages.size() == 8);
    CHECK(l.violations().empty());
}

TEST_CASE("replies that follow an erased session are purged as well", "[store]") {
    ledger l;
    auto t = l.add_tenant();
    l.send(t);
    CHECK(l.run(purge_replies{on_day(1), 10}).purged == 1);
    l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now});
    t.session = l.add_session(t);
    const auto key = l.send(t);
    CHECK(l.run(purge_replies{on_day(1), 10}).purged == 1);
    CHECK(l.state_of(t, key) == send_state::closed);
}

TEST_CASE("a deleted session keeps its bill and its keys, not its content", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto other = t;
    other.session = l.add_session(t);
    const auto kept = l.send(other);
    const auto key = l.send(t);
    const auto open = l.claim_of(t, l.key());
    const auto claim = l.claim(open);
    l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now});

    CHECK(l.state_of(t, key) == send_state::closed);
    CHECK(l.state_of(t, open.key) == send_state::closed);
    CHECK(l.state_of(other, kept) == send_state::succeeded);
    CHECK(l.number("SELECT count(*) FROM message WHERE session_id = " +
                   l.number_of("session", t.session.str())) == 0);
    CHECK(l.spent(t) == 2 * cost_nano);
    CHECK(l.held(t) == 0);
    CHECK_FALSE(l.ask(find_session{t.scope, t.session}).record);
    CHECK_FALSE(l.ask(read_transcript{t.scope, t.session}).session);
    // The call that was under way comes too late for a bill.
    CHECK(l.run(l.settle_of(open, claim)).fenced_off);
    l.run(record_late_calls{t.scope, claim.send, claim.epoch, {l.answered()}, l.now});
    CHECK(l.violations().empty());
    CHECK(l.ask(read_rollup{t.scope, day_number(0), day_number(0)}).sessions.tenant == 2);
}

TEST_CASE("replays are counted and add no row", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto key = l.send(t);
    const auto rows = l.number("SELECT count(*) FROM message");
    l.run(count_replays{{{t.scope, key, 2}, {t.scope, key, 3}, {t.scope, l.key(), 1}}});
    CHECK(l.number("SELECT replays FROM send") == 5);
    CHECK(l.number("SELECT count(*) FROM message") == rows);
    CHECK(l.violations().empty());
}
