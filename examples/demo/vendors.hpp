// The vendors of the demo: two simulated ones, or a real one named in the environment.
#pragma once

#include <conclave/conclave.hpp>

#include <optional>
#include <string>

namespace demo {

/// A vendor with an OpenAI-compatible API, from OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL.
/// conclave itself reads no environment; its host may.
struct real_vendor {
    std::string api_key;
    std::string base_url;
    std::string model;
};
std::optional<real_vendor> find_real_vendor();

/// How the demo's agents reach an answer, and how they reach one when the first vendor is down.
struct routes {
    std::string primary;
    std::string broken;
    std::string fallback;
};

/// Registers the vendors and sets their prices. `simulator` is the origin of the simulated ones.
routes add_vendors(const conclave::gateway& gw, const std::optional<real_vendor>& real,
                   const std::string& simulator);

}  // namespace demo
