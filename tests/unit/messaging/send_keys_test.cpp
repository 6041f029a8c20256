// What a send does with a key that is known, and how it waits for others.
#include "base/limits.hpp"
#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;
using store::owner_liveness;

namespace {

constexpr send_state all_states[] = {send_state::dispatching,  send_state::succeeded,
                                     send_state::failed_final, send_state::failed_retryable,
                                     send_state::unknown,      send_state::closed};

store::send_snapshot succeeded(const send_order& order) {
    auto s = a_snapshot(order, send_state::succeeded);
    s.reply_message = a_reply_message();
    reply_metadata m;
    m.provider_used = "vendorA";
    m.idempotency_key = order.key_text;
    s.reply_metadata = print_metadata(m);
    return s;
}

}  // namespace

TEST_CASE("a succeeded key replays its reply", "[send][keys]") {
    hand_fed s;
    const auto told = told_at_end(s.feed(state_read{s.known(succeeded(s.machine.order))}));
    CHECK(told.replay);
    REQUIRE(told.outcome);
    CHECK(told.outcome->metadata.replayed);
    CHECK(told.outcome->message.content == "Hi from before");
    CHECK(s.machine.at == phase::ended);
}

TEST_CASE("a key that failed for good replays its error", "[send][keys]") {
    hand_fed s;
    auto stored = a_snapshot(s.machine.order, send_state::failed_final);
    auto first = fail(errc::provider_rejected, "refused").with("provider", "vendorA");
    first.request_id = "req_first";
    stored.error_document = print_error(first);
    const auto told = told_at_end(s.feed(state_read{s.known(std::move(stored))}));
    CHECK(told.replay);
    REQUIRE_FALSE(told.outcome);
    CHECK(told.outcome.error() == std::move(first).with("replayed", true));
}

TEST_CASE("a purged key answers 410 and calls nothing", "[send][keys]") {
    hand_fed s;
    const auto e = error_at_end(s.feed(state_read{s.known(send_state::closed)}));
    CHECK(e.code == errc::idempotency_key_expired);
    CHECK(e.request_id == "req_1");
}

TEST_CASE("a retryable key runs again under its own epoch", "[send][keys]") {
    hand_fed s;
    const auto t1 =
        only_commit<store::claim_send>(s.feed(state_read{s.known(send_state::failed_retryable)}));
    CHECK_FALSE(t1.recover_unknown);
}

TEST_CASE("an unknown key is recovered, or reported where policy says so", "[send][keys]") {
    SECTION("recovered") {
        hand_fed s;
        const auto t1 =
            only_commit<store::claim_send>(s.feed(state_read{s.known(send_state::unknown)}));
        CHECK(t1.recover_unknown);
    }
    SECTION("reported after a crash") {
        hand_fed s;
        s.the_agent.policy.on_crash = crash_policy::report;
        const auto e = error_at_end(s.feed(state_read{s.known(send_state::unknown)}));
        CHECK(e.code == errc::outcome_unknown);
        CHECK(e.details.back() == error_detail{"send_id", "snd_1"});
    }
    SECTION("reported where a second execution is forbidden") {
        hand_fed s;
        s.the_agent.policy.on_ambiguous = ambiguous_policy::stop;
        CHECK(error_at_end(s.feed(state_read{s.known(send_state::unknown)})).code ==
              errc::outcome_unknown);
    }
}

TEST_CASE("other content under a known key is refused in every state", "[send][keys]") {
    for (const auto state : all_states) {
        CAPTURE(to_string(state));
        hand_fed s;
        auto stored = s.known(state);
        stored.known.send->fingerprint[0] ^= std::byte{1};
        const auto told = told_at_end(s.feed(state_read{std::move(stored)}));
        REQUIRE_FALSE(told.outcome);
        CHECK(told.outcome.error().code == errc::idempotency_key_reused);
        CHECK_FALSE(told.replay);
    }
}

TEST_CASE("a claim that meets its key answers with what it found", "[send][keys]") {
    hand_fed s;
    s.read();
    auto met = s.refused(store::claim_send::verdict::existing);
    SECTION("a reply") {
        met.existing = std::make_shared<store::send_snapshot>(succeeded(s.machine.order));
        const auto told = told_at_end(s.feed(claim_committed{std::move(met)}));
        CHECK(told.replay);
        CHECK(told.outcome);
    }
    SECTION("other content") {
        auto stored = a_snapshot(s.machine.order, send_state::unknown);
        stored.fingerprint = {};
        met.existing = std::make_shared<store::send_snapshot>(std::move(stored));
        CHECK(error_at_end(s.feed(claim_committed{std::move(met)})).code ==
              errc::idempotency_key_reused);
    }
    SECTION("a run that has to be read first") {
        met.existing = std::make_shared<store::send_snapshot>(
            a_snapshot(s.machine.order, send_state::dispatching));
        only<read_state>(s.feed(claim_committed{std::move(met)}));
    }
}

TEST_CASE("a state that cannot be read is told at once", "[send][keys]") {
    hand_fed s;
    CHECK(error_at_end(s.feed(state_read{fail(errc::store_unavailable, "I/O error")})).code ==
          errc::store_unavailable);
}

TEST_CASE("another process at work is asked for, then waited for", "[send][keys]") {
    hand_fed s;
    const auto asked = only<judge_owner>(s.feed(state_read{s.known(send_state::dispatching)}));
    CHECK(asked.owner == other);
    only<set_timer>(s.feed(owner_judged{owner_liveness::alive}));
    only<read_state>(s.feed(woken{}));
    CHECK(reply_at_end(s.feed(state_read{s.known(succeeded(s.machine.order))})).metadata.replayed);
}

TEST_CASE("the pauses of a wait cover their whole range", "[send][keys]") {
    for (const auto& [random, ms] : {std::pair{0U, limits::in_progress_poll_min_ms},
                                     std::pair{225U, limits::in_progress_poll_max_ms},
                                     std::pair{226U, limits::in_progress_poll_min_ms}}) {
        hand_fed s;
        s.random = random;
        s.bring_to(phase::judging);
        CHECK(s.ms_until(only<set_timer>(s.feed(owner_judged{owner_liveness::alive}))) == ms);
    }
}

TEST_CASE("a wait ends after 30 seconds, not before", "[send][keys]") {
    hand_fed s;
    s.bring_to(phase::waiting);
    s.wait(limits::in_progress_wait_ms - 1);
    s.feed(woken{});
    s.feed(state_read{s.known(send_state::dispatching)});
    only<set_timer>(s.feed(owner_judged{owner_liveness::alive}));
    s.wait(1);
    s.feed(woken{});
    s.feed(state_read{s.known(send_state::dispatching)});
    const auto e = error_at_end(s.feed(owner_judged{owner_liveness::alive}));
    CHECK(e.code == errc::idempotency_in_progress);
    CHECK(e.retry_after_ms == limits::in_progress_poll_max_ms);
}

TEST_CASE("who does not want to wait is told at once", "[send][keys]") {
    hand_fed s;
    s.the_agent.policy.in_progress = in_progress_policy::fail;
    s.bring_to(phase::judging);
    CHECK(error_at_end(s.feed(owner_judged{owner_liveness::alive})).code ==
          errc::idempotency_in_progress);
}

TEST_CASE("a dead owner's sends are closed and the key runs again", "[send][keys]") {
    hand_fed s;
    s.bring_to(phase::judging);
    const auto dead = only_commit<store::abandon_sends>(s.feed(owner_judged{owner_liveness::dead}));
    CHECK(dead.owner == other.id);
    CHECK(dead.now == s.given.time.wall);
    CHECK(parse_error(dead.error_document).code == errc::outcome_unknown);
    only<read_state>(s.feed(owner_abandoned{store::abandon_sends::outcome{}}));
    const auto t1 =
        only_commit<store::claim_send>(s.feed(state_read{s.known(send_state::unknown)}));
    CHECK(t1.recover_unknown);
}

TEST_CASE("a dead owner that cannot be closed is told", "[send][keys]") {
    hand_fed s;
    s.bring_to(phase::abandoning);
    CHECK(error_at_end(s.feed(owner_abandoned{fail(errc::store_busy, "locked")})).code ==
          errc::store_busy);
}

TEST_CASE("a second copy of the library in this process is a conflict", "[send][keys]") {
    hand_fed s;
    s.bring_to(phase::judging);
    CHECK(error_at_end(s.feed(owner_judged{owner_liveness::conflict})).code == errc::conflict);
}

TEST_CASE("another turn of the session is waited for like a duplicate", "[send][keys]") {
    using verdict = store::claim_send::verdict;
    SECTION("in another process") {
        hand_fed s;
        s.read();
        auto busy = s.refused(verdict::session_busy);
        busy.existing = std::make_shared<store::send_snapshot>(
            a_snapshot(s.machine.order, send_state::dispatching));
        CHECK(only<judge_owner>(s.feed(claim_committed{std::move(busy)})).owner == other);
    }
    SECTION("in this one") {
        hand_fed s;
        s.read();
        only<set_timer>(s.feed(claim_committed{s.refused(verdict::session_busy)}));
        only<read_state>(s.feed(woken{}));
    }
}
