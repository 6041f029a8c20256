// Providers, health, backup, and what hangs in doubt.
#include "house.hpp"

using namespace house;

TEST_CASE("providers are listed by name with their breaker") {
    auto gw = open_in_memory(
        {scripted("vendorB", {failing(500)}),
         scripted("vendorA", {failing(500), failing(500), failing(500), failing(500), failing(500),
                              failing(500), answering("back", 1, 1)})});
    const auto acme = settle_in(gw);
    const auto states = [&] {
        std::string text;
        for (const auto& p : gw.providers().list().value())
            text += p.name + (p.breaker == breaker_state::closed      ? " closed "
                              : p.breaker == breaker_state::half_open ? " half_open "
                                                                      : " open ");
        return text;
    };
    CHECK(states() == "vendorA closed vendorB closed ");
    std::optional<result<reply>> last;
    const auto send = [&](std::string key, std::int64_t ms) {
        last.reset();
        acme.tenant.messages().start_send(acme.request(std::move(key)),
                                          [&](result<reply> r) { last = std::move(r); });
        gw.advance(ms).value();
        return last;
    };
    CHECK(code_of(*send("1", 600)) == errc::all_providers_failed);
    CHECK(code_of(*send("2", 600)) == errc::all_providers_failed);
    CHECK(states() == "vendorA open vendorB closed ");
    const auto called = acme.attempts().size();
    const auto refused = send("3", 0);  // at once: nobody is called
    CHECK(code_of(*refused) == errc::all_providers_failed);
    CHECK(acme.attempts().size() == called);
    gw.advance(30'000).value();
    CHECK(states() == "vendorA half_open vendorB closed ");
    // The second send's last failure opened it; its third try never left. One failure is left over.
    (void)send("4", 30'600);
    CHECK(send("5", 30'600)->has_value());
    CHECK(states() == "vendorA closed vendorB closed ");
    require_sound(gw);
}

TEST_CASE("an asynchronous handler answers sends from any thread and sees who called") {
    std::vector<std::string> callers;
    std::optional<provider_call> call;
    auto gw =
        open_in_memory({{.name = "vendorA",
                         .kind = provider_kind::callback,
                         .async_handler = [&](const provider_request&, provider_call c) {
                             callers.push_back(*std::static_pointer_cast<std::string>(c.caller()));
                             call = std::move(c);
                         }}});
    const auto acme = settle_in(gw);
    const auto start = [&](std::string name, std::optional<result<reply>>& told) {
        auto request = acme.request("key");
        request.caller = std::make_shared<std::string>(std::move(name));
        acme.tenant.messages().start_send(request,
                                          [&told](result<reply> r) { told = std::move(r); });
        gw.advance(0).value();
    };
    std::optional<result<reply>> first;
    std::optional<result<reply>> second;
    start("Ada", first);
    start("Grace", second);
    CHECK(callers == std::vector<std::string>{"Ada"});  // the one who began it
    CHECK_FALSE(first);
    std::thread([&] { call->reply(provider_reply{"Hello, Ada"}); }).join();
    gw.advance(0).value();
    CHECK(first->value().message.content == "Hello, Ada");
    CHECK(second->value().metadata.replayed);
    // The caller is not part of what the key stands for.
    std::optional<result<reply>> later;
    start("Alan", later);
    CHECK(later->value().document == second->value().document);
    CHECK(callers.size() == 1);
    require_sound(gw);
}

TEST_CASE("a call of a handler may outlive its gateway") {
    std::optional<provider_call> call;
    int stopped = 0;
    {
        auto gw = open_in_memory({{.name = "vendorA",
                                   .kind = provider_kind::callback,
                                   .async_handler = [&](const provider_request&, provider_call c) {
                                       c.on_cancel([&] { ++stopped; });
                                       call = std::move(c);
                                   }}});
        const auto acme = settle_in(gw);
        std::optional<result<reply>> told;
        acme.tenant.messages().start_send(acme.request("key"),
                                          [&](result<reply> r) { told = std::move(r); });
        gw.advance(0).value();
        REQUIRE(call);
        gw.close(0);
        CHECK(stopped == 1);
        CHECK(code_of(*told) == errc::outcome_unknown);
    }
    call->reply(provider_reply{"too late"});
    CHECK(call->caller() == nullptr);
}

TEST_CASE("registering takes the place of a provider of the same name") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    CHECK(acme.send("1").value().message.content == "Hello!");
    gw.providers().register_provider(scripted("vendorA", {answering("Ahoy!", 1, 1)})).value();
    CHECK(acme.send("2").value().message.content == "Ahoy!");
    CHECK(gw.providers().list().value().size() == 1);
}

TEST_CASE("an agent of a provider that nobody registered is told so") {
    auto gw = open_in_memory({});
    const auto acme = settle_in(gw);
    const auto before = inventory(acme.tenant);
    const auto refused = acme.send("1");
    CHECK(code_of(refused) == errc::validation_error);
    CHECK(detail(refused.error(), "provider") == "vendorA");
    CHECK(inventory(acme.tenant) == before);
    gw.providers().register_provider(scripted("vendorA", {answering("Hello!", 1, 1)})).value();
    CHECK(acme.send("1"));
}

TEST_CASE("a fallback that nobody registered does not keep the primary from answering") {
    auto gw = open_in_memory({scripted("vendorA", {answering("Hello!", 1, 1), failing(400)})});
    auto acme = settle_in(gw);
    acme.tenant.agents().update(acme.agent.id, {.fallbacks = {{"vendorB"}}}).value();
    const auto answered = acme.send("1").value();
    CHECK(answered.metadata.fallback_attempted == "vendorB");
    CHECK_FALSE(answered.metadata.fallback_used);
    const auto refused = acme.send("2");
    REQUIRE(code_of(refused) == errc::provider_rejected);
    CHECK(detail(refused.error(), "unregistered_provider") == "vendorB");
}

TEST_CASE("a host's own provider answers, refuses, throws") {
    const auto nothing = result<provider_reply>(fail(errc::internal_error, "later"));
    result<provider_reply> next = nothing;
    bool throws = false;
    auto gw = open_in_memory({called("vendorA", [&](const provider_request& r) {
        if (throws) throw std::runtime_error("no");
        CHECK(r.turns.back().content == "Hello");
        return next;
    })});
    const auto acme = settle_in(gw);
    acme.tenant.agents().update(acme.agent.id, {.policy = conclave::policy{.retries = 0}}).value();
    next = provider_reply{.text = "mine", .tokens = token_usage{45, 0, 0, 67, 0}};
    CHECK(acme.send("1").value().metadata.usage.cost->to_usd_string() == "0.000224");
    next = fail(errc::provider_rejected, "no such thing");
    CHECK(code_of(acme.send("2")) == errc::provider_rejected);
    const auto again = acme.send("2");
    CHECK(code_of(again) == errc::provider_rejected);
    CHECK(detail(again.error(), "replayed") == "true");
    next = fail(errc::rate_limited, "slow down");
    CHECK(code_of(acme.send("3")) == errc::all_providers_failed);
    throws = true;
    CHECK(code_of(acme.send("4")) == errc::all_providers_failed);
    throws = false;
    next = provider_reply{.text = "counted by us"};
    CHECK(acme.send("4").value().metadata.usage.estimated);
    require_sound(gw);
}

namespace {

/// A tenant whose send "k" stands as unknown: its agent's policy forbids another try.
household in_doubt(gateway& gw) {
    auto acme = settle_in(gw);
    acme.tenant.agents()
        .update(acme.agent.id, {.policy = conclave::policy{.preset = "strict"}})
        .value();
    const auto doubtful = acme.send("k");
    CHECK(code_of(doubtful) == errc::outcome_unknown);
    return acme;
}

std::vector<new_provider> ambiguous_first() {
    return {scripted("vendorA", {failing(502), answering("Hello!", 45, 67)})};
}

}  // namespace

TEST_CASE("a send in doubt is listed, answered alike, and settled by hand as succeeded") {
    auto gw = open_in_memory(ambiguous_first());
    const auto acme = in_doubt(gw);
    const auto open = acme.tenant.messages().list_unknown().value();
    REQUIRE(open.items.size() == 1);
    CHECK(open.items[0].session_id == acme.session.id);
    CHECK(open.items[0].attempts == 1);
    CHECK(detail(acme.send("k").error(), "send_id") == open.items[0].send_id.str());
    CHECK(acme.bill().totals.messages == 0);
    const auto spend = acme.tenant.usage().spend(first_day, last_day).value();
    CHECK(spend.bill == money());
    CHECK(spend.exposure > money());

    auto messages = acme.tenant.messages();
    CHECK(messages
              .resolve({.idempotency_key = "k",
                        .decision = resolve_decision::succeed,
                        .content = "It was this.",
                        .tokens = {.input = 45, .output = 67}})
              .value() == "succeeded");
    const auto reply = acme.send("k").value();
    CHECK(reply.metadata.replayed);
    CHECK(reply.message.content == "It was this.");
    CHECK(acme.bill().totals.cost.to_usd_string() == "0.000224");
    CHECK(messages.list_unknown().value().items.empty());
    CHECK(code_of(messages.resolve({.idempotency_key = "k"})) == errc::conflict);
    CHECK(code_of(messages.resolve({.idempotency_key = "other"})) == errc::resource_not_found);
    require_sound(gw);
}

TEST_CASE("a send in doubt may be sent again or ended for good") {
    auto gw = open_in_memory(ambiguous_first());
    const auto acme = in_doubt(gw);
    auto messages = acme.tenant.messages();
    SECTION("retry") {
        const auto id = messages.list_unknown().value().items.at(0).send_id;
        CHECK(messages.resolve({.send_id = id}).value() == "failed_retryable");
        CHECK(acme.send("k").value().message.content == "Hello!");
        CHECK(acme.bill().totals.messages == 1);
    }
    SECTION("fail") {
        CHECK(messages.resolve({.idempotency_key = "k", .decision = resolve_decision::fail})
                  .value() == "failed_final");
        CHECK(code_of(acme.send("k")) == errc::provider_rejected);
        CHECK(acme.bill().totals.messages == 0);
    }
    CHECK(std::ssize(acme.attempts()) == acme.bill().totals.messages + 1);
    require_sound(gw);
}

TEST_CASE("a backup is a whole store of its own, taken in use") {
    const scratch dir;
    auto gw = open_priced(dir.file(), on_virtual_time(),
                          {scripted("vendorA", {answering("Hello!", 45, 67)})});
    const auto acme = settle_in(gw);
    const auto reply = acme.send("before").value();
    gw.backup(dir.file("copy.db")).value();
    acme.send("after").value();
    CHECK(code_of(gw.backup(dir.file("copy.db"))) == errc::conflict);

    auto copy = open_priced(dir.file("copy.db"), on_virtual_time(),
                            {scripted("vendorA", {answering("Other", 1, 1)})});
    const auto there = copy.tenant(acme.tenant.id());
    CHECK(there.usage().rollup(first_day, last_day).value().totals.messages == 1);
    const auto replay = there.messages().send(acme.request("before")).value();
    CHECK(replay.metadata.replayed);
    CHECK(replay.message.content == reply.message.content);
    CHECK(acme.bill().totals.messages == 2);
    require_sound(copy);
}

TEST_CASE("health tells of this process") {
    auto gw = open_in_memory();
    const auto text = gw.health().value();
    CHECK_THAT(text, Catch::StartsWith(R"({"status":"ok","version":"0.1.0","store":"sqlite")"));
    CHECK_THAT(text, Catch::Contains(R"("durability":"full","sends_in_flight":0,"warnings":[)"));
}
