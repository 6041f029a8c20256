// Callers and their sends: joining, leaving, closing, turns and counters.
#include "base/limits.hpp"
#include "unit/runtime/driver_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::runtime;
using namespace conclave::runtime::test;

TEST_CASE("a send is read, claimed, called, billed and told", "[driver]") {
    driven d;
    caller c;
    d.start(c);
    CHECK(d.driver.in_flight() == 1);
    d.read();
    const auto t1 = d.claim();
    CHECK(t1.owner == messaging::test::self);
    d.answer();
    CHECK(c.told.empty());
    const auto t2 = d.settle();
    CHECK(t2.content == "Hi");
    REQUIRE(c.only());
    CHECK(c.only()->message.content == "Hi");
    CHECK_FALSE(c.only()->metadata.replayed);
    CHECK(d.driver.in_flight() == 0);
    CHECK(d.driver.counts().sends_answered == 1);
    CHECK(d.driver.counts().attempts.at({"vendorA", call_class::ok}) == 1);
    CHECK(d.tasks.timers_waiting() == 0);
}

TEST_CASE("callers of one key share one call and one of them is first", "[driver][join]") {
    driven d;
    caller first;
    caller second;
    caller third;
    d.start(first);
    d.start(second);
    d.bring_to_call();
    d.start(third);
    CHECK(d.driver.in_flight() == 1);
    d.finish();
    CHECK_FALSE(first.only()->metadata.replayed);
    CHECK(second.only()->metadata.replayed);
    CHECK(third.only()->metadata.replayed);
    CHECK(second.only()->document == third.only()->document);
    CHECK(d.driver.counts().sends_answered == 1);
    CHECK(d.driver.counts().replays == 2);
    CHECK(d.store.reads == 1);
}

TEST_CASE("callers who share a failure are told the same", "[driver][join]") {
    driven d;
    d.store.state.known.tenant = tenant_status::suspended;
    caller first;
    caller second;
    d.start(first);
    d.start(second);
    d.read();
    CHECK(first.only().error() == second.only().error());
    CHECK(d.driver.counts().sends_failed == 1);
}

TEST_CASE("other content under a running key is refused, the run goes on", "[driver][join]") {
    driven d;
    caller first;
    caller other;
    d.start(first);
    d.start(other, order_of("key-1", "Something else"), 1'000);
    CHECK(other.told.empty());
    d.run();
    CHECK(other.code() == errc::idempotency_key_reused);
    CHECK(d.tasks.timers_waiting() == 0);
    d.bring_to_call();
    d.finish();
    CHECK(first.only());
}

TEST_CASE("the same key of another tenant is another send", "[driver][join]") {
    driven d;
    caller first;
    caller other;
    d.start(first);
    auto order = order_of("key-1");
    order.scope = tenant_scope("tnt_2");
    d.start(other, std::move(order));
    CHECK(d.driver.in_flight() == 2);
}

TEST_CASE("who leaves is told why, and the others wait on", "[driver][leave]") {
    driven d;
    caller first;
    caller second;
    const auto ticket = d.start(first);
    d.start(second);
    d.driver.leave(ticket, fail(errc::cancelled, "left"));
    CHECK(first.code() == errc::cancelled);
    CHECK(first.only().error().request_id == "req_1");
    d.driver.leave(ticket, fail(errc::cancelled, "again"));
    d.driver.leave(99, fail(errc::cancelled, "unknown"));
    d.bring_to_call();
    d.finish();
    CHECK(first.told.size() == 1);
    CHECK(second.only()->metadata.replayed);  // it joined
}

TEST_CASE("when the last caller leaves before the claim nothing happens", "[driver][leave]") {
    driven d;
    caller c;
    d.driver.leave(d.start(c), fail(errc::cancelled, "left"));
    d.read();
    CHECK(d.driver.in_flight() == 0);
    CHECK(d.store.waiting() == 0);
    CHECK(c.told.size() == 1);
}

TEST_CASE("a call whose callers all left runs on and is billed", "[driver][leave]") {
    driven d;
    caller c;
    const auto ticket = d.start(c);
    d.bring_to_call();
    d.driver.leave(ticket, fail(errc::cancelled, "left"));
    d.finish();
    CHECK(c.code() == errc::cancelled);
    CHECK(d.driver.in_flight() == 0);
    CHECK(d.driver.counts().sends_answered == 1);
}

TEST_CASE("where policy says abort the last caller takes the call along", "[driver][leave]") {
    driven d;
    messaging::test::change(d.store.state.turn).policy.on_cancel = cancel_policy::abort;
    caller c;
    const auto ticket = d.start(c);
    d.bring_to_call();
    d.driver.leave(ticket, fail(errc::cancelled, "left"));
    d.run();
    const auto failure = d.store.answer_next<store::fail_send>({});
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(failure.finished.at(0).basis == store::cost_basis::exposure);
    d.run();
    CHECK(d.driver.in_flight() == 0);
}

TEST_CASE("a caller's deadline ends its wait, not the call", "[driver][leave]") {
    driven d;
    caller c;
    d.start(c, order_of("key-1"), 1'000);
    d.bring_to_call();
    d.advance(999);
    CHECK(c.told.empty());
    d.advance(1);
    CHECK(c.code() == errc::deadline_exceeded);
    d.finish();
    CHECK(c.told.size() == 1);
    CHECK(d.driver.counts().sends_answered == 1);
}

TEST_CASE("a deadline that was met leaves no timer behind", "[driver][leave]") {
    driven d;
    caller c;
    d.start(c, order_of("key-1"), 1'000);
    d.bring_to_call();
    d.finish();
    CHECK(d.tasks.timers_waiting() == 0);
}

TEST_CASE("a closed driver takes no sends", "[driver][close]") {
    driven d;
    d.driver.close();
    caller c;
    d.start(c);
    CHECK(c.told.empty());
    d.run();
    CHECK(c.code() == errc::handle_closed);
}

TEST_CASE("closing ends what was not called and writes the rest as unknown", "[driver][close]") {
    driven d;
    caller called;
    caller waiting;
    d.start(called);
    d.bring_to_call();
    d.start(waiting, order_of("key-2"));
    d.driver.close();
    d.read();
    CHECK(waiting.code() == errc::handle_closed);
    const auto failure = d.store.answer_next<store::fail_send>({});
    CHECK(failure.state == send_state::unknown);
    CHECK(called.told.empty());
    d.run();
    CHECK(called.code() == errc::outcome_unknown);
    CHECK(d.driver.in_flight() == 0);
}

TEST_CASE("who asks when all is done hears it once, never inside the call", "[driver][close]") {
    driven d;
    int empty = 0;
    d.driver.when_empty([&] { ++empty; });
    CHECK(empty == 0);
    d.run();
    CHECK(empty == 1);

    caller c;
    d.start(c);
    d.driver.when_empty([&] { ++empty; });
    d.bring_to_call();
    CHECK(empty == 1);
    d.finish();
    CHECK(empty == 2);
}

TEST_CASE("sends of one session take turns without asking the store", "[driver][turns]") {
    driven d;
    caller first;
    caller second;
    d.start(first);
    d.start(second, order_of("key-2"));
    d.bring_to_call();
    d.read();
    CHECK(d.store.waiting() == 0);  // the second is not even tried
    const auto reads = d.store.reads;
    d.advance(10'000);
    CHECK(d.store.reads == reads);
    d.finish();
    CHECK(first.only());
    d.read();  // its turn: rung at once
    d.claim("snd_2");
    d.finish();
    REQUIRE(second.only());
    CHECK_FALSE(second.only()->metadata.replayed);
}

TEST_CASE("a turn that ends in failure is passed on too", "[driver][turns]") {
    driven d;
    caller first;
    caller second;
    d.start(first);
    d.start(second, order_of("key-2"));
    d.read();
    d.read();
    store::claim_send::outcome missing;
    missing.what = store::claim_send::verdict::session_closed;
    d.store.answer_next<store::claim_send>(std::move(missing));
    d.run();
    CHECK(first.code() == errc::session_closed);
    d.read();
    d.claim();
    d.finish();
    CHECK(second.only());
}

TEST_CASE("the next turn of a session is made without a read", "[driver][turns]") {
    driven d;
    caller first;
    d.start(first);
    d.bring_to_call();
    d.finish();
    caller second;
    d.start(second, order_of("key-2"));
    CHECK(d.readers.waiting() == 0);
    const auto t1 = d.claim("snd_2");
    CHECK(t1.session_next_seq == 3);
    d.finish();
    CHECK(second.only());
    CHECK(d.store.reads == 1);
}

TEST_CASE("prices are read again when the store has new ones", "[driver]") {
    driven d;
    d.config.price_generation = 4;
    caller c;
    d.start(c);
    d.read();
    CHECK(d.store.waiting() == 0);
    d.read();
    CHECK(d.store.price_reads == 1);
    CHECK(d.config.price_generation == 5);
    CHECK(d.claim().price_generation == 5);
}

TEST_CASE("replays are counted by key and written once", "[driver][replays]") {
    driven d;
    caller first;
    caller second;
    caller third;
    d.start(first);
    d.start(second);
    d.start(third);
    d.bring_to_call();
    d.finish();
    d.driver.count_replay(tenant_scope("tnt_1"), order_of("key-2").key);
    CHECK(d.driver.counts().replays == 3);
    d.driver.flush_replay_counts();
    const auto counts = d.store.answer_next<store::count_replays>({});
    REQUIRE(counts.entries.size() == 2);
    CHECK(counts.entries[0].replays + counts.entries[1].replays == 3);
    d.driver.flush_replay_counts();
    CHECK(d.store.waiting() == 0);
}

TEST_CASE("who comes after the others were told reads the store anew", "[driver][join]") {
    driven d;
    caller first;
    d.start(first);
    d.bring_to_call();
    d.answer();
    for (int i = 0; i < 3; ++i) {
        d.store.refuse_next(fail(errc::store_unavailable, "disk full"));
        d.run();
        d.advance(200);
    }
    CHECK(first.code() == errc::store_unavailable);
    CHECK(d.driver.in_flight() == 1);
    caller late;
    d.start(late);
    d.settle();
    CHECK(first.told.size() == 1);
    CHECK(late.told.empty());
    CHECK(d.driver.in_flight() == 1);  // the late one's own
}

TEST_CASE("sends in flight have a limit", "[driver]") {
    driven d;
    caller c;
    auto order = order_of("key-1");
    for (std::size_t i = 0; i < limits::sends_in_flight; ++i) {
        for (std::size_t byte = 0; byte < 8; ++byte)
            order.key.key_hash[byte] = static_cast<std::byte>(i >> (8 * byte));
        d.start(c, order);
    }
    CHECK(d.driver.in_flight() == limits::sends_in_flight);
    d.run();
    CHECK(c.told.empty());
    d.start(c, order_of("one-too-many"));
    d.run();
    CHECK(c.code() == errc::store_busy);
    CHECK(d.driver.in_flight() == limits::sends_in_flight);
}
