// Random calls with random and stale handles, wrong documents, truncated UTF-8: no crash, and a
// status of the table. Closing while others call.
#include "capi/c_host.hpp"
#include "unit/test_seed.hpp"

#include <catch2/catch.hpp>

#include <atomic>
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

bool in_table(std::int32_t status) {
    return status >= CONCLAVE_OK && status <= CONCLAVE_INTERNAL_ERROR;
}

}  // namespace

TEST_CASE("no misuse crashes, and every status is one of the table") {
    const auto seed = test_seed();
    INFO("seed " << seed);
    monkey m(seed);
    c_host host;
    host.settle_in("echo/m");
    std::vector<conclave_gateway*> gateways{host.gateway};
    std::vector<conclave_port*> ports{host.port};
    std::vector<conclave_result*> results;
    std::uint64_t request = 0;
    for (int i = 0; i < rounds; ++i) {
        auto* gw = m.handle(gateways);
        auto* port = m.handle(ports);
        auto* result = m.handle(results);
        const auto document = m.document(host);
        const auto* operation = operations[m.pick(std::size(operations))];
        std::int32_t status = 0;
        switch (m.pick(12)) {
            case 0:
                status = conclave_open(document.data(), document.size(), &host.options, &gw);
                if (status == CONCLAVE_OK) gateways.push_back(gw);
                break;
            case 1:
                if (gw != host.gateway) conclave_close(gw);
                break;
            case 2:
            case 3:
                status = conclave_call_blocking(gw, operation, document.data(), document.size(),
                                                &host.options, &result);
                if (status == CONCLAVE_OK) results.push_back(result);
                break;
            case 4:
            case 5:
                status = conclave_submit(gw, port, operation, document.data(), document.size(),
                                         &host.options, &request);
                break;
            case 6: status = conclave_cancel(gw, request + m.pick(3)); break;
            case 7:
                status =
                    conclave_stream_pull(gw, request, static_cast<std::uint32_t>(m.pick(1'002)));
                break;
            case 8:
                status = conclave_reply(gw, m.pick(10), static_cast<std::int32_t>(m.pick(50)) - 5,
                                        document.data(), document.size(), &host.options);
                break;
            case 9: {
                conclave_event e = CONCLAVE_EVENT_INIT;
                status = conclave_port_next(port, 0, &e);
                if (e.result) results.push_back(e.result);
                break;
            }
            case 10:
                if (port != host.port) conclave_port_free(port);
                (void)conclave_port_fd(port);
                break;
            default:
                if (const auto* text = conclave_result_document(result, nullptr))
                    REQUIRE(text[0] == '{');
                conclave_result_release(result);
                break;
        }
        REQUIRE(in_table(status));
    }
    for (auto* result : results) conclave_result_release(result);
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
