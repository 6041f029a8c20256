// Tools of a whole gateway: run inside a send, or answered by the host.
#include "house.hpp"

#include <memory>

using namespace house;

namespace {

scripted_reply asking(std::vector<tool_call> calls, std::string text = {}) {
    return {
        .text = std::move(text), .tokens_in = 45, .tokens_out = 67, .tool_calls = std::move(calls)};
}

new_provider chatty(std::vector<scripted_reply> replies) {
    return {.name = "vendorA",
            .kind = provider_kind::scripted,
            .policy = {.retries = 0},
            .replies = std::move(replies)};
}

/// A provider of the host that keeps its requests and calls.
struct kept_calls {
    new_provider provider() {
        return {.name = "vendorA",
                .kind = provider_kind::callback,
                .policy = {.retries = 0},
                .async_handler = [this](const provider_request& r, provider_call c) {
                    requests.push_back(r);
                    call = std::move(c);
                }};
    }
    void answer(const gateway& gw, provider_reply r) {
        r.tokens = token_usage{.input = 45, .output = 67};
        std::exchange(call, std::nullopt)->reply(std::move(r));
        gw.advance(0).value();
    }
    std::vector<provider_request> requests;
    std::optional<provider_call> call;
};

/// A clock that is read at once.
new_tool a_clock() {
    return {.name = "clock",
            .description = "Tells the time.",
            .parameters = R"({"type":"object"})",
            .async_handler = [](const tool_call& call, tool_call_handle h) {
                h.reply("noon in " + call.arguments);
            }};
}

void give_tools(household& h, std::vector<agent_tool> tools) {
    h.agent = h.tenant.agents().update(h.agent.id, {.tools = std::move(tools)}).value();
}

struct told {
    std::optional<result<reply>> answer;
    const reply& value() const {
        REQUIRE(answer);
        return answer->value();
    }
};

std::shared_ptr<told> start(const gateway& gw, const household& h, send_request request) {
    auto t = std::make_shared<told>();
    h.tenant.messages().start_send(std::move(request),
                                   [t](result<reply> r) { t->answer = std::move(r); });
    gw.advance(0).value();
    return t;
}

send_request answering_calls(const household& h, std::string key,
                             std::vector<tool_result> results) {
    return {.session_id = h.session.id,
            .idempotency_key = std::move(key),
            .role = message_role::tool,
            .tool_results = std::move(results)};
}

std::string types_of(const gateway& gw, const household& h, const send_request& request,
                     std::string_view after = {}) {
    auto stream = h.tenant.messages().stream(request, after).value();
    gw.advance(60'000).value();
    std::string line;
    while (auto e = stream.next()) {
        const auto document = e->document();
        const auto type = document.find(R"("type":")") + 8;
        line += document.substr(type, document.find('"', type) - type) + ' ' + e->id + " | ";
    }
    return line;
}

}  // namespace

TEST_CASE("a registered tool runs inside the send, which is billed once for both rounds") {
    kept_calls vendor;
    auto gw = open_in_memory({vendor.provider()});
    gw.tools().register_tool(a_clock()).value();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "clock", .registered = true}});
    const auto t = start(gw, acme, acme.request("key"));
    REQUIRE(vendor.requests.size() == 1);
    REQUIRE(vendor.requests[0].tools.size() == 1);
    CHECK(vendor.requests[0].tools[0].name == "clock");
    CHECK(vendor.requests[0].tools[0].description == "Tells the time.");
    CHECK(vendor.requests[0].tools[0].parameters == R"({"type":"object"})");

    vendor.answer(gw, {.text = "Wait. ", .tool_calls = {{"c1", "clock", R"({ "zone": "UTC" })"}}});
    CHECK_FALSE(t->answer);
    REQUIRE(vendor.requests.size() == 2);
    const auto& turns = vendor.requests[1].turns;
    REQUIRE(turns.size() == 3);
    CHECK(turns[1].role == message_role::assistant);
    CHECK(turns[1].content == "Wait. ");
    CHECK(turns[1].tool_calls == std::vector<tool_call>{{"c1", "clock", R"({"zone":"UTC"})"}});
    CHECK(turns[2].role == message_role::tool);
    CHECK(turns[2].tool_call_id == "c1");
    CHECK(turns[2].content == R"(noon in {"zone":"UTC"})");

    vendor.answer(gw, {.text = "It is noon."});
    const auto& reply = t->value();
    CHECK(reply.message.content == "Wait. It is noon.");
    CHECK(reply.metadata.tool_calls.empty());
    CHECK(reply.metadata.finish_reason == finish_reason::stop);
    CHECK(reply.metadata.usage.tokens.input == 90);
    CHECK(reply.metadata.usage.cost->to_usd_string() == "0.000448");
    REQUIRE(reply.metadata.attempts.size() == 1);
    CHECK(reply.metadata.attempts[0].retries == 0);
    REQUIRE(acme.events().size() == 1);
    CHECK(acme.events()[0].cost->nano_usd() == 448'000);
    const auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].round == 0);
    CHECK(attempts[1].round == 1);
    for (const auto& a : attempts) CHECK(a.billable);
    require_sound(gw);

    // The steps are no messages: the next turn sees the answer alone.
    (void)start(gw, acme, acme.request("2"));
    CHECK(vendor.requests[2].turns.size() == 3);
    CHECK(vendor.requests[2].turns[1].content == "Wait. It is noon.");
    CHECK(acme.send("key").value().document.find(R"("replayed":true)") != std::string::npos);
}

TEST_CASE("what goes wrong with a tool is told to the model") {
    struct row {
        const char* what;
        tool_call call;
        std::string told;
    };
    const std::string long_result(64 * 1024 + 1, 'x');
    for (const auto& r :
         {row{"an error", {"c", "failing", "{}"}, "Error: no clock"},
          row{"an exception",
              {"c", "throwing", "{}"},
              "Error: the handler of the tool threw an exception"},
          row{"no answer",
              {"c", "silent", "{}"},
              "Error: the handler let go of the call unanswered"},
          row{"a late answer", {"c", "late", "{}"}, "Error: the tool did not answer in time"},
          row{"another tool", {"c", "unknown", "{}"}, "Error: there is no tool of this name"},
          row{"no object", {"c", "long", "[1]"}, "Error: the arguments are not a JSON object"},
          row{"no JSON", {"c", "long", "{"}, "Error: the arguments are not a JSON object"},
          row{"too long", {"c", "long", ""}, "Error: the result of the tool is longer than 64 KiB"},
          row{"bytes", {"c", "bytes", ""}, "Error: the result of the tool is not UTF-8"}}) {
        INFO(r.what);
        kept_calls vendor;
        auto gw = open_in_memory({vendor.provider()});
        std::vector<tool_call_handle> kept;
        const auto tool = [&](std::string name, async_tool_handler handler) {
            gw.tools()
                .register_tool({.name = std::move(name),
                                .async_handler = std::move(handler),
                                .timeout_ms = 1'000})
                .value();
        };
        tool("failing", [](const auto&, auto h) { h.reply(fail(errc::conflict, "no clock")); });
        tool("throwing", [](const auto&, auto) { throw std::runtime_error("a bug"); });
        tool("silent", [](const auto&, auto) {});
        tool("late", [&](const auto&, auto h) { kept.push_back(h); });
        tool("long", [&](const auto&, auto h) { h.reply(long_result); });
        tool("bytes", [](const auto&, auto h) { h.reply(std::string("\xff")); });
        auto acme = settle_in(gw);
        std::vector<agent_tool> tools;
        for (const auto& t : gw.tools().list().value())
            tools.push_back({.name = t.name, .registered = true});
        give_tools(acme, tools);
        const auto t = start(gw, acme, acme.request("key"));
        vendor.answer(gw, {.tool_calls = {r.call}});
        gw.advance(1'000).value();
        REQUIRE(vendor.requests.size() == 2);
        CHECK(vendor.requests[1].turns.back().content == r.told);
        for (const auto& h : kept) h.reply(std::string("too late"));
        vendor.answer(gw, {.text = "Sorry."});
        CHECK(t->value().message.content == "Sorry.");
        require_sound(gw);
    }
}

TEST_CASE("tools of one answer run at the same time, on threads where they may block") {
    std::atomic<int> running{0};
    auto gw = house::open_priced(
        ":memory:", {},
        {chatty({asking({{"a", "meet", "{}"}, {"b", "meet", "{}"}}), answering("met", 1, 1)})});
    gw.tools()
        .register_tool({.name = "meet",
                        .handler = [&](const tool_call& call) -> result<std::string> {
                            ++running;
                            while (running < 2) std::this_thread::yield();
                            return call.id;
                        }})
        .value();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "meet", .registered = true}});
    CHECK(acme.send("key").value().message.content == "met");
    require_sound(gw);
}

TEST_CASE("a call of an inline tool ends the send, and the host answers it") {
    kept_calls vendor;
    auto gw = open_in_memory({vendor.provider()});
    auto acme = settle_in(gw);
    give_tools(acme,
               {{.name = "ask", .description = "Asks.", .parameters = R"({"type":"object"})"}});
    const auto first = start(gw, acme, acme.request("1"));
    vendor.answer(gw, {.tool_calls = {{"c1", "ask", R"({"n": 1})"}, {"c2", "ask", ""}}});
    const auto& reply = first->value();
    CHECK(reply.metadata.finish_reason == finish_reason::tool_calls);
    CHECK(reply.metadata.tool_calls ==
          std::vector<tool_call>{{"c1", "ask", R"({"n":1})"}, {"c2", "ask", "{}"}});
    CHECK(reply.document.find(R"("tool_calls":[{"id":"c1","name":"ask","arguments":{"n":1}},)"
                              R"({"id":"c2","name":"ask","arguments":{}}])") != std::string::npos);
    const auto replay = acme.send("1").value();
    CHECK(replay.metadata.tool_calls == reply.metadata.tool_calls);
    CHECK(replay.metadata.finish_reason == finish_reason::tool_calls);

    const auto field_refused = [&](std::vector<tool_result> results) {
        const auto r = acme.tenant.messages().send(answering_calls(acme, "x", std::move(results)));
        CHECK(code_of(r) == errc::validation_error);
        return detail(r.error(), "field");
    };
    CHECK(field_refused({{"c1", "one"}}) == "tool_results");
    CHECK(field_refused({{"c1", "one"}, {"c3", "?"}}) == "tool_results[1].tool_call_id");
    CHECK(field_refused({{"c1", "one"}, {"c1", "?"}}) == "tool_results[1].tool_call_id");
    CHECK(field_refused({}) == "tool_results");

    const auto second = start(gw, acme, answering_calls(acme, "2", {{"c2", "two"}, {"c1", "one"}}));
    const auto& turns = vendor.requests.at(1).turns;
    REQUIRE(turns.size() == 4);
    CHECK(turns[1].tool_calls == reply.metadata.tool_calls);
    CHECK(turns[2].tool_call_id == "c2");
    CHECK(turns[2].content == "two");
    CHECK(turns[3].content == "one");
    vendor.answer(gw, {.text = "Thanks."});
    CHECK(second->value().message.content == "Thanks.");
    const auto messages = acme.tenant.sessions().transcript(acme.session.id).value().messages;
    REQUIRE(messages.size() == 4);
    CHECK(messages[1].tool_calls == reply.metadata.tool_calls);
    CHECK(messages[2].role == message_role::tool);
    CHECK(messages[2].content == R"([{"tool_call_id":"c2","content":"two"},)"
                                 R"({"tool_call_id":"c1","content":"one"}])");

    // Later prompts carry all of it, and the same results under the key are the same call.
    (void)start(gw, acme, acme.request("3"));
    CHECK(vendor.requests.at(2).turns.size() == 6);
    const auto again = start(gw, acme, answering_calls(acme, "2", {{"c2", "two"}, {"c1", "one"}}));
    CHECK(again->value().metadata.replayed);
    const auto other =
        start(gw, acme, answering_calls(acme, "2", {{"c2", "other"}, {"c1", "one"}}));
    CHECK(code_of(*other->answer) == errc::idempotency_key_reused);
    require_sound(gw);
}

TEST_CASE("calls that nobody answered are left out of later prompts") {
    kept_calls vendor;
    auto gw = open_in_memory({vendor.provider()});
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "ask"}});
    (void)start(gw, acme, acme.request("1"));
    vendor.answer(gw, {.text = "Hm.", .tool_calls = {{"c1", "ask", "{}"}}});
    (void)start(gw, acme, acme.request("2", "Never mind"));
    const auto& turns = vendor.requests.at(1).turns;
    REQUIRE(turns.size() == 3);
    CHECK(turns[1].content == "Hm.");
    CHECK(turns[1].tool_calls.empty());
}

TEST_CASE("where one call is the host's, all are, and those of the round past the last") {
    for (const bool mixed : {true, false}) {
        auto gw = open_in_memory({chatty({asking({{"a", "clock", "{}"}}, "One. ")})});
        gw.tools().register_tool(a_clock()).value();
        auto acme = settle_in(gw);
        give_tools(acme, {{.name = "clock", .registered = !mixed}, {.name = "ask"}});
        const auto t = start(gw, acme, acme.request("key"));
        gw.advance(1'000).value();
        CHECK(t->value().metadata.finish_reason == finish_reason::tool_calls);
        CHECK(t->value().metadata.tool_calls.at(0).id == "a");
        const std::size_t rounds = mixed ? 0 : 8;
        CHECK(t->value().message.content.size() == 5 * (rounds + 1));
        CHECK(acme.attempts().size() == rounds + 1);
        CHECK(acme.bill().totals.cost.nano_usd() ==
              224'000 * static_cast<std::int64_t>(rounds + 1));
        require_sound(gw);
    }
}

TEST_CASE("a stream shows what tools do, and so does its replay") {
    auto gw = open_in_memory(
        {chatty({asking({{"a", "clock", "{}"}}, "One. "), asking({{"b", "ask", "{}"}}, "Two.")})});
    gw.tools().register_tool(a_clock()).value();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "clock", .registered = true}, {.name = "ask"}});
    const auto request = acme.request("key");
    const std::string rest =
        "tool_result 0.5.2 | delta 0.9.2 | tool_call 0.9.3 | usage 0.9.4 | done 0.9.4 | ";
    CHECK(types_of(gw, acme, request) ==
          "started 0.0.0 | attempt 0.0.0 | delta 0.5.0 | tool_call 0.5.1 | tool_result 0.5.2"
          " | attempt 0.5.2 | delta 0.9.2 | tool_call 0.9.3 | usage 0.9.4 | done 0.9.4 | ");
    CHECK(types_of(gw, acme, request) == "started 0.0.0 | delta 0.5.0 | tool_call 0.5.1 | " + rest);
    CHECK(types_of(gw, acme, request, "0.5.1") == "started 0.5.1 | " + rest);
    require_sound(gw);
}

TEST_CASE("a failure after tools ran bills nothing, and the same key goes on where it was") {
    auto gw = open_in_memory({chatty(
        {asking({{"a", "clock", "{}"}}, "Wait. "), failing(503), answering("Noon.", 45, 67)})});
    int calls = 0;
    auto clock = a_clock();
    clock.async_handler = [&](const tool_call&, tool_call_handle h) {
        ++calls;
        h.reply(tool_answer("noon", {{"Sundial", "https://example.org", "noon"}}));
    };
    gw.tools().register_tool(std::move(clock)).value();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "clock", .registered = true}});
    const auto failed = start(gw, acme, acme.request("key"));
    gw.advance(60'000).value();
    CHECK(code_of(*failed->answer) == errc::all_providers_failed);
    CHECK(acme.bill().totals.messages == 0);
    require_sound(gw);
    const auto t = start(gw, acme, acme.request("key"));
    gw.advance(60'000).value();
    CHECK(t->value().message.content == "Wait. Noon.");
    CHECK(calls == 1);
    CHECK(t->value().metadata.sources ==
          std::vector<citation>{{"a", "clock", {"Sundial", "https://example.org", "noon"}}});
    const auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[0].billable);
    CHECK_FALSE(attempts[1].billable);
    CHECK(attempts[2].billable);
    REQUIRE(acme.events().size() == 1);
    CHECK(acme.events()[0].cost->nano_usd() == 448'000);
    const auto replay = acme.send("key").value();
    CHECK(replay.metadata.sources == t->value().metadata.sources);
    CHECK(replay.document.find(R"("sources":[{"tool_call_id":"a","tool":"clock",)") !=
          std::string::npos);
    // Its stream shows the round of the first run at its place.
    const auto shown = types_of(gw, acme, acme.request("key"));
    CHECK(shown ==
          "started 1.0.0 | delta 1.6.0 | tool_call 1.6.1 | tool_result 1.6.2 | "
          "delta 1.11.2 | usage 1.11.3 | done 1.11.3 | ");
    require_sound(gw);
}

TEST_CASE("a round that falls back to another provider is two lines of the bill") {
    auto gw = open_in_memory({chatty({asking({{"a", "clock", "{}"}}), failing(400)}),
                              {.name = "vendorB",
                               .kind = provider_kind::scripted,
                               .replies = {answering("B", 10, 10)}}});
    gw.tools().register_tool(a_clock()).value();
    auto acme = settle_in(gw, "Acme", {"vendorB"});
    give_tools(acme, {{.name = "clock", .registered = true}});
    const auto t = start(gw, acme, acme.request("key"));
    gw.advance(1'000).value();
    CHECK(t->value().metadata.provider_used == "vendorB");
    CHECK(t->value().metadata.usage.cost->nano_usd() == 224'000 + 60'000);
    CHECK(acme.events().size() == 2);
    CHECK(acme.bill().totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("a send that is closed or aborted while tools run comes to no bill") {
    for (const bool abort : {true, false}) {
        const scratch folder;
        const auto open = [&] {
            auto gw = house::open_priced(
                folder.file(), on_virtual_time(),
                {chatty({asking({{"a", "wait", "{}"}}), answering("never", 1, 1)})});
            return gw;
        };
        auto gw = open();
        int stopped = 0;
        std::optional<tool_call_handle> kept;
        gw.tools()
            .register_tool({.name = "wait",
                            .async_handler =
                                [&](const tool_call&, tool_call_handle h) {
                                    h.on_cancel([&] { ++stopped; });
                                    kept = std::move(h);
                                }})
            .value();
        auto acme = settle_in(gw);
        give_tools(acme, {{.name = "wait", .registered = true}});
        acme.tenant.agents()
            .update(acme.agent.id, {.policy = policy{.on_cancel = cancel_policy::abort}})
            .value();
        std::optional<result<reply>> told;
        auto operation = acme.tenant.messages().start_send(
            acme.request("key"), [&](result<reply> r) { told = std::move(r); });
        gw.advance(0).value();
        REQUIRE(kept);
        if (abort) {
            operation.cancel();
            gw.advance(0).value();
            CHECK(code_of(*told) == errc::cancelled);
            const auto again = acme.tenant.messages().send(acme.request("key"));
            CHECK(code_of(again) == errc::outcome_unknown);
            CHECK(detail(again.error(), "tool") == "wait");
            CHECK(detail(again.error(), "tool_call_id") == "a");
        } else {
            gw.close(0);
            CHECK(code_of(*told) == errc::outcome_unknown);
            gw = open();
        }
        CHECK(stopped == 1);
        kept->reply(std::string("too late"));
        const auto tenant = gw.tenant(acme.tenant.id());
        const auto unknown = tenant.messages().list_unknown().value().items;
        CHECK(unknown.size() == 1);
        CHECK(tenant.usage().rollup(first_day, last_day).value().totals.messages == 0);
        require_sound(gw);
        // By hand it is billed for what the host knows.
        const auto settled = tenant.messages().resolve({.idempotency_key = "key",
                                                        .decision = resolve_decision::succeed,
                                                        .content = "by hand",
                                                        .tokens = {.input = 1, .output = 1}});
        CHECK(settled.has_value());
        require_sound(gw);
    }
}

TEST_CASE("a tool sees who called") {
    std::string seen;
    auto gw = open_in_memory({chatty({asking({{"a", "who", "{}"}}), answering("you", 1, 1)})});
    gw.tools()
        .register_tool({.name = "who",
                        .async_handler =
                            [&](const tool_call&, tool_call_handle h) {
                                seen = *std::static_pointer_cast<std::string>(h.caller());
                                h.reply(seen);
                            }})
        .value();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "who", .registered = true}});
    auto request = acme.request("key");
    request.caller = std::make_shared<std::string>("Ada");
    (void)start(gw, acme, request);
    CHECK(seen == "Ada");
}

TEST_CASE("an agent whose tool nobody registered is told so") {
    auto gw = open_in_memory();
    auto acme = settle_in(gw);
    give_tools(acme, {{.name = "clock", .registered = true}});
    const auto refused = acme.send("key");
    CHECK(code_of(refused) == errc::validation_error);
    CHECK(detail(refused.error(), "tool") == "clock");
    CHECK(acme.attempts().empty());
    gw.tools().register_tool(a_clock()).value();
    CHECK(acme.send("key").has_value());
}

TEST_CASE("tools are listed by name, and one of the same name takes the place") {
    auto gw = open_in_memory();
    gw.tools()
        .register_tool({.name = "b", .handler = [](const auto&) { return std::string(); }})
        .value();
    gw.tools().register_tool(a_clock()).value();
    auto other = a_clock();
    other.name = "b";
    other.timeout_ms = 5;
    other.idempotent = true;
    gw.tools().register_tool(std::move(other)).value();
    const auto list = gw.tools().list().value();
    REQUIRE(list.size() == 2);
    CHECK(list[0].name == "b");
    CHECK(list[0].timeout_ms == 5);
    CHECK(list[0].idempotent);
    CHECK(list[0].side_effects);
    CHECK(list[1].description == "Tells the time.");
    gw.close();
    CHECK(code_of(gw.tools().list()) == errc::handle_closed);
    CHECK(code_of(gw.tools().register_tool(a_clock())) == errc::handle_closed);
}

TEST_CASE("the fields of a tool are checked") {
    auto gw = open_in_memory();
    const auto refused = [&](const std::function<void(new_tool&)>& change) -> std::string {
        auto tool = a_clock();
        change(tool);
        const auto r = gw.tools().register_tool(std::move(tool));
        if (r) return {};
        CHECK(r.error().code == errc::validation_error);
        return detail(r.error(), "field");
    };
    CHECK(refused([](auto& t) { t.name.clear(); }) == "name");
    CHECK(refused([](auto& t) { t.name = "a b"; }) == "name");
    CHECK(refused([](auto& t) { t.name = std::string(64, 'a'); }).empty());
    CHECK(refused([](auto& t) { t.name = std::string(65, 'a'); }) == "name");
    CHECK(refused([](auto& t) { t.description = std::string(4'096, 'a'); }).empty());
    CHECK(refused([](auto& t) { t.description = std::string(4'097, 'a'); }) == "description");
    CHECK(refused([](auto& t) { t.parameters.clear(); }).empty());
    CHECK(refused([](auto& t) { t.parameters = "[]"; }) == "parameters");
    CHECK(refused([](auto& t) { t.parameters = "{"; }) == "parameters");
    CHECK(refused([](auto& t) { t.parameters = "{" + std::string(65'534, ' ') + "}"; }).empty());
    CHECK(refused([](auto& t) { t.parameters = "{" + std::string(65'535, ' ') + "}"; }) ==
          "parameters");
    CHECK(refused([](auto& t) { t.async_handler = nullptr; }) == "handler");
    CHECK(refused([](auto& t) { t.handler = [](const auto&) { return std::string(); }; }) ==
          "handler");
    CHECK(refused([](auto& t) { t.timeout_ms = 0; }) == "timeout_ms");
    CHECK(refused([](auto& t) { t.timeout_ms = 86'400'000; }).empty());
    CHECK(refused([](auto& t) { t.timeout_ms = 86'400'001; }) == "timeout_ms");
}
