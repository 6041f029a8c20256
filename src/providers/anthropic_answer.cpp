// Messages: reads answers.
#include "json/pointer.hpp"
#include "json/print.hpp"
#include "json/tool_text.hpp"
#include "json/writer.hpp"
#include "providers/anthropic.hpp"
#include "providers/fields.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace conclave::providers {
namespace {

using json::find;

/// Counts as they were last told: a stream tells some at its start and some at its end.
class usage_counts {
   public:
    void read(const json::element& owner, answer_draft& draft) {
        const auto* usage = find(owner, "usage");
        if (usage == nullptr || !usage->is_object()) return;
        const auto take = [&](std::optional<std::int64_t>& count, std::string_view pointer) {
            const auto* found = json::at_pointer(*usage, pointer);
            if (found == nullptr || found->is_null()) return;
            count = token_count(*found);
            is_sound_ = is_sound_ && count;
        };
        take(input_, "/input_tokens");
        take(written_, "/cache_creation_input_tokens");
        take(cached_, "/cache_read_input_tokens");
        take(output_, "/output_tokens");
        take(thought_, "/output_tokens_details/thinking_tokens");
        take(written_1h_, "/cache_creation/ephemeral_1h_input_tokens");
        if (const auto tier = word_at(*usage, "service_tier"); !tier.empty())
            draft.service_tier = tier;
        draft.usage.reset();
        if (is_sound_ && input_ && output_) draft.usage = sum();
        draft.cache_write_1h = written_1h_.value_or(0);
        if (const auto cost = told_cost_nano_usd(*usage)) draft.told_cost_nano_usd = cost;
    }

   private:
    /// The cache is not in their count of the input.
    token_usage sum() const {
        token_usage t;
        t.cached_input = cached_.value_or(0);
        t.cache_write = written_.value_or(0);
        t.input = *input_ + t.cached_input + t.cache_write;
        t.output = *output_;
        t.reasoning = thought_.value_or(0);
        return t;
    }

    bool is_sound_ = true;
    std::optional<std::int64_t> input_;
    std::optional<std::int64_t> written_;
    std::optional<std::int64_t> written_1h_;
    std::optional<std::int64_t> cached_;
    std::optional<std::int64_t> output_;
    std::optional<std::int64_t> thought_;
};

void read_stop(std::string_view word, answer_draft& draft) {
    draft.finish_word = word;
    if (word == "max_tokens" || word == "model_context_window_exceeded")
        draft.finish = finish_reason::length;
    else if (word == "refusal")
        draft.finish = finish_reason::content_filter;
    else
        draft.finish = finish_reason::stop;
}

bool is_thinking(std::string_view type) {
    return type == "thinking" || type == "redacted_thinking";
}

/// What has to be handed back beside thinking: that, texts and calls.
bool is_kept(std::string_view type) {
    return is_thinking(type) || type == "text" || type == "tool_use";
}

std::string input_of(const json::element& block) {
    const auto* input = find(block, "input");
    if (input == nullptr || input->is_null()) return {};
    if (const auto* text = input->as_string()) return std::string(*text);
    const bool is_empty = input->is_object() && input->children().empty();
    return is_empty ? std::string() : json::print(*input);
}

/// A block of a stream, put together again.
struct open_block {
    std::string type;
    std::string id;
    std::string name;
    std::string text;  ///< or thinking, or input
    std::string signature;
    std::string whole_input;  ///< that came with the start
    std::string sealed;       ///< redacted thinking, as JSON
};

std::string print_block(const open_block& b) {
    if (b.type == "redacted_thinking") return b.sealed;
    json::writer w(b.text.size() + b.signature.size() + 128);
    w.begin_object().key("type").string(b.type);
    if (b.type == "tool_use") {
        w.key("id").string(b.id).key("name").string(b.name);
        const auto& input = b.text.empty() ? b.whole_input : b.text;
        w.key("input").raw(json::are_arguments(input) ? std::string_view(input) : "{}");
    } else {
        w.key(b.type).string(b.text);
        if (b.type == "thinking") w.key("signature").string(b.signature);
    }
    w.end_object();
    return std::move(w).text();
}

class message_events final : public event_reader {
   public:
    void read(std::string_view name, const json::element& event, answer_draft& draft) override {
        auto type = word_at(event, "type");
        if (type.empty()) type = name;
        if (type == "message_start") return start(event, draft);
        if (type == "content_block_start") return start_block(event, draft);
        if (type == "content_block_delta") return read_delta(event, draft);
        if (type == "message_delta") return read_end(event, draft);
        if (type == "message_stop") close(draft);
    }

   private:
    void start(const json::element& event, answer_draft& draft) {
        const auto* message = find(event, "message");
        if (message == nullptr) return;
        draft.name(word_at(*message, "model"), word_at(*message, "id"));
        usage_.read(*message, draft);
    }

    static std::int64_t index_of(const json::element& event) {
        return count_at(event, {"/index"}).value_or(0);
    }

    void start_block(const json::element& event, answer_draft& draft) {
        const auto* block = find(event, "content_block");
        if (block == nullptr) return;
        auto& b = blocks_[index_of(event)];
        b = {std::string(word_at(*block, "type")),
             std::string(word_at(*block, "id")),
             std::string(word_at(*block, "name")),
             {},
             {},
             {},
             {}};
        if (b.type == "redacted_thinking") b.sealed = json::print(*block);
        if (b.type == "tool_use") {
            b.whole_input = input_of(*block);
            draft.calls.add({index_of(event), b.id, b.name, {}});
        }
        if (b.type == "text") say(b, word_at(*block, "text"), draft);
        if (b.type == "thinking") think(b, word_at(*block, "thinking"), draft);
    }

    void read_delta(const json::element& event, answer_draft& draft) {
        const auto* delta = find(event, "delta");
        const auto found = blocks_.find(index_of(event));
        if (delta == nullptr || found == blocks_.end()) return;
        auto& b = found->second;
        const auto type = word_at(*delta, "type");
        if (type == "text_delta") say(b, word_at(*delta, "text"), draft);
        if (type == "thinking_delta") think(b, word_at(*delta, "thinking"), draft);
        if (type == "signature_delta") b.signature += word_at(*delta, "signature");
        if (type == "input_json_delta" && b.type == "tool_use") {
            const auto piece = word_at(*delta, "partial_json");
            b.text += piece;
            draft.calls.add({found->first, {}, {}, piece});
        }
    }

    static void say(open_block& b, std::string_view piece, answer_draft& draft) {
        b.text += piece;
        draft.say(piece);
    }

    static void think(open_block& b, std::string_view piece, answer_draft& draft) {
        b.text += piece;
        draft.think(piece);
    }

    void read_end(const json::element& event, answer_draft& draft) {
        usage_.read(event, draft);
        output_told_ = output_told_ || count_at(event, {"/usage/output_tokens"});
        const auto* delta = find(event, "delta");
        if (delta == nullptr) return;
        if (const auto* word = text_at(*delta, "stop_reason")) read_stop(*word, draft);
    }

    void close(answer_draft& draft) {
        if (draft.closed) return;
        draft.closed = true;
        draft.ended = true;
        // What the start told of the output was for the start.
        if (!output_told_) draft.usage.reset();
        bool thinks = false;
        for (const auto& [index, b] : blocks_) {
            thinks = thinks || is_thinking(b.type);
            if (b.type == "tool_use" && b.text.empty() && !b.whole_input.empty())
                draft.calls.add({index, {}, {}, b.whole_input});
        }
        if (!thinks) return;
        for (const auto& [index, b] : blocks_)
            if (is_kept(b.type) && (b.type != "text" || !b.text.empty()))
                draft.kept.push_back(print_block(b));
    }

    std::map<std::int64_t, open_block> blocks_;
    usage_counts usage_;
    bool output_told_ = false;
};

class anthropic_reader final : public answer_reader {
   public:
    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto* content = find(document, "content");
        if (content == nullptr || !content->is_array() || find_failure(document)) return false;
        draft.name(word_at(document, "model"), word_at(document, "id"));
        bool thinks = false;
        for (const auto& block : content->children()) {
            const auto type = word_at(block, "type");
            thinks = thinks || is_thinking(type);
            if (type == "text") draft.say(word_at(block, "text"));
            if (type == "thinking") draft.think(word_at(block, "thinking"));
            if (type == "tool_use")
                draft.calls.add_whole(word_at(block, "id"), word_at(block, "name"),
                                      input_of(block));
        }
        if (thinks) keep(content->children(), draft);
        read_stop(word_at(document, "stop_reason"), draft);
        usage_counts().read(document, draft);
        return true;
    }

    std::unique_ptr<event_reader> read_events() const override {
        return std::make_unique<message_events>();
    }

   private:
    static void keep(const json::elements& content, answer_draft& draft) {
        for (const auto& block : content)
            if (is_kept(word_at(block, "type"))) draft.kept.push_back(json::print(block));
    }
};

}  // namespace

std::shared_ptr<const answer_reader> make_anthropic_reader() {
    return std::make_shared<anthropic_reader>();
}

}  // namespace conclave::providers
