// Bad input: the right code, the field named, and nothing changed. Limits hold at them and one
// past.
#include "base/limits.hpp"
#include "house.hpp"

#include <functional>
#include <limits>

using namespace house;

namespace {

struct place {
    gateway& gw;
    const household& acme;
};

struct bad_call {
    std::string name;
    errc code;
    std::string field;
    std::function<std::optional<error>(const place&)> run;
};

template <class T>
std::optional<error> outcome_of(result<T> r) {
    if (r) return std::nullopt;
    return std::move(r).error();
}

std::string text_of(std::size_t bytes) { return std::string(bytes, 'x'); }

/// A JSON object of exactly this size.
std::string object_of(std::size_t bytes) { return R"({"a":")" + text_of(bytes - 8) + R"("})"; }

const std::string bad_utf8 = "caf\xe9";

#define CALL(code, field, call)                                                     \
    bad_call {                                                                      \
#call, errc::code, field, [](const place& p) { return outcome_of(p.call); } \
    }

std::vector<bad_call> bad_tenants() {
    return {
        CALL(validation_error, "name", gw.tenants().create({.name = ""})),
        CALL(validation_error, "name", gw.tenants().create({.name = bad_utf8})),
        CALL(validation_error, "name", gw.tenants().create({.name = "a\nb"})),
        CALL(validation_error, "name", gw.tenants().create({.name = text_of(256)})),
        CALL(validation_error, "metadata", gw.tenants().create({.name = "a", .metadata = ""})),
        CALL(validation_error, "metadata", gw.tenants().create({.name = "a", .metadata = "[1]"})),
        CALL(validation_error, "metadata",
             gw.tenants().create({.name = "a", .metadata = R"({"a":1,"a":2})"})),
        CALL(payload_too_large, "metadata",
             gw.tenants().create({.name = "a", .metadata = object_of(1'000'000)})),
        CALL(validation_error, "name", gw.tenants().update(p.acme.tenant.id(), {.name = ""})),
        CALL(validation_error, "metadata",
             gw.tenants().update(p.acme.tenant.id(), {.metadata = "{"})),
        CALL(validation_error, "settings", gw.tenants().create({.name = "a", .settings = "[]"})),
        CALL(payload_too_large, "settings",
             gw.tenants().create({.name = "a", .settings = object_of(16 * 1024 + 1)})),
        CALL(validation_error, "settings",
             gw.tenants().update(p.acme.tenant.id(), {.name = "b", .settings = "x"})),
        CALL(validation_error, "limit", gw.tenants().list({.limit = 0})),
        CALL(validation_error, "limit", gw.tenants().list({.limit = 1'001})),
        CALL(validation_error, "cursor", gw.tenants().list({.cursor = ""})),
        CALL(validation_error, "cursor", gw.tenants().list({.cursor = "';--"})),
        CALL(validation_error, "cursor", gw.tenants().list({.cursor = "20789.tnt_x"})),
        CALL(validation_error, "name", acme.tenant.api_keys().create({.name = text_of(256)})),
        CALL(validation_error, "scopes",
             acme.tenant.api_keys().create({.scopes = std::vector<std::string>(33, "s")})),
        CALL(validation_error, "scopes", acme.tenant.api_keys().create({.scopes = {""}})),
        CALL(validation_error, "expires_at",
             acme.tenant.api_keys().create({.expires_at = p.acme.session.created_at})),
        CALL(validation_error, "reason", acme.tenant.api_keys().revoke("key_x", text_of(256))),
    };
}

std::vector<bad_call> bad_agents() {
    return {
        CALL(validation_error, "name",
             acme.tenant.agents().create({.name = "", .primary = "vendorA"})),
        CALL(validation_error, "primary",
             acme.tenant.agents().create({.name = "a", .primary = ""})),
        CALL(validation_error, "primary",
             acme.tenant.agents().create({.name = "a", .primary = "/model"})),
        CALL(validation_error, "fallbacks[1]",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .fallbacks = {"vendorB", ""}})),
        CALL(validation_error, "fallbacks",
             acme.tenant.agents().create({.name = "a",
                                          .primary = "vendorA",
                                          .fallbacks = std::vector<std::string>(9, "vendorB")})),
        CALL(validation_error, "instructions",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .instructions = text_of(256 * 1024 + 1)})),
        CALL(validation_error, "instructions",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .instructions = bad_utf8})),
        CALL(validation_error, "temperature",
             acme.tenant.agents().create({.name = "a", .primary = "vendorA", .temperature = 2.01})),
        CALL(
            validation_error, "temperature",
            acme.tenant.agents().create({.name = "a",
                                         .primary = "vendorA",
                                         .temperature = std::numeric_limits<double>::quiet_NaN()})),
        CALL(validation_error, "max_tokens",
             acme.tenant.agents().create({.name = "a", .primary = "vendorA", .max_tokens = 0})),
        CALL(validation_error, "policy.retries",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .policy = {.retries = 11}})),
        CALL(validation_error, "policy.preset",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .policy = {.preset = "bold"}})),
        CALL(validation_error, "description",
             acme.tenant.agents().create(
                 {.name = "a", .primary = "vendorA", .description = text_of(4'097)})),
        CALL(validation_error, "metadata",
             acme.tenant.agents().create({.name = "a", .primary = "vendorA", .metadata = "7"})),
        CALL(validation_error, "primary",
             acme.tenant.agents().update(p.acme.agent.id, {.primary = "vendor A"})),
        CALL(agent_not_found, "", acme.tenant.agents().get("")),
        CALL(agent_not_found, "", acme.tenant.agents().get(text_of(100'000))),
        CALL(agent_not_found, "", acme.tenant.agents().get(bad_utf8)),
    };
}

std::vector<bad_call> bad_sessions() {
    return {
        CALL(validation_error, "agent_id", acme.tenant.sessions().create({})),
        CALL(agent_not_found, "", acme.tenant.sessions().create({.agent_id = "agt_x"})),
        CALL(validation_error, "customer_id",
             acme.tenant.sessions().create(
                 {.agent_id = p.acme.agent.id, .customer_id = text_of(256)})),
        CALL(validation_error, "subject",
             acme.tenant.sessions().create({.agent_id = p.acme.agent.id, .subject = bad_utf8})),
        CALL(validation_error, "title",
             acme.tenant.sessions().create({.agent_id = p.acme.agent.id, .title = "a\tb"})),
        CALL(payload_too_large, "metadata",
             acme.tenant.sessions().create(
                 {.agent_id = p.acme.agent.id, .metadata = object_of(16 * 1024 + 1)})),
        CALL(validation_error, "title",
             acme.tenant.sessions().update(p.acme.session.id, {.title = text_of(256)})),
        CALL(validation_error, "status",
             acme.tenant.sessions().list({.status = session_status::deleted})),
        CALL(validation_error, "limit", acme.tenant.sessions().list({.page = {.limit = 1'001}})),
        CALL(validation_error, "cursor",
             acme.tenant.sessions().transcript(p.acme.session.id, {.cursor = "-1"})),
        CALL(resource_not_found, "", acme.tenant.sessions().get("ses_x")),
    };
}

send_request sending(const place& p, void (*change)(send_request&)) {
    auto r = p.acme.request("bad-input");
    change(r);
    return r;
}

#define SEND(code, field, change)                                                            \
    bad_call {                                                                               \
        "send: " #change, errc::code, field, [](const place& p) {                            \
            return outcome_of(                                                               \
                p.acme.tenant.messages().send(sending(p, [](send_request& r) { change; }))); \
        }                                                                                    \
    }

std::vector<bad_call> bad_sends() {
    return {
        SEND(idempotency_key_required, "idempotency_key", r.idempotency_key = ""),
        SEND(idempotency_key_invalid, "idempotency_key", r.idempotency_key = text_of(256)),
        SEND(idempotency_key_invalid, "idempotency_key", r.idempotency_key = "a b"),
        SEND(idempotency_key_invalid, "idempotency_key", r.idempotency_key = "caf\xc3\xa9"),
        SEND(validation_error, "content", r.content = ""),
        SEND(validation_error, "content", r.content = bad_utf8),
        SEND(validation_error, "content", r.content = std::string("a\0b", 3)),
        SEND(payload_too_large, "content", r.content = text_of(1024 * 1024 + 1)),
        SEND(validation_error, "role", r.role = message_role::assistant),
        SEND(validation_error, "role", r.role = message_role::system),
        SEND(validation_error, "content", r.role = message_role::tool),
        SEND(validation_error, "session_id", r.session_id = ""),
        SEND(validation_error, "session_id", r.session_id = text_of(65)),
        SEND(resource_not_found, "", r.session_id = "ses_x"),
        SEND(payload_too_large, "metadata", r.metadata = object_of(1'000'000)),
        SEND(validation_error, "metadata", r.metadata = "null"),
        SEND(validation_error, "overrides.model", r.overrides.model = ""),
        SEND(validation_error, "overrides.temperature", r.overrides.temperature = -0.1),
        SEND(validation_error, "overrides.max_tokens", r.overrides.max_tokens = 100'000'001),
        SEND(validation_error, "request_id", r.request_id = text_of(129)),
        SEND(validation_error, "deadline_ms", r.deadline_ms = 0),
        SEND(validation_error, "deadline_ms", r.deadline_ms = -5),
        SEND(validation_error, "deadline_ms", r.deadline_ms = limits::policy_time_ms + 1),
    };
}

std::vector<bad_call> bad_others() {
    return {
        CALL(validation_error, "provider",
             gw.prices().set({.provider = "", .usd_per_1k_tokens = "1"})),
        CALL(validation_error, "model",
             gw.prices().set({.provider = "x", .model = "", .usd_per_1k_tokens = "1"})),
        CALL(validation_error, "usd_per_1k_tokens", gw.prices().set({.provider = "x"})),
        CALL(validation_error, "usd_per_1k_tokens",
             gw.prices().set({.provider = "x", .usd_per_1k_tokens = "1e3"})),
        CALL(validation_error, "usd_per_1k_tokens",
             gw.prices().set({.provider = "x", .usd_per_1k_tokens = "1000000.000000001"})),
        CALL(validation_error, "usd_per_million.input",
             gw.prices().set({.provider = "x", .usd_per_million = {{.output = "1"}}})),
        CALL(validation_error, "usd_per_million",
             gw.prices().set({.provider = "x",
                              .usd_per_1k_tokens = "1",
                              .usd_per_million = {{.input = "1", .output = "1"}}})),
        CALL(validation_error, "name",
             gw.providers().register_provider({.name = "", .kind = provider_kind::scripted})),
        CALL(validation_error, "base_url", gw.providers().register_provider({.name = "x"})),
        CALL(validation_error, "idempotency_key", acme.tenant.messages().resolve({})),
        CALL(validation_error, "ms", gw.advance(-1)),
        CALL(validation_error, "path", gw.backup("")),
        CALL(validation_error, "from", acme.tenant.usage().rollup("2026-13-01", "2026-12-31")),
        CALL(validation_error, "to", acme.tenant.usage().events("2026-01-01", "2026-02-30")),
        CALL(validation_error, "limit",
             acme.tenant.usage().spend(first_day, last_day, {.limit = -1})),
        CALL(unauthorized, "", gw.authenticate("")),
        CALL(unauthorized, "", gw.authenticate(bad_utf8)),
    };
}

#undef CALL
#undef SEND

void run_all(const std::vector<bad_call>& calls) {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    acme.send("good").value();
    const auto before = inventory(gw) + inventory(acme.tenant);
    for (const auto& call : calls) {
        INFO(call.name);
        const auto e = call.run({gw, acme});
        REQUIRE(e);
        CHECK(to_string(e->code) == to_string(call.code));
        CHECK(detail(*e, "field") == call.field);
        if (!call.field.empty()) CHECK_THAT(e->message, Catch::Contains(call.field));
        CHECK(inventory(gw) + inventory(acme.tenant) == before);
    }
    // The key of all the bad sends is still free.
    CHECK_FALSE(acme.send("bad-input").value().metadata.replayed);
    require_sound(gw);
}

}  // namespace

TEST_CASE("bad tenants and keys are refused") { run_all(bad_tenants()); }
TEST_CASE("bad agents are refused") { run_all(bad_agents()); }
TEST_CASE("bad sessions are refused") { run_all(bad_sessions()); }
TEST_CASE("bad sends are refused") { run_all(bad_sends()); }
TEST_CASE("bad prices, providers, dates and times are refused") { run_all(bad_others()); }

TEST_CASE("what is just within the limits is taken") {
    auto gw = open_in_memory({{.name = "vendorA", .kind = provider_kind::scripted, .echo = true}});
    const auto acme = settle_in(gw);
    CHECK(gw.tenants().create({.name = text_of(255),
                               .metadata = object_of(16 * 1024),
                               .settings = object_of(16 * 1024)}));
    CHECK(gw.tenants().list({.limit = 1}));
    CHECK(gw.tenants().list({.limit = 1'000}));
    auto keys = acme.tenant.api_keys();
    CHECK(keys.create({.name = text_of(255),
                       .scopes = std::vector<std::string>(32, text_of(255)),
                       .expires_at = acme.session.created_at + std::chrono::milliseconds(1)}));
    CHECK(acme.tenant.agents().create({.name = text_of(255),
                                       .primary = "vendorA",
                                       .fallbacks = std::vector<std::string>(8, "vendorB"),
                                       .instructions = text_of(256 * 1024),
                                       .temperature = 2.0,
                                       .max_tokens = 100'000'000,
                                       .policy = {.retries = 10},
                                       .description = text_of(4'096)}));
    CHECK(acme.tenant.sessions().create({.agent_id = acme.agent.id,
                                         .customer_id = text_of(255),
                                         .subject = text_of(255),
                                         .title = text_of(255)}));
    auto request = acme.request(text_of(255), text_of(1024 * 1024));
    request.metadata = object_of(16 * 1024);
    request.request_id = text_of(128);
    request.overrides = {.model = text_of(255), .temperature = 0.0, .max_tokens = 1};
    request.deadline_ms = limits::policy_time_ms;
    const auto reply = acme.tenant.messages().send(request).value();
    CHECK(reply.message.content == request.content);
    CHECK(reply.metadata.request_id == text_of(128));
    CHECK(reply.metadata.idempotency_key == request.idempotency_key);
    request = acme.request("small", "x");
    request.overrides = {.temperature = 2.0, .max_tokens = 100'000'000};
    CHECK(acme.tenant.messages().send(request));
    require_sound(gw);
}

TEST_CASE("wrong options of open are named, and no file appears") {
    const scratch dir;
    const auto field_of = [&](open_options o) {
        const auto gw = gateway::open(dir.file(), std::move(o));
        CHECK(code_of(gw) == errc::validation_error);
        return detail(gw.error(), "field");
    };
    CHECK(field_of({.policy = {.retries = -1}}) == "policy.retries");
    CHECK(field_of({.drain_ms = -1}) == "drain_ms");
    CHECK(field_of({.drain_ms = limits::policy_time_ms + 1}) == "drain_ms");
    CHECK(field_of({.reader_threads = 0}) == "reader_threads");
    CHECK(field_of({.reader_threads = 65}) == "reader_threads");
    CHECK(field_of({.handler_threads = 0}) == "handler_threads");
    CHECK(field_of({.handler_threads = 257}) == "handler_threads");
    CHECK(field_of({.api_key_prefix = "Live"}) == "api_key_prefix");
    CHECK(field_of({.providers = {{.name = "x y"}}}) == "providers[0].name");
    CHECK(field_of({.prices = {{.provider = "x"}}}) == "prices[0].usd_per_1k_tokens");
    CHECK(field_of({.busy_timeout_ms = 0}) == "busy_timeout_ms");
    CHECK(code_of(gateway::open("")) == errc::validation_error);
    CHECK(code_of(gateway::open("postgresql://localhost/app")) == errc::unsupported);
    CHECK(code_of(gateway::open("postgres://localhost/app")) == errc::unsupported);
    for (const char* store : {"mysql://localhost/app", "sqlite://app.db", "file:app.db?mode=ro",
                              ":MEMORY:", ":memory:?cache=shared"})
        CHECK(gateway::open(store).error().message ==
              "store must be a path, sqlite:PATH or :memory:");
    CHECK_FALSE(std::filesystem::exists(dir.file()));
    CHECK(code_of(gateway::open(":memory:").value().advance(1)) == errc::unsupported);
}
