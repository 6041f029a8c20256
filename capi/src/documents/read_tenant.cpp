// Documents of one tenant: keys, agents, sessions, messages.
#include "capi/src/documents/read.hpp"
#include "json/council_text.hpp"
#include "json/print.hpp"

namespace conclave::capi {

namespace {

std::vector<std::string> strings_or_empty(json::object_reader& in, std::string_view key) {
    return in.optional_strings(key, list_items_max, any_text).value_or(std::vector<std::string>());
}

std::optional<session_status> optional_session_status(json::object_reader& in) {
    return in.optional_choice<session_status>(
        "status", {{"active", session_status::active}, {"closed", session_status::closed}});
}

/// A registered tool's name, or a tool without a handler here.
std::optional<std::vector<agent_tool>> optional_agent_tools(json::object_reader& in) {
    const auto* list = in.optional_array("tools", list_items_max);
    if (list == nullptr) return std::nullopt;
    std::vector<agent_tool> tools;
    for (std::size_t i = 0; i < list->size(); ++i) {
        agent_tool tool;
        if (const auto* name = (*list)[i].as_string()) {
            tool.name = *name;
            tool.registered = true;
        } else {
            json::object_reader inner((*list)[i], in.path("tools", i));
            tool.name = inner.required_string("name", any_text);
            tool.description = text_or_empty(inner, "description");
            tool.parameters = object_text(inner, "parameters");
            in.take(inner.finish());
        }
        tools.push_back(std::move(tool));
    }
    return tools;
}

/// An image is given by its URL or by its bytes.
content_part read_part(json::object_reader& in) {
    using kind = content_part::kind;
    content_part p;
    p.what = in.required_choice<kind>("type", {{"text", kind::text}, {"image", kind::image}});
    if (p.what == kind::text) {
        p.value = in.required_string("text", any_text);
        return p;
    }
    p.media_type = text_or_empty(in, "media_type");
    if (auto url = optional_text(in, "url")) {
        p.what = kind::image_url;
        p.value = *std::move(url);
        if (in.has("data")) in.refuse("data", "must not be given beside `url`");
    } else {
        p.value = in.required_string("data", any_text);
    }
    return p;
}

/// The text of a message, its parts, or the results of tools.
void read_content(json::object_reader& in, send_request& s) {
    const auto* content = in.required_value("content");
    if (content == nullptr) return;
    const auto* parts = content->as_array();
    if (parts == nullptr) {
        s.content = in.required_string("content", any_text);
        return;
    }
    for (std::size_t i = 0; i < parts->size(); ++i) {
        json::object_reader inner((*parts)[i], in.path("content", i));
        if (inner.has("type")) {
            s.parts.push_back(read_part(inner));
        } else {
            auto id = inner.required_string("tool_call_id", any_text);
            s.tool_results.push_back({std::move(id), inner.required_string("content", any_text)});
        }
        in.take(inner.finish());
    }
}

/// Absent, or null, where there is none.
std::optional<council_options> optional_council(json::object_reader& in) {
    const auto* document = in.optional_value("council");
    if (document == nullptr) return std::nullopt;
    auto options = json::read_council(*document, in.path("council"));
    if (options) return *std::move(options);
    in.take(std::move(options).error());
    return std::nullopt;
}

send_overrides read_overrides(json::object_reader& in) {
    send_overrides o;
    o.model = optional_text(in, "model");
    o.temperature = in.optional_number("temperature", 0, 2);
    o.max_tokens = in.optional_integer("max_tokens");
    o.council = optional_council(in);
    return o;
}

token_usage read_tokens(json::object_reader& in) {
    token_usage t;
    t.input = in.optional_integer("input", 0).value_or(0);
    t.cached_input = in.optional_integer("cached_input", 0).value_or(0);
    t.cache_write = in.optional_integer("cache_write", 0).value_or(0);
    t.output = in.optional_integer("output", 0).value_or(0);
    t.reasoning = in.optional_integer("reasoning", 0).value_or(0);
    return t;
}

std::optional<usage_dimension> dimension_of(const json::value& v) {
    const auto* word = v.as_string();
    if (word == nullptr) return std::nullopt;
    if (*word == "day") return usage_dimension::day;
    if (*word == "provider") return usage_dimension::provider;
    if (*word == "model") return usage_dimension::model;
    if (*word == "agent") return usage_dimension::agent;
    return std::nullopt;
}

/// One dimension, or a list of them.
std::vector<usage_dimension> read_group_by(json::object_reader& in) {
    static constexpr std::string_view problem = "must be one of day provider model agent";
    std::vector<usage_dimension> dimensions;
    const auto* given = in.optional_value("group_by");
    if (given == nullptr) return dimensions;
    const auto* list = given->as_array();
    const std::size_t count = list == nullptr ? 1 : list->size();
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto d = dimension_of(list == nullptr ? *given : (*list)[i]))
            dimensions.push_back(*d);
        else
            in.refuse(list == nullptr ? "group_by" : "group_by[" + std::to_string(i) + "]",
                      problem);
    }
    return dimensions;
}

}  // namespace

new_tenant read_new_tenant(json::object_reader& in) {
    new_tenant t;
    t.name = in.required_string("name", any_text);
    t.metadata = optional_metadata(in);
    t.settings = optional_object_text(in, "settings");
    return t;
}

tenant_update read_tenant_update(json::object_reader& in) {
    tenant_update u;
    u.name = optional_text(in, "name");
    u.metadata = optional_metadata(in);
    u.settings = optional_object_text(in, "settings");
    return u;
}

new_api_key read_new_api_key(json::object_reader& in) {
    new_api_key k;
    k.name = text_or_empty(in, "name");
    k.scopes = strings_or_empty(in, "scopes");
    k.expires_at = optional_timestamp(in, "expires_at");
    return k;
}

new_agent read_new_agent(json::object_reader& in) {
    new_agent a;
    a.name = in.required_string("name", any_text);
    a.council = optional_council(in);
    // A council needs no other route.
    a.primary = a.council ? text_or_empty(in, "primary") : in.required_string("primary", any_text);
    a.fallbacks = strings_or_empty(in, "fallbacks");
    a.instructions = text_or_empty(in, "instructions");
    a.temperature = in.optional_number("temperature", 0, 2);
    a.max_tokens = in.optional_integer("max_tokens");
    a.tools = optional_agent_tools(in).value_or(std::vector<agent_tool>());
    a.policy = optional_policy(in, "policy");
    a.description = text_or_empty(in, "description");
    a.metadata = optional_metadata(in);
    return a;
}

agent_update read_agent_update(json::object_reader& in) {
    agent_update u;
    u.name = optional_text(in, "name");
    u.primary = optional_text(in, "primary");
    u.fallbacks = in.optional_strings("fallbacks", list_items_max, any_text);
    u.instructions = optional_text(in, "instructions");
    if (in.has("temperature")) u.temperature = in.optional_number("temperature", 0, 2);
    if (in.has("max_tokens")) u.max_tokens = in.optional_integer("max_tokens");
    u.tools = optional_agent_tools(in);
    if (in.has("council")) u.council = optional_council(in);
    if (in.has("policy")) u.policy = optional_policy(in, "policy");
    u.description = optional_text(in, "description");
    u.metadata = optional_metadata(in);
    return u;
}

new_session read_new_session(json::object_reader& in) {
    new_session s;
    s.agent_id = in.required_string("agent_id", any_text);
    s.customer_id = text_or_empty(in, "customer_id");
    s.subject = text_or_empty(in, "subject");
    s.title = text_or_empty(in, "title");
    s.metadata = optional_metadata(in);
    return s;
}

session_filter read_session_filter(json::object_reader& in) {
    session_filter f;
    if (auto agent = optional_text(in, "agent_id")) f.agent_id = agent_id(*std::move(agent));
    f.customer_id = optional_text(in, "customer_id");
    f.status = optional_session_status(in);
    f.page = read_page_request(in);
    return f;
}

session_update read_session_update(json::object_reader& in) {
    session_update u;
    u.title = optional_text(in, "title");
    u.pinned = in.optional_boolean("pinned");
    u.metadata = optional_metadata(in);
    return u;
}

export_format read_export_format(json::object_reader& in) {
    return in.required_choice<export_format>(
        "format", {{"markdown", export_format::markdown}, {"json", export_format::json}});
}

rollup_request read_rollup_request(json::object_reader& in) {
    const auto from = required_date(in, "from");
    const auto to = required_date(in, "to");
    return {from, to, read_group_by(in)};
}

embeddings_request read_embeddings_request(json::object_reader& in) {
    embeddings_request r;
    r.route = in.required_string("route", any_text);
    if (in.required_array("inputs", limits::embeddings_inputs) != nullptr)
        r.inputs = in.optional_strings("inputs", limits::embeddings_inputs, any_text)
                       .value_or(std::vector<std::string>());
    r.dimensions = in.optional_integer("dimensions");
    r.deadline_ms = in.optional_integer("deadline_ms");
    return r;
}

send_request read_send_request(json::object_reader& in) {
    send_request s;
    s.session_id = in.required_string("session_id", any_text);
    read_content(in, s);
    // Absent and empty alike: IDEMPOTENCY_KEY_REQUIRED.
    s.idempotency_key = text_or_empty(in, "idempotency_key");
    s.role = in.optional_choice<message_role>("role", {{"user", message_role::user},
                                                       {"system", message_role::system},
                                                       {"assistant", message_role::assistant},
                                                       {"tool", message_role::tool}})
                 .value_or(message_role::user);
    if (const auto* overrides = in.optional_object("overrides")) {
        json::object_reader inner(*overrides, in.path("overrides"));
        s.overrides = read_overrides(inner);
        in.take(inner.finish());
    }
    s.metadata = optional_metadata(in);
    s.deadline_ms = in.optional_integer("deadline_ms");
    s.output_schema = object_text(in, "output_schema");
    return s;
}

council_request read_council_request(json::object_reader& in) {
    council_request r;
    r.prompt = in.required_string("prompt", any_text);
    if (const auto* document = in.required_value("council")) {
        auto options = json::read_council(*document, in.path("council"));
        if (options)
            r.council = *std::move(options);
        else
            in.take(std::move(options).error());
    }
    r.idempotency_key = text_or_empty(in, "idempotency_key");
    r.metadata = optional_metadata(in);
    r.deadline_ms = in.optional_integer("deadline_ms");
    return r;
}

error in_words_of_the_contract(error e) {
    for (auto& d : e.details) {
        auto* field = std::get_if<std::string>(&d.value);
        if (d.key != "field" || field == nullptr) continue;
        for (const std::string_view ours : {"tool_results", "parts"}) {
            if (!field->starts_with(ours)) continue;
            if (const auto at = e.message.find(*field); at != std::string::npos)
                e.message.replace(at, ours.size(), "content");
            field->replace(0, ours.size(), "content");
        }
    }
    return e;
}

resolve_request read_resolve_request(json::object_reader& in) {
    resolve_request r;
    r.idempotency_key = text_or_empty(in, "idempotency_key");
    r.send_id = text_or_empty(in, "send_id");
    r.decision =
        in.required_choice<resolve_decision>("decision", {{"retry", resolve_decision::retry},
                                                          {"succeed", resolve_decision::succeed},
                                                          {"fail", resolve_decision::fail}});
    r.content = text_or_empty(in, "content");
    if (const auto* tokens = in.optional_object("tokens")) {
        json::object_reader inner(*tokens, in.path("tokens"));
        r.tokens = read_tokens(inner);
        in.take(inner.finish());
    }
    return r;
}

provider_reply read_provider_answer(json::object_reader& in) {
    provider_reply r;
    r.text = text_or_empty(in, "text");
    const auto tokens_in = in.optional_integer("tokens_in", 0);
    const auto tokens_out = in.optional_integer("tokens_out", 0);
    // One count alone is no usage, but the answer has been made: its usage is estimated.
    if (tokens_in && tokens_out) {
        token_usage tokens;
        tokens.input = *tokens_in;
        tokens.output = *tokens_out;
        r.tokens = tokens;
    }
    r.model = text_or_empty(in, "model");
    r.finish_reason = in.optional_choice<finish_reason>(
                            "finish_reason", {{"stop", finish_reason::stop},
                                              {"length", finish_reason::length},
                                              {"tool_calls", finish_reason::tool_calls},
                                              {"content_filter", finish_reason::content_filter},
                                              {"error", finish_reason::error}})
                          .value_or(finish_reason::stop);
    r.tool_calls = read_tool_calls(in, "tool_calls");
    return r;
}

tool_answer read_tool_result(json::object_reader& in) {
    tool_answer answer(in.required_string("content", any_text));
    const auto* list = in.optional_array("sources", limits::sources);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        json::object_reader inner((*list)[i], in.path("sources", i));
        auto title = inner.required_string(
            "title", {.min_bytes = 1, .max_bytes = limits::source_title_bytes});
        answer.sources.push_back(
            {std::move(title), text_or_empty(inner, "url"), text_or_empty(inner, "snippet")});
        in.take(inner.finish());
    }
    return answer;
}

host_failure read_host_failure(json::object_reader& in) {
    auto message = text_or_empty(in, "message");
    if (message.empty()) message = "the handler of the host failed";
    return {std::move(message), in.optional_integer("retry_after_ms", 0, limits::policy_time_ms)};
}

}  // namespace conclave::capi
