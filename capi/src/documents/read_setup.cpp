// Documents that set a gateway up: open, providers, prices.
#include "capi/src/documents/read.hpp"
#include "gateway/price_document.hpp"
#include "json/print.hpp"

namespace conclave::capi {

namespace {

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

/// Reads each element of an optional array with `read(inner)`.
template <class T, class Read>
std::vector<T> list_of(json::object_reader& in, std::string_view key, Read read) {
    std::vector<T> items;
    const auto* list = in.optional_array(key, list_items_max);
    if (list == nullptr) return items;
    for (std::size_t i = 0; i < list->size(); ++i) {
        json::object_reader inner((*list)[i], in.path(key, i));
        items.push_back(read(inner));
        in.take(inner.finish());
    }
    return items;
}

scripted_reply::failure read_failure(json::object_reader& in) {
    scripted_reply::failure f;
    f.http_status = in.required_integer("http_status");
    f.code = text_or_empty(in, "code");
    f.retry_after_ms = in.optional_integer("retry_after_ms");
    return f;
}

scripted_reply read_scripted_reply(json::object_reader& in) {
    scripted_reply r;
    r.text = text_or_empty(in, "text");
    r.tokens_in = in.optional_integer("tokens_in");
    r.tokens_out = in.optional_integer("tokens_out");
    r.tool_calls = read_tool_calls(in, "tool_calls");
    r.latency_ms = in.optional_integer("latency_ms").value_or(0);
    r.chunks = in.optional_strings("chunks", list_items_max, any_text)
                   .value_or(std::vector<std::string>());
    r.chunk_latency_ms = in.optional_integer("chunk_latency_ms").value_or(0);
    if (const auto* failure = in.optional_object("error")) {
        json::object_reader inner(*failure, in.path("error"));
        r.error = read_failure(inner);
        in.take(inner.finish());
    }
    return r;
}

mapped_wire read_mapped(json::object_reader& in) {
    mapped_wire m;
    if (auto method = optional_text(in, "method")) m.method = *std::move(method);
    m.request_template = in.required_string("request_template", any_text);
    m.text = in.required_string("text", any_text);
    m.tokens_in = text_or_empty(in, "tokens_in");
    m.tokens_out = text_or_empty(in, "tokens_out");
    m.model = text_or_empty(in, "model");
    m.error_code = text_or_empty(in, "error_code");
    m.error_message = text_or_empty(in, "error_message");
    m.retry_after_ms = text_or_empty(in, "retry_after_ms");
    return m;
}

std::vector<std::pair<std::string, std::string>> read_texts(json::object_reader& in,
                                                            std::string_view key) {
    std::vector<std::pair<std::string, std::string>> texts;
    const auto* v = in.optional_object(key);
    if (v == nullptr) return texts;
    for (const auto& [name, value] : *v->as_object()) {
        const auto* text = value.as_string();
        if (text == nullptr) {
            in.refuse(key, "must have strings as values");
            return texts;
        }
        texts.emplace_back(name, *text);
    }
    return texts;
}

/// Leaves what the document does not name as it is.
void read_options(json::object_reader& in, open_options& o) {
    o.durability = in.optional_choice<durability>("durability", {{"full", durability::full},
                                                                 {"process", durability::process}})
                       .value_or(o.durability);
    o.clock = in.optional_choice<clock_kind>("clock", {{"system", clock_kind::system},
                                                       {"virtual", clock_kind::virtual_time}})
                  .value_or(o.clock);
    if (in.has("policy")) o.policy = optional_policy(in, "policy");
    if (auto file = optional_text(in, "ca_file")) o.ca_file = *std::move(file);
    if (auto folder = optional_text(in, "ca_dir")) o.ca_dir = *std::move(folder);
    if (auto extra = optional_text(in, "extra_ca_file")) o.extra_ca_file = *std::move(extra);
    if (auto proxy = optional_text(in, "proxy")) o.proxy = *std::move(proxy);
    o.drain_ms = in.optional_integer("drain_ms", lowest, highest).value_or(o.drain_ms);
    if (const auto threads = in.optional_integer("threads", 1, 64))
        o.reader_threads = static_cast<std::size_t>(*threads);
    if (auto prefix = optional_text(in, "api_key_prefix")) o.api_key_prefix = *std::move(prefix);
    o.busy_timeout_ms = in.optional_integer("busy_timeout_ms").value_or(o.busy_timeout_ms);
    o.allow_network_filesystem =
        in.optional_boolean("allow_network_filesystem").value_or(o.allow_network_filesystem);
}

}  // namespace

new_provider read_new_provider(json::object_reader& in) {
    new_provider p;
    p.name = in.required_string("name", any_text);
    p.kind = in.required_choice<provider_kind>(
        "kind", {{"openai", provider_kind::openai},
                 {"openai_responses", provider_kind::openai_responses},
                 {"anthropic", provider_kind::anthropic},
                 {"gemini", provider_kind::gemini},
                 {"mapped", provider_kind::mapped},
                 {"callback", provider_kind::callback},
                 {"scripted", provider_kind::scripted}});
    p.base_url = text_or_empty(in, "base_url");
    p.api_key = text_or_empty(in, "api_key");
    p.api_version = text_or_empty(in, "api_version");
    p.headers = read_texts(in, "headers");
    p.parameter_names = read_texts(in, "parameter_names");
    p.policy = optional_policy(in, "policy");
    p.concurrency = in.optional_integer("concurrency");
    p.default_model = text_or_empty(in, "default_model");
    if (const auto* mapped = in.optional_object("mapped")) {
        json::object_reader inner(*mapped, in.path("mapped"));
        p.mapped = read_mapped(inner);
        in.take(inner.finish());
    }
    p.replies = list_of<scripted_reply>(in, "replies", read_scripted_reply);
    p.echo = in.optional_boolean("echo").value_or(false);
    return p;
}

new_tool read_new_tool(json::object_reader& in) {
    new_tool t;
    t.name = in.required_string("name", any_text);
    t.description = text_or_empty(in, "description");
    t.parameters = object_text(in, "parameters");
    t.timeout_ms = in.optional_integer("timeout_ms").value_or(t.timeout_ms);
    t.side_effects = in.optional_boolean("side_effects").value_or(t.side_effects);
    t.idempotent = in.optional_boolean("idempotent").value_or(t.idempotent);
    return t;
}

new_price read_new_price(json::object_reader& in) { return gateway_detail::read_price(in); }

price_source read_price_source(json::object_reader& in) {
    price_source s;
    s.path = text_or_empty(in, "path");
    s.document = object_text(in, "document");
    s.provider_names = read_texts(in, "provider_names");
    return s;
}

open_document read_open(json::object_reader& in) {
    open_document d;
    d.store = in.required_string("store", any_text);
    read_options(in, d.options);
    if (const auto* gathered = in.optional_object("options")) {
        json::object_reader inner(*gathered, in.path("options"));
        read_options(inner, d.options);
        in.take(inner.finish());
    }
    d.options.providers = list_of<new_provider>(in, "providers", read_new_provider);
    d.options.prices = list_of<new_price>(in, "prices", read_new_price);
    return d;
}

}  // namespace conclave::capi
