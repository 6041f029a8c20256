// Configurations of providers. Odd vendors need no code: a template and pointers describe them.
#include "vendors.hpp"

#include <cstdlib>

namespace demo {

namespace {

using conclave::new_provider;
using conclave::provider_kind;

std::string variable(const char* name, std::string otherwise = {}) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : std::move(otherwise);
}

/// Takes {"messages"}, answers {"outputText", "tokensIn", "tokensOut"}.
new_provider vendor_a(const std::string& origin) {
    return {.name = "vendorA",
            .kind = provider_kind::mapped,
            .base_url = origin + "/vendor-a/generate",
            .policy = {.preset = "vocalbridge"},
            .mapped = {.request_template = R"({"messages": "{{messages}}"})",
                       .text = "/outputText",
                       .tokens_in = "/tokensIn",
                       .tokens_out = "/tokensOut",
                       .error_code = "/error/code",
                       .error_message = "/error/message"}};
}

/// Takes {"input"}, answers in another shape, and says in its body how long to wait.
new_provider vendor_b(const std::string& origin) {
    return {.name = "vendorB",
            .kind = provider_kind::mapped,
            .base_url = origin + "/vendor-b/complete",
            .policy = {.preset = "vocalbridge"},
            .mapped = {.request_template = R"({"input": "{{messages}}"})",
                       .text = "/choices/0/message/content",
                       .tokens_in = "/usage/input_tokens",
                       .tokens_out = "/usage/output_tokens",
                       .error_code = "/error/type",
                       .error_message = "/error/message",
                       .retry_after_ms = "/error/retryAfterMs"}};
}

routes add_real(const conclave::gateway& gw, const real_vendor& real) {
    gw.providers()
        .register_provider({.name = "openai",
                            .kind = provider_kind::openai,
                            .base_url = real.base_url,
                            .api_key = real.api_key,
                            .default_model = real.model})
        .value();
    // Nobody listens there: a vendor that is down.
    gw.providers()
        .register_provider({.name = "nowhere",
                            .kind = provider_kind::openai,
                            .base_url = "http://127.0.0.1:9/v1",
                            .policy = {.preset = "vocalbridge"},
                            .default_model = "none"})
        .value();
    gw.prices()
        .set({.provider = "openai", .usd_per_million = {{.input = "0.15", .output = "0.60"}}})
        .value();
    gw.prices().set({.provider = "nowhere", .usd_per_1k_tokens = "0"}).value();
    return {"openai", "nowhere", "openai"};
}

}  // namespace

std::optional<real_vendor> find_real_vendor() {
    real_vendor v{variable("OPENAI_API_KEY"),
                  variable("OPENAI_BASE_URL", "https://api.openai.com/v1"),
                  variable("OPENAI_MODEL", "gpt-4o-mini")};
    if (v.api_key.empty() && variable("OPENAI_BASE_URL").empty()) return std::nullopt;
    return v;
}

routes add_vendors(const conclave::gateway& gw, const std::optional<real_vendor>& real,
                   const std::string& simulator) {
    if (real) return add_real(gw, *real);
    gw.providers().register_provider(vendor_a(simulator)).value();
    gw.providers().register_provider(vendor_b(simulator)).value();
    gw.prices().set({.provider = "vendorA", .usd_per_1k_tokens = "0.002"}).value();
    gw.prices().set({.provider = "vendorB", .usd_per_1k_tokens = "0.003"}).value();
    return {"vendorA", "vendorA", "vendorB"};
}

}  // namespace demo
