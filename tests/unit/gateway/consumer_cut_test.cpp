// A consumer goes away after every single event of a stream: its call settles once, usage and all.
#include "streamed_vendor.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>

using namespace house;

namespace {

// Two requests a send: thinking, text and a call; then the answer.
constexpr const char* says =
    R"("default":{"thinking":"Hm, let me see.","text":"One moment, please.",)"
    R"("tool_calls":[{"name":"pay"}],"text_after_tools":"All of it is paid, as you said.",)"
    R"("chunks":3,"chunk_delay_ms":1,"tokens_in":45,"tokens_out":67}})";
constexpr const char* whole_text = "One moment, please.All of it is paid, as you said.";
constexpr std::int64_t requests_of_send = 2;

/// A vendor that streams and a tool that counts how often it ran.
struct paying_vendor : streamed_vendor {
    paying_vendor(const protocol& p, cancel_policy on_cancel) : streamed_vendor(p) {
        simulator.control(R"({"target":")" + std::string(p.vendor) + "\"," + says);
        gw.tools()
            .register_tool({.name = "pay",
                            .handler = [this](const tool_call&) -> result<tool_answer> {
                                ++paid;
                                return tool_answer("paid");
                            }})
            .value();
        acme.tenant.agents()
            .update(acme.agent.id,
                    {.fallbacks = std::vector<std::string>(),
                     .tools = std::vector<agent_tool>{{.name = "pay", .registered = true}},
                     .policy = policy{.on_cancel = on_cancel}})
            .value();
    }
    ~paying_vendor() { gw.close(); }

    /// False if the stream came to its end before.
    bool leave_after(std::size_t events, const std::string& key) const {
        auto consumer = std::optional(acme.tenant.messages().stream(acme.request(key)).value());
        for (std::size_t i = 0; i < events; ++i) {
            const auto e = consumer->next();
            REQUIRE(e);
            REQUIRE(e->type != stream_event_type::error);
            if (e->type == stream_event_type::done) return false;
        }
        if (events % 2 == 0) {
            consumer->close();
            return true;
        }
        // A pull that waits is no reason to stay.
        std::promise<void> let_go;
        consumer->start_next([&](const std::optional<stream_event>&) { let_go.set_value(); });
        consumer.reset();
        let_go.get_future().wait();
        return true;
    }

    void await_settled() const {
        while (gw.health().value().find(R"("sends_in_flight":0)") == std::string::npos)
            std::this_thread::yield();
    }

    std::int64_t bills() const { return acme.bill().totals.messages; }

    std::atomic<int> paid{0};
};

}  // namespace

TEST_CASE("a call that its consumer leaves after any event settles once, as if he had stayed") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const paying_vendor v(p, cancel_policy::detach);
        std::int64_t sends = 0;
        for (bool left = true; left; ++sends) {
            CAPTURE(sends);
            const auto key = "k" + std::to_string(sends);
            left = v.leave_after(static_cast<std::size_t>(sends), key);
            const auto reply = v.acme.send(key).value();
            CHECK(reply.message.content == whole_text);
            CHECK(reply.message.status == message_status::complete);
            CHECK(reply.metadata.usage.tokens.input == 45 * requests_of_send);
            CHECK(reply.metadata.usage.tokens.output == 67 * requests_of_send);
            CHECK(reply.metadata.usage.cost->to_usd_string() == "0.000448");
            CHECK_FALSE(reply.metadata.usage.estimated);
            CHECK(v.bills() == sends + 1);
            CHECK(v.paid == sends + 1);
        }
        // started, two attempts, thinking, text, the call, its result, text, usage.
        CHECK(sends > 9);
        CHECK(v.simulator.count(p.vendor) == static_cast<std::uint64_t>(sends * requests_of_send));
        // Who leaves while T1 is on its way leaves an attempt behind that was never sent.
        const auto attempts = v.acme.attempts();
        CHECK(std::count_if(attempts.begin(), attempts.end(), [](const spend_attempt& a) {
                  return a.attempt_class != "not_sent";
              }) == sends * requests_of_send);
        require_sound(v.gw);
    }
}

TEST_CASE("a call that is aborted after any event settles once, with what was used of it") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const paying_vendor v(p, cancel_policy::abort);
        std::int64_t sends = 0;
        std::int64_t cut_short = 0;
        for (bool left = true; left; ++sends) {
            CAPTURE(sends);
            const auto key = "k" + std::to_string(sends);
            const auto bills_before = v.bills();
            left = v.leave_after(static_cast<std::size_t>(sends), key);
            v.await_settled();
            const auto calls = v.simulator.count(p.vendor);
            const bool settled = v.bills() > bills_before;
            const auto again = v.acme.send(key);
            if (!again) {
                // Whoever aborts a tool that must not run twice leaves its outcome in doubt.
                CHECK(again.error().code == errc::outcome_unknown);
                CHECK(v.bills() == bills_before);
                continue;
            }
            CHECK(v.bills() == bills_before + 1);
            CHECK(settled == (v.simulator.count(p.vendor) == calls));
            CHECK((settled || again->message.status == message_status::complete));
            CHECK(again->metadata.usage.tokens.input > 0);
            CHECK(again->metadata.usage.tokens.output > 0);
            CHECK(again->metadata.usage.cost->nano_usd() > 0);
            cut_short += again->message.status == message_status::aborted ? 1 : 0;
        }
        CHECK(cut_short > 0);
        require_sound(v.gw);
    }
}
