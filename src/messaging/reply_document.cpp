// Prints replies and reads stored ones.
#include "messaging/reply_document.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "model/call.hpp"

#include <array>

namespace conclave::messaging {

namespace {

constexpr std::string_view not_replayed = "\"replayed\":false}";

void print_optional(json::writer& w, const std::optional<std::string>& text) {
    text ? w.string(*text) : w.null();
}

void print_attempts(json::writer& w, const std::vector<attempt_summary>& attempts) {
    w.begin_array();
    for (const auto& a : attempts) {
        w.begin_object().key("provider").string(a.provider).key("model").string(a.model);
        w.key("status").string(a.success ? "success" : "failed");
        w.key("class").string(a.attempt_class).key("http_status");
        a.http_status ? w.integer(*a.http_status) : w.null();
        w.key("latency_ms").integer(a.latency_ms).key("retries").integer(a.retries);
        w.key("error_code");
        print_optional(w, a.error_code);
        if (!a.stage.empty()) w.key("stage").string(a.stage).key("seat").string(a.seat);
        w.end_object();
    }
    w.end_array();
}

void print_usage(json::writer& w, const reply_usage& u) {
    w.begin_object().key("tokens_in").integer(u.tokens.input);
    w.key("tokens_out").integer(u.tokens.output).key("tokens_total").integer(u.tokens.total());
    w.key("cached_tokens_in").integer(u.tokens.cached_input);
    w.key("cache_write_tokens_in").integer(u.tokens.cache_write);
    w.key("reasoning_tokens").integer(u.tokens.reasoning);
    w.key("cost_usd");
    u.cost ? w.string(u.cost->to_usd_string()) : w.null();
    w.key("cost_nano_usd");
    u.cost ? w.exact_integer(u.cost->nano_usd()) : w.null();
    w.key("unpriced").boolean(u.unpriced).key("estimated").boolean(u.estimated);
    w.key("cost_reported").boolean(u.cost_reported).key("pricing");
    if (u.usd_per_1k_tokens)
        w.begin_object().key("usd_per_1k_tokens").string(*u.usd_per_1k_tokens).end_object();
    else
        w.null();
    w.end_object();
}

void print_message(json::writer& w, const message& m) {
    w.begin_object().key("id").string(m.id.str()).key("session_id").string(m.session_id.str());
    w.key("role").string("assistant").key("content").string(m.content);
    w.key("created_at").string(to_iso8601(m.created_at)).end_object();
}

void print_sources(json::writer& w, const std::vector<citation>& sources) {
    w.begin_array();
    for (const auto& s : sources) {
        w.begin_object().key("tool_call_id").string(s.tool_call_id).key("tool").string(s.tool);
        w.key("title").string(s.source.title).key("url").string(s.source.url);
        w.key("snippet").string(s.source.snippet).end_object();
    }
    w.end_array();
}

/// Marks a stored metadata text as replayed. The key's own text cannot contain the pattern: its
/// quotes are escaped.
std::string mark_replayed(std::string text) {
    if (const auto at = text.rfind(not_replayed); at != std::string::npos)
        text.replace(at, not_replayed.size(), "\"replayed\":true}");
    return text;
}

std::string assemble(const message& m, std::string_view metadata) {
    json::writer w(m.content.size() + metadata.size() + 256);
    w.begin_object().key("message");
    print_message(w, m);
    w.key("metadata").raw(metadata).end_object();
    return std::move(w).text();
}

/// Members of a stored object; what is absent reads as empty, as stored replies are our own.
class members {
   public:
    explicit members(const json::value* v) : value_(v) {}

    members object(std::string_view key) const { return members(get(key)); }
    std::string text(std::string_view key) const {
        const auto* v = get(key);
        return v && v->as_string() ? *v->as_string() : std::string();
    }
    std::optional<std::string> maybe_text(std::string_view key) const {
        const auto* v = get(key);
        if (!v || !v->as_string()) return std::nullopt;
        return *v->as_string();
    }
    std::int64_t integer(std::string_view key) const { return maybe_integer(key).value_or(0); }
    std::optional<std::int64_t> maybe_integer(std::string_view key) const {
        const auto* v = get(key);
        if (!v || !v->as_integer()) return std::nullopt;
        return *v->as_integer();
    }
    bool truth(std::string_view key) const {
        const auto* v = get(key);
        return v && v->as_boolean() && *v->as_boolean();
    }
    std::optional<std::string> maybe_json(std::string_view key) const {
        const auto* v = get(key);
        if (!v) return std::nullopt;
        return json::print(*v);
    }
    const json::array* list(std::string_view key) const {
        const auto* v = get(key);
        return v ? v->as_array() : nullptr;
    }

   private:
    const json::value* get(std::string_view key) const {
        return value_ ? json::find(*value_, key) : nullptr;
    }
    const json::value* value_;
};

reply_usage read_usage(const members& u) {
    reply_usage usage;
    usage.tokens.input = u.integer("tokens_in");
    usage.tokens.output = u.integer("tokens_out");
    usage.tokens.cached_input = u.integer("cached_tokens_in");
    usage.tokens.cache_write = u.integer("cache_write_tokens_in");
    usage.tokens.reasoning = u.integer("reasoning_tokens");
    if (const auto cost = u.maybe_text("cost_usd"))
        if (const auto amount = money::parse_usd(*cost)) usage.cost = *amount;
    usage.unpriced = u.truth("unpriced");
    usage.estimated = u.truth("estimated");
    usage.cost_reported = u.truth("cost_reported");
    usage.usd_per_1k_tokens = u.object("pricing").maybe_text("usd_per_1k_tokens");
    return usage;
}

attempt_summary read_attempt(const members& a) {
    attempt_summary s;
    s.provider = a.text("provider");
    s.model = a.text("model");
    s.success = a.text("status") == "success";
    s.attempt_class = a.text("class");
    s.http_status = a.maybe_integer("http_status");
    s.latency_ms = a.integer("latency_ms");
    s.retries = a.integer("retries");
    s.error_code = a.maybe_text("error_code");
    s.stage = a.text("stage");
    s.seat = a.text("seat");
    return s;
}

citation read_citation(const members& c) {
    return {c.text("tool_call_id"),
            c.text("tool"),
            {c.text("title"), c.text("url"), c.text("snippet")}};
}

finish_reason read_finish(std::string_view word) {
    constexpr std::array all{finish_reason::stop, finish_reason::length, finish_reason::tool_calls,
                             finish_reason::content_filter, finish_reason::error};
    for (const auto f : all)
        if (to_string(f) == word) return f;
    return finish_reason::stop;
}

}  // namespace

std::string print_usage(const reply_usage& u) {
    json::writer w(256);
    print_usage(w, u);
    return std::move(w).text();
}

std::string print_metadata(const reply_metadata& m) {
    json::writer w(960);
    w.begin_object().key("agent_id").string(m.agent_id.str());
    w.key("provider_used").string(m.provider_used).key("model_used").string(m.model_used);
    w.key("primary_attempted").string(m.primary_attempted).key("fallback_attempted");
    print_optional(w, m.fallback_attempted);
    w.key("fallback_used").boolean(m.fallback_used).key("attempts");
    print_attempts(w, m.attempts);
    w.key("usage");
    print_usage(w, m.usage);
    w.key("finish_reason").string(to_string(m.finish_reason));
    w.key("tool_calls").raw(json::print_tool_calls(m.tool_calls));
    if (!m.sources.empty()) print_sources(w.key("sources"), m.sources);
    if (m.output) w.key("output").raw(*m.output);
    w.key("council");
    m.council ? w.raw(*m.council) : w.null();
    w.key("idempotency").begin_object().key("key").string(m.idempotency_key);
    w.key("replayed").boolean(false).end_object();
    w.key("request_id").string(m.request_id.str()).end_object();
    return std::move(w).text();
}

reply restore_reply(const message& m, std::string_view stored_metadata, bool replayed) {
    reply r;
    r.message = m;
    r.document =
        assemble(m, replayed ? mark_replayed(std::string(stored_metadata)) : stored_metadata);
    const auto parsed = json::parse(stored_metadata, "metadata");
    const members stored(parsed ? &*parsed : nullptr);
    auto& out = r.metadata;
    out.agent_id = stored.text("agent_id");
    out.provider_used = stored.text("provider_used");
    out.model_used = stored.text("model_used");
    out.primary_attempted = stored.text("primary_attempted");
    out.fallback_attempted = stored.maybe_text("fallback_attempted");
    out.fallback_used = stored.truth("fallback_used");
    if (const auto* attempts = stored.list("attempts"))
        for (const auto& a : *attempts) out.attempts.push_back(read_attempt(members(&a)));
    out.usage = read_usage(stored.object("usage"));
    out.finish_reason = read_finish(stored.text("finish_reason"));
    out.tool_calls = m.tool_calls;
    if (const auto* sources = stored.list("sources"))
        for (const auto& s : *sources) out.sources.push_back(read_citation(members(&s)));
    out.output = stored.maybe_json("output");
    if (out.council = stored.maybe_json("council"); out.council == "null") out.council.reset();
    out.idempotency_key = stored.object("idempotency").text("key");
    out.replayed = replayed;
    out.request_id = stored.text("request_id");
    return r;
}

reply make_reply(message m, reply_metadata metadata, std::string_view printed_metadata) {
    reply r;
    r.document = assemble(m, printed_metadata);
    r.message = std::move(m);
    r.metadata = std::move(metadata);
    return r;
}

reply as_replayed(const reply& first) {
    auto r = first;
    r.metadata.replayed = true;
    r.document = mark_replayed(std::move(r.document));
    return r;
}

}  // namespace conclave::messaging
