// OpenAI-compatible chat completions.
#include "json_text.hpp"
#include "openai_vendor.hpp"

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view finish_word(const model_answer& answer) {
    if (answer.omits.finish) {
        return "null";
    }
    switch (answer.finish) {
        case finish_reason::length: return R"("length")";
        case finish_reason::content_filter: return R"("content_filter")";
        // The vendor says "stop" where the request itself has named the tool.
        case finish_reason::tool_calls:
            return answer.form.named_choice ? R"("stop")" : R"("tool_calls")";
        default: break;
    }
    return R"("stop")";
}

std::string usage_object(const token_counts& tokens) {
    auto out = joined(R"({"prompt_tokens":)", tokens.in, R"(,"completion_tokens":)", tokens.out,
                      R"(,"total_tokens":)", tokens.in + tokens.out);
    if (tokens.cached_in > 0 || tokens.cache_write_in > 0) {
        append(out, R"(,"prompt_tokens_details":{"cached_tokens":)", tokens.cached_in);
        if (tokens.cache_write_in > 0) {
            append(out, R"(,"cache_write_tokens":)", tokens.cache_write_in);
        }
        out += "}";
    }
    if (tokens.reasoning > 0) {
        append(out, R"(,"completion_tokens_details":{"reasoning_tokens":)", tokens.reasoning, "}");
    }
    return out + "}";
}

std::string call_id(const model_answer& answer, const answer_part& part, std::size_t index) {
    return part.id.empty() ? answer.id("call_sim-", index) : part.id;
}

// One choice's delta, or, with `delta` empty, a chunk without choices.
std::string chunk(const model_answer& answer, std::string_view delta, std::string_view finish,
                  std::string_view usage) {
    auto out = joined(R"({"id":")", answer.id("chatcmpl-sim-"),
                      R"(","object":"chat.completion.chunk","created":)", openai_created_s,
                      R"(,"model":)", quoted{answer.model}, R"(,"choices":[)");
    if (!delta.empty()) {
        append(out, R"({"index":0,"delta":)", delta, R"(,"logprobs":null,"finish_reason":)", finish,
               "}");
    }
    out += "]";
    if (answer.form.usage_in_stream) {
        append(out, R"(,"usage":)", usage);
    }
    return out + "}";
}

std::string tool_delta(std::size_t index, std::string_view rest) {
    return joined(R"({"tool_calls":[{"index":)", static_cast<std::int64_t>(index), rest, "}]}");
}

std::string delta_of(const model_answer& answer, const answer_step& step) {
    switch (answer.parts[step.part].kind) {
        case part_kind::thinking:
            return joined(R"({"reasoning_content":)", quoted{step.piece}, "}");
        case part_kind::text: return joined(R"({"content":)", quoted{step.piece}, "}");
        case part_kind::tool_call: break;
    }
    return tool_delta(step.call, joined(R"(,"function":{"arguments":)", quoted{step.piece}, "}"));
}

void read_message(const json& message, conversation& talk) {
    const auto& role = member(message, "role");
    if (role == "user") {
        talk.user_says(content_text(member(message, "content")));
    } else if (role == "assistant") {
        talk.model_speaks();
        for (const auto& call : member(message, "tool_calls")) {
            talk.call(text_member(call, "id"));
        }
    } else if (role == "tool") {
        talk.result(text_member(message, "tool_call_id"), content_text(member(message, "content")));
    }
}

void read_tools(const json& document, request_facts& facts) {
    for (const auto& tool : member(document, "tools")) {
        const auto& function = member(tool, "function");
        if (text_member(function, "name").empty()) {
            facts.refusal = "tools must be functions with a name";
        }
        facts.tools.push_back({text_member(function, "name"), member(function, "parameters")});
    }
    const auto& choice = member(document, "tool_choice");
    facts.may_call = choice != "none";
    facts.must_call_name = text_member(member(choice, "function"), "name");
    facts.form.named_choice = !facts.must_call_name.empty();
    facts.must_call = facts.form.named_choice || choice == "required";
}

class openai_chat final : public openai_vendor {
   public:
    bool serves(std::string_view path) const override {
        return is_below_base(path, "chat/completions");
    }

    bool is_plain(const http_request& request) const override {
        return request.body.find("\"stream\"") == std::string::npos &&
               request.body.find("\"tools\"") == std::string::npos;
    }

    request_facts read(const http_request&, const json& document) const override {
        const auto& messages = member(document, "messages");
        request_facts facts;
        read_model(document, facts);
        if (facts.refusal.empty() && !is_message_list(messages)) {
            facts.refusal = "messages must be a list of at least one message with a role";
        }
        if (!facts.refusal.empty()) {
            return facts;
        }
        conversation talk(facts);
        for (const auto& message : messages) {
            read_message(message, talk);
        }
        talk.end();
        facts.turns = messages.size();
        read_tools(document, facts);
        const auto& format = member(document, "response_format");
        if (text_member(format, "type").rfind("json", 0) == 0) {
            facts.schema = member(member(format, "json_schema"), "schema");
        }
        facts.form.streams = member(document, "stream") == true;
        facts.form.usage_in_stream =
            member(member(document, "stream_options"), "include_usage") == true;
        return facts;
    }

    using openai_vendor::print;
    void print(const model_answer& answer, std::string& body) const override {
        append(body, R"({"id":")", answer.id("chatcmpl-sim-"),
               R"(","object":"chat.completion","created":)", openai_created_s, R"(,"model":)",
               quoted{answer.model}, R"(,"choices":[{"index":0,"message":{"role":"assistant",)");
        const bool speaks = answer.has(part_kind::text) || !answer.has(part_kind::tool_call);
        const auto text = answer.text(part_kind::text);
        append(body, R"("content":)", speaks ? joined(quoted{text}) : "null", R"(,"refusal":null)");
        if (answer.has(part_kind::thinking)) {
            const auto thinking = answer.text(part_kind::thinking);
            append(body, R"(,"reasoning_content":)", quoted{thinking});
        }
        print_calls(answer, body);
        append(body, R"(},"logprobs":null,"finish_reason":)", finish_word(answer), "}]");
        if (!answer.omits.usage) {
            append(body, R"(,"usage":)", usage_object(answer.tokens));
        }
        body += "}";
    }

    void tell(const model_answer& answer, const answer_step& step,
              event_writer& out) const override {
        const auto tell_delta = [&](std::string_view delta, std::string_view finish = "null") {
            out.add("", chunk(answer, delta, finish, "null"));
        };
        switch (step.kind) {
            case step_kind::begin:
                tell_delta(answer.has(part_kind::text)
                               ? R"({"role":"assistant","content":"","refusal":null})"
                               : R"({"role":"assistant","content":null})");
                return;
            case step_kind::part_begin:
                if (const auto& part = answer.parts[step.part]; part.kind == part_kind::tool_call) {
                    tell_delta(tool_delta(
                        step.call, joined(R"(,"id":)", quoted{call_id(answer, part, step.call)},
                                          R"(,"type":"function","function":{"name":)",
                                          quoted{part.name}, R"(,"arguments":""})")));
                }
                return;
            case step_kind::delta: tell_delta(delta_of(answer, step)); return;
            case step_kind::part_end: return;
            case step_kind::finish: tell_delta("{}", finish_word(answer)); return;
            case step_kind::usage:
                if (answer.form.usage_in_stream) {
                    out.add("", chunk(answer, "", "", usage_object(answer.tokens)));
                }
                return;
            case step_kind::end: out.add("", "[DONE]"); return;
        }
    }

    // The vendor goes on as if nothing had happened, with a usage of zeros.
    void tell(const model_answer& answer, const model_error& error,
              event_writer& out) const override {
        out.add("", joined(R"({"error":)", error_object(error), "}"));
        if (answer.form.usage_in_stream) {
            out.add("", chunk(answer, "", "", usage_object({})));
        }
        out.add("", "[DONE]");
    }

   private:
    static void print_calls(const model_answer& answer, std::string& body) {
        std::size_t calls = 0;
        for (const auto& part : answer.parts) {
            if (part.kind == part_kind::tool_call) {
                append(body, calls == 0 ? R"(,"tool_calls":[)" : ",", R"({"id":)",
                       quoted{call_id(answer, part, calls)},
                       R"(,"type":"function","function":{"name":)", quoted{part.name},
                       R"(,"arguments":)", quoted{part.text}, "}}");
                ++calls;
            }
        }
        body += calls > 0 ? "]" : "";
    }
};

}  // namespace

const dialect& openai_dialect() {
    static const openai_chat instance;
    return instance;
}

}  // namespace simulator
