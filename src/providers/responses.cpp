// Responses: writes requests.
#include "providers/responses.hpp"

#include "json/print.hpp"
#include "json/writer.hpp"
#include "providers/call_ids.hpp"
#include "providers/endpoint.hpp"
#include "providers/fields.hpp"
#include "providers/http_codec.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

using turn = provider_request::turn;

void write_parts(json::writer& w, const std::vector<content_part>& parts) {
    w.begin_array();
    for (const auto& part : parts) {
        w.begin_object().key("type");
        if (part.what == content_part::kind::text) {
            w.string("input_text").key("text").string(part.value);
        } else {
            const bool along = part.what == content_part::kind::image;
            w.string("input_image").key("image_url").string(along ? data_url(part) : part.value);
        }
        w.end_object();
    }
    w.end_array();
}

void write_message(json::writer& w, const turn& t) {
    w.begin_object().key("role").string(role_word(t.role)).key("content");
    if (t.parts.empty())
        w.string(t.content);
    else
        write_parts(w, t.parts);
    w.end_object();
}

void write_call(json::writer& w, const tool_call& call, std::string_view id_form) {
    w.begin_object().key("type").string("function_call");
    w.key("call_id").string(call_id_in(id_form, call.id));
    w.key("name").string(call.name).key("arguments").string(call.arguments).end_object();
}

bool makes_call(const turn& t, std::string_view id) {
    return std::any_of(t.tool_calls.begin(), t.tool_calls.end(),
                       [&](const auto& call) { return call.id == id; });
}

/// Items as they came, but for calls that the turn has lost; reasoning is refused without the item
/// that followed it.
void write_items(json::writer& w, const turn& t, const json::array& items,
                 std::string_view id_form) {
    std::vector<const json::value*> reasoning;
    for (const auto& item : items) {
        const auto type = word_at(item, "type");
        if (type == "reasoning") {
            reasoning.push_back(&item);
            continue;
        }
        const bool calls = type == "function_call";
        if (!calls || makes_call(t, word_at(item, "call_id"))) {
            for (const auto* before : reasoning) w.value(*before);
            w.value(calls ? with_call_id_in(id_form, item, "call_id") : item);
        }
        reasoning.clear();
    }
}

void write_turn(json::writer& w, const turn& t, const keepsake_owner& owner,
                std::string_view id_form) {
    if (t.role == message_role::tool) {
        w.begin_object().key("type").string("function_call_output");
        w.key("call_id").string(call_id_in(id_form, t.tool_call_id));
        w.key("output").string(t.content).end_object();
        return;
    }
    if (const auto kept = read_keepsake(t.keepsake, owner))
        return write_items(w, t, *kept, id_form);
    if (!t.content.empty() || t.tool_calls.empty()) write_message(w, t);
    for (const auto& call : t.tool_calls) write_call(w, call, id_form);
}

void write_tools(json::writer& w, const std::vector<tool_definition>& tools) {
    if (tools.empty()) return;
    w.key("tools").begin_array();
    for (const auto& tool : tools) {
        w.begin_object().key("type").string("function").key("name").string(tool.name);
        if (!tool.description.empty()) w.key("description").string(tool.description);
        w.key("parameters").raw(parameters_of(tool)).key("strict").boolean(false).end_object();
    }
    w.end_array();
}

constexpr std::string_view schema_form = "json_schema";

void write_schema(json::writer& w, const std::string& schema, const std::string& form) {
    if (schema.empty() || form.empty()) return;
    w.key("text").begin_object().key("format").begin_object().key("type").string(form);
    if (form == schema_form)
        w.key("name").string("answer").key("schema").raw(schema).key("strict").boolean(false);
    w.end_object().end_object();
}

class responses_codec final : public http_codec {
   public:
    explicit responses_codec(const new_provider& provider)
        : http_codec(provider, "openai_responses", std::make_shared<request_headers>(provider),
                     make_responses_reader()),
          url_(extend_url(provider.base_url, "/responses")) {
        if (!provider.api_version.empty())
            url_ = add_query(std::move(url_), "api-version=" + provider.api_version);
    }

   private:
    std::string url(const provider_request&, answer_form) const override { return url_; }

    std::string body(const provider_request& request, const wire_names& names,
                     answer_form form) const override {
        json::writer w(bytes_to_write(request));
        w.begin_object().key("model").string(request.model);
        const auto& form_of_schema = names[parameter::output_schema];
        auto instructions = request.instructions;
        if (!request.output_schema.empty() && form_of_schema != schema_form)
            instructions = with_schema(std::move(instructions), request.output_schema);
        if (!instructions.empty() && names.takes(parameter::instructions))
            w.key(names[parameter::instructions]).string(instructions);
        w.key("input").begin_array();
        for (const auto& t : request.turns)
            write_turn(w, t, owner(request), names[parameter::call_ids]);
        w.end_array();
        write_tools(w, request.tools);
        write_sampling(w, sampling_of(request), names);
        write_schema(w, request.output_schema, form_of_schema);
        w.key("store").boolean(false);
        if (names.takes(parameter::thinking_state))
            w.key("include").begin_array().string(names[parameter::thinking_state]).end_array();
        w.key("stream").boolean(form == answer_form::streamed).end_object();
        return std::move(w).text();
    }

    std::string url_;
};

}  // namespace

std::unique_ptr<codec> make_responses_codec(const new_provider& provider) {
    return std::make_unique<responses_codec>(provider);
}

}  // namespace conclave::providers
