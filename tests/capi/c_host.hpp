// A host of the C API for tests: one gateway in memory, one tenant, one port.
#pragma once

#include "json/parse.hpp"
#include "json/pointer.hpp"

#include <conclave.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace conclave::test {

/// What a call gave: a status and the document, or the error's.
struct c_answer {
    std::int32_t status = 0;
    std::string document;

    json::value json() const { return json::parse(document, "document").value(); }
    /// A string member found by its JSON pointer, or "".
    std::string text(std::string_view pointer) const {
        const auto parsed = json();
        const auto* v = json::at_pointer(parsed, pointer);
        return v && v->as_string() ? *v->as_string() : std::string();
    }
};

struct c_event {
    std::uint32_t kind = 0;
    std::uint64_t request = 0;
    std::uint64_t call = 0;
    c_answer answer;
};

class c_host {
   public:
    explicit c_host(std::string providers = R"([{"name":"echo","kind":"scripted","echo":true}])",
                    std::string more = "") {
        options.error = &error;
        const auto config =
            R"({"store":":memory:","providers":)" + std::move(providers) + std::move(more) + "}";
        if (conclave_open(config.data(), config.size(), &options, &gateway) != CONCLAVE_OK)
            throw std::runtime_error(error.document);
        conclave_port_new(nullptr, &port);
    }
    ~c_host() {
        conclave_close(gateway);
        conclave_port_free(port);
    }
    c_host(const c_host&) = delete;
    c_host& operator=(const c_host&) = delete;

    /// A tenant with an agent of this route and a session; the options then name the tenant.
    void settle_in(const std::string& route) {
        tenant = call("tenants.create", R"({"name":"Acme"})").text("/id");
        options.tenant_id = tenant.c_str();
        agent = call("agents.create", R"({"name":"A","primary":")" + route + R"("})").text("/id");
        session = call("sessions.create", R"({"agent_id":")" + agent + R"("})").text("/id");
    }

    c_answer call(const char* operation, std::string_view document) {
        conclave_result* result = nullptr;
        const auto status = conclave_call_blocking(gateway, operation, document.data(),
                                                   document.size(), &options, &result);
        if (status != CONCLAVE_OK) return {status, error.document};
        c_answer a{status, conclave_result_document(result, nullptr)};
        conclave_result_release(result);
        return a;
    }

    std::string send_document(std::string_view key, std::string_view content = "Hello") const {
        return R"({"session_id":")" + session + R"(","content":")" + std::string(content) +
               R"(","idempotency_key":")" + std::string(key) + R"("})";
    }

    std::uint64_t submit(const char* operation, std::string_view document) {
        std::uint64_t request = 0;
        if (conclave_submit(gateway, port, operation, document.data(), document.size(), &options,
                            &request) != CONCLAVE_OK)
            throw std::runtime_error(error.document);
        return request;
    }

    /// The next event, waited for; kind NONE after 20 s.
    c_event next(std::int64_t timeout_ms = 20'000) const {
        conclave_event e = CONCLAVE_EVENT_INIT;
        if (conclave_port_next(port, timeout_ms, &e) != CONCLAVE_OK) return {};
        c_event out{e.kind, e.request, e.call, {e.status, {}}};
        if (const auto* text = conclave_result_document(e.result, nullptr))
            out.answer.document = text;
        conclave_result_release(e.result);
        return out;
    }

    std::int32_t reply(std::uint64_t call, std::int32_t status, std::string_view document) {
        return conclave_reply(gateway, call, status, document.data(), document.size(), &options);
    }

    conclave_gateway* gateway = nullptr;
    conclave_port* port = nullptr;
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    std::string tenant;
    std::string agent;
    std::string session;
};

}  // namespace conclave::test
