// Sends whose tools were cut off: what runs again, what does not, and who pays.
#include "house.hpp"

#include <memory>

using namespace house;

namespace {

std::vector<agent_tool> pay_tools() { return {{.name = "pay", .registered = true}}; }

/// A file, a tool that waits, and a provider that asks for it and then answers.
struct cut_send {
    bool idempotent = false;
    bool side_effects = true;
    scratch folder;
    std::vector<tool_call> calls = {};
    std::vector<tool_call_handle> kept = {};
    std::shared_ptr<int> asked = std::make_shared<int>(0);
    std::string policy = "default";

    gateway open() {
        auto options = on_virtual_time();
        options.policy.preset = policy;
        auto gw = house::open_priced(
            folder.file(), std::move(options),
            {{.name = "vendorA",
              .kind = provider_kind::callback,
              .async_handler = [n = asked](const provider_request& r, provider_call c) {
                  ++*n;
                  provider_reply answer;
                  answer.tokens = token_usage{.input = 45, .output = 67};
                  if (r.turns.back().role == message_role::user)
                      answer.tool_calls = {{"call_" + std::to_string(*n), "pay", R"({"cents":5})"}};
                  else
                      answer.text = r.turns.back().content;
                  c.reply(std::move(answer));
              }}});
        gw.tools()
            .register_tool({.name = "pay",
                            .async_handler =
                                [this](const tool_call& call, tool_call_handle h) {
                                    calls.push_back(call);
                                    kept.push_back(std::move(h));
                                },
                            .side_effects = side_effects,
                            .idempotent = idempotent})
            .value();
        return gw;
    }

    /// A tenant whose send was closed while its tool ran.
    household cut(const gateway& gw) {
        auto acme = settle_in(gw);
        acme.agent = acme.tenant.agents().update(acme.agent.id, {.tools = pay_tools()}).value();
        acme.tenant.messages().start_send(acme.request("key"), [](result<reply>) {});
        gw.advance(0).value();
        REQUIRE(calls.size() == 1);
        return acme;
    }
    /// The same household behind another gateway.
    static household move(const gateway& gw, const household& h) {
        return {gw.tenant(h.tenant.id()), h.agent, h.session};
    }
    /// Sends again and lets the tool answer.
    result<reply> send_again(const gateway& gw, const household& h) {
        std::optional<result<reply>> told;
        const auto before = calls.size();
        h.tenant.messages().start_send(h.request("key"),
                                       [&](result<reply> r) { told = std::move(r); });
        gw.advance(0).value();
        REQUIRE(calls.size() == before + 1);
        kept.back().reply("paid");
        gw.advance(0).value();
        REQUIRE(told);
        return *std::move(told);
    }
};

}  // namespace

TEST_CASE("a tool that may run twice is called again under the same id, and paid for once") {
    for (const bool idempotent : {true, false}) {
        cut_send c;
        c.idempotent = idempotent;
        c.side_effects = idempotent;
        auto gw = c.open();
        const auto before = c.cut(gw);
        gw.close(0);
        gw = c.open();
        const auto acme = cut_send::move(gw, before);
        CHECK(acme.tenant.messages().list_unknown().value().items.size() == 1);
        CHECK(c.send_again(gw, acme).value().message.content == "paid");
        REQUIRE(c.calls.size() == 2);
        CHECK(c.calls[0] == c.calls[1]);
        CHECK(*c.asked == 2);  // its first answer was stored
        CHECK(acme.attempts().size() == 2);
        CHECK(acme.bill().totals.cost.nano_usd() == 448'000);
        CHECK(acme.bill().totals.messages == 1);
        require_sound(gw);
    }
}

TEST_CASE("a tool that must not run twice leaves its send in doubt, under every profile") {
    for (const char* policy : {"default", "strict"}) {
        for (const auto decision :
             {resolve_decision::retry, resolve_decision::succeed, resolve_decision::fail}) {
            cut_send c;
            c.policy = policy;
            auto gw = c.open();
            const auto before = c.cut(gw);
            gw.close(0);
            gw = c.open();
            const auto acme = cut_send::move(gw, before);
            for (int i = 0; i < 2; ++i) {
                const auto told = acme.send("key");
                CHECK(code_of(told) == errc::outcome_unknown);
                CHECK(detail(told.error(), "tool") == "pay");
                CHECK(detail(told.error(), "tool_call_id") == "call_1");
            }
            CHECK(c.calls.size() == 1);
            CHECK(*c.asked == 1);
            require_sound(gw);
            acme.tenant.messages()
                .resolve({.idempotency_key = "key",
                          .decision = decision,
                          .content = "by hand",
                          .tokens = {.input = 1, .output = 1}})
                .value();
            require_sound(gw);
            if (decision != resolve_decision::retry) continue;
            // Allowed by hand: under the id that it had.
            CHECK(c.send_again(gw, acme).value().message.content == "paid");
            REQUIRE(c.calls.size() == 2);
            CHECK(c.calls[1].id == "call_1");
            CHECK(*c.asked == 2);
            CHECK(acme.bill().totals.cost.nano_usd() == 448'000);
            require_sound(gw);
        }
    }
}

TEST_CASE("arguments that do not fit never reach the handler") {
    auto gw = open_in_memory(
        {scripted("vendorA", {{.text = "", .tool_calls = {{"a", "pay", R"({"cents":"all"})"}}},
                              {.text = "", .tool_calls = {{"b", "pay", R"({"cents":5})"}}},
                              answering("Done.", 1, 1)})});
    std::vector<tool_call> calls;
    gw.tools()
        .register_tool({.name = "pay",
                        .parameters = R"({"type":"object","required":["cents"],
                                         "properties":{"cents":{"type":"integer"}}})",
                        .async_handler =
                            [&](const tool_call& call, tool_call_handle h) {
                                calls.push_back(call);
                                h.reply("paid");
                            }})
        .value();
    const auto acme = settle_in(gw);
    acme.tenant.agents().update(acme.agent.id, {.tools = pay_tools()}).value();
    auto stream = acme.tenant.messages().stream(acme.request("key")).value();
    std::string results;
    gw.advance(1'000).value();
    while (const auto e = stream.next())
        if (e->type == stream_event_type::tool_result) results += e->document() + "\n";
    CHECK(
        results.find(R"("content":"Error: arguments.cents must be an integer","is_error":true)") !=
        std::string::npos);
    CHECK(results.find(R"("content":"paid","is_error":false)") != std::string::npos);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].id == "b");
    require_sound(gw);
}
