// Chat Completions: writes requests.
#include "providers/openai.hpp"

#include "json/print.hpp"
#include "json/writer.hpp"
#include "providers/call_ids.hpp"
#include "providers/endpoint.hpp"
#include "providers/http_codec.hpp"

#include <utility>

namespace conclave::providers {
namespace {

void write_parts(json::writer& w, const std::vector<content_part>& parts) {
    w.begin_array();
    for (const auto& part : parts) {
        w.begin_object().key("type");
        if (part.what == content_part::kind::text) {
            w.string("text").key("text").string(part.value).end_object();
            continue;
        }
        const bool along = part.what == content_part::kind::image;
        w.string("image_url").key("image_url").begin_object();
        w.key("url").string(along ? data_url(part) : part.value).end_object().end_object();
    }
    w.end_array();
}

/// Gemini's compatible endpoint refuses a turn whose first call has no signature.
void write_signature(json::writer& w, std::string_view signature) {
    if (signature.empty()) return;
    w.key("extra_content").begin_object().key("google").begin_object();
    w.key("thought_signature").string(signature).end_object().end_object();
}

void write_calls(json::writer& w, const std::vector<tool_call>& calls, const wire_names& names) {
    if (calls.empty()) return;
    w.key("tool_calls").begin_array();
    for (const auto& call : calls) {
        w.begin_object()
            .key("id")
            .string(call_id_in(names[parameter::call_ids], call.id))
            .key("type")
            .string("function");
        w.key("function").begin_object().key("name").string(call.name);
        w.key("arguments").string(call.arguments).end_object();
        if (&call == &calls.front()) write_signature(w, names[parameter::call_signature]);
        w.end_object();
    }
    w.end_array();
}

void write_turn(json::writer& w, const provider_request::turn& turn, const keepsake_owner& owner,
                const wire_names& names) {
    w.begin_object().key("role").string(role_word(turn.role)).key("content");
    if (!turn.parts.empty())
        write_parts(w, turn.parts);
    else if (turn.content.empty() && !turn.tool_calls.empty())
        w.null();
    else
        w.string(turn.content);
    if (turn.role == message_role::tool)
        w.key("tool_call_id").string(call_id_in(names[parameter::call_ids], turn.tool_call_id));
    write_calls(w, turn.tool_calls, names);
    // What was kept says itself by which name it is wanted back.
    const auto kept = read_keepsake(turn.keepsake, owner);
    if (const auto* members = kept && !kept->empty() ? kept->front().as_object() : nullptr)
        for (const auto& m : *members) w.key(m.key).raw(json::print(m.value));
    w.end_object();
}

void write_tools(json::writer& w, const std::vector<tool_definition>& tools) {
    if (tools.empty()) return;
    w.key("tools").begin_array();
    for (const auto& tool : tools) {
        w.begin_object().key("type").string("function").key("function").begin_object();
        w.key("name").string(tool.name);
        if (!tool.description.empty()) w.key("description").string(tool.description);
        w.key("parameters").raw(parameters_of(tool)).end_object().end_object();
    }
    w.end_array();
}

constexpr std::string_view schema_form = "json_schema";

void write_schema(json::writer& w, const std::string& schema, const std::string& form) {
    if (schema.empty() || form.empty()) return;
    w.key("response_format").begin_object().key("type").string(form);
    if (form == schema_form) {
        w.key("json_schema").begin_object().key("name").string("answer");
        w.key("schema").raw(schema).end_object();
    }
    w.end_object();
}

class openai_codec final : public http_codec {
   public:
    explicit openai_codec(const new_provider& provider)
        : http_codec(provider, "openai", std::make_shared<request_headers>(provider),
                     make_openai_reader()),
          url_(chat_completions_url(provider.base_url)) {
        if (!provider.api_version.empty())
            url_ = add_query(std::move(url_), "api-version=" + provider.api_version);
    }

   private:
    std::string url(const provider_request&, answer_form) const override { return url_; }

    std::string body(const provider_request& request, const wire_names& names,
                     answer_form form) const override {
        const bool streamed = form == answer_form::streamed;
        json::writer w(bytes_to_write(request));
        w.begin_object().key("model").string(request.model).key("messages").begin_array();
        const auto& form_of_schema = names[parameter::output_schema];
        auto instructions = request.instructions;
        if (!request.output_schema.empty() && form_of_schema != schema_form)
            instructions = with_schema(std::move(instructions), request.output_schema);
        if (!instructions.empty() && names.takes(parameter::instructions)) {
            w.begin_object().key("role").string(names[parameter::instructions]);
            w.key("content").string(instructions).end_object();
        }
        for (const auto& turn : request.turns) write_turn(w, turn, owner(request), names);
        w.end_array();
        write_tools(w, request.tools);
        write_sampling(w, sampling_of(request), names);
        write_schema(w, request.output_schema, form_of_schema);
        w.key("stream").boolean(streamed);
        if (streamed && names.takes(parameter::stream_usage)) {
            w.key(names[parameter::stream_usage]).begin_object();
            w.key("include_usage").boolean(true).end_object();
        }
        w.end_object();
        return std::move(w).text();
    }

    std::string url_;
};

}  // namespace

std::string chat_completions_url(std::string_view base_url) {
    return extend_url(base_url, "/chat/completions");
}

std::unique_ptr<codec> make_openai_codec(const new_provider& provider) {
    return std::make_unique<openai_codec>(provider);
}

}  // namespace conclave::providers
