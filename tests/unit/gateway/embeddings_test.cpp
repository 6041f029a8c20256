// Vectors of texts, from providers to the bill.
#include "house.hpp"
#include "simulator/simulator_process.hpp"

#include <future>

using namespace house;

namespace {

embeddings_request asking(std::string route, std::vector<std::string> inputs) {
    return {.route = std::move(route), .inputs = std::move(inputs)};
}

/// Moves virtual time until the vectors, or what went wrong, are there.
result<embeddings> create(const gateway& gw, const tenant& who, const embeddings_request& request) {
    std::promise<result<embeddings>> promise;
    auto future = promise.get_future();
    who.embeddings().start_create(
        request, [&promise](result<embeddings> r) { promise.set_value(std::move(r)); });
    while (future.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
        gw.advance(20).value();
    return future.get();
}

std::string problem_of(const household& home, const embeddings_request& request) {
    const auto given = home.tenant.embeddings().create(request);
    REQUIRE_FALSE(given);
    CHECK(home.attempts().empty());
    return given.error().message;
}

}  // namespace

TEST_CASE("vectors come in the order of their texts and are billed without a message") {
    const auto gw = open_in_memory({scripted("vendorA", {answering("", 45, 0)})});
    const auto acme = settle_in(gw);
    const auto given =
        acme.tenant.embeddings().create(asking("vendorA", {"a b", "c", "a b"})).value();
    REQUIRE(given.vectors.size() == 3);
    CHECK(given.vectors[0].size() == 8);
    CHECK(given.vectors[0] == given.vectors[2]);
    CHECK(given.vectors[0] != given.vectors[1]);
    CHECK(given.provider_used == "vendorA");
    CHECK(given.usage.tokens == token_usage{.input = 45});
    CHECK(given.usage.cost->nano_usd() == 90'000);
    CHECK(given.usage.usd_per_1k_tokens == "0.002");
    CHECK_FALSE(given.usage.estimated);
    CHECK(given.request_id.str().starts_with("req_"));

    const auto events = acme.events();
    REQUIRE(events.size() == 1);
    CHECK(events[0].session_id.empty());
    CHECK(events[0].agent_id.empty());
    CHECK(events[0].message_id.empty());
    CHECK(events[0].tokens.input == 45);
    CHECK(events[0].cost->nano_usd() == 90'000);
    const auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].stage == "embedding");
    CHECK(attempts[0].billable);
    const auto bill = acme.bill();
    CHECK(bill.totals.cost.nano_usd() == 90'000);
    CHECK(bill.totals.messages == 0);
    CHECK(bill.totals.sessions == 0);
    CHECK(bill.by_provider.at(0).cost.nano_usd() == 90'000);
    CHECK(bill.top_agents_by_cost.empty());
    require_sound(gw);
}

TEST_CASE("vectors and messages of one tenant add up") {
    const auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    acme.send("k1").value();
    acme.tenant.embeddings().create(asking("vendorA", {"Hello"})).value();
    acme.tenant.embeddings().create(asking("vendorA", {"Hello"})).value();
    acme.send("k2").value();
    const auto bill = acme.bill();
    CHECK(bill.totals.messages == 2);
    CHECK(bill.totals.sessions == 1);
    CHECK(bill.totals.cost.nano_usd() == 2 * 224'000 + 2 * 90'000);
    CHECK(bill.top_agents_by_cost.at(0).cost.nano_usd() == 2 * 224'000);
    CHECK(acme.events().size() == 4);
    require_sound(gw);
}

TEST_CASE("a model without a price gives vectors that cost null") {
    const auto gw = gateway::open(":memory:", on_virtual_time()).value();
    gw.providers().register_provider(scripted("vendorA", {{.text = "x"}})).value();
    const auto acme = settle_in(gw);
    const auto given = acme.tenant.embeddings().create(asking("vendorA/m", {"two words"})).value();
    CHECK(given.usage.unpriced);
    CHECK_FALSE(given.usage.cost);
    CHECK(given.usage.tokens.input == 2);
    CHECK(given.model_used == "m");
    CHECK(acme.bill().totals.unpriced_tokens == 2);
    require_sound(gw);
}

TEST_CASE("what is wrong with a call for vectors is named, and nothing is called") {
    const auto gw = open_in_memory(
        {scripted("vendorA", {answering("", 1, 0)}),
         called("vendorB", [](const provider_request&) { return provider_reply{}; }),
         {.name = "vendorC", .kind = provider_kind::openai, .base_url = "http://127.0.0.1:1/v1"}});
    const auto acme = settle_in(gw);
    CHECK(problem_of(acme, asking("vendorA", {})) == "inputs must be 1 to 2048 texts");
    CHECK(problem_of(acme, asking("vendorA", std::vector<std::string>(2'049, "x"))) ==
          "inputs must be 1 to 2048 texts");
    CHECK(problem_of(acme, asking("vendorA", {"x", ""})).starts_with("inputs[1] "));
    CHECK(problem_of(acme, asking("vendorA", {std::string(1024 * 1024 + 1, 'x')}))
              .starts_with("inputs[0] "));
    const std::vector<std::string> four(4, std::string(1024 * 1024, 'x'));
    auto five = four;
    five.emplace_back("x");
    CHECK(problem_of(acme, asking("vendorA", five)).starts_with("inputs "));
    CHECK(problem_of(acme, asking("nobody", {"x"})) ==
          "route names a provider that is not registered");
    CHECK(problem_of(acme, asking("", {"x"})).starts_with("route "));
    CHECK(problem_of(acme, asking("vendorB", {"x"})) ==
          "route names a provider that gives no vectors");
    CHECK(problem_of(acme, asking("vendorC", {"x"})) ==
          "route names no model, and its provider has no default");
    auto odd = asking("vendorA", {"x"});
    odd.dimensions = 0;
    CHECK(problem_of(acme, odd).starts_with("dimensions "));
    odd.dimensions = 65'537;
    CHECK(problem_of(acme, odd).starts_with("dimensions "));
    odd.dimensions = 65'536;
    CHECK(acme.tenant.embeddings().create(odd).value().vectors.at(0).size() == 65'536);
    CHECK(acme.tenant.embeddings().create(asking("vendorA", four)).value().vectors.size() == 4);
    const std::vector<std::string> many(2'048, "x");
    CHECK(acme.tenant.embeddings().create(asking("vendorA", many)).value().vectors.size() == 2'048);
    const auto nobody = gw.tenant("tnt_nobody").embeddings().create(asking("vendorA", {"x"}));
    CHECK(code_of(nobody) == errc::resource_not_found);
    gw.tenants().suspend(acme.tenant.id()).value();
    CHECK(code_of(acme.tenant.embeddings().create(asking("vendorA", {"x"}))) ==
          errc::tenant_suspended);
    require_sound(gw);
}

TEST_CASE("failures are tried again by the provider's policy, and only the answer is billed") {
    const auto gw = open_in_memory(
        {scripted("vendorA", {failing(503), failing(500), answering("", 45, 0), failing(400)})});
    const auto acme = settle_in(gw);
    const auto given = create(gw, acme.tenant, asking("vendorA", {"x"})).value();
    CHECK(given.usage.cost->nano_usd() == 90'000);
    auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[0].attempt_class == "refused");
    CHECK(attempts[1].basis == cost_basis::exposure);
    CHECK(attempts[2].billable);
    const auto refused = create(gw, acme.tenant, asking("vendorA", {"x"}));
    CHECK(code_of(refused) == errc::provider_rejected);
    CHECK(refused.error().request_id.starts_with("req_"));
    CHECK(acme.events().size() == 1);
    require_sound(gw);
}

TEST_CASE("a call for vectors ends at its deadline, or when its caller says so") {
    auto slow = answering("", 45, 0);
    slow.latency_ms = 1'000;
    auto vendor = scripted("vendorA", {slow});
    vendor.policy = {.retries = 0};
    const auto gw = open_in_memory({vendor});
    const auto acme = settle_in(gw);
    auto request = asking("vendorA", {"x"});
    request.deadline_ms = 500;
    const auto late = create(gw, acme.tenant, request);
    REQUIRE_FALSE(late);
    CHECK(detail(late.error(), "error_code") == "TIMEOUT");

    std::promise<result<embeddings>> promise;
    auto future = promise.get_future();
    const auto started = acme.tenant.embeddings().start_create(
        asking("vendorA", {"x"}),
        [&promise](result<embeddings> r) { promise.set_value(std::move(r)); });
    gw.advance(100).value();
    started.cancel();
    CHECK(code_of(future.get()) == errc::cancelled);
    for (const auto& a : acme.attempts()) CHECK(a.basis == cost_basis::exposure);
    CHECK(acme.events().empty());
    require_sound(gw);
}

TEST_CASE("closing ends a call for vectors, and the file is sound") {
    const scratch folder;
    auto slow = answering("", 45, 0);
    slow.latency_ms = 1'000;
    {
        const auto gw =
            open_priced(folder.file(), on_virtual_time(), {scripted("vendorA", {slow})});
        const auto acme = settle_in(gw);
        std::promise<result<embeddings>> promise;
        auto future = promise.get_future();
        acme.tenant.embeddings().start_create(
            asking("vendorA", {"x"}),
            [&promise](result<embeddings> r) { promise.set_value(std::move(r)); });
        gw.advance(100).value();
        gw.close(0);
        CHECK(code_of(future.get()) == errc::handle_closed);
    }
    const auto gw = open_priced(folder.file(), on_virtual_time(), {});
    require_sound(gw);
}

TEST_CASE("vendors give vectors over HTTP, at the price of their models") {
    const simulator::simulator_process simulator;
    const auto gw = open_priced(":memory:", on_virtual_time(),
                                {{.name = "vendorA",
                                  .kind = provider_kind::openai,
                                  .base_url = simulator.base_url() + "/v1",
                                  .api_key = "key"},
                                 {.name = "vendorB",
                                  .kind = provider_kind::gemini,
                                  .base_url = simulator.base_url(),
                                  .api_key = "key",
                                  .default_model = "m"}});
    const auto acme = settle_in(gw);
    for (const std::string route : {"vendorA/m", "vendorB"}) {
        CAPTURE(route);
        const auto given = create(gw, acme.tenant, asking(route, {"one text", "another"})).value();
        REQUIRE(given.vectors.size() == 2);
        CHECK(given.vectors[0].size() == given.vectors[1].size());
        CHECK(given.usage.tokens.input > 0);
        CHECK(given.usage.tokens.output == 0);
        CHECK(given.usage.cost);
    }
    CHECK(acme.events().size() == 2);
    require_sound(gw);
}
