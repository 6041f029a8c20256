// Abort and close in every phase of a send.
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

const owner_ref ourselves{self, 1, 10, 100};

struct cut {
    const char* name;
    event what;
    errc before_calling;  ///< what those are told whose send called nothing
};
const cut cuts[] = {{"abort", abort_requested{}, errc::cancelled},
                    {"close", messaging::closing{}, errc::handle_closed}};

}  // namespace

TEST_CASE("cut before anything was claimed nothing happens", "[send][cut]") {
    for (const auto& cut : cuts) {
        DYNAMIC_SECTION(cut.name << " while reading") {
            hand_fed s;
            CHECK(s.feed(cut.what).empty());
            CHECK(error_at_end(s.feed(state_read{s.fresh()})).code == cut.before_calling);
        }
        DYNAMIC_SECTION(cut.name << " while waiting") {
            hand_fed s;
            s.bring_to(phase::waiting);
            CHECK(error_at_end(s.feed(cut.what)).code == cut.before_calling);
        }
        DYNAMIC_SECTION(cut.name << " while the owner is judged") {
            hand_fed s;
            s.bring_to(phase::judging);
            CHECK(s.feed(cut.what).empty());
            CHECK(error_at_end(s.feed(owner_judged{store::owner_liveness::alive})).code ==
                  cut.before_calling);
        }
        DYNAMIC_SECTION(cut.name << " while a dead owner's sends are closed") {
            hand_fed s;
            s.bring_to(phase::abandoning);
            CHECK(s.feed(cut.what).empty());
            only<read_state>(s.feed(owner_abandoned{store::abandon_sends::outcome{}}));
            CHECK(error_at_end(s.feed(state_read{s.known(send_state::unknown)})).code ==
                  cut.before_calling);
        }
        DYNAMIC_SECTION(cut.name << " while a claim is given back") {
            hand_fed s;
            s.bring_to(phase::returning);
            CHECK(s.feed(cut.what).empty());
            only<read_state>(s.feed(failure_written()));
            CHECK(error_at_end(s.feed(state_read{s.known(send_state::failed_retryable)})).code ==
                  cut.before_calling);
        }
    }
}

TEST_CASE("a stored answer is told also to who asked for the end meanwhile", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.feed(cut.what);
        CHECK(error_at_end(s.feed(state_read{s.known(send_state::closed)})).code ==
              errc::idempotency_key_expired);
    }
}

TEST_CASE("cut while claiming, the claim is closed as never sent", "[send][cut]") {
    for (const auto& cut : cuts) {
        CAPTURE(cut.name);
        hand_fed s;
        s.bring_to(phase::claiming);
        CHECK(s.feed(cut.what).empty());
        const auto failure = only_commit<store::fail_send>(s.feed(claim_committed{s.claimed()}));
        CHECK(failure.state == send_state::failed_retryable);
        REQUIRE(failure.finished.size() == 1);
        CHECK(failure.finished[0].result.outcome == call_class::not_sent);
        CHECK(failure.finished[0].cost == money());
        error_at_end(s.feed(failure_written()));
        CHECK(s.breakers.state_of("vendorA", s.given.time.monotonic) == breaker_state::closed);
    }
}

TEST_CASE("cut while calling, the attempt is cut off", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::calling);
        only<cancel_attempt>(s.feed(cut.what));
        CHECK(s.machine.at == phase::calling);
    }
}

TEST_CASE("an answer that came before the cut is billed and told", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::calling);
        s.feed(cut.what);
        s.answer();
        CHECK(reply_at_end(s.feed(bill_written())).message.content == "Hi");
    }
}

TEST_CASE("what an attempt that was cut off leaves behind", "[send][cut]") {
    struct row {
        event cut;
        call_class outcome;
        ambiguous_policy on_ambiguous;
        send_state state;
        errc code;
    };
    const messaging::closing close;
    const abort_requested abort;
    for (const auto& r : {row{abort, call_class::ambiguous, ambiguous_policy::retry,
                              send_state::failed_retryable, errc::cancelled},
                          row{abort, call_class::ambiguous, ambiguous_policy::stop,
                              send_state::unknown, errc::outcome_unknown},
                          row{abort, call_class::not_sent, ambiguous_policy::stop,
                              send_state::failed_retryable, errc::cancelled},
                          row{close, call_class::ambiguous, ambiguous_policy::retry,
                              send_state::unknown, errc::outcome_unknown},
                          row{close, call_class::not_sent, ambiguous_policy::retry,
                              send_state::failed_retryable, errc::handle_closed},
                          row{close, call_class::ambiguous, ambiguous_policy::stop,
                              send_state::unknown, errc::outcome_unknown}}) {
        // Whether or not another attempt would be left.
        const std::int64_t retries = GENERATE(0, 2);
        CAPTURE(r.cut.index(), to_string(r.outcome), to_string(r.state), retries);
        hand_fed s;
        s.the_agent.policy.on_ambiguous = r.on_ambiguous;
        s.the_agent.policy.retries = retries;
        s.bring_to(phase::calling);
        s.feed(r.cut);
        const auto failure =
            only_commit<store::fail_send>(s.feed(attempt_ended{a_failure(r.outcome)}));
        CHECK(failure.state == r.state);
        const bool executed = possibly_executed(r.outcome);
        CHECK(failure.finished.at(0).basis ==
              (executed ? store::cost_basis::exposure : store::cost_basis::none));
        CHECK(error_at_end(s.feed(failure_written())).code == r.code);
    }
}

TEST_CASE("cut between two attempts no further one is made", "[send][cut]") {
    for (const auto& cut : cuts) {
        CAPTURE(cut.name);
        hand_fed s;
        s.bring_to(phase::pausing);
        const auto failure = only_commit<store::fail_send>(s.feed(cut.what));
        CHECK(failure.state == send_state::failed_retryable);  // it was refused
        CHECK(failure.finished.size() == 1);
        CHECK(s.feed(woken{}).empty());
        CHECK(error_at_end(s.feed(failure_written())).code == cut.before_calling);
    }
}

TEST_CASE("an attempt that may have run is in doubt when the gateway closes", "[send][cut]") {
    hand_fed s;
    s.claim();
    s.feed(attempt_ended{a_failure(call_class::ambiguous)});
    REQUIRE(s.machine.at == phase::pausing);
    CHECK(only_commit<store::fail_send>(s.feed(messaging::closing{})).state == send_state::unknown);
}

TEST_CASE("cut while the next attempt is released, it is never sent", "[send][cut]") {
    for (const auto& cut : cuts) {
        CAPTURE(cut.name);
        hand_fed s;
        s.bring_to(phase::releasing);
        CHECK(s.feed(cut.what).empty());
        const auto failure = only_commit<store::fail_send>(s.feed(released()));
        CHECK(failure.state == send_state::failed_retryable);
        REQUIRE(failure.finished.size() == 1);  // the first was stored by the release
        CHECK(failure.finished[0].key.attempt == 1);
        CHECK(failure.finished[0].result.outcome == call_class::not_sent);
    }
}

TEST_CASE("a bill on its way cannot be cut", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::settling);
        CHECK(s.feed(cut.what).empty());
        CHECK(reply_at_end(s.feed(bill_written())).message.content == "Hi");
    }
}

TEST_CASE("a bill that waits for its next try is tried at once", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::settling);
        s.feed(send_settled{fail(errc::store_busy, "locked")});
        only_commit<store::settle_send>(s.feed(cut.what));
        CHECK(s.feed(woken{}).empty());
    }
}

TEST_CASE("a closing gateway tries to write once more, then tells the truth", "[send][cut]") {
    SECTION("of a bill") {
        hand_fed s;
        s.bring_to(phase::settling);
        s.feed(messaging::closing{});
        const auto e =
            error_at_end(s.feed(send_settled{fail(errc::store_unavailable, "disk full")}));
        CHECK(e.code == errc::store_unavailable);
        CHECK(e.details.back() == error_detail{"executed", true});
    }
    SECTION("of a failure") {
        hand_fed s;
        s.bring_to(phase::failing);
        s.feed(messaging::closing{});
        const auto e =
            error_at_end(s.feed(send_failed{fail(errc::store_unavailable, "disk full")}));
        CHECK(e.code == errc::store_unavailable);
        CHECK(e.details.empty());
    }
}

TEST_CASE("a failure on its way cannot be cut", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::failing);
        CHECK(s.feed(cut.what).empty());
        CHECK(error_at_end(s.feed(failure_written())).code == errc::provider_rejected);
    }
}

TEST_CASE("cut while late results are recorded, nothing is called again", "[send][cut]") {
    for (const auto& cut : cuts) {
        hand_fed s;
        s.bring_to(phase::recording);
        CHECK(s.feed(cut.what).empty());
        only<read_state>(s.feed(late_calls_recorded{store::record_late_calls::outcome{}}));
        CHECK(error_at_end(s.feed(state_read{s.known(send_state::unknown)})).code ==
              cut.before_calling);
    }
}

TEST_CASE("an abort does not forget a claim in doubt, a close does", "[send][cut]") {
    hand_fed s;
    s.read();
    s.feed(claim_committed{lost_commit()});
    SECTION("abort") {
        CHECK(s.feed(abort_requested{}).empty());
        only<read_state>(s.feed(woken{}));
        only_commit<store::fail_send>(
            s.feed(state_read{s.known(send_state::dispatching, ourselves)}));
    }
    SECTION("close: the owner's end gives it back") {
        CHECK(error_at_end(s.feed(messaging::closing{})).code == errc::handle_closed);
    }
}

namespace {

call_result broken_off(bool shown) {
    call_result r = a_failure(call_class::partial);
    r.finish = finish_reason::error;
    r.text = "Hel";
    r.text_shown = shown;
    return r;
}

}  // namespace

TEST_CASE("an aborted answer that was seen is the answer", "[send][cut][stream]") {
    hand_fed s;
    s.bring_to(phase::calling);
    s.feed(abort_requested{});
    const auto t2 = s.answer(broken_off(true));
    CHECK(t2.content == "Hel");
    CHECK(t2.status == message_status::aborted);
    REQUIRE(t2.finished.size() == 1);
    CHECK(t2.finished[0].cut);
    CHECK(t2.finished[0].cost == t2.lines.at(0).cost);
    CHECK(t2.lines.at(0).estimated);
    const auto reply = reply_at_end(s.feed(bill_written()));
    CHECK(reply.message.status == message_status::aborted);
    CHECK(reply.metadata.finish_reason == finish_reason::error);
    CHECK(reply.metadata.attempts.at(0).attempt_class == "partial");
}

TEST_CASE("an aborted answer that nobody saw is none", "[send][cut][stream]") {
    hand_fed s;
    s.bring_to(phase::calling);
    s.feed(abort_requested{});
    const auto failure = only_commit<store::fail_send>(s.feed(attempt_ended{broken_off(false)}));
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(failure.finished.at(0).result.text == "Hel");
}

TEST_CASE("an answer that a closing gateway cut is in doubt, seen or not", "[send][cut][stream]") {
    for (const bool shown : {false, true}) {
        hand_fed s;
        s.bring_to(phase::calling);
        s.feed(messaging::closing{});
        const auto failure =
            only_commit<store::fail_send>(s.feed(attempt_ended{broken_off(shown)}));
        CHECK(failure.state == send_state::unknown);
    }
}

TEST_CASE("an answer that broke off after it was seen ends the run", "[send][stream]") {
    hand_fed s;
    s.bring_to(phase::calling);
    const auto failure = only_commit<store::fail_send>(s.feed(attempt_ended{broken_off(true)}));
    CHECK(failure.state == send_state::failed_retryable);
    const auto e = error_at_end(s.feed(failure_written()));
    CHECK(e.code == errc::all_providers_failed);
    CHECK(e.retryable());
}

TEST_CASE("an answer tells the run that gave it", "[send][stream]") {
    hand_fed fresh;
    fresh.bring_to(phase::settling);
    CHECK(told_at_end(fresh.feed(bill_written())).epoch == 1);
    hand_fed again;
    auto stored = a_snapshot(again.machine.order, send_state::succeeded);
    stored.epoch = 3;
    stored.reply_message = a_reply_message();
    CHECK(told_at_end(again.feed(state_read{again.known(std::move(stored))})).epoch == 3);
}
