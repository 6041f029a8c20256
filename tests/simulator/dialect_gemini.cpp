// Gemini's generateContent and streamGenerateContent.
#include "gemini_vendor.hpp"
#include "json_text.hpp"

#include <algorithm>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view signature = "c2ltdWxhdGVkLXNpZ25hdHVyZQ==";
constexpr std::string_view newline = "\r\n";
constexpr std::string_view silence = R"({"text":""})";

// A tool call is a plain stop here.
std::string_view finish_word(finish_reason finish) {
    return finish == finish_reason::length           ? "MAX_TOKENS"
           : finish == finish_reason::content_filter ? "SAFETY"
                                                     : "STOP";
}

// Thoughts are counted apart from candidates, the cache within the prompt.
std::string usage_member(const model_answer& answer, std::int64_t candidates,
                         std::int64_t thoughts) {
    if (answer.omits.usage) {
        return {};
    }
    auto out = joined(R"(,"usageMetadata":{"promptTokenCount":)", answer.tokens.in);
    if (candidates > 0) {
        append(out, R"(,"candidatesTokenCount":)", candidates);
    }
    if (answer.tokens.cached_in > 0) {
        append(out, R"(,"cachedContentTokenCount":)", answer.tokens.cached_in);
    }
    if (thoughts > 0) {
        append(out, R"(,"thoughtsTokenCount":)", thoughts);
    }
    append(out, R"(,"totalTokenCount":)", answer.tokens.in + candidates + thoughts, "}");
    return out;
}

std::string final_usage(const model_answer& answer) {
    return usage_member(answer, answer.tokens.out - answer.tokens.reasoning,
                        answer.tokens.reasoning);
}

// What a stream has counted after so many deltas: one token each.
std::string running_usage(const model_answer& answer, const answer_step& step) {
    const auto told = static_cast<std::int64_t>(step.deltas);
    const bool thinks = answer.parts[step.part].kind == part_kind::thinking;
    const auto thoughts =
        thinks ? std::min(told, answer.tokens.reasoning) : answer.tokens.reasoning;
    const auto most = answer.tokens.out - answer.tokens.reasoning;
    return usage_member(answer, thinks ? 0 : std::min(told, most), thoughts);
}

std::string part_object(const answer_part& part, std::string_view text, bool is_first_call) {
    switch (part.kind) {
        case part_kind::thinking: return joined(R"({"text":)", quoted{text}, R"(,"thought":true})");
        case part_kind::text: return joined(R"({"text":)", quoted{text}, "}");
        case part_kind::tool_call: break;
    }
    auto out = joined(R"({"functionCall":{"name":)", quoted{part.name}, R"(,"args":)", text);
    if (!part.id.empty()) {
        append(out, R"(,"id":)", quoted{part.id});
    }
    out += "}";
    if (is_first_call) {
        append(out, R"(,"thoughtSignature":")", signature, R"(")");
    }
    return out + "}";
}

std::string document_of(const model_answer& answer, std::string_view parts, bool is_finished,
                        std::string_view usage) {
    auto out = joined(R"({"candidates":[{"content":{"parts":[)", parts, R"(],"role":"model"})");
    if (is_finished && !answer.omits.finish) {
        append(out, R"(,"finishReason":")", finish_word(answer.finish), R"(")");
    }
    append(out, R"(,"index":0}])", usage, R"(,"modelVersion":)", quoted{answer.model},
           R"(,"responseId":")", answer.id("sim-"), R"("})");
    return out;
}

// Without alt=sse a stream is one JSON array.
void add_document(const model_answer& answer, std::string_view document, event_writer& out) {
    if (answer.form.array_stream) {
        out.add(joined(out.count() == 0 ? "[" : ",\r\n", document));
    } else {
        out.add("", document, newline);
    }
}

// The vendor knows only a part of JSON Schema, and says so.
bool has_foreign_keyword(const json& schema) {
    if (schema.is_object() && (schema.contains("additionalProperties") ||
                               schema.contains("$schema") || schema.contains("$ref"))) {
        return true;
    }
    return schema.is_structured() && std::any_of(schema.begin(), schema.end(), has_foreign_keyword);
}

class gemini final : public gemini_vendor {
   public:
    bool serves(std::string_view path) const override {
        const auto method = method_of(path);
        return method == "generateContent" || method == "streamGenerateContent";
    }

    request_facts read(const http_request& request, const json& document) const override {
        const auto& contents = member(document, "contents");
        request_facts facts;
        facts.model = model_of(request.path());
        facts.form.streams = method_of(request.path()) == "streamGenerateContent";
        facts.form.array_stream =
            facts.form.streams && request.query().find("alt=sse") == std::string_view::npos;
        if (!contents.is_array() || contents.empty()) {
            facts.refusal = "contents is not specified";
            return facts;
        }
        conversation talk(facts);
        for (const auto& content : contents) {
            read_content(content, talk, facts);
        }
        talk.end();
        facts.turns = contents.size();
        read_tools(document, facts);
        const auto& config = either(document, "generationConfig");
        if (either(config, "responseMimeType") == "application/json") {
            const auto& schema = either(config, "responseSchema");
            facts.schema = schema.is_null() ? either(config, "responseJsonSchema") : schema;
        }
        return facts;
    }

    using gemini_vendor::print;
    void print(const model_answer& answer, std::string& body) const override {
        std::string parts;
        bool is_first_call = true;
        for (const auto& part : answer.parts) {
            append(parts, parts.empty() ? "" : ",", part_object(part, part.text, is_first_call));
            is_first_call = is_first_call && part.kind != part_kind::tool_call;
        }
        body += document_of(answer, parts, true, final_usage(answer));
    }

    void tell(const model_answer& answer, const answer_step& step,
              event_writer& out) const override {
        switch (step.kind) {
            case step_kind::delta:
                if (const auto& part = answer.parts[step.part]; part.kind != part_kind::tool_call) {
                    add_document(answer,
                                 document_of(answer, part_object(part, step.piece, false), false,
                                             running_usage(answer, step)),
                                 out);
                }
                return;
            case step_kind::part_end:  // a call comes whole
                if (const auto& part = answer.parts[step.part]; part.kind == part_kind::tool_call) {
                    add_document(answer,
                                 document_of(answer, part_object(part, part.text, step.call == 0),
                                             false, running_usage(answer, step)),
                                 out);
                }
                return;
            case step_kind::finish:
                add_document(answer, document_of(answer, silence, true, final_usage(answer)), out);
                return;
            case step_kind::end:
                if (answer.form.array_stream) {
                    out.add("]");
                }
                return;
            default: return;
        }
    }

    void tell(const model_answer& answer, const model_error& error,
              event_writer& out) const override {
        std::string document;
        print(error, document);
        add_document(answer, document, out);
    }

   private:
    // Calls and results are paired by id where there is one, else by name.
    static std::string name_of(const json& object) {
        const auto id = text_member(object, "id");
        return id.empty() ? text_member(object, "name") : id;
    }

    static void read_content(const json& content, conversation& talk, request_facts& facts) {
        const bool is_model = member(content, "role") == "model";
        bool has_results = false;
        if (is_model) {
            talk.model_speaks();
        }
        for (const auto& part : member(content, "parts")) {
            if (const auto& call = either(part, "functionCall"); is_model && call.is_object()) {
                talk.call(name_of(call));
            } else if (const auto& result = either(part, "functionResponse"); result.is_object()) {
                const auto& response = member(result, "response");
                if (!response.is_object()) {
                    facts.refusal = "function_response.response must be an object";
                }
                talk.result(name_of(result), json_text(response));
                has_results = true;
            }
        }
        const auto text = text_of(content);
        if (!is_model && !(has_results && text.empty())) {
            talk.user_says(text);
        }
    }

    static void read_tools(const json& document, request_facts& facts) {
        for (const auto& tool : member(document, "tools")) {
            for (const auto& function : either(tool, "functionDeclarations")) {
                const auto& parameters = member(function, "parameters");
                if (has_foreign_keyword(parameters)) {
                    facts.refusal =
                        "Invalid JSON payload received. Unknown name in "
                        "'tools.function_declarations.parameters': Cannot find field.";
                }
                facts.tools.push_back(
                    {text_member(function, "name"),
                     parameters.is_null() ? either(function, "parametersJsonSchema") : parameters});
            }
        }
        const auto& choice = either(either(document, "toolConfig"), "functionCallingConfig");
        facts.may_call = member(choice, "mode") != "NONE";
        facts.must_call = member(choice, "mode") == "ANY";
        if (const auto& allowed = either(choice, "allowedFunctionNames");
            facts.must_call && allowed.is_array() && !allowed.empty() && allowed[0].is_string()) {
            facts.must_call_name = allowed[0].get<std::string>();
        }
    }
};

}  // namespace

const dialect& gemini_dialect() {
    static const gemini instance;
    return instance;
}

}  // namespace simulator
