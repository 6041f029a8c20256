// A gateway whose vendor A streams in one of the real protocols over HTTP.
#pragma once

#include "house.hpp"
#include "simulator/simulator_process.hpp"

#include <array>
#include <string>
#include <vector>

namespace house {

struct protocol {
    const char* vendor;  ///< as the simulator names it
    provider_kind kind;
    const char* path;
};

inline constexpr std::array protocols = {
    protocol{"openai", provider_kind::openai, "/v1"},
    protocol{"openai-responses", provider_kind::openai_responses, "/v1"},
    protocol{"anthropic", provider_kind::anthropic, ""},
    protocol{"gemini", provider_kind::gemini, ""},
};

/// A gateway whose vendor A speaks one protocol; vendor B answers from a script.
struct streamed_vendor {
    explicit streamed_vendor(const protocol& p)
        : spoken(p),
          gw(open_priced(":memory:", on_virtual_time(),
                         {{.name = "vendorA",
                           .kind = p.kind,
                           .base_url = simulator.base_url() + p.path,
                           .api_key = "key",
                           .policy = {.retries = 0},
                           .default_model = "m"},
                          scripted("vendorB", {answering("From B.", 1, 2)})})),
          acme(settle_in(gw, "Acme", {"vendorB/m"})) {}

    void tell(const std::string& scenario) const {
        simulator.control(R"({"target":")" + std::string(spoken.vendor) + R"(","scenarios":[)" +
                          scenario + "]}");
    }

    std::vector<stream_event> stream(std::string key) const {
        auto s = acme.tenant.messages().stream(acme.request(std::move(key))).value();
        std::vector<stream_event> events;
        while (auto e = s.next()) events.push_back(*std::move(e));
        return events;
    }

    simulator::simulator_process simulator;
    protocol spoken;
    gateway gw;
    household acme;
};

}  // namespace house
