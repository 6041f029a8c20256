// Documents of one tenant: keys, agents, sessions, messages.
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/print_parts.hpp"
#include "json/council_text.hpp"
#include "messaging/reply_document.hpp"
#include "sessions/transcript_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace conclave::capi {

namespace {

std::string_view word_of(tenant_status s) {
    switch (s) {
        case tenant_status::active: return "active";
        case tenant_status::suspended: return "suspended";
        case tenant_status::deleted: return "deleted";
    }
    return "";
}

void print_policy(json::writer& w, const policy& p) {
    const auto integer = [&w](const char* key, const std::optional<std::int64_t>& v) {
        if (v) w.key(key).integer(*v);
    };
    w.begin_object();
    if (p.preset) w.key("preset").string(*p.preset);
    integer("connect_timeout_ms", p.connect_timeout_ms);
    integer("first_byte_timeout_ms", p.first_byte_timeout_ms);
    integer("attempt_timeout_ms", p.attempt_timeout_ms);
    integer("total_timeout_ms", p.total_timeout_ms);
    integer("retries", p.retries);
    integer("base_delay_ms", p.base_delay_ms);
    if (p.factor) w.key("factor").number(*p.factor);
    integer("max_delay_ms", p.max_delay_ms);
    if (p.jitter)
        w.key("jitter").string(*p.jitter == jitter_mode::none    ? "none"
                               : *p.jitter == jitter_mode::equal ? "equal"
                                                                 : "full");
    integer("max_retry_after_ms", p.max_retry_after_ms);
    if (p.on_ambiguous)
        w.key("on_ambiguous").string(*p.on_ambiguous == ambiguous_policy::retry ? "retry" : "stop");
    if (p.on_crash)
        w.key("on_crash").string(*p.on_crash == crash_policy::recover ? "recover" : "report");
    if (p.in_progress)
        w.key("in_progress").string(*p.in_progress == in_progress_policy::wait ? "wait" : "fail");
    if (p.on_cancel)
        w.key("on_cancel").string(*p.on_cancel == cancel_policy::detach ? "detach" : "abort");
    w.end_object();
}

/// As it was given: a name alone, or the whole tool.
void print_agent_tool(json::writer& w, const agent_tool& tool) {
    if (tool.registered) {
        w.string(tool.name);
        return;
    }
    w.begin_object().key("name").string(tool.name).key("description").string(tool.description);
    print_parameters(w, tool.parameters);
    w.end_object();
}

void print_warning(json::writer& w, const council_warning& warning) {
    w.begin_object().key("code").string(warning.code).key("field").string(warning.field);
    w.key("message").string(warning.message).key("seat").string(warning.seat);
    w.key("stage").string(warning.stage).key("p95_ms").integer(warning.p95_ms);
    w.key("share_ms").integer(warning.share_ms).end_object();
}

/// The shortest text that reads back as the same float.
void print_number(json::writer& w, float number) {
    if (!std::isfinite(number)) {
        w.null();
        return;
    }
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    w.raw({text.data(), static_cast<std::size_t>(end - text.data())});
}

}  // namespace

void print(json::writer& w, const embeddings& e) {
    w.begin_object().key("vectors").begin_array();
    for (const auto& vector : e.vectors) {
        w.begin_array();
        for (const auto number : vector) print_number(w, number);
        w.end_array();
    }
    w.end_array().key("provider_used").string(e.provider_used);
    w.key("model_used").string(e.model_used);
    w.key("usage").raw(messaging::print_usage(e.usage));
    w.key("request_id").string(e.request_id.str()).end_object();
}

void print(json::writer& w, const tenant_record& t) {
    w.begin_object().key("id").string(t.id.str()).key("name").string(t.name);
    w.key("status").string(word_of(t.status)).key("metadata").raw(t.metadata);
    w.key("settings").raw(t.settings);
    w.key("created_at").string(to_iso8601(t.created_at)).end_object();
}

void print(json::writer& w, const api_key& k) {
    w.begin_object().key("id").string(k.id.str()).key("name").string(k.name);
    w.key("last4").string(k.last4).key("scopes").begin_array();
    for (const auto& scope : k.scopes) w.string(scope);
    w.end_array().key("created_at").string(to_iso8601(k.created_at)).key("expires_at");
    print_time(w, k.expires_at);
    w.key("last_used_at");
    print_time(w, k.last_used_at);
    w.key("revoked_at");
    print_time(w, k.revoked_at);
    w.key("revoke_reason");
    print_text(w, k.revoke_reason);
    w.end_object();
}

void print(json::writer& w, const created_api_key& k) {
    w.begin_object().key("api_key");
    print(w, k.api_key);
    w.key("secret").string(k.secret).end_object();
}

void print(json::writer& w, const agent& a) {
    w.begin_object().key("id").string(a.id.str()).key("version").integer(a.version);
    w.key("name").string(a.name).key("description").string(a.description);
    w.key("primary").string(a.primary).key("fallbacks").begin_array();
    for (const auto& route : a.fallbacks) w.string(route);
    w.end_array().key("instructions").string(a.instructions).key("temperature");
    a.temperature ? w.number(*a.temperature) : w.null();
    w.key("max_tokens");
    print_integer(w, a.max_tokens);
    w.key("tools").begin_array();
    for (const auto& tool : a.tools) print_agent_tool(w, tool);
    w.end_array().key("council");
    if (a.council)
        json::print(w, *a.council);
    else
        w.null();
    w.key("policy");
    print_policy(w, a.policy);
    w.key("metadata").raw(a.metadata).key("created_at").string(to_iso8601(a.created_at));
    w.key("updated_at").string(to_iso8601(a.updated_at)).key("warnings").begin_array();
    for (const auto& warning : a.warnings) print_warning(w, warning);
    w.end_array().end_object();
}

void print(json::writer& w, const transcript& t) {
    w.begin_object().key("session");
    print(w, t.session);
    w.key("messages").begin_array();
    for (const auto& m : t.messages) print(w, m);
    w.end_array().key("next_cursor");
    print_text(w, t.next_cursor);
    w.end_object();
}

void print(json::writer& w, const unknown_send& s) {
    w.begin_object().key("send_id").string(s.send_id.str()).key("operation").string(s.operation);
    w.key("session_id").string(s.session_id.str()).key("request_id").string(s.request_id.str());
    w.key("epoch").integer(s.epoch).key("attempts").integer(s.attempts);
    w.key("created_at").string(to_iso8601(s.created_at));
    w.key("unknown_since").string(to_iso8601(s.unknown_since)).end_object();
}

}  // namespace conclave::capi
