// generateContent: reads answers.
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "providers/fields.hpp"
#include "providers/gemini.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace conclave::providers {
namespace {

using json::at_pointer;
using json::find;

struct finish_word {
    std::string_view word;
    finish_reason means;
};

/// What is not here means that no usable answer came about.
constexpr std::array finish_words = {
    finish_word{"STOP", finish_reason::stop},
    finish_word{"MAX_TOKENS", finish_reason::length},
    finish_word{"SAFETY", finish_reason::content_filter},
    finish_word{"RECITATION", finish_reason::content_filter},
    finish_word{"PROHIBITED_CONTENT", finish_reason::content_filter},
    finish_word{"BLOCKLIST", finish_reason::content_filter},
    finish_word{"SPII", finish_reason::content_filter},
    finish_word{"MODEL_ARMOR", finish_reason::content_filter},
    finish_word{"IMAGE_SAFETY", finish_reason::content_filter},
    finish_word{"IMAGE_PROHIBITED_CONTENT", finish_reason::content_filter},
    finish_word{"IMAGE_RECITATION", finish_reason::content_filter},
};

finish_reason finish_of(std::string_view word) {
    for (const auto& [known, means] : finish_words)
        if (known == word) return means;
    return finish_reason::error;
}

/// Thoughts are beside the candidates' tokens, what tools brought in beside the prompt's. A count
/// that is not there is zero: nothing is counted of a prompt that was blocked. Nothing if one is no
/// count.
std::optional<token_usage> read_usage(const json::element& usage) {
    bool is_sound = true;
    const auto count = [&](std::string_view key) -> std::int64_t {
        const auto* found = find(usage, key);
        if (found == nullptr || found->is_null()) return 0;
        const auto told = token_count(*found);
        is_sound = is_sound && told;
        return told.value_or(0);
    };
    token_usage t;
    t.input = count("promptTokenCount") + count("toolUsePromptTokenCount");
    t.cached_input = count("cachedContentTokenCount");
    t.reasoning = count("thoughtsTokenCount");
    t.output = count("candidatesTokenCount") + t.reasoning;
    if (!is_sound) return std::nullopt;
    return t;
}

bool is_thought(const json::element& part) {
    const auto* thought = find(part, "thought");
    return thought != nullptr && thought->as_boolean() != nullptr && *thought->as_boolean();
}

std::string print_arguments(const json::element& function) {
    const auto* args = find(function, "args");
    return args == nullptr || args->is_null() ? std::string() : json::print(*args);
}

class content_events final : public event_reader {
   public:
    void read(std::string_view, const json::element& chunk, answer_draft& draft) override {
        draft.name(word_at(chunk, "modelVersion"), word_at(chunk, "responseId"));
        const auto* usage = find(chunk, "usageMetadata");
        if (usage != nullptr) {
            const auto tokens = read_usage(*usage);
            if (!tokens || !draft.usage || tokens->total() > 0) draft.usage = tokens;
        }
        read_block(chunk, draft);
        const auto candidates = items_at(chunk, "candidates");
        if (candidates.empty()) return;
        const auto& candidate = candidates.front();
        if (const auto* content = find(candidate, "content"))
            for (const auto& part : items_at(*content, "parts")) read_part(part, draft);
        const auto* word = text_at(candidate, "finishReason");
        if (word == nullptr) return;
        // What was told on the way is not the last word.
        if (usage == nullptr && !draft.closed) draft.usage.reset();
        close(*word, draft);
    }

   private:
    /// A prompt that was blocked has no candidates.
    static void read_block(const json::element& chunk, answer_draft& draft) {
        const auto* reason = at_pointer(chunk, "/promptFeedback/blockReason");
        if (reason == nullptr || reason->as_string() == nullptr) return;
        draft.finish_word = *reason->as_string();
        draft.finish = finish_reason::content_filter;
        draft.closed = true;
    }

    void read_part(const json::element& part, answer_draft& draft) {
        signed_ = signed_ || find(part, "thoughtSignature") != nullptr;
        parts_.push_back(json::print(part));
        const auto text = word_at(part, "text");
        if (is_thought(part))
            draft.think(text);
        else
            draft.say(text);
        if (const auto* function = find(part, "functionCall"))
            draft.calls.add_whole(word_at(*function, "id"), word_at(*function, "name"),
                                  print_arguments(*function));
    }

    /// May come twice.
    void close(std::string_view word, answer_draft& draft) {
        draft.finish_word = word;
        draft.finish = finish_of(word);
        draft.closed = true;
        if (signed_) draft.kept = parts_;
    }

    std::vector<std::string> parts_;
    bool signed_ = false;
};

class gemini_reader final : public answer_reader {
   public:
    /// A document is one chunk, or the list of them that a stream without events is.
    bool read_success(const json::element& document, answer_draft& draft) const override {
        content_events events;
        if (!document.is_array()) {
            if (find_failure(document) != nullptr) return false;
            events.read({}, document, draft);
            return draft.closed || !items_at(document, "candidates").empty();
        }
        for (const auto& chunk : document.children()) {
            if (find_failure(chunk) != nullptr) return false;
            events.read({}, chunk, draft);
        }
        return draft.closed;
    }

    const json::element* find_failure(const json::element& document) const override {
        if (reports_failure(document)) return &document;
        if (!document.is_array()) return nullptr;
        const auto list = document.children();
        const auto failed = std::find_if(list.begin(), list.end(), reports_failure);
        return failed != list.end() ? &*failed : nullptr;
    }

    std::unique_ptr<event_reader> read_events() const override {
        return std::make_unique<content_events>();
    }
};

}  // namespace

std::shared_ptr<const answer_reader> make_gemini_reader() {
    return std::make_shared<gemini_reader>();
}

}  // namespace conclave::providers
