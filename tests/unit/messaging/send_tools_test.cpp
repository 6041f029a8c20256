// A send whose model asks for tools: rounds, cuts, and what is left to the host.
#include "base/limits.hpp"
#include "unit/messaging/send_fixture.hpp"

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

tools_ended noon() { return {{{"noon", false}}}; }

}  // namespace

TEST_CASE("an answer that asks for a tool leads to a round", "[send][tools]") {
    hand_fed s;
    s.use_tools();
    const auto call = s.claim();
    CHECK(call.request->tools.size() == 2);
    auto run = only<run_tools>(s.feed(attempt_ended{asking_for({"c1", "clock", "{}"})}));
    REQUIRE(run.runs.size() == 1);
    CHECK(run.runs[0].call.id == "c1");
    CHECK(run.runs[0].timeout_ms == 5'000);
    CHECK(s.machine.at == phase::using_tools);

    const auto next = only_commit<store::release_calls>(s.feed(noon()));
    REQUIRE(next.finished.size() == 1);
    CHECK(next.finished[0].result.outcome == call_class::ok);
    REQUIRE(next.released.size() == 1);
    CHECK(next.released[0].key.round == 1);
    CHECK(next.released[0].key.attempt == 1);
    const auto again = only<call_provider>(s.feed(released()));
    REQUIRE(again.request->turns.size() == 3);
    CHECK(again.request->turns[1].content == "Wait. ");
    CHECK(again.request->turns[1].tool_calls.size() == 1);
    CHECK(again.request->turns[2].content == "noon");
    CHECK(again.request->turns[2].tool_call_id == "c1");
    CHECK(call.request->turns.size() == 1);  // a late handler still reads its own

    const auto t2 = s.answer(an_answer("Noon."));
    CHECK(t2.content == "Wait. Noon.");
    CHECK(t2.has_earlier_results);
    CHECK(t2.finished.size() == 1);
    REQUIRE(t2.lines.size() == 1);
    CHECK(t2.lines[0].tokens.total() == 2 * 112);
    CHECK(t2.lines[0].cost->nano_usd() == 448'000);
    CHECK(t2.hold.nano_usd() > 0);
    CHECK(t2.tool_calls.empty());
    CHECK_FALSE(t2.tool_steps.empty());
    const auto told = told_at_end(s.feed(bill_written()));
    CHECK(told.steps.size() == 2);
    CHECK(told.outcome->metadata.usage.cost->nano_usd() == 448'000);
}

TEST_CASE("the hold of a send whose tools run covers all of its rounds", "[send][tools]") {
    hand_fed plain;
    hand_fed with_tools;
    with_tools.the_agent.tools = {{.name = "clock", .registered = true}};
    with_tools.config.tools["clock"] = {};
    hand_fed hosts;
    hosts.the_agent.tools = {{.name = "clock"}};
    const auto one = plain.read().hold.nano_usd();
    CHECK(with_tools.read().hold.nano_usd() > 2 * one);
    CHECK(hosts.read().hold.nano_usd() < 2 * one);
}

TEST_CASE("a call that no tool can run is a failure at once", "[send][tools]") {
    for (const auto& call : {tool_call{"c1", "unknown", "{}"}, tool_call{"c1", "clock", "oops"}}) {
        hand_fed s;
        s.use_tools();
        s.claim();
        only_commit<store::release_calls>(s.feed(attempt_ended{asking_for(call)}));
        const auto again = only<call_provider>(s.feed(released()));
        CHECK(again.request->turns.back().content.starts_with("Error: "));
    }
}

TEST_CASE("no tool outlives the total deadline of its call", "[send][tools]") {
    hand_fed s;
    s.the_agent.policy.total_timeout_ms = 6'000;
    s.use_tools();
    s.claim();
    s.wait(5'000);
    const auto run = only<run_tools>(s.feed(attempt_ended{asking_for({"c1", "clock", "{}"})}));
    CHECK(run.runs[0].timeout_ms == 1'000);
    s.wait(1'000);
    const auto failure = only_commit<store::fail_send>(s.feed(noon()));
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(error_at_end(s.feed(failure_written())).code == errc::deadline_exceeded);
}

TEST_CASE("what is left to the host ends the send", "[send][tools]") {
    hand_fed s;
    s.use_tools();
    s.claim();
    auto asking = asking_for({"c1", "clock", "{}"}, "");
    asking.tool_calls.push_back({"c2", "ask", "{}"});
    const auto t2 = s.answer(asking);
    CHECK(t2.tool_calls == asking.tool_calls);
    CHECK(t2.content.empty());
    const auto reply = reply_at_end(s.feed(bill_written()));
    CHECK(reply.metadata.finish_reason == finish_reason::tool_calls);
    CHECK(reply.metadata.tool_calls == asking.tool_calls);
    CHECK(reply.message.tool_calls == asking.tool_calls);
}

TEST_CASE("a send runs so many rounds and no more", "[send][tools]") {
    hand_fed s;
    s.bring_to(phase::using_tools);
    for (std::int64_t round = 1; round < limits::tool_rounds; ++round) {
        only_commit<store::release_calls>(s.feed(noon()));
        only<call_provider>(s.feed(released()));
        only<run_tools>(s.feed(attempt_ended{asking_for({"c1", "clock", "{}"})}));
    }
    only_commit<store::release_calls>(s.feed(noon()));
    only<call_provider>(s.feed(released()));
    const auto t2 = s.answer(asking_for({"c2", "clock", "{}"}, "More?"));
    CHECK(t2.tool_calls.size() == 1);
    CHECK(reply_at_end(s.feed(bill_written())).metadata.finish_reason == finish_reason::tool_calls);
}

TEST_CASE("a cut while tools run lets them end, and bills nothing", "[send][tools][cut]") {
    for (const auto on_ambiguous : {ambiguous_policy::retry, ambiguous_policy::stop}) {
        for (const bool close : {false, true}) {
            hand_fed s;
            s.the_agent.policy.on_ambiguous = on_ambiguous;
            s.bring_to(phase::using_tools);
            only<cancel_tools>(s.feed(close ? event(messaging::closing{}) : abort_requested{}));
            const auto failure = only_commit<store::fail_send>(s.feed(noon()));
            const bool stop = on_ambiguous == ambiguous_policy::stop;
            CHECK(failure.state ==
                  (close || stop ? send_state::unknown : send_state::failed_retryable));
            REQUIRE(failure.finished.size() == 1);
            CHECK(failure.finished[0].result.outcome == call_class::ok);
            error_at_end(s.feed(failure_written()));
        }
    }
}

TEST_CASE("who asked for the end before the answer came sees no tool run", "[send][tools][cut]") {
    hand_fed s;
    s.use_tools();
    s.claim();
    only<cancel_attempt>(s.feed(abort_requested{}));
    only_commit<store::fail_send>(s.feed(attempt_ended{asking_for({"c1", "clock", "{}"})}));
}

TEST_CASE("a round whose attempt is not made is in doubt as its answer was run", "[send][tools]") {
    hand_fed s;
    s.the_agent.policy.on_ambiguous = ambiguous_policy::stop;
    s.bring_to(phase::using_tools);
    only_commit<store::release_calls>(s.feed(noon()));
    CHECK(s.feed(abort_requested{}).empty());
    const auto failure = only_commit<store::fail_send>(s.feed(released()));
    CHECK(failure.state == send_state::unknown);
}

TEST_CASE("a second run begins its rounds anew", "[send][tools]") {
    hand_fed s;
    s.bring_to(phase::using_tools);
    only_commit<store::release_calls>(s.feed(noon()));
    // Overtaken: the key is read, and may run again under the next epoch.
    store::release_calls::outcome gone;
    gone.fenced_off = true;
    only_commit<store::record_late_calls>(s.feed(calls_released{gone}));
    only<read_state>(s.feed(late_calls_recorded{store::record_late_calls::outcome{}}));
    auto stored = a_snapshot(s.machine.order, send_state::failed_retryable);
    only_commit<store::claim_send>(s.feed(state_read{s.known(std::move(stored))}));
    auto claimed = s.claimed(2);
    claimed.claim.epoch = 2;
    only<call_provider>(s.feed(claim_committed{claimed}));
    CHECK(s.answer(an_answer("Plain.")).content == "Plain.");
}
