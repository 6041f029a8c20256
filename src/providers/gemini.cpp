// generateContent: writes requests.
#include "providers/gemini.hpp"

#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "providers/endpoint.hpp"
#include "providers/fields.hpp"
#include "providers/http_codec.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

using turn = provider_request::turn;
using turns = std::vector<turn>;

void write_part(json::writer& w, const content_part& part) {
    w.begin_object();
    switch (part.what) {
        case content_part::kind::text: w.key("text").string(part.value); break;
        case content_part::kind::image:
            w.key("inlineData").begin_object().key("mimeType").string(part.media_type);
            w.key("data").string(part.value).end_object();
            break;
        case content_part::kind::image_url:
            w.key("fileData").begin_object();
            if (!part.media_type.empty()) w.key("mimeType").string(part.media_type);
            w.key("fileUri").string(part.value).end_object();
            break;
    }
    w.end_object();
}

void write_call(json::writer& w, const tool_call& call, std::string_view signature) {
    w.begin_object().key("functionCall").begin_object().key("name").string(call.name);
    w.key("args").raw(json::are_arguments(call.arguments) ? std::string_view(call.arguments)
                                                          : "{}");
    w.end_object();
    if (!signature.empty()) w.key("thoughtSignature").string(signature);
    w.end_object();
}

/// The calls of a turn as its keepsake has them: most have no ids, so they count by their order.
class kept_calls {
   public:
    kept_calls(const turn& t, const keepsake_owner& owner) : turn_(t) {
        if (auto kept = read_keepsake(t.keepsake, owner)) parts_ = *std::move(kept);
    }

    const json::array& parts() const { return parts_; }

    /// Whether the turn still makes the call of this part; calls are asked for in order.
    bool makes(const json::value& function) {
        const auto name = word_at(function, "name");
        for (auto i = at_; i < turn_.tool_calls.size(); ++i) {
            if (turn_.tool_calls[i].name != name) continue;
            at_ = i + 1;
            return true;
        }
        return false;
    }

    /// Whether they told the call by this id, and so want to hear it with the result.
    bool know(std::string_view id) const {
        return std::any_of(parts_.begin(), parts_.end(), [&](const json::value& part) {
            const auto* function = json::find(part, "functionCall");
            return function != nullptr && word_at(*function, "id") == id;
        });
    }

   private:
    const turn& turn_;
    json::array parts_;
    std::size_t at_ = 0;
};

/// Models that sign their calls refuse those without a signature, even of another model; the first
/// of a turn speaks for all.
void write_answer(json::writer& w, const turn& t, const keepsake_owner& owner,
                  std::string_view no_signature) {
    kept_calls kept(t, owner);
    for (const auto& part : kept.parts()) {
        const auto* function = json::find(part, "functionCall");
        if (function == nullptr || kept.makes(*function)) w.value(part);
    }
    if (!kept.parts().empty()) return;
    if (!t.content.empty()) write_part(w, {content_part::kind::text, t.content, {}});
    for (const auto& call : t.tool_calls)
        write_call(w, call, &call == &t.tool_calls.front() ? no_signature : std::string_view());
}

struct answered_call {
    const turn* made_in = nullptr;
    const tool_call* call = nullptr;
};

/// The call before it that a result answers, if it can be found: they match by name.
answered_call find_call(const turns& all, std::size_t result) {
    for (auto t = result; t-- > 0;)
        for (const auto& call : all[t].tool_calls)
            if (call.id == all[result].tool_call_id) return {&all[t], &call};
    return {};
}

/// A result is an object here; anything else becomes a member of one.
void write_result(json::writer& w, const turns& all, std::size_t at, const keepsake_owner& owner) {
    const auto& t = all[at];
    const auto [made_in, call] = find_call(all, at);
    w.begin_object().key("functionResponse").begin_object();
    if (made_in != nullptr && kept_calls(*made_in, owner).know(call->id))
        w.key("id").string(call->id);
    w.key("name").string(call != nullptr ? call->name : t.tool_call_id).key("response");
    if (json::are_arguments(t.content))
        w.raw(t.content);
    else
        w.begin_object().key("result").string(t.content).end_object();
    w.end_object().end_object();
}

bool says_nothing(const turn& t) {
    return t.content.empty() && t.tool_calls.empty() && t.parts.empty() &&
           t.role != message_role::tool;
}

/// Turns of one role are one content, so that all results of a turn come together.
void write_contents(json::writer& w, const provider_request& request, const keepsake_owner& owner,
                    std::string_view no_signature) {
    std::string_view open;
    w.key("contents").begin_array();
    for (std::size_t i = 0; i < request.turns.size(); ++i) {
        const auto& t = request.turns[i];
        if (t.role == message_role::system || says_nothing(t)) continue;
        const std::string_view role = t.role == message_role::assistant ? "model" : "user";
        if (role != open) {
            if (!open.empty()) w.end_array().end_object();
            w.begin_object().key("role").string(role).key("parts").begin_array();
            open = role;
        }
        if (t.role == message_role::tool)
            write_result(w, request.turns, i, owner);
        else if (t.role == message_role::assistant)
            write_answer(w, t, owner, no_signature);
        else
            for (const auto& part : parts_of(t)) write_part(w, part);
    }
    if (!open.empty()) w.end_array().end_object();
    w.end_array();
}

void write_tools(json::writer& w, const std::vector<tool_definition>& tools) {
    if (tools.empty()) return;
    w.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
    for (const auto& tool : tools) {
        w.begin_object().key("name").string(tool.name);
        w.key("description").string(tool.description);
        if (!tool.parameters.empty()) w.key("parametersJsonSchema").raw(tool.parameters);
        w.end_object();
    }
    w.end_array().end_object().end_array();
}

void write_config(json::writer& w, const provider_request& request, const wire_names& names,
                  const std::string& schema_name) {
    w.key("generationConfig").begin_object();
    write_sampling(w, sampling_of(request), names);
    if (!request.output_schema.empty() && !schema_name.empty()) {
        w.key("responseMimeType").string("application/json");
        w.key(schema_name).raw(request.output_schema);
    }
    w.end_object();
}

class gemini_codec final : public http_codec {
   public:
    explicit gemini_codec(const new_provider& provider)
        : http_codec(provider, "gemini",
                     std::make_shared<request_headers>(provider, key_place{"x-goog-api-key", ""}),
                     make_gemini_reader()) {}

   private:
    std::string url(const provider_request& request, answer_form form) const override {
        const auto& p = provider();
        const auto version = "/" + (p.api_version.empty() ? "v1beta" : p.api_version);
        const bool streamed = form == answer_form::streamed;
        auto url =
            extend_versioned_url(p.base_url, version,
                                 "/models/" + path_segment(request.model) +
                                     (streamed ? ":streamGenerateContent" : ":generateContent"));
        return streamed ? add_query(std::move(url), "alt=sse") : url;
    }

    std::string body(const provider_request& request, const wire_names& names,
                     answer_form) const override {
        json::writer w(bytes_to_write(request));
        w.begin_object();
        const auto& schema_name =
            names[request.tools.empty() ? parameter::output_schema : parameter::schema_with_tools];
        auto system = system_text(request);
        if (!request.output_schema.empty() && schema_name.empty())
            system = with_schema(std::move(system), request.output_schema);
        if (!system.empty() && names.takes(parameter::instructions)) {
            w.key(names[parameter::instructions]).begin_object().key("parts").begin_array();
            write_part(w, {content_part::kind::text, system, {}});
            w.end_array().end_object();
        }
        write_contents(w, request, owner(request), names[parameter::call_signature]);
        write_tools(w, request.tools);
        write_config(w, request, names, schema_name);
        w.end_object();
        return std::move(w).text();
    }
};

}  // namespace

std::unique_ptr<codec> make_gemini_codec(const new_provider& provider) {
    return std::make_unique<gemini_codec>(provider);
}

}  // namespace conclave::providers
