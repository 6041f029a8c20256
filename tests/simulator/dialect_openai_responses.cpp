// OpenAI's Responses.
#include "json_text.hpp"
#include "openai_vendor.hpp"

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view encrypted = "c2ltdWxhdGVkLXJlYXNvbmluZw==";

struct outcome {
    std::string_view status, reason;  // the reason is JSON
};

outcome outcome_of(const model_answer& answer) {
    if (answer.omits.finish) {
        return {"in_progress", "null"};
    }
    switch (answer.finish) {
        case finish_reason::length: return {"incomplete", R"({"reason":"max_output_tokens"})"};
        case finish_reason::content_filter: return {"incomplete", R"({"reason":"content_filter"})"};
        default: break;
    }
    return {"completed", "null"};
}

std::string usage_object(const model_answer& answer) {
    const auto& tokens = answer.tokens;
    if (answer.omits.usage) {
        return "null";
    }
    auto out = joined(R"({"input_tokens":)", tokens.in,
                      R"(,"input_tokens_details":{"cached_tokens":)", tokens.cached_in);
    if (tokens.cache_write_in > 0) {
        append(out, R"(,"cache_write_tokens":)", tokens.cache_write_in);
    }
    append(out, R"(},"output_tokens":)", tokens.out,
           R"(,"output_tokens_details":{"reasoning_tokens":)", tokens.reasoning,
           R"(},"total_tokens":)", tokens.in + tokens.out, "}");
    return out;
}

std::string response_object(const model_answer& answer, const outcome& state,
                            std::string_view output, std::string_view usage,
                            std::string_view error = "null") {
    return joined(
        R"({"id":")", answer.id("resp_sim-"), R"(","object":"response","created_at":)",
        openai_created_s, R"(,"status":")", state.status, R"(","background":false,"error":)", error,
        R"(,"incomplete_details":)", state.reason,
        R"(,"instructions":null,"max_output_tokens":null,"model":)", quoted{answer.model},
        R"(,"output":[)", output, R"(],"parallel_tool_calls":true,"previous_response_id":null,)",
        R"("reasoning":{"effort":null,"summary":null},"store":false,"temperature":1.0,)",
        R"("text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],)",
        R"("top_p":1.0,"truncation":"disabled","usage":)", usage, R"(,"user":null,"metadata":{}})");
}

std::string text_content(std::string_view text) {
    return joined(R"({"type":"output_text","annotations":[],"logprobs":[],"text":)", quoted{text},
                  "}");
}

std::string summary(std::string_view text) {
    return joined(R"({"type":"summary_text","text":)", quoted{text}, "}");
}

std::string item_id(const model_answer& answer, std::size_t index) {
    constexpr std::string_view prefixes[] = {"rs_sim-", "msg_sim-", "fc_sim-"};
    return answer.id(prefixes[static_cast<std::size_t>(answer.parts[index].kind)], index);
}

// An item as a stream opens it, or whole.
std::string item(const model_answer& answer, std::size_t index, std::size_t call, bool is_whole) {
    const auto& part = answer.parts[index];
    const auto id = item_id(answer, index);
    const std::string_view status = is_whole ? "completed" : "in_progress";
    switch (part.kind) {
        case part_kind::thinking: {
            auto out = joined(R"({"id":")", id, R"(","type":"reasoning","summary":[)",
                              is_whole ? summary(part.text) : "", "]");
            if (answer.form.encrypted_reasoning) {
                append(out, R"(,"encrypted_content":")", encrypted, R"(")");
            }
            return out + "}";
        }
        case part_kind::text:
            return joined(R"({"id":")", id, R"(","type":"message","status":")", status,
                          R"(","content":[)", is_whole ? text_content(part.text) : "",
                          R"(],"role":"assistant"})");
        case part_kind::tool_call: break;
    }
    const auto call_id = part.id.empty() ? answer.id("call_sim-", call) : part.id;
    return joined(R"({"id":")", id, R"(","type":"function_call","status":")", status,
                  R"(","arguments":)", quoted{is_whole ? std::string_view(part.text) : ""},
                  R"(,"call_id":)", quoted{call_id}, R"(,"name":)", quoted{part.name}, "}");
}

std::string all_items(const model_answer& answer) {
    std::string out;
    std::size_t calls = 0;
    for (std::size_t i = 0; i < answer.parts.size(); ++i) {
        append(out, i == 0 ? "" : ",", item(answer, i, calls, true));
        calls += answer.parts[i].kind == part_kind::tool_call ? 1 : 0;
    }
    return out;
}

// Each event names itself and its place.
void add_event(std::string_view name, std::string_view members, event_writer& out) {
    out.add(name,
            joined(R"({"type":")", name, R"(","sequence_number":)", out.count(), members, "}"));
}

// Tells the steps of one item.
class item_teller {
   public:
    item_teller(const model_answer& answer, const answer_step& step, event_writer& out)
        : answer_(answer), step_(step), part_(answer.parts[step.part]), out_(out) {}

    void begin() {
        add("response.output_item.added", whole_item(false));
        if (part_.kind == part_kind::text) {
            add("response.content_part.added", place() + joined(R"(,"part":)", text_content("")));
        } else if (part_.kind == part_kind::thinking) {
            add("response.reasoning_summary_part.added",
                place() + joined(R"(,"part":)", summary("")));
        }
    }

    void delta() {
        add(std::string(stem()) + ".delta",
            place() + joined(R"(,"delta":)", quoted{step_.piece}) + logprobs());
    }

    void end() {
        const auto name = part_.kind == part_kind::tool_call ? R"(,"arguments":)" : R"(,"text":)";
        add(std::string(stem()) + ".done", place() + joined(name, quoted{part_.text}) + logprobs());
        if (part_.kind == part_kind::text) {
            add("response.content_part.done",
                place() + joined(R"(,"part":)", text_content(part_.text)));
        } else if (part_.kind == part_kind::thinking) {
            add("response.reasoning_summary_part.done",
                place() + joined(R"(,"part":)", summary(part_.text)));
        }
        add("response.output_item.done", whole_item(true));
    }

   private:
    void add(std::string_view name, std::string_view members) { add_event(name, members, out_); }

    std::string_view stem() const {
        return part_.kind == part_kind::text       ? "response.output_text"
               : part_.kind == part_kind::thinking ? "response.reasoning_summary_text"
                                                   : "response.function_call_arguments";
    }

    std::string output_index() const {
        return joined(R"(,"output_index":)", static_cast<std::int64_t>(step_.part));
    }

    std::string place() const {
        return joined(R"(,"item_id":")", item_id(answer_, step_.part), R"(")", output_index(),
                      part_.kind == part_kind::text       ? R"(,"content_index":0)"
                      : part_.kind == part_kind::thinking ? R"(,"summary_index":0)"
                                                          : "");
    }

    std::string logprobs() const {
        return part_.kind == part_kind::text ? R"(,"logprobs":[])" : "";
    }

    std::string whole_item(bool is_whole) const {
        return joined(output_index(), R"(,"item":)",
                      item(answer_, step_.part, step_.call, is_whole));
    }

    const model_answer& answer_;
    const answer_step& step_;
    const answer_part& part_;
    event_writer& out_;
};

// Follows the items of a conversation, where parallel calls are items of their own.
class item_reader {
   public:
    explicit item_reader(request_facts& facts) : facts_(facts), talk_(facts) {}

    void read(const json& one) {
        const auto& type = member(one, "type");
        const bool is_message = type == "message" || (type.is_null() && one.contains("role"));
        const bool is_user = is_message && member(one, "role") == "user";
        const bool is_model = type == "function_call" || type == "reasoning" ||
                              (is_message && member(one, "role") == "assistant");
        if (after_reasoning_ && !is_model) {
            facts_.refusal = "a reasoning item was provided without its required following item";
        }
        after_reasoning_ = type == "reasoning";
        if (is_model && !in_model_turn_) {
            talk_.model_speaks();
        }
        in_model_turn_ = is_model;
        if (type == "function_call") {
            talk_.call(text_member(one, "call_id"));
        } else if (type == "function_call_output") {
            talk_.result(text_member(one, "call_id"), content_text(member(one, "output")));
        } else if (is_user) {
            talk_.user_says(content_text(member(one, "content")));
        }
    }

    void end() {
        talk_.end();
        if (after_reasoning_) {
            facts_.refusal = "a reasoning item was provided without its required following item";
        }
    }

   private:
    request_facts& facts_;
    conversation talk_;
    bool in_model_turn_ = false;
    bool after_reasoning_ = false;
};

void read_tools(const json& document, request_facts& facts) {
    for (const auto& tool : member(document, "tools")) {
        if (member(tool, "type") == "function" && text_member(tool, "name").empty()) {
            facts.refusal = "Missing required parameter: 'tools[].name'.";
        }
        facts.tools.push_back({text_member(tool, "name"), member(tool, "parameters")});
    }
    const auto& choice = member(document, "tool_choice");
    facts.may_call = choice != "none";
    facts.must_call_name = text_member(choice, "name");
    facts.must_call = choice == "required" || !facts.must_call_name.empty();
}

class openai_responses final : public openai_vendor {
   public:
    std::size_t vendor() const override { return 3; }
    bool serves(std::string_view path) const override { return is_below_base(path, "responses"); }
    bool is_plain(const http_request&) const override { return false; }

    request_facts read(const http_request&, const json& document) const override {
        request_facts facts;
        read_model(document, facts);
        for (const auto* foreign : {"messages", "max_tokens", "response_format"}) {
            if (document.contains(foreign)) {
                facts.refusal = "Unknown parameter: '" + std::string(foreign) + "'.";
            }
        }
        const auto& input = member(document, "input");
        if (!input.is_string() && (!input.is_array() || input.empty())) {
            facts.refusal = "input must be a string or a list of items";
        }
        if (!facts.refusal.empty()) {
            return facts;
        }
        item_reader reader(facts);
        for (const auto& one :
             input.is_string() ? json::array({{{"role", "user"}, {"content", input}}}) : input) {
            reader.read(one);
        }
        reader.end();
        facts.turns = input.is_string() ? 1 : input.size();
        read_tools(document, facts);
        const auto& format = member(member(document, "text"), "format");
        if (text_member(format, "type").rfind("json", 0) == 0) {
            facts.schema = member(format, "schema");
        }
        facts.form.streams = member(document, "stream") == true;
        for (const auto& wish : member(document, "include")) {
            facts.form.encrypted_reasoning |= wish == "reasoning.encrypted_content";
        }
        return facts;
    }

    using openai_vendor::print;
    void print(const model_answer& answer, std::string& body) const override {
        body +=
            response_object(answer, outcome_of(answer), all_items(answer), usage_object(answer));
    }

    void tell(const model_answer& answer, const answer_step& step,
              event_writer& out) const override {
        switch (step.kind) {
            case step_kind::begin:
                for (const auto* name : {"response.created", "response.in_progress"}) {
                    const auto response =
                        response_object(answer, {"in_progress", "null"}, "", "null");
                    add_event(name, R"(,"response":)" + response, out);
                }
                return;
            case step_kind::part_begin: item_teller(answer, step, out).begin(); return;
            case step_kind::delta: item_teller(answer, step, out).delta(); return;
            case step_kind::part_end: item_teller(answer, step, out).end(); return;
            case step_kind::end: {
                const auto state = outcome_of(answer);
                const auto name = "response." + std::string(state.status);
                add_event(name,
                          R"(,"response":)" + response_object(answer, state, all_items(answer),
                                                              usage_object(answer)),
                          out);
                return;
            }
            default: return;
        }
    }

    void tell(const model_answer& answer, const model_error& error,
              event_writer& out) const override {
        const auto words = error_object(error);
        add_event("error", R"(,"error":)" + words, out);
        add_event(
            "response.failed",
            R"(,"response":)" + response_object(answer, {"failed", "null"}, "", "null", words),
            out);
    }
};

}  // namespace

const dialect& openai_responses_dialect() {
    static const openai_responses instance;
    return instance;
}

}  // namespace simulator
