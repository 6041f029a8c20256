// Prices from files, and what calls cost by them.
#include "house.hpp"
#include "simulator/simulator_process.hpp"

#include <fstream>

using namespace house;

namespace {

constexpr const char* small_file = R"({
  "format": "conclave-prices/1", "as_of": "2026-01-01", "notice": "A test.",
  "prices": [
    {"provider": "theirs", "model": "m", "source": "their page",
     "usd_per_million": {"input": "2", "output": "10", "cached_input": "1",
                         "cache_write": "2.5", "cache_write_1h": "4",
                         "tiers": [{"above_tokens": 1000, "input": "4", "output": "20"}],
                         "service_tiers": {"flex": "0.5"}}},
    {"provider": "theirs", "model": "m-mini", "usd_per_1k_tokens": "0.001",
     "effective_from": "2025-01-01T00:00:00.000Z"},
    {"provider": "others", "model": "*", "usd_per_1k_tokens": "1"}
  ]
})";

gateway unpriced(std::vector<new_provider> providers) {
    auto options = on_virtual_time();
    options.providers = std::move(providers);
    return gateway::open(":memory:", std::move(options)).value();
}

std::string problem_of(const gateway& gw, price_source source) {
    const auto loaded = gw.prices().load(std::move(source));
    REQUIRE_FALSE(loaded);
    CHECK(gw.prices().list().value().empty());
    return loaded.error().message;
}

/// A vendor that answers whatever body it is told to.
struct told_vendor {
    explicit told_vendor(provider_kind kind)
        : spoken(kind),
          gw(unpriced(
              {{.name = "vendorA",
                .kind = kind,
                .base_url = simulator.base_url() + (kind == provider_kind::anthropic ? "" : "/v1"),
                .api_key = "key",
                .policy = {.retries = 0},
                .default_model = "m"}})),
          acme(settle_in(gw)) {
        gw.prices()
            .load({.document = small_file, .provider_names = {{"theirs", "vendorA"}}})
            .value();
    }

    reply send(const std::string& key, const std::string& body) const {
        const auto vendor = spoken == provider_kind::anthropic ? "anthropic" : "openai";
        std::string quoted;
        for (const char c : body) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
        simulator.control(R"({"target":")" + std::string(vendor) + R"(","scenarios":[{"body":")" +
                          quoted + "\"}]}");
        return acme.send(key).value();
    }
    reply send_chat(const std::string& key, const std::string& usage,
                    const std::string& more = "") const {
        return send(key, R"({"id":"c1","model":"m","choices":[{"message":{"content":"Hi."},)"
                         R"("finish_reason":"stop"}],"usage":)" +
                             usage + more + "}");
    }

    simulator::simulator_process simulator;
    provider_kind spoken;
    gateway gw;
    household acme;
};

}  // namespace

TEST_CASE("a document sets all its prices, from their dates on, under the names here") {
    const auto gw = open_in_memory();
    const auto before = gw.prices().list().value().size();
    const auto loaded =
        gw.prices()
            .load({.document = small_file, .provider_names = {{"theirs", "vendorA"}}})
            .value();
    REQUIRE(loaded.size() == 2);
    CHECK(loaded[0].provider == "vendorA");
    CHECK(loaded[0].usd_per_million->tiers.at(0).above_tokens == 1000);
    CHECK(loaded[1].model == "m-mini");
    CHECK(to_iso8601(loaded[1].effective_from) == "2025-01-01T00:00:00.000Z");
    CHECK(gw.prices().list().value().size() == before + 2);
    // Once more: nothing new.
    const auto again =
        gw.prices()
            .load({.document = small_file, .provider_names = {{"theirs", "vendorA"}}})
            .value();
    CHECK(again.at(0).id == loaded[0].id);
    CHECK(gw.prices().list().value().size() == before + 2);
    CHECK(gw.prices().load({.document = small_file}).value().size() == 3);
}

TEST_CASE("a price is for exactly its model") {
    const auto gw = unpriced({scripted("vendorA", {answering("Hello!", 45, 67)})});
    gw.prices().load({.document = small_file, .provider_names = {{"theirs", "vendorA"}}}).value();
    auto acme = settle_in(gw);
    const auto cost_of = [&](const std::string& model) {
        auto request = acme.request("key-" + model);
        request.overrides.model = model;
        return acme.tenant.messages().send(request).value().metadata.usage;
    };
    CHECK(cost_of("m").cost->nano_usd() == 45 * 2'000 + 67 * 10'000);
    CHECK(cost_of("m-mini").cost->nano_usd() == 112 * 1'000);
    for (const auto* unknown : {"m-min", "m-mini-2026", "M", "m-"}) {
        const auto usage = cost_of(unknown);
        CHECK(usage.unpriced);
        CHECK_FALSE(usage.cost);
    }
    require_sound(gw);
}

TEST_CASE("a price comes into force at its date") {
    const auto gw = unpriced({scripted("vendorA", {answering("Hello!", 1, 1)})});
    gw.prices()
        .load({.document = R"({"format": "conclave-prices/1", "prices": [
            {"provider": "vendorA", "model": "m", "usd_per_1k_tokens": "0.001",
             "effective_from": "2025-06-01T00:00:00.000Z"},
            {"provider": "vendorA", "model": "m", "usd_per_1k_tokens": "0.002",
             "effective_from": "2026-01-01T00:00:01.000Z"}]})"})
        .value();
    auto acme = settle_in(gw);
    const auto cost_now = [&](const std::string& key) {
        auto request = acme.request(key);
        request.overrides.model = "m";
        return acme.tenant.messages().send(request).value().metadata.usage.cost->nano_usd();
    };
    CHECK(cost_now("k1") == 2'000);
    gw.advance(999).value();
    CHECK(cost_now("k2") == 2'000);
    gw.advance(1).value();
    CHECK(cost_now("k3") == 4'000);
    require_sound(gw);
}

TEST_CASE("a file is read only where it is named, and all or nothing of it") {
    const scratch folder;
    const auto path = folder.file("prices.json");
    std::ofstream(path) << small_file;
    const auto gw = unpriced({scripted("vendorA", {answering("Hello!", 45, 67)})});
    CHECK(gw.prices().list().value().empty());
    CHECK(problem_of(gw, {}) == "path or document is required, not both");
    CHECK(problem_of(gw, {.path = path, .document = small_file}) ==
          "path or document is required, not both");
    CHECK(problem_of(gw, {.path = folder.file("none.json")}) == "path names no file");
    CHECK(problem_of(gw, {.path = folder.file(".")}) == "path names no file");
    CHECK(problem_of(gw, {.path = path, .provider_names = {{"nobody", "vendorA"}}}) ==
          "provider_names.nobody is a provider that the document has no prices of");
    CHECK(problem_of(gw, {.path = path, .provider_names = {{std::string(256, 'n'), "vendorA"}}}) ==
          "provider_names must be at most 255 bytes");
    CHECK(problem_of(gw, {.path = path, .provider_names = {{"vendorA", ""}}}) ==
          "provider_names must not be empty");
    const auto of = [](const std::string& row) {
        return price_source{.document =
                                R"({"format": "conclave-prices/1", "prices": [{"provider": "a",)"
                                R"( "model": "*", "usd_per_1k_tokens": "1"}, )" +
                                row + "]}"};
    };
    CHECK(problem_of(gw, of(R"({"provider": "a"})")) == "document.prices[1].model is required");
    CHECK(problem_of(gw,
                     of(R"({"provider": "a", "model": "m", "usd_per_1k_tokens": "1", "x": 1})")) ==
          "document.prices[1].x is not a known field");
    CHECK(problem_of(gw, of(R"({"provider": "a", "model": "m", "usd_per_1k_tokens": "-1"})")) ==
          "document.prices[1].usd_per_1k_tokens must be between 0 and 1000000 dollars");
    CHECK(problem_of(gw, of(R"({"provider": "", "model": "m", "usd_per_1k_tokens": "1"})"))
              .starts_with("document.prices[1].provider "));
    CHECK(problem_of(gw, {.document = R"({"format": "conclave-prices/2", "prices": []})"}) ==
          "document.format must be conclave-prices/1");
    CHECK(code_of(gw.prices().load({.document = std::string(4 * 1024 * 1024 + 1, ' ')})) ==
          errc::payload_too_large);
    CHECK(gw.prices().load({.path = path}).value().size() == 3);
}

TEST_CASE("a document may have 10,000 prices and no more") {
    const auto document = [](int rows) {
        std::string text = R"({"format":"conclave-prices/1","prices":[)";
        for (int i = 0; i < rows; ++i)
            text += std::string(i == 0 ? "" : ",") + R"({"provider":"a","model":"m)" +
                    std::to_string(i) + R"(","usd_per_1k_tokens":"1"})";
        return price_source{.document = text + "]}"};
    };
    const auto gw = unpriced({});
    CHECK(problem_of(gw, document(10'001)).starts_with("document.prices "));
    CHECK(gw.prices().load(document(10'000)).value().size() == 10'000);
}

TEST_CASE("the file that comes with conclave can be loaded") {
    const auto gw = unpriced({});
    const auto loaded =
        gw.prices()
            .load({.path = CONCLAVE_SOURCE_DIR "/src/metering/prices/2026-11-21.json"})
            .value();
    CHECK(loaded.size() == 48);
    for (const auto& version : loaded) {
        CAPTURE(version.model);
        CHECK(version.model != "*");
        CHECK(version.usd_per_million);
    }
}

TEST_CASE("a cost that the provider reports comes before any price and is marked") {
    const told_vendor v(provider_kind::openai);
    const auto told = v.send_chat("k1", R"({"prompt_tokens":10,"completion_tokens":1,"cost":0.5})");
    CHECK(told.metadata.usage.cost->nano_usd() == 500'000'000);
    CHECK(told.metadata.usage.cost_reported);
    CHECK_FALSE(told.metadata.usage.unpriced);
    CHECK(told.document.find(R"("cost_reported":true)") != std::string::npos);
    const auto replayed = v.acme.send("k1").value();
    CHECK(replayed.metadata.usage.cost_reported);
    const auto priced = v.send_chat("k2", R"({"prompt_tokens":10,"completion_tokens":1})");
    CHECK(priced.metadata.usage.cost->nano_usd() == 30'000);
    CHECK_FALSE(priced.metadata.usage.cost_reported);
    const auto events = v.acme.events();
    REQUIRE(events.size() == 2);
    CHECK_FALSE(events[0].cost_reported);
    CHECK(events[1].cost_reported);
    const auto attempts = v.acme.attempts();
    CHECK(attempts.at(0).basis == cost_basis::reported);
    CHECK(attempts.at(1).basis == cost_basis::known);
    require_sound(v.gw);
}

TEST_CASE("a reported cost stands where there is no price") {
    const told_vendor v(provider_kind::openai);
    auto request = v.acme.request("k1");
    request.overrides.model = "nobody-priced-this";
    v.simulator.control(
        R"({"target":"openai","scenarios":[{"body":"{\"choices\":[{\"message\":{\"content\":)"
        R"(\"Hi.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,)"
        R"(\"completion_tokens\":1,\"cost_in_usd_ticks\":15}}"}]})");
    const auto reply = v.acme.tenant.messages().send(request).value();
    CHECK(reply.metadata.usage.cost->nano_usd() == 2);
    CHECK(reply.metadata.usage.cost_reported);
    CHECK(v.acme.bill().totals.unpriced_tokens == 0);
    require_sound(v.gw);
}

TEST_CASE("the service tier that a provider names decides about the cost") {
    const told_vendor v(provider_kind::openai);
    const std::string usage = R"({"prompt_tokens":10,"completion_tokens":1})";
    const auto flex = v.send_chat("k1", usage, R"(,"service_tier":"flex")");
    CHECK(flex.metadata.usage.cost->nano_usd() == 15'000);
    const auto ordinary = v.send_chat("k2", usage, R"(,"service_tier":"default")");
    CHECK(ordinary.metadata.usage.cost->nano_usd() == 30'000);
    const auto unknown = v.send_chat("k3", usage, R"(,"service_tier":"priority")");
    CHECK_FALSE(unknown.metadata.usage.cost);
    CHECK(unknown.metadata.usage.unpriced);
    const auto lengthy = v.send_chat("k4", R"({"prompt_tokens":1001,"completion_tokens":1})");
    CHECK(lengthy.metadata.usage.cost->nano_usd() == 1001 * 4'000 + 20'000);
    CHECK(v.acme.bill().totals.unpriced_tokens == 11);
    require_sound(v.gw);
}

TEST_CASE("what is written to the cache for an hour costs more than for five minutes") {
    const told_vendor v(provider_kind::anthropic);
    const auto reply = v.send(
        "k1",
        R"({"id":"m1","type":"message","role":"assistant","model":"m","stop_reason":"end_turn",)"
        R"("content":[{"type":"text","text":"Hi."}],"usage":{"input_tokens":4,)"
        R"("cache_creation_input_tokens":10,"cache_read_input_tokens":100,"output_tokens":1,)"
        R"("cache_creation":{"ephemeral_5m_input_tokens":7,"ephemeral_1h_input_tokens":3},)"
        R"("service_tier":"standard"}})");
    CHECK(reply.metadata.usage.tokens.input == 114);
    CHECK(reply.metadata.usage.cost->nano_usd() ==
          4 * 2'000 + 7 * 2'500 + 3 * 4'000 + 100 * 1'000 + 10'000);
    require_sound(v.gw);
}
