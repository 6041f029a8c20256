// A send that is fed by hand, and the events and actions that tests of it share.
#pragma once

#include "calls/breaker_board.hpp"
#include "messaging/send.hpp"
#include "unit/base/seeded_ids.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace conclave::messaging::test {

inline const std::string self = "own_self";
inline const owner_ref other{"own_other", 7, 70, 700};

inline send_request a_request() {
    send_request r;
    r.session_id = "ses_1";
    r.content = "Hello";
    r.idempotency_key = "key-1";
    r.request_id = "req_1";
    return r;
}

inline send_order an_order(send_request r = a_request()) {
    return validate(tenant_scope("tnt_1"), std::move(r)).value();
}

inline digest tenant_key() {
    digest d{};
    d.fill(std::byte{7});
    return d;
}

/// One route, one retry after 100 ms.
inline agent an_agent() {
    agent a;
    a.id = "agt_1";
    a.version = 3;
    a.name = "Guide";
    a.primary = "vendorA/m1";
    a.instructions = "Be brief.";
    a.policy.retries = 1;
    a.policy.base_delay_ms = 100;
    a.policy.jitter = jitter_mode::none;
    return a;
}

/// The agent of a turn, as its own.
inline agent& change(store::turn_basis& turn) {
    auto own = std::make_shared<agent>(*turn.agent);
    turn.agent = own;
    return *own;
}

/// $0.002 per 1,000 tokens for any model of vendorA; vendorB has no price.
inline configuration a_configuration() {
    configuration c;
    c.providers["vendorA"] = {{}, "m0"};
    c.providers["vendorB"] = {{}, "b0"};
    metering::price_entry p;
    p.id = "prc_1";
    p.provider = "vendorA";
    p.model = "*";
    p.price.blended = 2'000'000;
    c.prices.add(std::move(p));
    c.price_generation = 5;
    return c;
}

/// 45 + 67 tokens: 224,000 nano at vendorA.
inline call_result an_answer(std::string text = "Hi") {
    call_result r;
    r.http_status = 200;
    r.text = std::move(text);
    r.model = "m1-dated";
    r.usage.emplace();
    r.usage->input = 45;
    r.usage->output = 67;
    r.latency_ms = 12;
    return r;
}

/// An answer that calls a tool.
inline call_result asking_for(tool_call call, std::string text = "Wait. ") {
    auto r = an_answer(std::move(text));
    r.tool_calls.push_back(std::move(call));
    r.finish = finish_reason::tool_calls;
    return r;
}

inline call_result a_failure(call_class outcome) {
    call_result r;
    r.outcome = outcome;
    r.error = attempt_error::upstream_5xx;
    r.http_status = 503;
    r.provider_code = "overloaded";
    return r;
}

/// The row of the key in this state, as `owner` left it.
inline store::send_snapshot a_snapshot(const send_order& order, send_state state,
                                       owner_ref owner = other) {
    store::send_snapshot s;
    s.id = "snd_1";
    s.state = state;
    s.fingerprint = fingerprint(order, tenant_key());
    s.session = order.session;
    s.agent = "agt_1";
    s.owner = std::move(owner);
    s.epoch = 1;
    s.user_seq = 1;
    s.attempts = 1;
    s.request = "req_first";
    return s;
}

inline message a_reply_message(std::string content = "Hi from before") {
    message m;
    m.id = "msg_reply";
    m.session_id = "ses_1";
    m.seq = 2;
    m.role = message_role::assistant;
    m.content = std::move(content);
    return m;
}

inline error lost_commit() {
    return fail(errc::store_unavailable, "the outcome is not known").with("outcome_unknown", true);
}

inline calls_released released() { return {store::release_calls::outcome{}}; }
inline send_failed failure_written() { return {store::fail_send::outcome{}}; }
inline send_settled bill_written() { return {store::settle_send::outcome{}}; }

template <class Action>
const Action* find(const actions& list) {
    for (const auto& a : list)
        if (const auto* found = std::get_if<Action>(&a)) return found;
    return nullptr;
}

template <class Action>
Action only(actions list) {
    REQUIRE(list.size() == 1);
    REQUIRE(std::holds_alternative<Action>(list.front()));
    return std::get<Action>(std::move(list.front()));
}

template <class Command>
Command only_commit(actions list) {
    auto c = only<commit>(std::move(list));
    REQUIRE(std::holds_alternative<Command>(*c.command));
    return std::get<Command>(*c.command);
}

/// What the callers of a send that now ends are told.
inline answer_callers told_at_end(const actions& list) {
    REQUIRE_FALSE(list.empty());
    REQUIRE(std::holds_alternative<end>(list.back()));
    const auto* told = find<answer_callers>(list);
    REQUIRE(told != nullptr);
    return *told;
}

inline error error_at_end(const actions& list) {
    const auto told = told_at_end(list);
    REQUIRE_FALSE(told.outcome);
    return told.outcome.error();
}

inline reply reply_at_end(const actions& list) {
    const auto told = told_at_end(list);
    REQUIRE(told.outcome);
    return *told.outcome;
}

/// The send ends, and those who were told already are not told again.
inline bool ends_silently(const actions& list) {
    return !list.empty() && std::holds_alternative<end>(list.back()) &&
           find<answer_callers>(list) == nullptr;
}

struct hand_fed {
    explicit hand_fed(send_order order = an_order()) : machine{.order = std::move(order)} {}

    actions feed(event e) {
        const context c{
            given.time.wall, given.time.monotonic, random, given.ids, breakers, config, self,
            latencies};
        return decide(machine, std::move(e), c);
    }
    void wait(std::int64_t ms) { given.time.monotonic += std::chrono::milliseconds(ms); }
    std::int64_t ms_until(const set_timer& timer) const {
        using std::chrono::milliseconds;
        return std::chrono::duration_cast<milliseconds>(timer.at - given.time.monotonic).count();
    }

    store::prepare_send::answer fresh() const {
        store::prepare_send::answer a;
        a.known.tenant = tenant_status::active;
        a.known.fingerprint_key = tenant_key();
        a.turn.session = session_status::active;
        a.turn.agent_id = the_agent.id;
        a.turn.fingerprint_key = tenant_key();
        a.turn.next_seq = 1;
        a.turn.agent = std::make_shared<const agent>(the_agent);
        a.price_generation = 5;
        return a;
    }
    store::prepare_send::answer known(store::send_snapshot s) const {
        auto a = fresh();
        a.known.send = std::move(s);
        return a;
    }
    store::prepare_send::answer known(send_state state, owner_ref owner = other) const {
        return known(a_snapshot(machine.order, state, std::move(owner)));
    }
    store::claim_send::outcome claimed(std::int64_t first_attempt = 0) const {
        store::claim_send::outcome o;
        o.claim = {"snd_1", 1, 1, first_attempt};
        return o;
    }
    store::claim_send::outcome refused(store::claim_send::verdict what) const {
        store::claim_send::outcome o;
        o.what = what;
        return o;
    }

    // Steps of the main path.

    store::claim_send read() { return only_commit<store::claim_send>(feed(state_read{fresh()})); }
    call_provider claim() {
        read();
        return only<call_provider>(feed(claim_committed{claimed()}));
    }
    store::settle_send answer(call_result r = an_answer()) {
        return only_commit<store::settle_send>(feed(attempt_ended{std::move(r)}));
    }

    /// Gives the agent a registered tool and one that the host answers.
    void use_tools() {
        the_agent.tools = {{.name = "clock", .registered = true}, {.name = "ask"}};
        config.tools["clock"] = {"Tells the time.", R"({"type":"object"})", 5'000, true, {}};
    }
    /// An answer asks for a tool, and that is stored before the tool runs.
    run_tools ask(tool_call call = {"c1", "clock", "{}"}) {
        note_ = only_commit<store::release_calls>(feed(attempt_ended{asking_for(std::move(call))}));
        return only<run_tools>(feed(released()));
    }
    const store::release_calls& note() const { return *note_; }

    /// From the beginning to a phase, on the shortest way.
    void bring_to(phase p) {
        switch (p) {
            case phase::reading: break;
            case phase::claiming: read(); break;
            case phase::calling: claim(); break;
            case phase::pausing:
                claim();
                feed(attempt_ended{a_failure(call_class::refused)});
                break;
            case phase::releasing:
                bring_to(phase::pausing);
                feed(woken{});
                break;
            case phase::noting_calls:
                use_tools();
                claim();
                feed(attempt_ended{asking_for({"c1", "clock", "{}"})});
                break;
            case phase::using_tools:
                bring_to(phase::noting_calls);
                feed(released());
                break;
            // A council has phases of its own; deliberation_test feeds it.
            case phase::deliberating: break;
            case phase::settling:
                claim();
                answer();
                break;
            case phase::failing:
                claim();
                feed(attempt_ended{a_failure(call_class::final)});
                break;
            case phase::judging: feed(state_read{known(send_state::dispatching)}); break;
            case phase::waiting:
                bring_to(phase::judging);
                feed(owner_judged{store::owner_liveness::alive});
                break;
            case phase::abandoning:
                bring_to(phase::judging);
                feed(owner_judged{store::owner_liveness::dead});
                break;
            case phase::returning:
                feed(state_read{known(send_state::dispatching, {self, 1, 10, 100})});
                break;
            case phase::recording: {
                bring_to(phase::settling);
                feed(send_settled{store::settle_send::outcome{.fenced_off = true}});
                auto overtaken = a_snapshot(machine.order, send_state::dispatching);
                overtaken.epoch = 2;
                feed(state_read{known(std::move(overtaken))});
                break;
            }
            case phase::ended: break;
        }
        REQUIRE(machine.at == p);
    }

    conclave::test::seeded_ids given;
    calls::breaker_board breakers;
    council::latency_book latencies;
    configuration config = a_configuration();
    agent the_agent = an_agent();
    std::uint64_t random = 0;
    send machine;

   private:
    std::optional<store::release_calls> note_;
};

}  // namespace conclave::messaging::test
