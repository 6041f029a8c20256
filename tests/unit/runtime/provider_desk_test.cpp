// Attempts become calls: at scripts, functions and over HTTP, by hand in virtual time.
#include "runtime/provider_desk.hpp"

#include "base/limits.hpp"
#include "unit/runtime/desk_fixture.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::runtime;
using namespace conclave::runtime::test;
using net::exchange_failure;

namespace {

scripted_reply after(std::int64_t latency_ms, std::string text = "Hi") {
    return {.text = std::move(text), .latency_ms = latency_ms};
}

constexpr const char* good_body =
    R"({"model":"m-dated","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":45,"completion_tokens":67}})";

}  // namespace

TEST_CASE("a provider that is not there is never sent to", "[desk]") {
    desk_under_test d;
    outcome o;
    d.call(o, "nobody");
    d.run();
    CHECK(o.only().outcome == call_class::not_sent);
    CHECK(o.only().error == attempt_error::network);
}

TEST_CASE("a bad provider is not prepared", "[desk]") {
    CHECK(prepare_provider({.name = ""}).error().code == errc::validation_error);
    CHECK(prepare_provider({.name = "p", .kind = provider_kind::callback}).error().code ==
          errc::validation_error);
}

TEST_CASE("a script answers in its order, after its latency", "[desk]") {
    desk_under_test d;
    d.add_scripted({after(0, "one"), after(500, "two")});
    outcome o;
    d.call(o);
    d.run();
    CHECK(o.only().text == "one");
    CHECK(o.only().latency_ms == 0);

    outcome second;
    d.call(second);
    d.advance(499);
    CHECK(second.told.empty());
    d.advance(1);
    CHECK(second.only().text == "two");
    CHECK(second.only().latency_ms == 500);

    outcome third;
    d.call(third);
    d.run();
    CHECK(third.only().text == "one");
}

TEST_CASE("an attempt that takes as long as its timeout has timed out", "[desk]") {
    for (const auto& [latency_ms, outcome_expected] :
         {std::pair{999, call_class::ok}, std::pair{1'000, call_class::ambiguous}}) {
        desk_under_test d;
        d.add_scripted({after(latency_ms)});
        outcome o;
        d.call(o);
        d.advance(999);
        d.advance(1);
        CHECK(o.only().outcome == outcome_expected);
    }
}

TEST_CASE("a function is run on a handler thread with the request", "[desk]") {
    desk_under_test d;
    std::string asked;
    d.add_function([&](const provider_request& r) -> result<provider_reply> {
        asked = r.turns.at(0).content;
        return provider_reply{"Hi"};
    });
    outcome o;
    d.call(o);
    d.run();
    CHECK(o.told.empty());
    d.handlers.run_one();
    CHECK(o.told.empty());  // told on the executor
    d.advance(12);
    CHECK(asked == "Hello");
    CHECK(o.only().text == "Hi");
    CHECK(o.only().model == "m");
    CHECK(d.tasks.timers_waiting() == 0);
}

TEST_CASE("a function that throws has failed and nothing is known", "[desk]") {
    desk_under_test d;
    d.add_function([](const provider_request&) -> result<provider_reply> {
        throw std::runtime_error("a bug of the host");
    });
    outcome o;
    d.call(o);
    d.handlers.run_one();
    d.run();
    CHECK(o.only().outcome == call_class::ambiguous);
}

TEST_CASE("a function that answers after its timeout is not heard", "[desk]") {
    desk_under_test d;
    d.add_function([](const provider_request&) { return provider_reply{"late"}; });
    outcome o;
    d.call(o);
    d.advance(1'000);
    CHECK(o.only().outcome == call_class::ambiguous);
    CHECK(o.only().error == attempt_error::timeout);
    CHECK(o.only().latency_ms == 1'000);
    d.handlers.run_one();
    d.run();
    CHECK(o.told.size() == 1);
}

TEST_CASE("an asynchronous handler answers when it is ready", "[desk]") {
    desk_under_test d;
    d.add_host();
    d.caller = std::make_shared<int>(7);
    outcome o;
    d.call(o);
    CHECK(d.asked == std::vector<std::string>{"Hello"});
    CHECK(d.handlers.waiting() == 0);
    auto& call = d.calls.at(0);
    CHECK(call.caller() == d.caller);
    bool stopped = false;
    call.on_cancel([&] { stopped = true; });
    d.advance(12);
    call.reply(provider_reply{"Hi"});
    call.reply(provider_reply{"once more"});
    CHECK(o.told.empty());  // told on the executor
    d.run();
    CHECK(o.only().text == "Hi");
    CHECK(o.only().model == "m");
    CHECK(o.only().latency_ms == 12);
    CHECK(d.tasks.timers_waiting() == 0);
    call.on_cancel([&] { stopped = true; });
    CHECK_FALSE(stopped);
}

TEST_CASE("an asynchronous handler that errs, throws or lets go has failed", "[desk]") {
    const auto outcome_of = [](async_provider_handler handler) {
        desk_under_test d;
        d.add({.name = "p", .kind = provider_kind::callback, .async_handler = std::move(handler)});
        outcome o;
        d.call(o);
        d.run();
        return o.only().outcome;
    };
    CHECK(outcome_of([](const auto&, provider_call c) {
              c.reply(fail(errc::provider_rejected, "no"));
          }) == call_class::final);
    CHECK(outcome_of([](const auto&, provider_call) {}) == call_class::ambiguous);
    CHECK(outcome_of([](const auto&, provider_call) { throw std::runtime_error("a bug"); }) ==
          call_class::ambiguous);
}

TEST_CASE("an asynchronous handler is told once that its attempt was cut", "[desk]") {
    enum class cut { timeout, cancel, end_of_gateway };
    for (const auto how : {cut::timeout, cut::cancel, cut::end_of_gateway}) {
        outcome o;
        int stopped = 0;
        std::optional<provider_call> kept;
        {
            desk_under_test d;
            d.add_host();
            const auto id = d.call(o);
            d.calls.at(0).on_cancel([] { FAIL("replaced"); });
            d.calls.at(0).on_cancel([&] { ++stopped; });
            if (how == cut::timeout) d.advance(1'000);
            if (how == cut::cancel) d.desk.cancel(id);
            d.run();
            CHECK(o.told.size() == (how == cut::end_of_gateway ? 0 : 1));
            CHECK(stopped == (how == cut::end_of_gateway ? 0 : 1));
            kept = d.calls.at(0);
            if (how != cut::end_of_gateway) {
                kept->reply(provider_reply{"late"});
                d.run();
                CHECK(o.only().outcome == call_class::ambiguous);
            }
        }
        CHECK(stopped == 1);
        kept->reply(provider_reply{"later than all"});
        bool at_once = false;
        kept->on_cancel([&] { at_once = true; });
        CHECK(at_once);
    }
}

TEST_CASE("a script tells its chunks in its time", "[desk]") {
    desk_under_test d;
    scripted_reply reply;
    reply.chunks = {"Hel", "lo", "!"};
    reply.latency_ms = 100;
    reply.chunk_latency_ms = 10;
    d.add_scripted({reply});
    outcome o;
    heard h;
    d.call(o, "p", h.listener());
    d.advance(99);
    CHECK(h.all.empty());
    d.advance(1);
    CHECK(h.all == "Hel|");
    d.advance(10);
    CHECK(h.all == "Hel|lo|");
    CHECK(o.told.empty());
    d.advance(10);
    CHECK(h.all == "Hel|lo|!|");
    CHECK(o.only().text == "Hello!");
    CHECK(o.only().latency_ms == 120);
    CHECK(d.tasks.timers_waiting() == 0);
}

TEST_CASE("an answer that ends before its text is partial", "[desk]") {
    enum class how { failure, timeout, cancel };
    for (const auto end : {how::failure, how::timeout, how::cancel}) {
        desk_under_test d;
        scripted_reply reply;
        reply.chunks = {"Hel", "lo"};
        reply.chunk_latency_ms = end == how::failure ? 10 : 1'000;
        if (end == how::failure) reply.error = scripted_reply::failure{.http_status = 429};
        d.add_scripted({reply});
        outcome o;
        const auto id = d.call(o);
        d.advance(10);
        if (end == how::failure) d.advance(10);
        if (end == how::timeout) d.advance(1'000);
        if (end == how::cancel) d.desk.cancel(id);
        d.run();
        CHECK(o.only().outcome == call_class::partial);
        CHECK(o.only().text == (end == how::failure ? "Hello" : "Hel"));
        d.advance(5'000);
        CHECK(d.tasks.timers_waiting() == 0);
    }
}

TEST_CASE("pieces of the host are heard in order, as many as wait together", "[desk]") {
    desk_under_test d;
    d.add_host();
    outcome o;
    heard h;
    d.call(o, "p", h.listener());
    auto call = d.calls.at(0);
    call.text("Hel");
    call.text("lo");
    CHECK(h.all.empty());  // heard on the executor
    d.run();
    CHECK(h.all == "Hello|");
    call.text("!");
    call.reply(provider_reply{});
    call.text("too late");
    d.run();
    CHECK(h.all == "Hello|!|");
    CHECK(o.only().text == "Hello!");
}

TEST_CASE("pieces must be characters, and no more than an answer", "[desk]") {
    const auto outcome_of = [](const std::vector<std::string>& pieces) {
        desk_under_test d;
        d.add_host();
        outcome o;
        d.call(o);
        for (const auto& piece : pieces) {
            d.calls.at(0).text(piece);
            d.run();
        }
        d.calls.at(0).reply(provider_reply{});
        d.run();
        return o.only();
    };
    CHECK(outcome_of({"\xc3"}).error == attempt_error::bad_response);
    CHECK(outcome_of({"\xc3"}).outcome == call_class::ambiguous);
    CHECK(outcome_of({"a", "\xc3"}).outcome == call_class::partial);
    const std::string half(limits::response_body_bytes / 2, 'x');
    CHECK(outcome_of({half, half}).outcome == call_class::ok);
    CHECK(outcome_of({half, half, "x"}).error == attempt_error::bad_response);
}

TEST_CASE("an HTTP request carries the attempt's timeouts", "[desk]") {
    for (const auto& [given_ms, used_ms] : {std::pair{200, 200}, std::pair{5'000, 1'000}}) {
        desk_under_test d;
        d.add_http();
        d.connect_timeout_ms = given_ms;
        outcome o;
        d.call(o);
        REQUIRE(d.network.exchanges.size() == 1);
        const auto& r = d.network.exchanges[0]->request;
        CHECK(r.method == "POST");
        CHECK(r.url == "http://vendor.test/v1/chat/completions");
        CHECK(r.connect_timeout_ms == used_ms);
        CHECK(r.first_byte_timeout_ms == 400);
        CHECK(r.total_timeout_ms == 1'000);
        CHECK(r.body.find("Hello") != std::string::npos);
    }
}

TEST_CASE("an HTTP answer is decoded and timed", "[desk]") {
    desk_under_test d;
    d.add_http();
    outcome o;
    d.call(o);
    d.advance(12);
    d.network.exchanges[0]->answer(200, good_body);
    CHECK(o.only().outcome == call_class::ok);
    CHECK(o.only().text == "Hi");
    CHECK(o.only().usage->output == 67);
    CHECK(o.only().latency_ms == 12);

    outcome refused;
    d.call(refused);
    d.network.exchanges[1]->answer(429, "{}");
    CHECK(refused.only().outcome == call_class::refused);
}

TEST_CASE("an exchange without an answer is judged by what left", "[desk]") {
    struct row {
        exchange_failure failure;
        bool written;
        call_class outcome;
        attempt_error error;
        std::string code = {};
    };
    for (const auto& r :
         {row{exchange_failure::resolve, false, call_class::not_sent, attempt_error::network,
              "name_not_resolved"},
          row{exchange_failure::connect, false, call_class::not_sent, attempt_error::network,
              "connection_failed"},
          row{exchange_failure::tls, false, call_class::not_sent, attempt_error::network,
              "tls_failed"},
          row{exchange_failure::bad_request, false, call_class::not_sent, attempt_error::network},
          row{exchange_failure::write, false, call_class::not_sent, attempt_error::network},
          row{exchange_failure::write, true, call_class::ambiguous, attempt_error::network},
          row{exchange_failure::timeout, false, call_class::not_sent, attempt_error::network,
              "connection_timeout"},
          row{exchange_failure::timeout, true, call_class::ambiguous, attempt_error::timeout},
          row{exchange_failure::reset, false, call_class::not_sent, attempt_error::network},
          row{exchange_failure::reset, true, call_class::ambiguous, attempt_error::network},
          row{exchange_failure::cancelled, false, call_class::not_sent, attempt_error::network},
          row{exchange_failure::cancelled, true, call_class::ambiguous, attempt_error::network},
          row{exchange_failure::malformed, true, call_class::ambiguous,
              attempt_error::bad_response},
          row{exchange_failure::too_large, true, call_class::ambiguous,
              attempt_error::bad_response}}) {
        CAPTURE(static_cast<int>(r.failure), r.written);
        desk_under_test d;
        d.add_http();
        outcome o;
        d.call(o);
        d.network.exchanges[0]->end(r.failure, r.written);
        CHECK(o.only().outcome == r.outcome);
        CHECK(o.only().error == r.error);
        CHECK(o.only().provider_code == r.code);
    }
}

TEST_CASE("calls beyond the provider's concurrency queue in order", "[desk]") {
    desk_under_test d;
    d.add_scripted({after(100, "one"), after(100, "two"), after(100, "three")}, 2);
    outcome first;
    outcome second;
    outcome third;
    d.call(first);
    d.call(second);
    d.call(third);
    d.advance(100);
    CHECK(first.only().text == "one");
    CHECK(second.only().text == "two");
    CHECK(third.told.empty());
    d.advance(100);
    CHECK(third.only().text == "three");
    CHECK(third.only().latency_ms == 200);  // the wait counts
}

TEST_CASE("the wait for a seat is taken off the attempt's time", "[desk]") {
    desk_under_test d;
    d.add({.name = "p", .base_url = "http://vendor.test/v1", .concurrency = 1});
    outcome first;
    outcome second;
    d.call(first);
    d.call(second);
    d.advance(900);
    d.network.exchanges.at(0)->answer(200, "{}");
    d.run();
    REQUIRE(d.network.exchanges.size() == 2);
    CHECK(d.network.exchanges[1]->request.total_timeout_ms == 100);
}

TEST_CASE("a seat that never falls free ends the wait as not sent", "[desk]") {
    desk_under_test d;
    new_provider p{.name = "p", .kind = provider_kind::openai};
    p.base_url = "http://vendor.test/v1";
    p.concurrency = 1;
    d.add(std::move(p));
    outcome running;
    outcome waiting;
    d.call(running);
    d.call(waiting);
    d.advance(999);
    CHECK(waiting.told.empty());
    d.advance(1);
    CHECK(waiting.only().outcome == call_class::not_sent);
    CHECK(waiting.only().error == attempt_error::timeout);
    d.network.exchanges.at(0)->answer(200, good_body);
    CHECK(running.only().outcome == call_class::ok);
    CHECK(d.network.exchanges.size() == 1);  // the one that gave up is not made
}

TEST_CASE("a waiting call that is cancelled is not made when a seat falls free", "[desk]") {
    desk_under_test d;
    d.add_scripted({after(100, "one"), after(100, "two")}, 1);
    outcome running;
    outcome cancelled;
    outcome next;
    d.call(running);
    const auto id = d.call(cancelled);
    d.call(next);
    d.desk.cancel(id);
    d.run();
    CHECK(cancelled.only().outcome == call_class::not_sent);
    d.advance(100);
    d.advance(100);
    CHECK(next.only().text == "two");
    CHECK(cancelled.told.size() == 1);
}

TEST_CASE("a running call that is cancelled may have been executed", "[desk]") {
    desk_under_test d;
    d.add_scripted({after(100)});
    outcome o;
    const auto id = d.call(o);
    d.desk.cancel(id);
    d.desk.cancel(id);
    CHECK(o.told.empty());
    d.run();
    CHECK(o.only().outcome == call_class::ambiguous);
    d.advance(100);
    CHECK(o.told.size() == 1);
    d.desk.cancel(id);
    d.desk.cancel(id + 1);
    d.run();
    CHECK(o.told.size() == 1);
}

TEST_CASE("a cancelled exchange tells itself how far it came", "[desk]") {
    desk_under_test d;
    d.add_http();
    outcome o;
    const auto id = d.call(o);
    d.desk.cancel(id);
    d.run();
    CHECK(d.network.exchanges[0]->cancelled);
    CHECK(o.told.empty());
    d.network.exchanges[0]->end(exchange_failure::cancelled, false);
    CHECK(o.only().outcome == call_class::not_sent);
}

TEST_CASE("a provider that is replaced answers the calls it has", "[desk]") {
    desk_under_test d;
    d.add_scripted({after(100, "old")});
    outcome first;
    d.call(first);
    d.add_scripted({after(0, "new")});
    outcome second;
    d.call(second);
    d.advance(100);
    CHECK(first.only().text == "old");
    CHECK(second.only().text == "new");
}
