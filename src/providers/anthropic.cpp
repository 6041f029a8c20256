// Messages: writes requests.
#include "providers/anthropic.hpp"

#include "base/limits.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "providers/call_ids.hpp"
#include "providers/closed_schema.hpp"
#include "providers/endpoint.hpp"
#include "providers/fields.hpp"
#include "providers/http_codec.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace conclave::providers {
namespace {

using turn = provider_request::turn;

void write_text(json::writer& w, std::string_view text) {
    if (text.empty()) return;  // is refused
    w.begin_object().key("type").string("text").key("text").string(text).end_object();
}

void write_image(json::writer& w, const content_part& part) {
    const bool along = part.what == content_part::kind::image;
    w.begin_object().key("type").string("image").key("source").begin_object();
    w.key("type").string(along ? "base64" : "url");
    if (along) w.key("media_type").string(part.media_type);
    w.key(along ? "data" : "url").string(part.value).end_object().end_object();
}

void write_call(json::writer& w, const tool_call& call, std::string_view id_form) {
    w.begin_object().key("type").string("tool_use");
    w.key("id").string(call_id_in(id_form, call.id));
    w.key("name").string(call.name).key("input");
    w.raw(json::are_arguments(call.arguments) ? std::string_view(call.arguments) : "{}");
    w.end_object();
}

void write_result(json::writer& w, const turn& t, std::string_view id_form) {
    w.begin_object().key("type").string("tool_result");
    w.key("tool_use_id").string(call_id_in(id_form, t.tool_call_id));
    w.key("content").string(t.content).end_object();
}

bool makes_call(const turn& t, std::string_view id) {
    return std::any_of(t.tool_calls.begin(), t.tool_calls.end(),
                       [&](const auto& call) { return call.id == id; });
}

/// Blocks as they came, but for calls that the turn has lost.
void write_kept(json::writer& w, const turn& t, const json::array& blocks,
                std::string_view id_form) {
    for (const auto& block : blocks) {
        if (word_at(block, "type") != "tool_use")
            w.value(block);
        else if (makes_call(t, word_at(block, "id")))
            w.value(with_call_id_in(id_form, block, "id"));
    }
}

void write_blocks(json::writer& w, const turn& t, const keepsake_owner& owner,
                  std::string_view id_form) {
    if (t.role == message_role::tool) return write_result(w, t, id_form);
    if (t.role == message_role::assistant) {
        if (const auto kept = read_keepsake(t.keepsake, owner))
            return write_kept(w, t, *kept, id_form);
        write_text(w, t.content);
        for (const auto& call : t.tool_calls) write_call(w, call, id_form);
        return;
    }
    for (const auto& part : parts_of(t)) {
        if (part.what == content_part::kind::text)
            write_text(w, part.value);
        else
            write_image(w, part);
    }
}

bool says_nothing(const turn& t) {
    return t.content.empty() && t.tool_calls.empty() && t.parts.empty() &&
           t.role != message_role::tool;
}

/// Users and tools share a role, and results must come first in the turn after their calls: turns
/// of one role are one message. Those of the system lead the request.
void write_messages(json::writer& w, const std::vector<turn>& turns, const keepsake_owner& owner,
                    std::string_view id_form) {
    std::string_view open;
    w.key("messages").begin_array();
    for (const auto& t : turns) {
        if (t.role == message_role::system || says_nothing(t)) continue;
        const std::string_view role = t.role == message_role::assistant ? "assistant" : "user";
        if (role != open) {
            if (!open.empty()) w.end_array().end_object();
            w.begin_object().key("role").string(role).key("content").begin_array();
            open = role;
        }
        write_blocks(w, t, owner, id_form);
    }
    if (!open.empty()) w.end_array().end_object();
    w.end_array();
}

void write_tools(json::writer& w, const std::vector<tool_definition>& tools) {
    if (tools.empty()) return;
    w.key("tools").begin_array();
    for (const auto& tool : tools) {
        w.begin_object().key("name").string(tool.name);
        if (!tool.description.empty()) w.key("description").string(tool.description);
        w.key("input_schema").raw(parameters_of(tool)).end_object();
    }
    w.end_array();
}

void write_schema(json::writer& w, std::string_view schema, std::string_view member) {
    w.key(member).begin_object().key("format").begin_object().key("type").string("json_schema");
    w.key("schema").raw(schema).end_object().end_object();
}

std::string_view version_of(const new_provider& p) {
    return p.api_version.empty() ? anthropic_version : std::string_view(p.api_version);
}

class anthropic_codec final : public http_codec {
   public:
    explicit anthropic_codec(const new_provider& provider)
        : http_codec(provider, "anthropic",
                     std::make_shared<request_headers>(
                         provider, key_place{"x-api-key", ""},
                         header_list{{"anthropic-version", std::string(version_of(provider))}}),
                     make_anthropic_reader()),
          url_(extend_versioned_url(provider.base_url, "/v1", "/messages")) {}

   private:
    std::string url(const provider_request&, answer_form) const override { return url_; }

    std::string body(const provider_request& request, const wire_names& names,
                     answer_form form) const override {
        auto bounded = sampling_of(request);
        if (!bounded.max_tokens) bounded.max_tokens = limits::hold_output_tokens;
        json::writer w(bytes_to_write(request));
        w.begin_object().key("model").string(request.model);
        // It takes a part of JSON Schema; the rest is told in words.
        const auto schema = names.takes(parameter::output_schema)
                                ? closed_schema(request.output_schema)
                                : std::nullopt;
        auto system = system_text(request);
        if (!schema && !request.output_schema.empty())
            system = with_schema(std::move(system), request.output_schema);
        if (!system.empty() && names.takes(parameter::instructions))
            w.key(names[parameter::instructions]).string(system);
        const auto told_apart = with_own_call_ids(request.turns);
        write_messages(w, told_apart ? *told_apart : request.turns, owner(request),
                       names[parameter::call_ids]);
        write_tools(w, request.tools);
        write_sampling(w, bounded, names);
        if (schema) write_schema(w, *schema, names[parameter::output_schema]);
        w.key("stream").boolean(form == answer_form::streamed).end_object();
        return std::move(w).text();
    }

    std::string url_;
};

}  // namespace

std::unique_ptr<codec> make_anthropic_codec(const new_provider& provider) {
    return std::make_unique<anthropic_codec>(provider);
}

}  // namespace conclave::providers
