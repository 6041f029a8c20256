// Chat Completions: reads answers.
#include "base/ascii.hpp"
#include "json/writer.hpp"
#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/reasoning_details.hpp"

#include <array>
#include <utility>

namespace conclave::providers {
namespace {

using json::find;

/// As the vendor gives them: parts may exceed the whole (seen at Grok), which metering allows for.
std::optional<token_usage> read_usage(const json::element& usage) {
    const auto prompt = count_at(usage, {"/prompt_tokens"});
    const auto completion = count_at(usage, {"/completion_tokens"});
    if (!prompt || !completion) return std::nullopt;
    token_usage t;
    t.input = *prompt;
    const auto cached =
        count_at(usage, {"/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens",
                         "/num_cached_tokens", "/cached_tokens"});
    t.cached_input = cached.value_or(0);
    const auto written = count_at(usage, {"/prompt_tokens_details/cache_write_tokens",
                                          "/prompt_tokens_details/cache_creation_input_tokens"});
    t.cache_write = written.value_or(0);
    const auto reasoning =
        count_at(usage, {"/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"})
            .value_or(0);
    // xAI leaves the thinking out of completion_tokens; the total gives it away.
    const bool is_apart = count_at(usage, {"/total_tokens"}) == *prompt + *completion + reasoning;
    t.output = is_apart ? *completion + reasoning : *completion;
    t.reasoning = reasoning;
    return t;
}

/// Streams of Groq and Moonshot have places of their own.
const json::element* find_usage(const json::element& document) {
    const auto choices = items_at(document, "choices");
    for (const auto* owner :
         {&document, find(document, "x_groq"), choices.empty() ? nullptr : &choices.front()}) {
        const auto* usage = owner != nullptr ? find(*owner, "usage") : nullptr;
        if (usage != nullptr && usage->is_object()) return usage;
    }
    return nullptr;
}

void read_costs(const json::element& document, answer_draft& draft) {
    const auto* usage = find_usage(document);
    if (usage == nullptr) return;
    if (auto tokens = read_usage(*usage)) draft.usage = tokens;
    if (const auto cost = told_cost_nano_usd(*usage)) draft.told_cost_nano_usd = cost;
}

/// Later chunks repeat it, or tell it first at their end.
void read_service_tier(const json::element& document, answer_draft& draft) {
    if (const auto tier = word_at(document, "service_tier"); !tier.empty())
        draft.service_tier = tier;
}

/// A thinking part is a list of texts, or a text.
void read_thinking_part(const json::element& part, answer_draft& draft) {
    draft.think(word_at(part, "thinking"));
    for (const auto& piece : items_at(part, "thinking")) draft.think(word_at(piece, "text"));
}

/// A text, a list of typed parts, or nothing but null; false for anything else.
bool read_content(const json::element& content, answer_draft& draft) {
    if (content.is_null()) return true;
    if (const auto* whole = content.as_string()) {
        draft.say(*whole);
        return true;
    }
    if (!content.is_array()) return false;
    for (const auto& part : content.children()) {
        const auto type = word_at(part, "type");
        if (type == "text") draft.say(word_at(part, "text"));
        if (type == "thinking") read_thinking_part(part, draft);
    }
    return true;
}

/// A vendor that gives both gives the same twice.
void read_thinking(const json::element& message, answer_draft& draft) {
    auto thinking = word_at(message, "reasoning_content");
    if (thinking.empty()) thinking = word_at(message, "reasoning");
    draft.think(thinking);
}

/// What a call is of: a function, or a tool that takes any text.
const json::element* called_of(const json::element& call) {
    const auto* function = find(call, "function");
    return function != nullptr ? function : find(call, "custom");
}

/// The calls, or the one of the older form; false for what names no function.
bool read_calls(const json::element& message, answer_draft& draft) {
    const auto add = [&](const json::element* function, std::string_view id) {
        const auto* name = function != nullptr ? text_at(*function, "name") : nullptr;
        if (name != nullptr) draft.calls.add_whole(id, *name, arguments_at(*function));
        return name != nullptr;
    };
    for (const auto& item : items_at(message, "tool_calls"))
        if (!add(called_of(item), word_at(item, "id"))) return false;
    const auto* older = find(message, "function_call");
    const bool is_older = draft.calls.empty() && older != nullptr && older->is_object();
    return !is_older || add(older, {});
}

void read_fragments(const json::element& delta, answer_draft& draft) {
    const auto add = [&](const json::element* index, std::string_view id,
                         const json::element* function) {
        call_drafts::fragment f{{}, id, {}, {}};
        if (index != nullptr && index->as_integer() != nullptr) f.index = *index->as_integer();
        if (function != nullptr) f.name = word_at(*function, "name");
        const auto arguments = function != nullptr ? arguments_at(*function) : std::string();
        f.arguments = arguments;
        draft.calls.add(f);
    };
    for (const auto& item : items_at(delta, "tool_calls")) {
        add(find(item, "index"), word_at(item, "id"), called_of(item));
    }
    const auto* older = find(delta, "function_call");
    if (older != nullptr && older->is_object()) add(nullptr, {}, older);
}

struct finish_word {
    std::string_view word;
    finish_reason means;
};

/// What is not here means a normal end: `stop`, `eos`, `tool_calls`, and more.
constexpr std::array finish_words = {
    finish_word{"length", finish_reason::length},
    finish_word{"max_tokens", finish_reason::length},
    finish_word{"model_length", finish_reason::length},                   // Mistral
    finish_word{"model_context_window_exceeded", finish_reason::length},  // Z.AI
    finish_word{"content_filter", finish_reason::content_filter},
    finish_word{"sensitive", finish_reason::content_filter},            // Z.AI
    finish_word{"network_error", finish_reason::error},                 // Z.AI
    finish_word{"insufficient_system_resource", finish_reason::error},  // DeepSeek
};

/// Some say more behind a colon: `content_filter: SAFETY`.
void read_finish(std::string_view given, answer_draft& draft) {
    draft.finish_word = given;
    const auto word = to_lower(given.substr(0, given.find(':')));
    for (const auto& [known, means] : finish_words)
        if (known == word) draft.finish = means;
}

/// What some vendors want to see again beside the calls that the thinking led to, by the names
/// under which they gave it: its blocks where there are such, else its text.
void keep_thinking(answer_draft& draft, const reasoning_details& details, bool is_content) {
    if (draft.calls.empty() || (details.empty() && !is_content)) return;
    json::writer w(draft.thinking.size() + 64);
    w.begin_object();
    if (!details.empty())
        w.key("reasoning_details").raw(details.print());
    else
        w.key("reasoning_content").string(draft.thinking);
    w.end_object();
    draft.kept = {std::move(w).text()};
}

bool has_text(const json::element& message, std::string_view key) {
    return !word_at(message, key).empty();
}

/// Some hide the length of their tokens behind it: OpenAI, Mistral.
const json::element* find_padding(const json::element& chunk) {
    for (const auto* key : {"obfuscation", "p"})
        if (const auto* found = find(chunk, key); found != nullptr && found->as_string() != nullptr)
            return found;
    return nullptr;
}

/// The one text of a delta that tells nothing else.
loose_strings find_only_text(const json::element& delta) {
    const bool tells_more = !items_at(delta, "reasoning_details").empty() ||
                            !items_at(delta, "tool_calls").empty() ||
                            find(delta, "function_call") != nullptr || has_text(delta, "refusal");
    if (tells_more) return {};
    const auto* content = find(delta, "content");
    const bool is_text = content != nullptr && content->as_string() != nullptr;
    const bool is_silent =
        content == nullptr || content->is_null() || (is_text && content->as_string()->empty());
    for (const auto* key : {"reasoning_content", "reasoning"})
        if (has_text(delta, key))
            return {is_silent ? find(delta, key) : nullptr, stream_fact::kind::thinking};
    return {is_text ? content : nullptr};
}

/// Gemini's compatible endpoint leaves the content out where the model gave none.
bool tells_of_silence(const answer_draft& draft) { return draft.usage && draft.usage->output == 0; }

/// The choice of index 0, of a chunk that has one.
const json::element* first_choice(const json::element& chunk) {
    for (const auto& choice : items_at(chunk, "choices")) {
        const auto* index = find(choice, "index");
        if (index == nullptr || index->as_integer() == nullptr || *index->as_integer() == 0)
            return &choice;
    }
    return nullptr;
}

class chunk_reader final : public event_reader {
   public:
    void read(std::string_view, const json::element& chunk, answer_draft& draft) override {
        draft.name(word_at(chunk, "model"), word_at(chunk, "id"));
        read_costs(chunk, draft);
        read_service_tier(chunk, draft);
        const auto* choice = first_choice(chunk);
        if (choice == nullptr) return;
        begun_ = true;
        if (const auto* delta = find(*choice, "delta")) read_delta(*delta, draft);
        if (const auto* word = text_at(*choice, "finish_reason"); word != nullptr && !word->empty())
            close(*word, draft);
    }

    loose_strings find_loose(const json::element& chunk) const override {
        const auto* choice = first_choice(chunk);
        const auto* delta = choice != nullptr ? find(*choice, "delta") : nullptr;
        if (delta == nullptr || has_text(*choice, "finish_reason")) return {};
        auto loose = find_only_text(*delta);
        loose.padding = find_padding(chunk);
        return loose;
    }

    void end_of_stream(answer_draft& draft) override {
        if (begun_ && !draft.closed) close({}, draft);
        draft.ended = draft.closed;
    }

   private:
    void read_delta(const json::element& delta, answer_draft& draft) {
        thinks_in_content_ = thinks_in_content_ || has_text(delta, "reasoning_content");
        details_.add_fragments(items_at(delta, "reasoning_details"));
        read_thinking(delta, draft);
        if (const auto* content = find(delta, "content")) read_content(*content, draft);
        draft.refusal += word_at(delta, "refusal");
        read_fragments(delta, draft);
    }

    void close(std::string_view word, answer_draft& draft) {
        read_finish(word, draft);
        keep_thinking(draft, details_, thinks_in_content_);
        draft.calls.finish();
        draft.closed = true;
    }

    bool begun_ = false;
    bool thinks_in_content_ = false;
    reasoning_details details_;
};

class openai_reader final : public answer_reader {
   public:
    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto choices = items_at(document, "choices");
        if (choices.empty() || find_failure(document) != nullptr) return false;
        const auto& choice = choices.front();
        const auto* found = find(choice, "message");
        const json::element none;
        const auto& message = found != nullptr ? *found : none;
        if (!read_calls(message, draft)) return false;
        read_finish(word_at(choice, "finish_reason"), draft);
        read_thinking(message, draft);
        draft.refusal = word_at(message, "refusal");
        read_costs(document, draft);
        if (const auto* content = find(message, "content")) {
            if (!read_content(*content, draft)) return false;
        } else if (draft.finish == finish_reason::stop && draft.calls.empty() &&
                   text_at(message, "refusal") == nullptr && !tells_of_silence(draft)) {
            return false;  // a plain stop with nothing said is no answer
        }
        draft.name(word_at(document, "model"), word_at(document, "id"));
        read_service_tier(document, draft);
        reasoning_details details;
        details.add_blocks(items_at(message, "reasoning_details"));
        keep_thinking(draft, details, has_text(message, "reasoning_content"));
        return true;
    }

    /// OpenRouter reports some failures in the choice.
    const json::element* find_failure(const json::element& document) const override {
        if (reports_failure(document)) return &document;
        const auto choices = items_at(document, "choices");
        if (choices.empty()) return nullptr;
        const auto& choice = choices.front();
        const bool failed = reports_failure(choice) || word_at(choice, "finish_reason") == "error";
        return failed ? &choice : nullptr;
    }

    std::unique_ptr<event_reader> read_events() const override {
        return std::make_unique<chunk_reader>();
    }
};

}  // namespace

std::shared_ptr<const answer_reader> make_openai_reader() {
    return std::make_shared<openai_reader>();
}

}  // namespace conclave::providers
