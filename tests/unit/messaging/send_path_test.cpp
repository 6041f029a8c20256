// The main path of a send and its ends without an answer, event by event.
#include "messaging/error_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

void open_circuit(hand_fed& s, const route& r) {
    const auto now = s.given.time.monotonic;
    for (std::size_t i = 0; i < resilience::breaker::min_calls; ++i)
        s.breakers.report(*s.breakers.admit(r, now), resilience::call_outcome::failure, now);
}

}  // namespace

TEST_CASE("the first thing read is the key and its session", "[send]") {
    const auto order = an_order();
    const auto query = state_query(order);
    CHECK(query.scope.id() == order.scope.id());
    CHECK(query.key == order.key);
    CHECK(query.session == "ses_1");
}

TEST_CASE("a fresh key is claimed before anything is called", "[send]") {
    hand_fed s;
    const auto t1 = s.read();
    CHECK(t1.scope.id() == "tnt_1");
    CHECK(t1.key == s.machine.order.key);
    CHECK(t1.fingerprint == fingerprint(s.machine.order, tenant_key()));
    CHECK(t1.session_next_seq == 1);
    CHECK(t1.agent == "agt_1");
    CHECK(t1.agent_version == 3);
    CHECK(t1.price_generation == 5);
    CHECK(t1.content == "Hello");
    CHECK(t1.metadata == "{}");
    CHECK(t1.request == "req_1");
    CHECK(t1.owner == self);
    CHECK(t1.hold == s.machine.plan->hold);
    CHECK(t1.hold > money());
    CHECK(t1.first.route == route{"vendorA", "m1"});
    CHECK(t1.first.price == price_id("prc_1"));
    CHECK_FALSE(t1.recover_unknown);
    CHECK(t1.now == s.given.time.wall);
}

TEST_CASE("once claimed the primary route is called", "[send]") {
    hand_fed s;
    const auto call = s.claim();
    CHECK(call.key == attempt_key{});
    CHECK(call.target == route{"vendorA", "m1"});
    CHECK(call.request->model == "m1");
    CHECK(call.request->instructions == "Be brief.");
    REQUIRE(call.request->turns.size() == 1);
    CHECK(call.request->turns[0].content == "Hello");
    CHECK(call.connect_timeout_ms == 5'000);
    CHECK(call.first_byte_timeout_ms == 30'000);
    CHECK(call.attempt_timeout_ms == 120'000);
}

TEST_CASE("an answer is billed before anybody hears of it", "[send]") {
    hand_fed s;
    s.claim();
    const auto t2 = s.answer();
    CHECK(t2.fence.key == s.machine.order.key);
    CHECK(t2.fence.send == "snd_1");
    CHECK(t2.fence.owner == self);
    CHECK(t2.fence.epoch == 1);
    CHECK(t2.hold == s.machine.plan->hold);
    CHECK_FALSE(t2.has_earlier_results);
    CHECK(t2.content == "Hi");
    REQUIRE(t2.finished.size() == 1);
    CHECK(t2.finished[0].cost == money::from_nano_usd(224'000));
    CHECK(t2.finished[0].basis == store::cost_basis::known);
    REQUIRE(t2.lines.size() == 1);
    CHECK(t2.lines[0].cost == money::from_nano_usd(224'000));
    CHECK(t2.lines[0].model == "m1");

    const auto out = s.feed(send_settled{store::settle_send::outcome{.reply_seq = 2}});
    const auto told = told_at_end(out);
    CHECK_FALSE(told.replay);
    REQUIRE(told.outcome);
    CHECK(told.outcome->message.id == t2.reply_message);
    CHECK(told.outcome->message.seq == 2);
    CHECK(told.outcome->message.content == "Hi");
    CHECK_FALSE(told.outcome->metadata.replayed);
    CHECK(told.outcome->metadata.model_used == "m1-dated");
    CHECK(told.outcome->metadata.usage.cost == money::from_nano_usd(224'000));
    CHECK(s.machine.at == phase::ended);
    const auto* kept = find<keep_turn>(out);
    REQUIRE(kept != nullptr);
    CHECK(kept->basis.next_seq == 3);
    REQUIRE(kept->basis.history.size() == 2);
    CHECK(kept->basis.history[1].content == "Hi");
}

TEST_CASE("tokens that nobody told are estimated and marked so", "[send]") {
    hand_fed s;
    s.claim();
    auto silent = an_answer("four");
    silent.usage.reset();
    const auto t2 = s.answer(std::move(silent));
    CHECK(t2.finished[0].basis == store::cost_basis::estimated);
    CHECK(t2.lines[0].estimated);
    CHECK(t2.lines[0].tokens.input == 4);  // 14 bytes of prompt
    CHECK(t2.lines[0].tokens.output == 1);
}

TEST_CASE("a retry waits, and its row is committed before it leaves", "[send]") {
    hand_fed s;
    s.claim();
    const auto timer = only<set_timer>(s.feed(attempt_ended{a_failure(call_class::refused)}));
    CHECK(s.ms_until(timer) == 100);

    s.wait(100);
    const auto release = only_commit<store::release_calls>(s.feed(woken{}));
    CHECK(release.fence.owner == self);
    REQUIRE(release.finished.size() == 1);
    CHECK(release.finished[0].result.outcome == call_class::refused);
    CHECK(release.finished[0].cost == money());
    REQUIRE(release.released.size() == 1);
    CHECK(release.released[0].key.attempt == 1);

    const auto call = only<call_provider>(s.feed(released()));
    CHECK(call.key.attempt == 1);
    CHECK(call.target == route{"vendorA", "m1"});
    const auto t2 = s.answer();
    CHECK(t2.has_earlier_results);
    REQUIRE(t2.finished.size() == 1);  // the first one stands already
    CHECK(t2.finished[0].key.attempt == 1);
    const auto r = reply_at_end(s.feed(bill_written()));
    REQUIRE(r.metadata.attempts.size() == 1);
    CHECK(r.metadata.attempts[0].retries == 1);
    CHECK(r.metadata.attempts[0].success);
}

TEST_CASE("a definite no goes to the fallback at once", "[send]") {
    hand_fed s;
    s.the_agent.fallbacks = {"vendorB"};
    s.claim();
    const auto release =
        only_commit<store::release_calls>(s.feed(attempt_ended{a_failure(call_class::final)}));
    CHECK(release.released[0].route == route{"vendorB", "b0"});
    CHECK_FALSE(release.released[0].price);
    const auto call = only<call_provider>(s.feed(released()));
    CHECK(call.target == route{"vendorB", "b0"});
    CHECK(call.request->model == "b0");

    const auto t2 = s.answer();
    CHECK(t2.finished[0].basis == store::cost_basis::unpriced);
    CHECK_FALSE(t2.lines[0].cost);
    const auto r = reply_at_end(s.feed(bill_written()));
    CHECK(r.metadata.provider_used == "vendorB");
    CHECK(r.metadata.primary_attempted == "vendorA");
    CHECK(r.metadata.fallback_attempted == std::string("vendorB"));
    CHECK(r.metadata.fallback_used);
    CHECK(r.metadata.usage.unpriced);
    REQUIRE(r.metadata.attempts.size() == 2);
    CHECK_FALSE(r.metadata.attempts[0].success);
    CHECK(r.metadata.attempts[1].success);
}

TEST_CASE("an attempt number continues where an earlier run ended", "[send]") {
    hand_fed s;
    s.feed(state_read{s.known(send_state::failed_retryable)});
    const auto call = only<call_provider>(s.feed(claim_committed{s.claimed(4)}));
    CHECK(call.key.attempt == 4);
    s.feed(attempt_ended{a_failure(call_class::refused)});
    const auto release = only_commit<store::release_calls>(s.feed(woken{}));
    CHECK(release.finished[0].key.attempt == 4);
    CHECK(release.released[0].key.attempt == 5);
}

TEST_CASE("what a send ends with follows from the class of its attempts", "[send]") {
    struct row {
        call_class outcome;
        ambiguous_policy on_ambiguous;
        send_state state;
        errc code;
        store::cost_basis basis;
    };
    for (const auto& r :
         {row{call_class::final, ambiguous_policy::retry, send_state::failed_final,
              errc::provider_rejected, store::cost_basis::none},
          row{call_class::refused, ambiguous_policy::stop, send_state::failed_retryable,
              errc::all_providers_failed, store::cost_basis::none},
          row{call_class::not_sent, ambiguous_policy::stop, send_state::failed_retryable,
              errc::all_providers_failed, store::cost_basis::none},
          row{call_class::ambiguous, ambiguous_policy::retry, send_state::failed_retryable,
              errc::all_providers_failed, store::cost_basis::exposure},
          row{call_class::ambiguous, ambiguous_policy::stop, send_state::unknown,
              errc::outcome_unknown, store::cost_basis::exposure},
          row{call_class::server_error, ambiguous_policy::stop, send_state::unknown,
              errc::outcome_unknown, store::cost_basis::exposure},
          row{call_class::partial, ambiguous_policy::stop, send_state::unknown,
              errc::outcome_unknown, store::cost_basis::exposure}}) {
        CAPTURE(to_string(r.outcome), to_string(r.state));
        hand_fed s;
        s.the_agent.policy.retries = 0;
        s.the_agent.policy.on_ambiguous = r.on_ambiguous;
        s.claim();
        const auto failure =
            only_commit<store::fail_send>(s.feed(attempt_ended{a_failure(r.outcome)}));
        CHECK(failure.state == r.state);
        CHECK(failure.fence.epoch == 1);
        REQUIRE(failure.finished.size() == 1);
        CHECK(failure.finished[0].basis == r.basis);
        const auto e = error_at_end(s.feed(failure_written()));
        CHECK(e.code == r.code);
        CHECK(e.request_id == "req_1");
        CHECK(e == parse_error(failure.error_document));
    }
}

TEST_CASE("the error of a failed call names provider, code and wait", "[send]") {
    hand_fed s;
    s.the_agent.policy.retries = 0;
    s.claim();
    auto refusal = a_failure(call_class::refused);
    refusal.retry_after_ms = 700;
    refusal.http_status = 529;
    s.feed(attempt_ended{std::move(refusal)});
    const auto e = error_at_end(s.feed(failure_written()));
    CHECK(e.retry_after_ms == 700);
    const std::vector<error_detail> expected{{"provider", "vendorA"},
                                             {"error_code", "UPSTREAM_5XX"},
                                             {"provider_status", 529},
                                             {"provider_code", "overloaded"},
                                             {"send_id", "snd_1"}};
    CHECK(e.details == expected);
    CHECK(e.message == "no provider gave an answer: vendorA/m1 UPSTREAM_5XX");
}

TEST_CASE("the total deadline ends a call that waits for its retry", "[send]") {
    hand_fed s;
    s.the_agent.policy.total_timeout_ms = 1'000;
    s.bring_to(phase::pausing);
    s.wait(1'000);
    const auto failure = only_commit<store::fail_send>(s.feed(woken{}));
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(error_at_end(s.feed(failure_written())).code == errc::deadline_exceeded);
}

TEST_CASE("open circuits everywhere end a send that claimed nothing", "[send]") {
    hand_fed s;
    open_circuit(s, {"vendorA", "m1"});
    s.wait(12'345);
    const auto e = error_at_end(s.feed(state_read{s.fresh()}));
    CHECK(e.code == errc::all_providers_failed);
    CHECK(e.message == "no provider gave an answer: vendorA/m1 CIRCUIT_OPEN");
    const std::vector<error_detail> expected{{"provider", "vendorA"},
                                             {"error_code", "CIRCUIT_OPEN"}};
    CHECK(e.details == expected);
    CHECK(e.retry_after_ms == 30'000 - 12'345);
}

TEST_CASE("an error tells of the attempt that was made and of every route", "[send]") {
    hand_fed s;
    s.the_agent.fallbacks = {"vendorB"};
    open_circuit(s, {"vendorB", "b0"});
    s.claim();
    auto failure = a_failure(call_class::final);
    failure.http_status = 500;
    failure.model = "as the vendor names it";
    s.feed(attempt_ended{std::move(failure)});
    const auto e = error_at_end(s.feed(failure_written()));
    CHECK(e.code == errc::all_providers_failed);
    CHECK(e.message ==
          "no provider gave an answer: vendorA/m1 UPSTREAM_5XX, vendorB/b0 CIRCUIT_OPEN");
    const std::vector<error_detail> expected{{"provider", "vendorA"},
                                             {"error_code", "UPSTREAM_5XX"},
                                             {"provider_status", 500},
                                             {"provider_code", "overloaded"},
                                             {"send_id", "snd_1"}};
    CHECK(e.details == expected);
    CHECK(e.retry_after_ms == 30'000);
}

TEST_CASE("the wait before another try does not depend on the order of the routes", "[send]") {
    for (const bool hint_first : {true, false}) {
        CAPTURE(hint_first);
        hand_fed s;
        s.the_agent.fallbacks = {"vendorB"};
        s.the_agent.policy.retries = 0;
        s.claim();
        auto limited = a_failure(call_class::refused);
        limited.retry_after_ms = 120'000;
        auto down = a_failure(call_class::server_error);
        s.feed(attempt_ended{hint_first ? limited : down});
        s.feed(released());
        s.feed(attempt_ended{hint_first ? down : limited});
        const auto e = error_at_end(s.feed(failure_written()));
        CHECK(e.code == errc::all_providers_failed);
        CHECK(e.retry_after_ms == 120'000);
    }
}

TEST_CASE("a claim that is not made leaves the breaker's probe to others", "[send]") {
    hand_fed s;
    open_circuit(s, {"vendorA", "m1"});
    s.wait(30'000);
    s.read();  // holds the probe
    CHECK_FALSE(s.breakers.admit({"vendorA", "m1"}, s.given.time.monotonic));
    s.feed(claim_committed{s.refused(store::claim_send::verdict::session_closed)});
    CHECK(s.breakers.admit({"vendorA", "m1"}, s.given.time.monotonic));
}

TEST_CASE("a claim that is refused for good says why", "[send]") {
    using verdict = store::claim_send::verdict;
    for (const auto& [what, code] :
         {std::pair{verdict::session_closed, errc::session_closed},
          std::pair{verdict::session_missing, errc::resource_not_found},
          std::pair{verdict::agent_missing, errc::agent_not_found},
          std::pair{verdict::tenant_missing, errc::resource_not_found},
          std::pair{verdict::tenant_suspended, errc::tenant_suspended}}) {
        hand_fed s;
        s.read();
        CHECK(error_at_end(s.feed(claim_committed{s.refused(what)})).code == code);
    }
}

TEST_CASE("a claim made from what has moved on is made anew", "[send]") {
    hand_fed s;
    s.read();
    only<read_state>(s.feed(claim_committed{s.refused(store::claim_send::verdict::changed)}));
    auto moved = s.fresh();
    moved.turn.next_seq = 9;
    const auto t1 = only_commit<store::claim_send>(s.feed(state_read{std::move(moved)}));
    CHECK(t1.session_next_seq == 9);
}

TEST_CASE("a session that changes at every read is given up in the end", "[send]") {
    hand_fed s;
    actions out;
    int reads = 0;
    do {
        s.read();
        out = s.feed(claim_committed{s.refused(store::claim_send::verdict::changed)});
        ++reads;
    } while (find<read_state>(out) && reads < 20'000);
    CHECK(reads == 10'001);
    CHECK(error_at_end(out).code == errc::store_busy);
}

TEST_CASE("a bad plan is told before anything is claimed", "[send]") {
    hand_fed s;
    s.the_agent.primary = "nobody/m1";
    const auto e = error_at_end(s.feed(state_read{s.fresh()}));
    CHECK(e.code == errc::validation_error);
    CHECK(e.request_id == "req_1");
}

TEST_CASE("a bad plan is no answer to a key that was not read", "[send]") {
    hand_fed s;
    s.the_agent.primary = "nobody/m1";
    only<read_state>(s.feed(state_read{s.fresh(), true}));
    CHECK(error_at_end(s.feed(state_read{s.known(send_state::closed)})).code ==
          errc::idempotency_key_expired);
}

TEST_CASE("a released attempt that is fenced off is recorded, never made", "[send]") {
    hand_fed s;
    s.bring_to(phase::releasing);
    const auto late = only_commit<store::record_late_calls>(
        s.feed(calls_released{store::release_calls::outcome{.fenced_off = true}}));
    CHECK(late.send == "snd_1");
    REQUIRE(late.finished.size() == 2);
    CHECK(late.finished[0].result.outcome == call_class::refused);
    CHECK(late.finished[1].result.outcome == call_class::not_sent);
    only<read_state>(s.feed(late_calls_recorded{store::record_late_calls::outcome{}}));
}

TEST_CASE("results of a release that failed go with the end of the send", "[send]") {
    hand_fed s;
    s.bring_to(phase::releasing);
    const auto failure = only_commit<store::fail_send>(
        s.feed(calls_released{fail(errc::store_unavailable, "disk full")}));
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(failure.finished.size() == 2);
    CHECK(error_at_end(s.feed(failure_written())).code == errc::store_unavailable);
}
