// Anthropic's Messages API, version 2023-06-01.
#include "dialect.hpp"
#include "json_text.hpp"

#include <algorithm>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view signature = "c2ltdWxhdGVkLXNpZ25hdHVyZQ==";

std::string_view error_type(int status) {
    switch (status) {
        case 401: return "authentication_error";
        case 402: return "billing_error";
        case 403: return "permission_error";
        case 404: return "not_found_error";
        case 413: return "request_too_large";
        case 429: return "rate_limit_error";
        case 504: return "timeout_error";
        case 529: return "overloaded_error";
        default: break;
    }
    return status < 500 ? "invalid_request_error" : "api_error";
}

std::string error_document(const model_error& error) {
    return joined(R"({"type":"error","error":{"type":")", error_type(error.status),
                  R"(","message":)", quoted{error.message}, "}}");
}

std::string_view stop_word(const model_answer& answer) {
    if (answer.omits.finish) {
        return "null";
    }
    switch (answer.finish) {
        case finish_reason::length: return R"("max_tokens")";
        case finish_reason::content_filter: return R"("refusal")";
        case finish_reason::tool_calls: return R"("tool_use")";
        default: break;
    }
    return R"("end_turn")";
}

// The cache is not part of the input tokens here. A stream begins with an output of one token.
std::string usage_member(const model_answer& answer, std::int64_t tokens_out) {
    if (answer.omits.usage) {
        return {};
    }
    const auto& tokens = answer.tokens;
    const auto uncached = tokens.in - tokens.cached_in - tokens.cache_write_in;
    auto out = joined(R"(,"usage":{"input_tokens":)", std::max<std::int64_t>(uncached, 0),
                      R"(,"cache_creation_input_tokens":)", tokens.cache_write_in,
                      R"(,"cache_read_input_tokens":)", tokens.cached_in, R"(,"output_tokens":)",
                      tokens_out);
    if (tokens.reasoning > 0 && tokens_out == tokens.out) {
        append(out, R"(,"output_tokens_details":{"thinking_tokens":)", tokens.reasoning, "}");
    }
    return out + "}";
}

std::string call_id(const model_answer& answer, const answer_part& part, std::size_t index) {
    return part.id.empty() ? answer.id("toolu_sim-", index) : part.id;
}

std::string block(const model_answer& answer, const answer_part& part, std::size_t call) {
    switch (part.kind) {
        case part_kind::thinking:
            return joined(R"({"type":"thinking","thinking":)", quoted{part.text},
                          R"(,"signature":")", signature, R"("})");
        case part_kind::text: return joined(R"({"type":"text","text":)", quoted{part.text}, "}");
        case part_kind::tool_call: break;
    }
    return joined(R"({"type":"tool_use","id":)", quoted{call_id(answer, part, call)}, R"(,"name":)",
                  quoted{part.name}, R"(,"input":)", part.text, "}");
}

// A block as a stream opens it: empty.
std::string opening(const model_answer& answer, const answer_step& step) {
    auto part = answer.parts[step.part];
    part.text = part.kind == part_kind::tool_call ? "{}" : "";
    return part.kind == part_kind::thinking ? R"({"type":"thinking","thinking":"","signature":""})"
                                            : block(answer, part, step.call);
}

std::string message(const model_answer& answer, std::string_view content, std::string_view stop,
                    std::int64_t tokens_out) {
    return joined(R"({"id":")", answer.id("msg_sim-"),
                  R"(","type":"message","role":"assistant","model":)", quoted{answer.model},
                  R"(,"content":[)", content, R"(],"stop_reason":)", stop,
                  R"(,"stop_sequence":null)", usage_member(answer, tokens_out), "}");
}

void read_user_blocks(const json& content, conversation& talk) {
    std::string text = content.is_string() ? content.get<std::string>() : "";
    for (const auto& part : content.is_array() ? content : json::array()) {
        if (member(part, "type") == "tool_result") {
            if (!text.empty()) {
                talk.user_says(text);  // results come first, so this is refused while calls wait
            }
            talk.result(text_member(part, "tool_use_id"), content_text(member(part, "content")));
        } else {
            text += text_member(part, "text");
        }
    }
    talk.user_says(text);
}

void read_message(const json& turn, conversation& talk) {
    const auto& content = member(turn, "content");
    if (member(turn, "role") == "user") {
        read_user_blocks(content, talk);
    } else if (member(turn, "role") == "assistant") {
        talk.model_speaks();
        for (const auto& part : content.is_array() ? content : json::array()) {
            if (member(part, "type") == "tool_use") {
                talk.call(text_member(part, "id"));
            }
        }
    }
}

void read_tools(const json& document, request_facts& facts) {
    for (const auto& tool : member(document, "tools")) {
        const auto& schema = member(tool, "input_schema");
        if (text_member(tool, "name").empty() || !schema.is_object()) {
            facts.refusal = "tools: name and input_schema are required";
        }
        facts.tools.push_back({text_member(tool, "name"), schema});
    }
    const auto& choice = member(document, "tool_choice");
    facts.may_call = member(choice, "type") != "none";
    facts.must_call = member(choice, "type") == "any" || member(choice, "type") == "tool";
    facts.must_call_name = text_member(choice, "name");
}

std::string refusal_of(const http_request& request, const json& document) {
    const auto& most = member(document, "max_tokens");
    return request.api_version.empty()              ? "anthropic-version: header is required"
           : !member(document, "model").is_string() ? "model: Field required"
           : !most.is_number_integer() || most < 1  ? "max_tokens: Field required"
           : !is_message_list(member(document, "messages"))
               ? "messages: at least one message is required"
               : "";
}

class anthropic final : public dialect {
   public:
    std::size_t vendor() const override { return 4; }
    bool serves(std::string_view path) const override {
        return path == "/v1/messages" || path == "/anthropic/v1/messages";
    }
    bool is_plain(const http_request&) const override { return false; }
    std::string_view request_id_header() const override { return "request-id"; }

    // In whole seconds.
    void print_delay(std::int64_t delay_ms, std::string& header_lines) const override {
        append(header_lines, "retry-after: ", (delay_ms + 999) / 1000, "\r\n");
    }

    request_facts read(const http_request& request, const json& document) const override {
        request_facts facts;
        facts.refusal = refusal_of(request, document);
        if (!facts.refusal.empty()) {
            return facts;
        }
        facts.model = text_member(document, "model");
        const auto& messages = member(document, "messages");
        conversation talk(facts);
        for (const auto& turn : messages) {
            read_message(turn, talk);
        }
        talk.end();
        facts.turns = messages.size();
        read_tools(document, facts);
        const auto& format = member(member(document, "output_config"), "format");
        if (member(format, "type") == "json_schema") {
            facts.schema = member(format, "schema");
        }
        facts.form.streams = member(document, "stream") == true;
        return facts;
    }

    void print(const model_answer& answer, std::string& body) const override {
        std::string content;
        std::size_t calls = 0;
        for (const auto& part : answer.parts) {
            append(content, content.empty() ? "" : ",", block(answer, part, calls));
            calls += part.kind == part_kind::tool_call ? 1 : 0;
        }
        body += message(answer, content, stop_word(answer), answer.tokens.out);
    }

    void print(const model_error& error, std::string& body) const override {
        body += error_document(error);
    }

    void tell(const model_answer& answer, const answer_step& step,
              event_writer& out) const override {
        switch (step.kind) {
            case step_kind::begin:
                out.add("message_start", joined(R"({"type":"message_start","message":)",
                                                message(answer, "", "null", 1), "}"));
                return;
            case step_kind::part_begin: begin_block(answer, step, out); return;
            case step_kind::delta: tell_delta(answer, step, out); return;
            case step_kind::part_end:
                if (answer.parts[step.part].kind == part_kind::thinking) {
                    add_delta(step, "signature_delta", "signature", signature, out);
                }
                out.add("content_block_stop",
                        joined(R"({"type":"content_block_stop","index":)", index(step), "}"));
                return;
            case step_kind::finish:
                out.add("message_delta",
                        joined(R"({"type":"message_delta","delta":{"stop_reason":)",
                               stop_word(answer), R"(,"stop_sequence":null})",
                               usage_member(answer, answer.tokens.out), "}"));
                return;
            case step_kind::usage: return;
            case step_kind::end: out.add("message_stop", R"({"type":"message_stop"})"); return;
        }
    }

    void tell(const model_answer&, const model_error& error, event_writer& out) const override {
        out.add("error", error_document(error));
    }

   private:
    static std::int64_t index(const answer_step& step) {
        return static_cast<std::int64_t>(step.part);
    }

    static void add_delta(const answer_step& step, std::string_view type, std::string_view name,
                          std::string_view text, event_writer& out) {
        out.add("content_block_delta",
                joined(R"({"type":"content_block_delta","index":)", index(step),
                       R"(,"delta":{"type":")", type, R"(",")", name, R"(":)", quoted{text}, "}}"));
    }

    static void begin_block(const model_answer& answer, const answer_step& step,
                            event_writer& out) {
        out.add("content_block_start",
                joined(R"({"type":"content_block_start","index":)", index(step),
                       R"(,"content_block":)", opening(answer, step), "}"));
        if (step.part == 0) {
            out.add("ping", R"({"type": "ping"})");
        }
        if (answer.parts[step.part].kind == part_kind::tool_call) {
            add_delta(step, "input_json_delta", "partial_json", "", out);
        }
    }

    // A tool without arguments says no more than the empty delta that opens it.
    static void tell_delta(const model_answer& answer, const answer_step& step, event_writer& out) {
        const auto& part = answer.parts[step.part];
        switch (part.kind) {
            case part_kind::thinking:
                add_delta(step, "thinking_delta", "thinking", step.piece, out);
                return;
            case part_kind::text: add_delta(step, "text_delta", "text", step.piece, out); return;
            case part_kind::tool_call:
                if (part.text != "{}") {
                    add_delta(step, "input_json_delta", "partial_json", step.piece, out);
                }
                return;
        }
    }
};

}  // namespace

const dialect& anthropic_dialect() {
    static const anthropic instance;
    return instance;
}

}  // namespace simulator
