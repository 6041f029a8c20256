// A send whose store fails: claims nobody can tell of, a bill that is not taken, a lost fence.
#include "messaging/reply_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

const owner_ref ourselves{self, 1, 10, 100};

/// T1 went to the store and its outcome is not known.
struct in_doubt : hand_fed {
    in_doubt() {
        read();
        only<set_timer>(feed(claim_committed{lost_commit()}));
        only<read_state>(feed(woken{}));
    }
};

send_settled fenced_off() { return {store::settle_send::outcome{.fenced_off = true}}; }

/// The row that our T2 left.
store::prepare_send::answer our_success(const hand_fed& s) {
    auto stored = a_snapshot(s.machine.order, send_state::succeeded, ourselves);
    stored.reply_message = s.machine.t2->reply.message;
    stored.reply_message->seq = 6;
    stored.reply_metadata = s.machine.t2->transaction().reply_metadata;
    return s.known(std::move(stored));
}

}  // namespace

TEST_CASE("a claim that was certainly not taken is told at once", "[send][doubt]") {
    hand_fed s;
    s.read();
    CHECK(error_at_end(s.feed(claim_committed{fail(errc::store_busy, "queue full")})).code ==
          errc::store_busy);
}

TEST_CASE("a claim in doubt tells nobody and looks again", "[send][doubt]") {
    hand_fed s;
    s.read();
    CHECK(s.ms_until(only<set_timer>(s.feed(claim_committed{lost_commit()}))) == 50);
    CHECK(s.machine.at == phase::waiting);
    only<read_state>(s.feed(woken{}));
}

TEST_CASE("a claim in doubt that stands is given back as never sent", "[send][doubt]") {
    in_doubt s;
    auto orphan = a_snapshot(s.machine.order, send_state::dispatching, ourselves);
    orphan.attempts = 3;
    orphan.epoch = 2;
    const auto back = only_commit<store::fail_send>(s.feed(state_read{s.known(std::move(orphan))}));
    CHECK(back.fence.owner == self);
    CHECK(back.fence.send == "snd_1");
    CHECK(back.fence.epoch == 2);
    CHECK(back.state == send_state::failed_retryable);
    REQUIRE(back.finished.size() == 1);
    CHECK(back.finished[0].key.attempt == 2);
    CHECK(back.finished[0].result.outcome == call_class::not_sent);
    CHECK(back.finished[0].cost == money());

    only<read_state>(s.feed(failure_written()));
    only_commit<store::claim_send>(s.feed(state_read{s.known(send_state::failed_retryable)}));
    only<call_provider>(s.feed(claim_committed{s.claimed(3)}));
}

TEST_CASE("a claim in doubt that does not stand is made again", "[send][doubt]") {
    in_doubt s;
    only_commit<store::claim_send>(s.feed(state_read{s.fresh()}));
    only<call_provider>(s.feed(claim_committed{s.claimed()}));
}

TEST_CASE("a claim that stays in doubt is told once and still taken care of", "[send][doubt]") {
    in_doubt s;
    CHECK(s.ms_until(only<set_timer>(s.feed(state_read{lost_commit()}))) == 100);
    only<read_state>(s.feed(woken{}));
    const auto out = s.feed(state_read{lost_commit()});
    const auto* told = find<answer_callers>(out);
    REQUIRE(told != nullptr);
    REQUIRE_FALSE(told->outcome);
    CHECK(told->outcome.error().code == errc::store_unavailable);
    REQUIRE(find<set_timer>(out) != nullptr);
    CHECK(find<end>(out) == nullptr);

    only<read_state>(s.feed(woken{}));
    only_commit<store::fail_send>(s.feed(state_read{s.known(send_state::dispatching, ourselves)}));
    only<read_state>(s.feed(failure_written()));
    CHECK(ends_silently(s.feed(state_read{s.known(send_state::failed_retryable)})));
}

TEST_CASE("a claim that cannot be given back is looked at again", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::returning);
    only<set_timer>(s.feed(send_failed{fail(errc::store_busy, "locked")}));
    only<read_state>(s.feed(woken{}));
    only_commit<store::fail_send>(s.feed(state_read{s.known(send_state::dispatching, ourselves)}));
}

TEST_CASE("a bill that is not taken is written again, the same to the byte", "[send][doubt]") {
    hand_fed s;
    s.claim();
    const auto first = s.answer();
    const auto timer =
        only<set_timer>(s.feed(send_settled{fail(errc::store_unavailable, "disk full")}));
    CHECK(s.ms_until(timer) == 50);
    const auto again = only_commit<store::settle_send>(s.feed(woken{}));
    CHECK(again.reply_message == first.reply_message);
    CHECK(again.reply_metadata == first.reply_metadata);
    CHECK(again.lines[0].id == first.lines[0].id);
    CHECK(again.finished.size() == 1);
    const auto r = reply_at_end(s.feed(bill_written()));
    CHECK(r.message.id == first.reply_message);
}

TEST_CASE("a bill that is refused three times is told as executed and still written",
          "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    for (int i = 0; i < 2; ++i) {
        only<set_timer>(s.feed(send_settled{fail(errc::store_unavailable, "disk full")}));
        s.feed(woken{});
    }
    const auto out = s.feed(send_settled{fail(errc::store_unavailable, "disk full")});
    const auto* told = find<answer_callers>(out);
    REQUIRE(told != nullptr);
    REQUIRE_FALSE(told->outcome);
    CHECK(told->outcome.error().code == errc::store_unavailable);
    CHECK(told->outcome.error().details.back() == error_detail{"executed", true});
    CHECK(find<set_timer>(out) != nullptr);
    CHECK(find<end>(out) == nullptr);

    only_commit<store::settle_send>(s.feed(woken{}));
    CHECK(ends_silently(s.feed(bill_written())));
}

TEST_CASE("the pauses between writes double up to five seconds", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    for (const std::int64_t ms : {50, 100, 200, 400, 800, 1'600, 3'200, 5'000, 5'000, 5'000}) {
        const auto out = s.feed(send_settled{fail(errc::store_busy, "locked")});
        const auto* timer = find<set_timer>(out);
        REQUIRE(timer != nullptr);
        CHECK(s.ms_until(*timer) == ms);
        only_commit<store::settle_send>(s.feed(woken{}));
    }
}

TEST_CASE("a timer that rings while the bill is being written writes nothing", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    CHECK(s.feed(woken{}).empty());
}

TEST_CASE("a bill refused because it stands is an answer", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    only<read_state>(s.feed(fenced_off()));
    const auto told = told_at_end(s.feed(state_read{our_success(s)}));
    REQUIRE(told.outcome);
    CHECK_FALSE(told.outcome->metadata.replayed);
    CHECK(told.outcome->message.seq == 6);
}

TEST_CASE("an answer that came too late is spend, and the other's is told", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    only<read_state>(s.feed(fenced_off()));
    auto overtaken = a_snapshot(s.machine.order, send_state::succeeded);
    overtaken.epoch = 2;
    overtaken.reply_message = a_reply_message();
    overtaken.reply_metadata = print_metadata({});
    const auto late = only_commit<store::record_late_calls>(s.feed(state_read{s.known(overtaken)}));
    CHECK(late.epoch == 1);
    REQUIRE(late.finished.size() == 1);
    CHECK(late.finished[0].cost == money::from_nano_usd(224'000));
    only<read_state>(s.feed(late_calls_recorded{store::record_late_calls::outcome{}}));
    const auto r = reply_at_end(s.feed(state_read{s.known(overtaken)}));
    CHECK(r.metadata.replayed);
    CHECK(r.message.content == "Hi from before");
}

TEST_CASE("our epoch with another reply is not our bill", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    s.feed(fenced_off());
    auto stored = our_success(s);
    stored.known.send->reply_message->id = "msg_of_a_resolution";
    only_commit<store::record_late_calls>(s.feed(state_read{std::move(stored)}));
}

TEST_CASE("a fence that cannot be looked at is looked at again", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::settling);
    s.feed(fenced_off());
    only<set_timer>(s.feed(state_read{fail(errc::store_unavailable, "I/O error")}));
    only<read_state>(s.feed(woken{}));
    CHECK(s.machine.write_fenced_off);
    CHECK(reply_at_end(s.feed(state_read{our_success(s)})).message.seq == 6);
}

TEST_CASE("a failure that is not taken is written again, then told", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::failing);
    only<set_timer>(s.feed(send_failed{fail(errc::store_busy, "locked")}));
    const auto again = only_commit<store::fail_send>(s.feed(woken{}));
    CHECK(again.state == send_state::failed_final);
    CHECK(again.finished.size() == 1);
    CHECK(error_at_end(s.feed(failure_written())).code == errc::provider_rejected);
}

TEST_CASE("a failure that nobody can write is not called executed", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::failing);
    for (int i = 0; i < 2; ++i) {
        s.feed(send_failed{fail(errc::store_busy, "locked")});
        s.feed(woken{});
    }
    const auto out = s.feed(send_failed{fail(errc::store_busy, "locked")});
    const auto* told = find<answer_callers>(out);
    REQUIRE(told != nullptr);
    CHECK(told->outcome.error().code == errc::store_busy);
    CHECK(told->outcome.error().details.empty());
}

TEST_CASE("a failure refused because it stands is told", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::failing);
    only<read_state>(s.feed(send_failed{store::fail_send::outcome{.fenced_off = true}}));
    CHECK(error_at_end(s.feed(state_read{s.known(send_state::failed_final, ourselves)})).code ==
          errc::provider_rejected);
}

TEST_CASE("a failure of an overtaken epoch is spend, and the other run decides", "[send][doubt]") {
    hand_fed s;
    s.bring_to(phase::failing);
    s.feed(send_failed{store::fail_send::outcome{.fenced_off = true}});
    const auto late =
        only_commit<store::record_late_calls>(s.feed(state_read{s.known(send_state::dispatching)}));
    CHECK(late.finished.size() == 1);
    s.feed(late_calls_recorded{store::record_late_calls::outcome{}});
    CHECK(only<judge_owner>(s.feed(state_read{s.known(send_state::dispatching)})).owner == other);
}
