// Prints the shapes.
#include "documents.hpp"

#include "json_text.hpp"
#include "service.hpp"

#include <algorithm>

namespace vocalbridge {

namespace {

using conclave::to_iso8601;

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::string number_of(const std::optional<conclave::money>& cost) {
    return cost ? cost->to_usd_string() : "null";
}

/// A price is a decimal text already.
std::string pricing_document(const std::optional<std::string>& usd_per_1k_tokens) {
    return object().raw("usdPer1kTokens", usd_per_1k_tokens.value_or("null")).str();
}

std::string_view word(conclave::session_status status) {
    switch (status) {
        case conclave::session_status::active: return "active";
        case conclave::session_status::closed: return "closed";
        case conclave::session_status::deleted: return "deleted";
    }
    return "deleted";
}

std::string_view word(conclave::message_role role) {
    switch (role) {
        case conclave::message_role::system: return "system";
        case conclave::message_role::user: return "user";
        case conclave::message_role::assistant: return "assistant";
        case conclave::message_role::tool: return "tool";
    }
    return "tool";
}

std::string attempt_document(const conclave::attempt_summary& a) {
    return object()
        .text("provider", a.provider)
        .text("status", a.success ? "success" : "failed")
        .maybe_number("httpStatus", a.http_status)
        .number("latencyMs", a.latency_ms)
        .number("retries", a.retries)
        .maybe_text("errorCode", a.error_code)
        .str();
}

std::string usage_document(const conclave::reply_usage& u) {
    return object()
        .number("tokensIn", u.tokens.input)
        .number("tokensOut", u.tokens.output)
        .raw("costUsd", number_of(u.cost))
        .raw("pricing", pricing_document(u.usd_per_1k_tokens))
        .str();
}

}  // namespace

std::string me_document(const conclave::tenant_record& t,
                        const std::vector<conclave::price_version>& prices) {
    object pricing;
    for (const auto vendor : vendor_names) {
        const auto price = std::find_if(prices.begin(), prices.end(),
                                        [&](const auto& p) { return p.provider == vendor; });
        if (price != prices.end()) pricing.raw(vendor, pricing_document(price->usd_per_1k_tokens));
    }
    const auto tenant = object()
                            .text("id", t.id.str())
                            .text("name", t.name)
                            .text("createdAt", to_iso8601(t.created_at))
                            .str();
    return object().raw("tenant", tenant).raw("pricing", pricing.str()).str();
}

std::string agent_document(const conclave::agent& a) {
    const auto fallback = a.fallbacks.empty() ? std::nullopt : std::optional(a.fallbacks.front());
    return object()
        .text("id", a.id.str())
        .text("name", a.name)
        .text("primaryProvider", a.primary)
        .maybe_text("fallbackProvider", fallback)
        .text("systemPrompt", a.instructions)
        .text("createdAt", to_iso8601(a.created_at))
        .text("updatedAt", to_iso8601(a.updated_at))
        .str();
}

std::string session_document(const conclave::session& s) {
    return object()
        .text("id", s.id.str())
        .text("agentId", s.agent_id.str())
        .maybe_text("customerId", unless_empty(s.customer_id))
        .text("status", word(s.status))
        .text("createdAt", to_iso8601(s.created_at))
        .text("lastActivityAt", to_iso8601(s.last_activity_at))
        .raw("metadata", s.metadata)
        .str();
}

std::string message_document(const conclave::message& m) {
    return object()
        .text("id", m.id.str())
        .text("sessionId", m.session_id.str())
        .text("role", word(m.role))
        .text("content", m.content)
        .text("createdAt", to_iso8601(m.created_at))
        .str();
}

std::string reply_document(const conclave::reply& r) {
    const auto& m = r.metadata;
    const auto idempotency =
        object().text("key", m.idempotency_key).truth("replayed", m.replayed).str();
    const auto metadata = object()
                              .text("agentId", m.agent_id.str())
                              .text("providerUsed", m.provider_used)
                              .text("primaryAttempted", m.primary_attempted)
                              .maybe_text("fallbackAttempted", m.fallback_attempted)
                              .truth("fallbackUsed", m.fallback_used)
                              .raw("attempts", array_of(m.attempts, attempt_document))
                              .raw("usage", usage_document(m.usage))
                              .raw("idempotency", idempotency)
                              .text("requestId", m.request_id.str())
                              .str();
    return object().raw("message", message_document(r.message)).raw("metadata", metadata).str();
}

std::string event_document(const conclave::usage_event& e) {
    return object()
        .text("id", e.id.str())
        .text("sessionId", e.session_id.str())
        .text("agentId", e.agent_id.str())
        .text("messageId", e.message_id.str())
        .text("provider", e.provider)
        .number("tokensIn", e.tokens.input)
        .number("tokensOut", e.tokens.output)
        .number("tokensTotal", e.tokens.total())
        .raw("costUsd", number_of(e.cost))
        .text("createdAt", to_iso8601(e.created_at))
        .str();
}

std::string rollup_document(const conclave::usage_rollup& r) {
    const auto range =
        object().text("from", to_iso8601(r.range.from)).text("to", to_iso8601(r.range.to)).str();
    const auto totals = object()
                            .number("sessions", r.totals.sessions)
                            .number("messages", r.totals.messages)
                            .number("tokensIn", r.totals.tokens_in)
                            .number("tokensOut", r.totals.tokens_out)
                            .number("tokensTotal", r.totals.tokens_total)
                            .raw("costUsd", r.totals.cost.to_usd_string())
                            .str();
    const auto of_provider = [](const conclave::provider_usage& p) {
        return object()
            .text("provider", p.provider)
            .number("sessions", p.sessions)
            .number("tokensIn", p.tokens_in)
            .number("tokensOut", p.tokens_out)
            .number("tokensTotal", p.tokens_total)
            .raw("costUsd", p.cost.to_usd_string())
            .str();
    };
    const auto of_agent = [](const conclave::agent_usage& a) {
        return object()
            .text("agentId", a.agent_id.str())
            .text("agentName", a.agent_name)
            .number("sessions", a.sessions)
            .number("tokensTotal", a.tokens_total)
            .raw("costUsd", a.cost.to_usd_string())
            .str();
    };
    return object()
        .raw("range", range)
        .raw("totals", totals)
        .raw("byProvider", array_of(r.by_provider, of_provider))
        .raw("topAgentsByCost", array_of(r.top_agents_by_cost, of_agent))
        .str();
}

}  // namespace vocalbridge
