// Bad input through the C API: the right code, the field named, nothing changed.
#include "capi/c_host.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave::test;

namespace {

std::string field_of(const c_answer& a) { return a.text("/details/field"); }

}  // namespace

TEST_CASE("bad documents name their field") {
    c_host host;
    host.settle_in("echo/m");
    const struct {
        const char* operation;
        std::string document;
        std::int32_t status;
        std::string field;
    } cases[] = {
        {"tenants.create", R"({"name":""})", CONCLAVE_VALIDATION_ERROR, "name"},
        {"tenants.create", R"({})", CONCLAVE_VALIDATION_ERROR, "name"},
        {"tenants.create", R"({"name":7})", CONCLAVE_VALIDATION_ERROR, "name"},
        {"tenants.create", R"({"name":"A","nam":"B"})", CONCLAVE_VALIDATION_ERROR, "nam"},
        {"tenants.create", R"({"name":"A","metadata":[]})", CONCLAVE_VALIDATION_ERROR, "metadata"},
        {"tenants.create", R"({"name":"A","name":"B"})", CONCLAVE_VALIDATION_ERROR, "document"},
        {"tenants.create", R"({"name":"\ud800"})", CONCLAVE_VALIDATION_ERROR, "document"},
        {"tenants.create", "{\"name\":\"\xC3", CONCLAVE_VALIDATION_ERROR, "document"},
        {"tenants.create", "[]", CONCLAVE_VALIDATION_ERROR, "document"},
        {"tenants.create", "", CONCLAVE_VALIDATION_ERROR, "name"},
        {"agents.create", R"({"name":"A","primary":"echo/m","policy":"fast"})",
         CONCLAVE_VALIDATION_ERROR, "policy.preset"},
        {"agents.create", R"({"name":"A","primary":"echo/m","policy":{"retries":11}})",
         CONCLAVE_VALIDATION_ERROR, "policy.retries"},
        {"agents.create", R"({"name":"A","primary":"echo/m","policy":{"jitter":"some"}})",
         CONCLAVE_VALIDATION_ERROR, "policy.jitter"},
        {"agents.create", R"({"name":"A","primary":"echo/m","fallbacks":["x",2]})",
         CONCLAVE_VALIDATION_ERROR, "fallbacks[1]"},
        {"prices.set", R"({"provider":"echo","model":"*","usd_per_1k_tokens":0.002})",
         CONCLAVE_VALIDATION_ERROR, "usd_per_1k_tokens"},
        {"prices.set", R"({"provider":"echo","model":"*","usd_per_million":{"input":"1"}})",
         CONCLAVE_VALIDATION_ERROR, "usd_per_million.output"},
        {"prices.set",
         R"({"provider":"e","model":"*","usd_per_1k_tokens":"1",)"
         R"("effective_from":"2026-01-01T00:00:00"})",
         CONCLAVE_VALIDATION_ERROR, "effective_from"},
        {"providers.register", R"({"name":"x","kind":"telepathy"})", CONCLAVE_VALIDATION_ERROR,
         "kind"},
        {"usage.rollup", R"({"from":"2026-02-30","to":"2026-03-01"})", CONCLAVE_VALIDATION_ERROR,
         "from"},
        {"sessions.list", R"({"limit":1001})", CONCLAVE_VALIDATION_ERROR, "limit"},
        {"sessions.export", R"({"id":"x","format":"pdf"})", CONCLAVE_VALIDATION_ERROR, "format"},
        {"agents.get", R"({"id":"agt_none"})", CONCLAVE_AGENT_NOT_FOUND, ""},
        {"messages.send", host.send_document(""), CONCLAVE_IDEMPOTENCY_KEY_REQUIRED,
         "idempotency_key"},
        {"messages.send", host.send_document("with space"), CONCLAVE_IDEMPOTENCY_KEY_INVALID,
         "idempotency_key"},
        {"no.operation", "{}", CONCLAVE_UNSUPPORTED, "operation"},
        {"messages.stream", host.send_document("k"), CONCLAVE_UNSUPPORTED, ""},
        {"tenants.list", R"({"cursor":"x"})", CONCLAVE_VALIDATION_ERROR, "cursor"},
    };
    const auto before = host.call("tenants.list", "{}").document;
    for (const auto& c : cases) {
        INFO(c.operation << ' ' << c.document);
        const auto answer = host.call(c.operation, c.document);
        CHECK(answer.status == c.status);
        CHECK(answer.text("/code") == conclave_status_name(c.status));
        CHECK(field_of(answer) == c.field);
    }
    CHECK(host.call("tenants.list", "{}").document == before);
}

TEST_CASE("operations of a tenant need one, and an API key opens it") {
    c_host host;
    host.settle_in("echo/m");
    const auto secret = host.call("api_keys.create", R"({"name":"server"})").text("/secret");
    REQUIRE(secret.starts_with("cnv_live_"));
    host.options.tenant_id = nullptr;
    const auto none = host.call("sessions.list", "{}");
    CHECK(none.status == CONCLAVE_VALIDATION_ERROR);
    CHECK(field_of(none) == "tenant_id");
    host.options.api_key = secret.c_str();
    CHECK(host.call("sessions.get", R"({"id":")" + host.session + R"("})").status == CONCLAVE_OK);
    CHECK(host.call("messages.send", host.send_document("k")).status == CONCLAVE_OK);
    const auto request = host.submit("messages.send", host.send_document("k"));
    const auto e = host.next();
    CHECK(e.request == request);
    CHECK(e.answer.status == CONCLAVE_OK);
    const auto wrong = secret + "x";
    host.options.api_key = wrong.c_str();
    CHECK(host.call("sessions.list", "{}").status == CONCLAVE_UNAUTHORIZED);
    (void)host.submit("messages.send", host.send_document("k"));
    CHECK(host.next().answer.status == CONCLAVE_UNAUTHORIZED);
}

TEST_CASE("an error fits its structure, whatever it says") {
    c_host host;
    const auto answer = host.call("tenants.create", R"({")" + std::string(100'000, 'x') + "\":1}");
    CHECK(answer.status == CONCLAVE_VALIDATION_ERROR);
    CHECK(answer.document.size() == host.error.document_length);
    CHECK(answer.text("/code") == "VALIDATION_ERROR");
    host.options.request_id = "req_\xC3\xA9";
    CHECK(host.call("tenants.get", R"({"id":"x"})").text("/request_id") == "req_\xC3\xA9");
    const std::string longest(128, 'r');
    host.options.request_id = longest.c_str();
    CHECK(host.call("tenants.get", R"({"id":"x"})").text("/request_id") == longest);
    const std::string longer(129, 'r');
    host.options.request_id = longer.c_str();
    CHECK(host.call("tenants.get", R"({"id":"x"})").text("/details/field") == "request_id");
}

TEST_CASE("every error has a request id, and a host's own is one line of text") {
    c_host host;
    host.settle_in("echo");
    for (const auto* operation : {"tenants.get", "sessions.get", "messages.send", "no.such"}) {
        const auto answer = host.call(operation, R"({"id":"x"})");
        CHECK(answer.status != CONCLAVE_OK);
        CHECK(answer.text("/request_id").starts_with("req_"));
    }
    (void)host.submit("sessions.get", R"({"id":"x"})");
    CHECK(host.next().answer.text("/request_id").starts_with("req_"));

    for (const auto* id : {"two\nlines", "\x7F", "\xFF"}) {
        host.options.request_id = id;
        for (const auto* operation : {"sessions.list", "messages.send"}) {
            const auto answer = host.call(operation, "{}");
            CHECK(answer.text("/details/field") == "request_id");
            CHECK(answer.text("/request_id").starts_with("req_"));
        }
    }
}

TEST_CASE("the options' deadline is that of sends whose document has none") {
    c_host host(
        R"([{"name":"slow","kind":"scripted","replies":[{"text":"x","latency_ms":60000}]}])",
        R"(,"drain_ms":0)");
    host.settle_in("slow");
    host.options.deadline_ms = 1;
    CHECK(host.call("messages.send", host.send_document("k")).status == CONCLAVE_DEADLINE_EXCEEDED);
    (void)host.submit("messages.send", host.send_document("k"));
    CHECK(host.next().answer.status == CONCLAVE_DEADLINE_EXCEEDED);
    for (const std::int64_t outside : {-1LL, 24LL * 60 * 60 * 1'000 + 1}) {
        host.options.deadline_ms = outside;
        CHECK(host.call("sessions.list", "{}").text("/details/field") == "deadline_ms");
    }
    host.options.deadline_ms = 24LL * 60 * 60 * 1'000;
    CHECK(host.call("sessions.list", "{}").status == CONCLAVE_OK);
}

TEST_CASE("options of a later version pass if what is unknown here is zero") {
    c_host host;
    struct {
        conclave_options known = CONCLAVE_OPTIONS_INIT;
        std::uint64_t later = 0;
    } longer;
    longer.known.size = sizeof longer;
    longer.known.error = &host.error;
    conclave_result* result = nullptr;
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", "{}", 2, &longer.known, &result) ==
          CONCLAVE_OK);
    conclave_result_release(result);
    longer.later = 1;
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", "{}", 2, &longer.known, &result) ==
          CONCLAVE_VALIDATION_ERROR);
    CHECK(std::string(host.error.message) == "options have a layout that is not known");
    longer.known.size = 1U << 30U;
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", "{}", 2, &longer.known, &result) ==
          CONCLAVE_VALIDATION_ERROR);
}

TEST_CASE("without a place for the error a call still gives its status") {
    c_host host;
    conclave_result* result = nullptr;
    CHECK(conclave_call_blocking(host.gateway, "nothing", "{}", 2, nullptr, &result) ==
          CONCLAVE_UNSUPPORTED);
    CHECK(result == nullptr);
    conclave_options old = CONCLAVE_OPTIONS_INIT;
    old.size = 8;
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", "{}", 2, &old, &result) ==
          CONCLAVE_VALIDATION_ERROR);
    CHECK(conclave_call_blocking(host.gateway, nullptr, "{}", 2, nullptr, &result) ==
          CONCLAVE_VALIDATION_ERROR);
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", nullptr, 2, nullptr, &result) ==
          CONCLAVE_VALIDATION_ERROR);
    CHECK(conclave_call_blocking(host.gateway, "gateway.health", nullptr, 0, nullptr, nullptr) ==
          CONCLAVE_VALIDATION_ERROR);
}

TEST_CASE("what belongs to users passes through unchanged") {
    c_host host;
    const std::string metadata =
        R"({"a_b":1,"aB":123456789012345678901234567890,"__proto__":{"x":0.1},)"
        R"("":"","é😀":[1e+300]})";
    const auto made = host.call("tenants.create", R"({"name":"A","metadata":)" + metadata + "}");
    REQUIRE(made.status == CONCLAVE_OK);
    CHECK(made.document.find("\"metadata\":" + metadata + ",") != std::string::npos);
    const auto read = host.call("tenants.get", R"({"id":")" + made.text("/id") + R"("})");
    CHECK(read.document == made.document);
}
