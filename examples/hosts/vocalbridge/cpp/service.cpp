// Opens the gateway. A vendor needs no code: a request template and JSON pointers describe it.
#include "service.hpp"

namespace vocalbridge {

namespace {

using conclave::new_provider;
using conclave::provider_kind;

new_provider vendor_a(const std::string& url) {
    return {.name = "vendorA",
            .kind = provider_kind::mapped,
            .base_url = url,
            .policy = {.preset = "vocalbridge"},
            .mapped = {.request_template = R"({"messages": "{{messages}}"})",
                       .text = "/outputText",
                       .tokens_in = "/tokensIn",
                       .tokens_out = "/tokensOut",
                       .error_code = "/error/code",
                       .error_message = "/error/message"}};
}

new_provider vendor_b(const std::string& url) {
    return {.name = "vendorB",
            .kind = provider_kind::mapped,
            .base_url = url,
            .policy = {.preset = "vocalbridge"},
            .mapped = {.request_template = R"({"input": "{{messages}}"})",
                       .text = "/choices/0/message/content",
                       .tokens_in = "/usage/input_tokens",
                       .tokens_out = "/usage/output_tokens",
                       .error_code = "/error/type",
                       .error_message = "/error/message",
                       .retry_after_ms = "/error/retryAfterMs"}};
}

}  // namespace

conclave::gateway open_service(const settings& s) {
    conclave::open_options options;
    options.providers = {vendor_a(s.vendor_a_url), vendor_b(s.vendor_b_url)};
    options.prices = {{.provider = "vendorA", .usd_per_1k_tokens = "0.002"},
                      {.provider = "vendorB", .usd_per_1k_tokens = "0.003"}};
    return conclave::gateway::open(s.store, std::move(options)).value();
}

}  // namespace vocalbridge
