// What follows an attempt, by its class and at every border.
#include "calls/paid_call.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace conclave;
using namespace conclave::calls;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

/// Two routes with two retries each, 200 ms apart, then 400.
struct call_under_test {
    call_under_test() {
        resilience::resolved_policy p;
        p.retries = 2;
        p.base_delay_ms = 200;
        p.jitter = jitter_mode::none;
        call.routes = {{{"a", "m"}, p, std::nullopt, {}}, {{"b", "m"}, p, std::nullopt, {}}};
        call.deadline = start + 120s;
    }
    void one_route() { call.routes.pop_back(); }
    void price(std::size_t at, std::int64_t blended, std::int64_t exposure) {
        metering::price_entry e;
        e.id = "prc_1";
        e.price.blended = blended;
        call.routes[at].price = e;
        call.routes[at].exposure = money::from_nano_usd(exposure);
    }
    next_step begin() { return calls::begin(call, breakers, now); }
    store::released_attempt release() { return calls::release(call, {}); }
    next_step take(call_result r) { return take_result(call, std::move(r), breakers, {}, now, 0); }
    /// Releases an attempt that ends like this.
    next_step attempt(call_class outcome) {
        release();
        call_result r;
        r.outcome = outcome;
        if (outcome == call_class::ok) r.usage.emplace();
        return take(std::move(r));
    }
    /// After the wait, another one.
    next_step retry(call_class outcome) {
        REQUIRE(std::holds_alternative<attempt_now>(resume(call, breakers, now)));
        return attempt(outcome);
    }

    paid_call call;
    breaker_board breakers;
    instant now = start;
};

/// "now", "later 200", "answered", "rejected" ...
std::string text(const next_step& step) {
    if (std::holds_alternative<attempt_now>(step)) return "now";
    if (const auto* later = std::get_if<attempt_later>(&step))
        return "later " + std::to_string(later->wait_ms);
    if (std::holds_alternative<answered>(step)) return "answered";
    switch (std::get<gave_up>(step).why) {
        case call_failure::rejected: return "rejected";
        case call_failure::exhausted: return "exhausted";
        case call_failure::in_doubt: return "in doubt";
        case call_failure::deadline: return "deadline";
        case call_failure::interrupted: return "interrupted";
    }
    return "";
}

void open_circuit(breaker_board& board, const route& r, instant now) {
    for (std::size_t i = 0; i < resilience::breaker::min_calls; ++i)
        board.report(*board.admit(r, now), resilience::call_outcome::failure, now);
}

}  // namespace

TEST_CASE("the class of an attempt decides what follows", "[paid_call]") {
    struct row {
        call_class outcome;
        const char* under_retry;
        const char* under_stop;
    };
    for (const auto& r : {row{call_class::ok, "answered", "answered"},
                          row{call_class::not_sent, "later 200", "later 200"},
                          row{call_class::refused, "later 200", "later 200"},
                          row{call_class::final, "now", "now"},  // at the fallback
                          row{call_class::server_error, "later 200", "in doubt"},
                          row{call_class::ambiguous, "later 200", "in doubt"},
                          row{call_class::partial, "later 200", "in doubt"}}) {
        CAPTURE(to_string(r.outcome));
        for (const auto policy : {ambiguous_policy::retry, ambiguous_policy::stop}) {
            call_under_test t;
            t.call.routes[0].policy.on_ambiguous = policy;
            REQUIRE(text(t.begin()) == "now");
            const auto step = text(t.attempt(r.outcome));
            CHECK(step == (policy == ambiguous_policy::retry ? r.under_retry : r.under_stop));
            CHECK(t.call.route == (r.outcome == call_class::final ? 1 : 0));
        }
    }
}

TEST_CASE("each route has its retries, then the next one its own", "[paid_call]") {
    call_under_test t;
    t.begin();
    CHECK(text(t.attempt(call_class::refused)) == "later 200");
    CHECK(text(t.retry(call_class::refused)) == "later 400");
    CHECK(text(t.retry(call_class::refused)) == "now");
    CHECK(t.call.route == 1);
    CHECK(text(t.attempt(call_class::refused)) == "later 200");
    CHECK(text(t.retry(call_class::refused)) == "later 400");
    CHECK(text(t.retry(call_class::refused)) == "exhausted");
    CHECK(t.call.attempts.size() == 6);
    CHECK(t.call.attempts.back().key.attempt == 5);
}

TEST_CASE("only a definite no from every route is final", "[paid_call]") {
    SECTION("both") {
        call_under_test t;
        t.begin();
        t.attempt(call_class::final);
        CHECK(text(t.attempt(call_class::final)) == "rejected");
    }
    SECTION("one failed otherwise") {
        call_under_test t;
        t.call.routes[0].policy.retries = 0;
        t.begin();
        t.attempt(call_class::refused);
        CHECK(text(t.attempt(call_class::final)) == "exhausted");
    }
    SECTION("one was not asked") {
        call_under_test t;
        open_circuit(t.breakers, {"a", "m"}, t.now);
        t.begin();
        CHECK(text(t.attempt(call_class::final)) == "exhausted");
    }
    SECTION("the last word of a route counts") {
        call_under_test t;
        t.one_route();
        t.begin();
        t.attempt(call_class::refused);
        CHECK(text(t.retry(call_class::final)) == "rejected");
    }
}

TEST_CASE("a wait that the provider asks for is kept up to its limit", "[paid_call]") {
    for (const auto& [asked_ms, follows] :
         {std::pair{10'000, "later 10000"}, std::pair{10'001, "now"}}) {
        call_under_test t;
        t.begin();
        t.release();
        call_result r;
        r.outcome = call_class::refused;
        r.retry_after_ms = asked_ms;
        CHECK(text(t.take(std::move(r))) == follows);
    }
}

TEST_CASE("a wait that would outlive the call goes to the fallback", "[paid_call]") {
    for (const auto& [left, follows] : {std::pair{201ms, "later 200"}, std::pair{200ms, "now"}}) {
        call_under_test t;
        t.call.deadline = t.now + left;
        t.begin();
        CHECK(text(t.attempt(call_class::refused)) == follows);
    }
}

TEST_CASE("after the deadline nothing is tried", "[paid_call]") {
    call_under_test t;
    t.begin();
    t.attempt(call_class::refused);
    t.now = t.call.deadline - 1us;
    CHECK(text(resume(t.call, t.breakers, t.now)) == "now");
    abandon(t.call, t.breakers, t.now);
    t.now = t.call.deadline;
    CHECK(text(resume(t.call, t.breakers, t.now)) == "deadline");
    CHECK(text(t.attempt(call_class::final)) == "deadline");
}

TEST_CASE("an attempt takes its own timeout, cut by the deadline", "[paid_call]") {
    call_under_test t;
    t.call.routes[0].policy.attempt_timeout_ms = 2'000;
    CHECK(attempt_timeout_ms(t.call, t.call.deadline - 2'001ms) == 2'000);
    CHECK(attempt_timeout_ms(t.call, t.call.deadline - 1'999ms) == 1'999);
    CHECK(attempt_timeout_ms(t.call, t.call.deadline) == 1);
    CHECK(attempt_timeout_ms(t.call, t.call.deadline + 1h) == 1);
}

TEST_CASE("after a hundred attempts no route is tried again", "[paid_call]") {
    call_under_test t;
    t.call.routes[0].policy.retries = 1'000;
    t.begin();
    t.attempt(call_class::refused);
    while (t.call.route == 0) t.retry(call_class::refused);
    CHECK(t.call.attempts.size() == static_cast<std::size_t>(limits::attempts_per_send));
    CHECK(t.call.try_budget == 0);
    CHECK(std::holds_alternative<gave_up>(resume(t.call, t.breakers, t.now)));
}

TEST_CASE("a route whose circuit is open is passed over and told", "[paid_call]") {
    call_under_test t;
    open_circuit(t.breakers, {"a", "m"}, t.now);
    CHECK(text(t.begin()) == "now");
    CHECK(t.call.route == 1);
    CHECK(t.release().route == route{"b", "m"});
    call_result ok;
    ok.usage.emplace();
    CHECK(text(t.take(std::move(ok))) == "answered");
    const auto list = summarize(t.call);
    REQUIRE(list.size() == 2);
    CHECK(list[0].provider == "a");
    CHECK(list[0].error_code == std::string("CIRCUIT_OPEN"));
    CHECK(list[0].attempt_class == "not_sent");
    CHECK(list[0].retries == 0);
    CHECK_FALSE(list[0].success);
    CHECK(list[1].success);
}

TEST_CASE("when every circuit is open nothing is tried", "[paid_call]") {
    call_under_test t;
    open_circuit(t.breakers, {"a", "m"}, t.now);
    open_circuit(t.breakers, {"b", "m"}, t.now);
    CHECK(text(t.begin()) == "exhausted");
}

TEST_CASE("a circuit that opens during the wait sends the retry elsewhere", "[paid_call]") {
    call_under_test t;
    t.begin();
    t.attempt(call_class::refused);
    open_circuit(t.breakers, {"a", "m"}, t.now);
    CHECK(text(resume(t.call, t.breakers, t.now)) == "now");
    CHECK(t.call.route == 1);
    CHECK(t.call.tries == 0);
}

TEST_CASE("the breaker hears of each attempt once", "[paid_call]") {
    for (const auto& [outcome, opens] :
         {std::pair{call_class::ambiguous, true}, std::pair{call_class::refused, false}}) {
        call_under_test t;
        t.one_route();
        t.call.routes[0].policy.retries = 4;
        t.begin();
        t.attempt(outcome);
        for (int i = 0; i < 3; ++i) t.retry(outcome);
        CHECK(t.breakers.state_of("a", t.now) == breaker_state::closed);
        t.retry(outcome);
        CHECK((t.breakers.state_of("a", t.now) == breaker_state::open) == opens);
    }
}

TEST_CASE("an abandoned attempt gives the probe back", "[paid_call]") {
    call_under_test t;
    t.one_route();
    open_circuit(t.breakers, {"a", "m"}, t.now);
    t.now += 30s;
    CHECK(text(t.begin()) == "now");
    CHECK_FALSE(t.breakers.admit({"a", "m"}, t.now));
    abandon(t.call, t.breakers, t.now);
    CHECK(t.breakers.admit({"a", "m"}, t.now));
    abandon(t.call, t.breakers, t.now);  // twice does nothing
    CHECK_FALSE(t.breakers.admit({"a", "m"}, t.now));
}

TEST_CASE("a released row names attempt, route and price", "[paid_call]") {
    call_under_test t;
    t.price(0, 2'000'000, 5);
    t.call.position = {"draft", 2, 1, 7};
    t.begin();
    const auto row = calls::release(t.call, timestamp(5ms));
    CHECK(row.key == attempt_key{"draft", 2, 1, 7});
    CHECK(row.route == route{"a", "m"});
    CHECK(row.price == price_id("prc_1"));
    CHECK(row.at == timestamp(5ms));
    CHECK(t.call.position.attempt == 8);
}

TEST_CASE("results are handed over once, costed by their class", "[paid_call]") {
    call_under_test t;
    t.one_route();
    t.price(0, 2'000'000, 999);
    t.begin();
    t.attempt(call_class::refused);
    t.retry(call_class::ambiguous);
    auto first = take_finished(t.call);
    REQUIRE(first.size() == 2);
    CHECK(first[0].basis == store::cost_basis::none);
    CHECK(first[0].cost == money());
    CHECK(first[1].basis == store::cost_basis::exposure);
    CHECK(first[1].cost == money::from_nano_usd(999));
    CHECK(take_finished(t.call).empty());

    REQUIRE(text(resume(t.call, t.breakers, t.now)) == "now");
    t.release();
    CHECK(take_finished(t.call).empty());  // in flight
    call_result ok;
    ok.text = "not stored here";
    ok.usage.emplace();
    ok.usage->input = 45;
    ok.usage->output = 67;
    t.take(std::move(ok));
    const auto rest = take_finished(t.call);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].cost == money::from_nano_usd(224'000));
    CHECK(rest[0].basis == store::cost_basis::known);
    CHECK(rest[0].result.text.empty());
    CHECK(t.call.attempts.back().result->text == "not stored here");
}

TEST_CASE("without a price an answer is unpriced and an exposure unknown", "[paid_call]") {
    call_under_test t;
    t.begin();
    t.attempt(call_class::server_error);
    t.retry(call_class::ok);
    const auto finished = take_finished(t.call);
    REQUIRE(finished.size() == 2);
    CHECK(finished[0].basis == store::cost_basis::exposure);
    CHECK_FALSE(finished[0].cost);
    CHECK(finished[1].basis == store::cost_basis::unpriced);
    CHECK_FALSE(finished[1].cost);
}

TEST_CASE("estimated tokens are marked in the ledger", "[paid_call]") {
    call_under_test t;
    t.price(0, 2'000'000, 999);
    t.begin();
    t.release();
    call_result ok;
    ok.usage.emplace();
    ok.usage_estimated = true;
    t.take(std::move(ok));
    CHECK(take_finished(t.call).at(0).basis == store::cost_basis::estimated);
}

TEST_CASE("the tries at a route are summed up by the last", "[paid_call]") {
    call_under_test t;
    t.begin();
    t.release();
    call_result slow;
    slow.outcome = call_class::ambiguous;
    slow.error = attempt_error::timeout;
    slow.latency_ms = 2'000;
    t.take(std::move(slow));
    resume(t.call, t.breakers, t.now);
    t.release();
    call_result ok;
    ok.http_status = 200;
    ok.latency_ms = 12;
    ok.model = "m-dated";
    ok.usage.emplace();
    t.take(std::move(ok));
    const auto list = summarize(t.call);
    REQUIRE(list.size() == 1);  // the fallback was not needed
    CHECK(list[0].success);
    CHECK(list[0].attempt_class == "ok");
    CHECK(list[0].retries == 1);
    CHECK(list[0].latency_ms == 12);
    CHECK(list[0].http_status == 200);
    CHECK_FALSE(list[0].error_code);
    CHECK(list[0].model == "m-dated");
}

TEST_CASE("four bytes are a token, and nothing is less than one", "[paid_call]") {
    for (const auto& [bytes, tokens] : {std::pair{0, 1}, std::pair{4, 1}, std::pair{5, 2},
                                        std::pair{4'000, 1'000}, std::pair{4'001, 1'001}}) {
        const auto size = static_cast<std::size_t>(bytes);
        CHECK(estimate_tokens(size, 0).input == tokens);
        CHECK(estimate_tokens(0, size).output == tokens);
    }
}

TEST_CASE("an answer that broke off is repeated unless somebody saw some of it", "[calls]") {
    const auto after = [](bool shown, ambiguous_policy on_ambiguous) {
        call_under_test c;
        for (auto& r : c.call.routes) r.policy.on_ambiguous = on_ambiguous;
        c.begin();
        c.release();
        call_result r;
        r.outcome = call_class::partial;
        r.text = "Hel";
        r.text_shown = shown;
        const auto step = text(c.take(std::move(r)));
        const auto stored = take_finished(c.call);
        CHECK(stored.at(0).result.text == "Hel");
        CHECK(stored.at(0).basis == store::cost_basis::exposure);
        CHECK_FALSE(stored.at(0).cut);
        return step;
    };
    CHECK(after(false, ambiguous_policy::retry) == "later 200");
    CHECK(after(true, ambiguous_policy::retry) == "interrupted");
    CHECK(after(false, ambiguous_policy::stop) == "in doubt");
    CHECK(after(true, ambiguous_policy::stop) == "in doubt");
}

TEST_CASE("an answer that was cut on request costs what its tokens cost", "[calls]") {
    call_under_test c;
    c.price(0, 2'000'000, 5'000'000);
    c.begin();
    c.release();
    call_result r;
    r.outcome = call_class::partial;
    r.text_shown = true;
    r.usage = token_usage{.input = 45, .output = 67};
    r.usage_estimated = true;
    c.take(std::move(r));
    c.call.attempts.back().settled_cut = true;
    const auto stored = take_finished(c.call);
    CHECK(stored.at(0).cut);
    CHECK(stored.at(0).basis == store::cost_basis::estimated);
    CHECK(stored.at(0).cost->nano_usd() == 224'000);
}

TEST_CASE("a round goes on at the route that answered, with tries of its own", "[calls]") {
    call_under_test c;
    c.price(1, 2'000'000, 5'000'000);
    c.begin();
    c.attempt(call_class::final);
    CHECK(text(c.attempt(call_class::ok)) == "answered");
    CHECK(text(begin_round(c.call, c.breakers, c.now)) == "now");
    const auto row = c.release();
    CHECK(row.key.round == 1);
    CHECK(row.key.attempt == 2);
    CHECK(row.route.provider == "b");
    call_result failed;
    failed.outcome = call_class::refused;
    CHECK(text(c.take(failed)) == "later 200");
    c.retry(call_class::ok);
    const auto billable = list_billable(c.call);
    REQUIRE(billable.size() == 2);
    CHECK(billable[0].route == 1);
    CHECK(billable[0].finished.key.round == 0);
    CHECK(billable[1].finished.key.round == 1);
    const auto summary = summarize(c.call);
    REQUIRE(summary.size() == 2);
    CHECK(summary[1].success);
    CHECK(summary[1].retries == 1);  // the failure; the first round is none
}

TEST_CASE("a round after the deadline or with an open circuit is none", "[calls]") {
    call_under_test late;
    late.begin();
    late.attempt(call_class::ok);
    late.now = late.call.deadline;
    CHECK(text(begin_round(late.call, late.breakers, late.now)) == "deadline");
    call_under_test open;
    open.one_route();
    open.begin();
    open.attempt(call_class::ok);
    open_circuit(open.breakers, open.call.routes[0].target, open.now);
    CHECK(text(begin_round(open.call, open.breakers, open.now)) == "exhausted");
}
