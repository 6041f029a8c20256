// A send whose model asks for tools: rounds, cuts, and what is left to the host.
#include "base/limits.hpp"
#include "unit/messaging/send_fixture.hpp"

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

tools_ended noon() { return {{{"noon", false}}}; }

std::string detail_of(const error& e, std::string_view key) {
    for (const auto& d : e.details)
        if (d.key == key) return std::get<std::string>(d.value);
    return {};
}

/// The round that an earlier run left behind.
store::stored_round left_behind(tool_state state, bool repeatable = false) {
    store::stored_round r;
    r.round.text = "Wait. ";
    r.round.calls = {{{"c1", "clock", "{}"}, repeatable, state, "noon"}};
    r.answer.provider = "vendorA";
    r.answer.model = "m1";
    r.answer.tokens.input = 45;
    r.answer.tokens.output = 67;
    r.answer.cost = money::from_nano_usd(224'000);
    r.answer.price = price_id("prc_1");
    return r;
}

}  // namespace

TEST_CASE("an answer that asks for a tool leads to a round", "[send][tools]") {
    hand_fed s;
    s.use_tools();
    const auto call = s.claim();
    CHECK(call.request->tools.size() == 2);
    const auto run = s.ask();
    REQUIRE(s.note().finished.size() == 1);
    CHECK(s.note().finished[0].result.outcome == call_class::ok);
    CHECK(s.note().released.empty());
    REQUIRE(s.note().round);
    CHECK(s.note().round->number == 0);
    CHECK(s.note().round->attempt == 0);
    CHECK(s.note().round->text == "Wait. ");
    REQUIRE(s.note().round->calls.size() == 1);
    CHECK(s.note().round->calls[0].state == tool_state::begun);
    CHECK(s.note().round->calls[0].repeatable);
    REQUIRE(run.runs.size() == 1);
    CHECK(run.runs[0].call.id == "c1");
    CHECK(run.runs[0].timeout_ms == 5'000);
    CHECK(s.machine.at == phase::using_tools);

    const auto next = only_commit<store::release_calls>(s.feed(noon()));
    CHECK(next.finished.empty());
    REQUIRE(next.round);
    CHECK(next.round->calls[0].state == tool_state::done);
    CHECK(next.round->calls[0].content == "noon");
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
    const auto run = s.ask();
    CHECK(run.runs[0].timeout_ms == 1'000);
    s.wait(1'000);
    const auto failure = only_commit<store::fail_send>(s.feed(noon()));
    CHECK(failure.state == send_state::failed_retryable);
    REQUIRE(failure.round);
    CHECK(failure.round->calls[0].state == tool_state::done);
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
        s.ask();
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
            CHECK(failure.finished.empty());
            REQUIRE(failure.round);
            CHECK(failure.round->calls[0].state == tool_state::done);
            error_at_end(s.feed(failure_written()));
        }
    }
}

TEST_CASE("a cut that loses what must not run twice leaves the send in doubt", "[send][tools]") {
    for (const bool repeatable : {true, false}) {
        for (const bool held : {true, false}) {
            hand_fed s;
            s.use_tools();
            s.config.tools["clock"].repeatable = repeatable;
            s.claim();
            s.ask();
            s.feed(abort_requested{});
            tools_ended end = noon();
            end.outcomes[0].cut = !held;
            const auto failure = only_commit<store::fail_send>(s.feed(std::move(end)));
            const bool lost = !repeatable && !held;
            CHECK(failure.state == (lost ? send_state::unknown : send_state::failed_retryable));
            CHECK(failure.round->calls[0].state == (held ? tool_state::done : tool_state::begun));
            const auto told = error_at_end(s.feed(failure_written()));
            CHECK(told.code == (lost ? errc::outcome_unknown : errc::cancelled));
            if (lost) CHECK(detail_of(told, "tool") == "clock");
            if (lost) CHECK(detail_of(told, "tool_call_id") == "c1");
        }
    }
}

TEST_CASE("a cut before the calls are stored lets none of them run", "[send][tools][cut]") {
    for (const bool written : {true, false}) {
        hand_fed s;
        s.use_tools();
        s.config.tools["clock"].repeatable = false;
        s.claim();
        s.feed(attempt_ended{asking_for({"c1", "clock", "{}"})});
        REQUIRE(s.machine.at == phase::noting_calls);
        if (written) CHECK(s.feed(abort_requested{}).empty());
        const auto failure = only_commit<store::fail_send>(
            s.feed(written ? released() : calls_released{lost_commit()}));
        CHECK(failure.state == send_state::failed_retryable);
        CHECK(failure.finished.size() == (written ? 0 : 1));
        CHECK(failure.round->calls[0].state == tool_state::not_begun);
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

TEST_CASE("an overtaken run leaves its rounds to the next", "[send][tools]") {
    hand_fed s;
    s.bring_to(phase::using_tools);
    only_commit<store::release_calls>(s.feed(noon()));
    // Overtaken: the answer was stored before, and is no late result.
    store::release_calls::outcome gone;
    gone.fenced_off = true;
    const auto late = only_commit<store::record_late_calls>(s.feed(calls_released{gone}));
    REQUIRE(late.finished.size() == 1);
    CHECK(late.finished[0].key.round == 1);
    only<read_state>(s.feed(late_calls_recorded{store::record_late_calls::outcome{}}));
    auto state = s.known(a_snapshot(s.machine.order, send_state::failed_retryable));
    state.rounds = {left_behind(tool_state::done)};
    only_commit<store::claim_send>(s.feed(state_read{std::move(state)}));
    auto claimed = s.claimed(2);
    claimed.claim.epoch = 2;
    only<call_provider>(s.feed(claim_committed{claimed}));
    CHECK(s.answer(an_answer("Noon.")).content == "Wait. Noon.");
}

TEST_CASE("a further run goes on behind stored rounds and is billed for them", "[send][tools]") {
    for (const auto before : {send_state::failed_retryable, send_state::unknown}) {
        hand_fed s;
        s.use_tools();
        auto state = s.known(before);
        state.rounds = {left_behind(tool_state::done)};
        const auto t1 = only_commit<store::claim_send>(s.feed(state_read{std::move(state)}));
        CHECK(t1.first.key.round == 1);
        CHECK(t1.known_epoch == 1);
        CHECK_FALSE(t1.tools_first);
        auto claimed = s.claimed(1);
        claimed.claim.epoch = 2;
        const auto call = only<call_provider>(s.feed(claim_committed{claimed}));
        CHECK(call.key.round == 1);
        CHECK(call.key.attempt == 1);
        REQUIRE(call.request->turns.size() == 3);
        CHECK(call.request->turns[2].content == "noon");
        const auto t2 = s.answer(an_answer("Noon."));
        CHECK(t2.content == "Wait. Noon.");
        CHECK(t2.has_earlier_results);
        REQUIRE(t2.lines.size() == 1);
        CHECK(t2.lines[0].cost->nano_usd() == 448'000);
        CHECK(told_at_end(s.feed(bill_written())).steps.size() == 2);
    }
}

TEST_CASE("a further run begins with calls that may run again", "[send][tools]") {
    for (const auto& left :
         {left_behind(tool_state::begun, true), left_behind(tool_state::not_begun)}) {
        hand_fed s;
        s.use_tools();
        auto state = s.known(send_state::unknown);
        state.rounds = {left};
        const auto t1 = only_commit<store::claim_send>(s.feed(state_read{std::move(state)}));
        REQUIRE(t1.tools_first);
        CHECK(t1.tools_first->calls[0].state == tool_state::begun);
        CHECK(t1.recover_unknown);
        auto claimed = s.claimed(1);
        claimed.claim.epoch = 2;
        const auto run = only<run_tools>(s.feed(claim_committed{claimed}));
        REQUIRE(run.runs.size() == 1);
        CHECK(run.runs[0].call.id == "c1");
        const auto next = only_commit<store::release_calls>(s.feed(noon()));
        CHECK(next.round->calls[0].state == tool_state::done);
        REQUIRE(next.released.size() == 1);
        CHECK(next.released[0].key.round == 1);
        CHECK(next.released[0].key.attempt == 1);
        only<call_provider>(s.feed(released()));
        CHECK(s.answer(an_answer("Noon.")).lines[0].cost->nano_usd() == 448'000);
    }
}

TEST_CASE("a run that was to begin with tools can be cut before them", "[send][tools][cut]") {
    hand_fed s;
    s.use_tools();
    s.config.tools["clock"].repeatable = false;
    auto state = s.known(send_state::unknown);
    state.rounds = {left_behind(tool_state::not_begun)};
    only_commit<store::claim_send>(s.feed(state_read{std::move(state)}));
    CHECK(s.feed(abort_requested{}).empty());
    const auto failure = only_commit<store::fail_send>(s.feed(claim_committed{s.claimed(1)}));
    CHECK(failure.state == send_state::failed_retryable);
    CHECK(failure.finished.empty());
    CHECK(failure.round->calls[0].state == tool_state::not_begun);
    CHECK(error_at_end(s.feed(failure_written())).code == errc::cancelled);
}

TEST_CASE("what must not run twice is not, whatever the policy", "[send][tools]") {
    for (const char* preset : {"default", "strict"}) {
        hand_fed s;
        s.use_tools();
        s.the_agent.policy.preset = preset;
        auto state = s.known(send_state::unknown);
        state.rounds = {left_behind(tool_state::begun)};
        const auto told = error_at_end(s.feed(state_read{std::move(state)}));
        CHECK(told.code == errc::outcome_unknown);
        CHECK(detail_of(told, "tool") == "clock");
        CHECK(detail_of(told, "tool_call_id") == "c1");
        CHECK(detail_of(told, "send_id") == "snd_1");
    }
}

TEST_CASE("an orphan gives back the tools that it was to begin with", "[send][tools]") {
    hand_fed s;
    s.use_tools();
    auto state = s.known(send_state::dispatching, {self, 1, 10, 100});
    state.rounds = {left_behind(tool_state::begun)};
    const auto back = only_commit<store::fail_send>(s.feed(state_read{std::move(state)}));
    CHECK(back.state == send_state::failed_retryable);
    CHECK(back.round->calls[0].state == tool_state::not_begun);
    CHECK(back.finished[0].key.round == 1);
}
