// The two vendors of the vocalbridge system, as configurations of the mapped kind.
#pragma once

#include <conclave/provider.hpp>

#include <string>

namespace vendors {

/// Answers {outputText, tokensIn, tokensOut}.
inline conclave::new_provider vendor_a(const std::string& origin = "http://127.0.0.1:9101") {
    conclave::new_provider p;
    p.name = "vendorA";
    p.kind = conclave::provider_kind::mapped;
    p.base_url = origin + "/vendor-a/generate";
    p.mapped.request_template = R"({
        "model": "{{model}}",
        "messages": "{{messages}}",
        "temperature": "{{temperature}}",
        "maxTokens": "{{max_tokens}}"
    })";
    p.mapped.text = "/outputText";
    p.mapped.tokens_in = "/tokensIn";
    p.mapped.tokens_out = "/tokensOut";
    p.mapped.error_code = "/error/code";
    p.mapped.error_message = "/error/message";
    p.policy.preset = "vocalbridge";
    return p;
}

/// Answers in another shape, and asks for a wait in the body of a 429.
inline conclave::new_provider vendor_b(const std::string& origin = "http://127.0.0.1:9101") {
    conclave::new_provider p;
    p.name = "vendorB";
    p.kind = conclave::provider_kind::mapped;
    p.base_url = origin + "/vendor-b/complete";
    p.mapped.request_template = R"({
        "model": "{{model}}",
        "system": "{{instructions}}",
        "input": "{{messages}}",
        "options": {"temperature": "{{temperature}}", "max_output_tokens": "{{max_tokens}}"}
    })";
    p.mapped.text = "/choices/0/message/content";
    p.mapped.tokens_in = "/usage/input_tokens";
    p.mapped.tokens_out = "/usage/output_tokens";
    p.mapped.error_code = "/error/type";
    p.mapped.error_message = "/error/message";
    p.mapped.retry_after_ms = "/error/retryAfterMs";
    p.policy.preset = "vocalbridge";
    return p;
}

}  // namespace vendors
