// Random calls with random and stale handles, wrong documents, truncated UTF-8: no crash, and a
// status of the table. Closing while others call.
#include "capi/c_host.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace conclave::test;

namespace {

constexpr int rounds = 4'000;

const char* const operations[] = {
    "tenants.create",      "tenants.list",    "agents.create", "sessions.create",
    "messages.send",       "messages.stream", "usage.rollup",  "providers.register",
    "sessions.transcript", "gateway.check",   "no.such",       "",
    "messages.send\n"};

class monkey {
   public:
    explicit monkey(std::uint64_t seed) : random_(seed) {}

    /// Something that may be taken for a handle.
    template <class Handle>
    Handle* handle(const std::vector<Handle*>& known) {
        switch (pick(5)) {
            case 0: return nullptr;
            case 1: return reinterpret_cast<Handle*>(random_());
            case 2: return reinterpret_cast<Handle*>(0x1000 + pick(200));
            default: return known.empty() ? nullptr : known[pick(known.size())];
        }
    }
    std::string document(const c_host& host) {
        const std::string good[] = {host.send_document("k" + std::to_string(pick(20))),
                                    R"({"name":"A","primary":"echo/m"})",
                                    R"({"agent_id":")" + host.agent + R"("})",
                                    R"({"from":"2026-01-01","to":"2026-12-31"})",
                                    R"({"name":"c","kind":"callback"})",
                                    R"({"id":")" + host.session + R"("})",
                                    "{\"name\":\"\xF0\x9F\x98\x80\"}"};
        auto text = good[pick(std::size(good))];
        for (auto changes = pick(3); changes > 0 && !text.empty(); --changes) {
            switch (pick(4)) {
                case 0: text.resize(pick(text.size() + 1)); break;
                case 1: text[pick(text.size())] = static_cast<char>(random_()); break;
                case 2: text.insert(pick(text.size() + 1), 1, static_cast<char>(random_())); break;
                default: text += text.substr(pick(text.size())); break;
            }
        }
        return text;
    }
    std::size_t pick(std::size_t below) { return random_() % below; }

   private:
    std::mt19937_64 random_;
};

/// What a caller may be told of its own mistakes; everything else would be one of the library.
bool blames_caller(std::int32_t status) {
    switch (status) {
        case CONCLAVE_OK:
        case CONCLAVE_VALIDATION_ERROR:
        case CONCLAVE_UNAUTHORIZED:
        case CONCLAVE_AGENT_NOT_FOUND:
        case CONCLAVE_RESOURCE_NOT_FOUND:
        case CONCLAVE_CONFLICT:
        case CONCLAVE_IDEMPOTENCY_KEY_REQUIRED:
        case CONCLAVE_IDEMPOTENCY_KEY_INVALID:
        case CONCLAVE_IDEMPOTENCY_KEY_REUSED:
        case CONCLAVE_PAYLOAD_TOO_LARGE:
        case CONCLAVE_UNSUPPORTED:
        case CONCLAVE_HANDLE_CLOSED: return true;
        default: return false;
    }
}

template <class Handle>
bool has(const std::vector<Handle*>& known, const Handle* handle) {
    return std::find(known.begin(), known.end(), handle) != known.end();
}

}  // namespace

TEST_CASE("no misuse crashes, and every status is the right one") {
    const auto seed = test_seed();
    INFO("seed " << seed);
    monkey m(seed);
    c_host host;
    host.settle_in("echo/m");
    const auto secret = host.call("api_keys.create", "{}").text("/secret");
    std::vector<conclave_gateway*> gateways{host.gateway};
    std::vector<conclave_port*> ports{host.port};
    std::vector<conclave_result*> results;
    std::uint64_t request = 0;
    for (int i = 0; i < rounds; ++i) {
        auto* gw = m.handle(gateways);
        auto* port = m.handle(ports);
        auto* result = m.handle(results);
        const auto document = m.document(host);
        const auto* text = document.data();
        const auto* operation = operations[m.pick(std::size(operations))];
        const auto key = m.pick(2) == 0 ? secret : m.document(host);
        host.options.api_key = m.pick(4) == 0 ? key.c_str() : nullptr;
        std::optional<std::int32_t> at_gateway;
        std::optional<std::int32_t> at_port;
        switch (m.pick(14)) {
            case 0: {
                conclave_gateway* opened = nullptr;
                if (conclave_open(text, document.size(), &host.options, &opened) == CONCLAVE_OK)
                    gateways.push_back(opened);
                break;
            }
            case 1:
                if (gw == host.gateway) break;
                conclave_close(gw);
                std::erase(gateways, gw);
                break;
            case 2:
            case 3:
                at_gateway = conclave_call_blocking(gw, operation, text, document.size(),
                                                    &host.options, &result);
                if (at_gateway == CONCLAVE_OK) results.push_back(result);
                break;
            case 4:
            case 5:
                at_gateway = conclave_submit(gw, port, operation, text, document.size(),
                                             &host.options, &request);
                if (!has(ports, port)) REQUIRE(at_gateway != CONCLAVE_OK);
                break;
            case 6: at_gateway = conclave_cancel(gw, request + m.pick(3)); break;
            case 7:
                at_gateway =
                    conclave_stream_pull(gw, request, static_cast<std::uint32_t>(m.pick(1'002)));
                break;
            case 8:
                at_gateway =
                    conclave_reply(gw, m.pick(10), static_cast<std::int32_t>(m.pick(50)) - 5, text,
                                   document.size(), &host.options);
                break;
            case 9: at_gateway = conclave_reply_text(gw, m.pick(10), text, document.size()); break;
            case 10: {
                conclave_event e = CONCLAVE_EVENT_INIT;
                at_port = conclave_port_next(port, 0, &e);
                if (e.result) results.push_back(e.result);
                break;
            }
            case 11:
                at_port = conclave_port_on_ready(
                    port, [](void*) {}, nullptr);
                break;
            case 12:
                CHECK((conclave_port_fd(port) >= 0) == has(ports, port));
                if (port == host.port) break;
                conclave_port_free(port);
                std::erase(ports, port);
                break;
            default:
                CHECK((conclave_result_document(result, nullptr) != nullptr) ==
                      has(results, result));
                conclave_result_release(result);
                std::erase(results, result);
                break;
        }
        const auto status = at_gateway.value_or(at_port.value_or(CONCLAVE_OK));
        INFO(operation << ' ' << document << ": " << conclave_status_name(status));
        REQUIRE(blames_caller(status));
        if (at_gateway && !has(gateways, gw)) REQUIRE(status == CONCLAVE_HANDLE_CLOSED);
        if (at_port && !has(ports, port)) REQUIRE(status == CONCLAVE_HANDLE_CLOSED);
        if (m.pick(20) == 0) {
            conclave_port* made = nullptr;
            REQUIRE(conclave_port_new(nullptr, &made) == CONCLAVE_OK);
            ports.push_back(made);
        }
    }
    host.options.api_key = nullptr;
    for (auto* result : results) conclave_result_release(result);
    for (auto* port : ports)
        if (port != host.port) conclave_port_free(port);
    for (auto* gw : gateways)
        if (gw != host.gateway) conclave_close(gw);
    CHECK(host.call("gateway.check", "{}").document.starts_with(R"({"ok":true)"));
}

TEST_CASE("closing races with calls from eight threads") {
    for (int round = 0; round < 20; ++round) {
        c_host host;
        host.settle_in("echo/m");
        std::atomic<int> ready{0};
        std::atomic<int> odd{0};
        std::vector<std::thread> callers;
        for (int t = 0; t < 8; ++t) {
            callers.emplace_back([&host, &ready, &odd, t] {
                conclave_error error = CONCLAVE_ERROR_INIT;
                conclave_options options = CONCLAVE_OPTIONS_INIT;
                options.tenant_id = host.tenant.c_str();
                options.error = &error;
                ++ready;
                for (int i = 0;; ++i) {
                    const auto document = host.send_document(std::to_string(t * 1'000 + i));
                    std::int32_t status = 0;
                    if (t % 2 == 0) {
                        conclave_result* result = nullptr;
                        status =
                            conclave_call_blocking(host.gateway, "messages.send", document.data(),
                                                   document.size(), &options, &result);
                        conclave_result_release(result);
                    } else {
                        std::uint64_t request = 0;
                        status =
                            conclave_submit(host.gateway, host.port, "messages.send",
                                            document.data(), document.size(), &options, &request);
                    }
                    if (status == CONCLAVE_HANDLE_CLOSED) return;
                    if (status != CONCLAVE_OK && status != CONCLAVE_OUTCOME_UNKNOWN) ++odd;
                }
            });
        }
        while (ready < 8) std::this_thread::yield();
        conclave_close(host.gateway);
        for (auto& c : callers) c.join();
        CHECK(odd == 0);
        // Who had submitted is told, too.
        while (host.next(0).kind != CONCLAVE_EVENT_NONE) {
        }
    }
}
