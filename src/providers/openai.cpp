// Chat Completions: writes requests and reads whole answers.
#include "providers/openai.hpp"

#include "base/limits.hpp"
#include "json/writer.hpp"
#include "providers/tool_rule.hpp"
#include "providers/turns.hpp"
#include "providers/whole_answer.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace conclave::providers {
namespace {

using json::at_pointer;
using json::find;

// Models that refuse `max_tokens`, by the first part of their names.
constexpr openai_dialect plain_dialect{};
constexpr openai_dialect reasoning_dialect{"developer", "max_completion_tokens"};
constexpr std::array<std::string_view, 5> reasoning_models = {"o1", "o3", "o4", "gpt-5", "gpt-6"};

void write_message(json::writer& w, std::string_view role, std::string_view content) {
    w.begin_object().key("role").string(role).key("content").string(content).end_object();
}

constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";

void write_turn(json::writer& w, const provider_request::turn& turn) {
    w.begin_object().key("role").string(role_word(turn.role)).key("content");
    if (turn.content.empty() && !turn.tool_calls.empty())
        w.null();
    else
        w.string(turn.content);
    if (turn.role == message_role::tool) w.key("tool_call_id").string(turn.tool_call_id);
    if (!turn.tool_calls.empty()) {
        w.key("tool_calls").begin_array();
        for (const auto& call : turn.tool_calls) {
            w.begin_object().key("id").string(call.id).key("type").string("function");
            w.key("function").begin_object().key("name").string(call.name);
            w.key("arguments").string(call.arguments).end_object().end_object();
        }
        w.end_array();
    }
    w.end_object();
}

void write_tools(json::writer& w, const std::vector<tool_definition>& tools) {
    if (tools.empty()) return;
    w.key("tools").begin_array();
    for (const auto& tool : tools) {
        w.begin_object().key("type").string("function").key("function").begin_object();
        w.key("name").string(tool.name);
        if (!tool.description.empty()) w.key("description").string(tool.description);
        w.key("parameters").raw(tool.parameters.empty() ? no_parameters : tool.parameters);
        w.end_object().end_object();
    }
    w.end_array();
}

std::string write_request(const provider_request& request) {
    const auto& dialect = dialect_of(request.model);
    std::size_t bytes = request.instructions.size();
    for (const auto& turn : request.turns) bytes += turn.content.size() + 32;
    json::writer w(bytes + bytes / 16 + 256);
    w.begin_object().key("model").string(request.model).key("messages").begin_array();
    if (!request.instructions.empty())
        write_message(w, dialect.instructions_role, request.instructions);
    for (const auto& turn : request.turns) write_turn(w, turn);
    w.end_array();
    write_tools(w, request.tools);
    if (request.temperature) w.key("temperature").number(*request.temperature);
    if (request.max_tokens) w.key(dialect.max_tokens_member).integer(*request.max_tokens);
    w.key("stream").boolean(false).end_object();
    return std::move(w).text();
}

const std::string* text_at(const json::value& v, std::string_view key) {
    const auto* found = find(v, key);
    return found != nullptr ? found->as_string() : nullptr;
}

/// The first of several places that holds a token count.
std::optional<std::int64_t> count_at(const json::value& v,
                                     std::initializer_list<std::string_view> pointers) {
    for (const auto pointer : pointers) {
        const auto* found = at_pointer(v, pointer);
        if (const auto count = found != nullptr ? token_count(*found) : std::nullopt) return count;
    }
    return std::nullopt;
}

/// As the vendor gives them: parts may exceed the whole (seen at Grok), which metering allows for.
std::optional<token_usage> read_usage(const json::value& document) {
    const auto* usage = find(document, "usage");
    if (usage == nullptr || usage->is_null()) usage = at_pointer(document, "/x_groq/usage");
    if (usage == nullptr) return std::nullopt;
    const auto prompt = count_at(*usage, {"/prompt_tokens"});
    const auto completion = count_at(*usage, {"/completion_tokens"});
    if (!prompt || !completion) return std::nullopt;
    token_usage t;
    t.input = *prompt;
    const auto cached =
        count_at(*usage, {"/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens",
                          "/num_cached_tokens", "/cached_tokens"});
    t.cached_input = cached.value_or(0);
    const auto written = count_at(*usage, {"/prompt_tokens_details/cache_write_tokens"});
    t.cache_write = written.value_or(0);
    const auto reasoning =
        count_at(*usage, {"/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"})
            .value_or(0);
    // xAI leaves the thinking out of completion_tokens; the total gives it away.
    const bool is_apart = count_at(*usage, {"/total_tokens"}) == *prompt + *completion + reasoning;
    t.output = is_apart ? *completion + reasoning : *completion;
    t.reasoning = reasoning;
    return t;
}

/// A text, the text parts of a list, or nothing but null; false for anything else.
bool read_text(const json::value& content, std::string& text) {
    if (content.is_null()) return true;
    if (const auto* whole = content.as_string()) {
        text = *whole;
        return true;
    }
    const auto* parts = content.as_array();
    if (parts == nullptr) return false;
    for (const auto& part : *parts) {
        const auto* type = text_at(part, "type");
        const auto* piece = text_at(part, "text");
        if (type != nullptr && *type == "text" && piece != nullptr) text += *piece;
    }
    return true;
}

/// False for what names no function.
bool add_call(std::vector<tool_call>& calls, const json::value* function, const std::string* id) {
    const auto* name = function != nullptr ? text_at(*function, "name") : nullptr;
    if (name == nullptr) return false;
    const auto* arguments = text_at(*function, "arguments");
    calls.push_back({id != nullptr ? *id : std::string(), *name,
                     arguments != nullptr ? *arguments : std::string()});
    return true;
}

/// The calls, or the one of the older form. Nothing if they cannot be read.
std::optional<std::vector<tool_call>> read_calls(const json::value& message) {
    std::vector<tool_call> calls;
    const auto* found = find(message, "tool_calls");
    if (const auto* list = found != nullptr ? found->as_array() : nullptr) {
        for (const auto& item : *list)
            if (!add_call(calls, find(item, "function"), text_at(item, "id"))) return std::nullopt;
    }
    const auto* older = find(message, "function_call");
    if (calls.empty() && older != nullptr && older->as_object() != nullptr &&
        !add_call(calls, older, nullptr))
        return std::nullopt;
    return keep_tool_calls(std::move(calls), "call_");
}

finish_reason finish_of(std::string_view word, bool tools) {
    if (word == "length") return finish_reason::length;
    if (word == "content_filter") return finish_reason::content_filter;
    return tools ? finish_reason::tool_calls : finish_reason::stop;
}

class openai_reader final : public answer_reader {
   public:
    std::optional<call_result> read_success(const json::value& document) const override {
        const auto* choice = at_pointer(document, "/choices/0");
        if (choice == nullptr || find_failure(document) != nullptr) return std::nullopt;
        const auto* found = find(*choice, "message");
        const json::value none;
        const auto& message = found != nullptr ? *found : none;
        const auto* word = text_at(*choice, "finish_reason");
        call_result r;
        auto calls = read_calls(message);
        if (!calls) return std::nullopt;
        r.tool_calls = *std::move(calls);
        r.finish = finish_of(word != nullptr ? *word : std::string_view(), !r.tool_calls.empty());
        if (const auto* content = find(message, "content")) {
            if (!read_text(*content, r.text)) return std::nullopt;
        } else if (r.finish == finish_reason::stop && text_at(message, "refusal") == nullptr) {
            return std::nullopt;  // a plain stop with nothing said is no answer
        }
        if (const auto* model = text_at(document, "model");
            model != nullptr && model->size() <= limits::name_bytes)
            r.model = *model;
        r.usage = read_usage(document);
        return r;
    }

    /// OpenRouter reports some failures in the choice.
    const json::value* find_failure(const json::value& document) const override {
        if (reports_failure(document)) return &document;
        const auto* choice = at_pointer(document, "/choices/0");
        if (choice == nullptr) return nullptr;
        const auto* word = text_at(*choice, "finish_reason");
        const bool failed = reports_failure(*choice) || (word != nullptr && *word == "error");
        return failed ? choice : nullptr;
    }
};

class openai_codec final : public codec {
   public:
    explicit openai_codec(const new_provider& provider)
        : url_(chat_completions_url(provider.base_url)),
          headers_(std::make_shared<request_headers>(provider)),
          reader_(std::make_shared<openai_reader>()) {}

    result<wire_request> encode(const provider_request& request) const override {
        if (request.model.empty()) return invalid("model", "must not be empty");
        if (request.turns.empty()) return invalid("turns", "must not be empty");
        for (const auto& turn : request.turns) {
            if (turn.role == message_role::tool && turn.tool_call_id.empty())
                return invalid("turns", "must not hold a tool's result without its call");
        }
        return wire_request{"POST", url_, headers_->make(), write_request(request)};
    }

    std::unique_ptr<decoder> make_decoder() const override {
        return std::make_unique<whole_answer>(reader_, headers_);
    }

   private:
    std::string url_;
    std::shared_ptr<const request_headers> headers_;
    std::shared_ptr<const openai_reader> reader_;
};

}  // namespace

const openai_dialect& dialect_of(std::string_view model) {
    for (const auto name : reasoning_models) {
        if (!model.starts_with(name)) continue;
        const auto rest = model.substr(name.size());
        if (rest.empty() || rest.front() == '-' || rest.front() == '.') return reasoning_dialect;
    }
    return plain_dialect;
}

std::string chat_completions_url(std::string_view base_url) {
    const auto path_end = std::min(base_url.find('?'), base_url.size());
    auto path = base_url.substr(0, path_end);
    if (path.ends_with('/')) path.remove_suffix(1);
    std::string url(path);
    url += "/chat/completions";
    url += base_url.substr(path_end);
    return url;
}

std::unique_ptr<codec> make_openai_codec(const new_provider& provider) {
    return std::make_unique<openai_codec>(provider);
}

}  // namespace conclave::providers
