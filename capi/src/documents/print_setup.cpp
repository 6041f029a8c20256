// Documents of the gateway itself: providers, prices, checks, host calls.
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/print_parts.hpp"
#include "json/part_text.hpp"
#include "json/tool_text.hpp"
#include "messaging/error_document.hpp"
#include "sessions/transcript_text.hpp"

namespace conclave::capi {

namespace {

std::string_view word_of(breaker_state s) {
    switch (s) {
        case breaker_state::closed: return "closed";
        case breaker_state::open: return "open";
        case breaker_state::half_open: return "half_open";
    }
    return "";
}

std::string_view word_of(provider_kind k) {
    switch (k) {
        case provider_kind::openai: return "openai";
        case provider_kind::openai_responses: return "openai_responses";
        case provider_kind::anthropic: return "anthropic";
        case provider_kind::gemini: return "gemini";
        case provider_kind::mapped: return "mapped";
        case provider_kind::callback: return "callback";
        case provider_kind::scripted: return "scripted";
    }
    return "";
}

}  // namespace

void print_money(json::writer& w, const std::string& name, const std::optional<money>& amount) {
    w.key(name + "_usd");
    amount ? w.string(amount->to_usd_string()) : w.null();
    w.key(name + "_nano_usd");
    amount ? w.exact_integer(amount->nano_usd()) : w.null();
}

void print(json::writer& w, const provider_info& p) {
    w.begin_object().key("name").string(p.name).key("kind").string(word_of(p.kind));
    w.key("base_url").string(p.base_url).key("state").string(p.state);
    w.key("breaker").string(word_of(p.breaker)).end_object();
}

void print(json::writer& w, const tool_info& t) {
    w.begin_object().key("name").string(t.name).key("description").string(t.description);
    print_parameters(w, t.parameters);
    w.key("timeout_ms").integer(t.timeout_ms).key("side_effects").boolean(t.side_effects);
    w.key("idempotent").boolean(t.idempotent).end_object();
}

namespace {

/// The members that a `per_million` and its tiers share, in an object that is being written.
template <class Rates>
void print_rates(json::writer& w, const Rates& r) {
    w.key("input").string(r.input).key("output").string(r.output);
    if (r.cached_input) w.key("cached_input").string(*r.cached_input);
    if (r.cache_write) w.key("cache_write").string(*r.cache_write);
    if (r.cache_write_1h) w.key("cache_write_1h").string(*r.cache_write_1h);
    if (r.reasoning) w.key("reasoning").string(*r.reasoning);
}

void print_tiers(json::writer& w, const new_price::per_million& p) {
    if (!p.tiers.empty()) {
        w.key("tiers").begin_array();
        for (const auto& tier : p.tiers) {
            w.begin_object().key("above_tokens").integer(tier.above_tokens);
            print_rates(w, tier);
            w.end_object();
        }
        w.end_array();
    }
    if (p.service_tiers.empty()) return;
    w.key("service_tiers").begin_object();
    for (const auto& [name, factor] : p.service_tiers) w.key(name).string(factor);
    w.end_object();
}

}  // namespace

void print(json::writer& w, const price_version& v) {
    w.begin_object().key("id").string(v.id.str()).key("provider").string(v.provider);
    w.key("model").string(v.model).key("usd_per_1k_tokens");
    print_text(w, v.usd_per_1k_tokens);
    w.key("usd_per_million");
    if (const auto& p = v.usd_per_million) {
        w.begin_object();
        print_rates(w, *p);
        if (p->request) w.key("request").string(*p->request);
        print_tiers(w, *p);
        w.end_object();
    } else {
        w.null();
    }
    w.key("effective_from").string(to_iso8601(v.effective_from));
    w.key("created_at").string(to_iso8601(v.created_at)).end_object();
}

void print(json::writer& w, const check_report& r) {
    w.begin_object().key("ok").boolean(r.ok()).key("invariants").begin_array();
    for (const auto& i : r.invariants) {
        w.begin_object().key("name").string(i.name).key("statement").string(i.statement);
        w.key("ok").boolean(i.ok).key("offending").begin_array();
        for (const auto& row : i.offending) w.string(row);
        w.end_array().end_object();
    }
    w.end_array().end_object();
}

void print(json::writer& w, const provider_request& r) {
    w.begin_object().key("model").string(r.model).key("instructions").string(r.instructions);
    w.key("messages").begin_array();
    for (const auto& turn : r.turns) {
        w.begin_object().key("role").string(sessions::to_string(turn.role));
        w.key("content").string(turn.content);
        if (!turn.parts.empty()) w.key("parts").raw(json::print_parts(turn.parts));
        if (!turn.tool_calls.empty())
            w.key("tool_calls").raw(json::print_tool_calls(turn.tool_calls));
        if (!turn.tool_call_id.empty()) w.key("tool_call_id").string(turn.tool_call_id);
        w.end_object();
    }
    w.end_array().key("temperature");
    r.temperature ? w.number(*r.temperature) : w.null();
    w.key("max_tokens");
    print_integer(w, r.max_tokens);
    w.key("tools").begin_array();
    for (const auto& tool : r.tools) {
        w.begin_object().key("name").string(tool.name);
        w.key("description").string(tool.description);
        print_parameters(w, tool.parameters);
        w.end_object();
    }
    w.end_array();
    if (!r.output_schema.empty()) w.key("output_schema").raw(r.output_schema);
    w.end_object();
}

void print(json::writer& w, const tool_call& c) {
    w.begin_object().key("tool_call_id").string(c.id).key("arguments").raw(c.arguments);
    w.end_object();
}

std::string text_document(std::string_view text) {
    json::writer w(text.size() + 32);
    w.begin_object().key("text").string(text).end_object();
    return std::move(w).text();
}

std::string error_document(const error& e) { return messaging::print_error(e); }

}  // namespace conclave::capi
