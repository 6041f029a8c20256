// Responses: reads answers.
#include "json/parse.hpp"
#include "json/print.hpp"
#include "providers/fields.hpp"
#include "providers/responses.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace conclave::providers {
namespace {

using json::find;

std::optional<token_usage> read_usage(const json::element& usage) {
    const auto input = count_at(usage, {"/input_tokens"});
    const auto output = count_at(usage, {"/output_tokens"});
    if (!input || !output) return std::nullopt;
    token_usage t;
    t.input = *input;
    t.cached_input = count_at(usage, {"/input_tokens_details/cached_tokens"}).value_or(0);
    t.cache_write = count_at(usage, {"/input_tokens_details/cache_write_tokens"}).value_or(0);
    t.reasoning = count_at(usage, {"/output_tokens_details/reasoning_tokens"}).value_or(0);
    // As xAI counts in Chat Completions.
    const bool is_apart =
        t.reasoning > 0 && count_at(usage, {"/total_tokens"}) == *input + *output + t.reasoning;
    t.output = is_apart ? *output + t.reasoning : *output;
    return t;
}

/// The texts of an item: of its message, or of the summary and content of its reasoning.
void read_texts(const json::value& item, answer_draft& texts) {
    for (const auto& part : items_at(item, "summary")) texts.think(word_at(part, "text"));
    const bool thinks = word_at(item, "type") == "reasoning";
    for (const auto& part : items_at(item, "content")) {
        const auto type = word_at(part, "type");
        if (type == "refusal") texts.refusal += word_at(part, "refusal");
        if (type == "output_text") texts.say(word_at(part, "text"));
        if (thinks) texts.think(word_at(part, "text"));
    }
}

bool is_call(std::string_view type) {
    return type == "function_call" || type == "custom_tool_call";
}

void read_call(const json::value& item, answer_draft& draft) {
    if (!is_call(word_at(item, "type"))) return;
    draft.calls.add_whole(word_at(item, "call_id"), word_at(item, "name"), arguments_at(item));
}

/// Reasoning is of use later only with its encrypted content, and so is what belongs to it.
void keep_items(const json::array& items, answer_draft& draft) {
    const auto is_sealed = [](const json::value& item) {
        return word_at(item, "type") == "reasoning" && !word_at(item, "encrypted_content").empty();
    };
    if (std::none_of(items.begin(), items.end(), is_sealed)) return;
    for (const auto& item : items) {
        const auto type = word_at(item, "type");
        if (is_sealed(item) || type == "message" || is_call(type))
            draft.kept.push_back(json::print(item));
    }
}

/// The items of an answer. What was heard of its texts before is not said twice.
void read_items(const json::array& items, answer_draft& draft) {
    answer_draft texts;
    for (const auto& item : items) {
        read_texts(item, texts);
        read_call(item, draft);
    }
    if (draft.thinking.empty()) draft.think(texts.thinking);
    if (draft.text.empty()) draft.say(texts.text);
    if (draft.refusal.empty()) draft.refusal = texts.refusal;
    keep_items(items, draft);
}

json::array to_values(const json::elements& items) {
    json::array values;
    for (const auto& item : items) values.push_back(json::to_value(item));
    return values;
}

/// The object around the items: names, usage and how it ended.
void read_frame(const json::element& response, answer_draft& draft) {
    draft.name(word_at(response, "model"), word_at(response, "id"));
    if (const auto* usage = find(response, "usage")) {
        if (auto tokens = read_usage(*usage)) draft.usage = tokens;
        draft.told_cost_nano_usd = told_cost_nano_usd(*usage);
    }
    draft.service_tier = word_at(response, "service_tier");
    const auto status = word_at(response, "status");
    draft.finish_word = status;
    if (status != "incomplete") return;
    const auto* details = find(response, "incomplete_details");
    const auto reason = details != nullptr ? word_at(*details, "reason") : std::string_view();
    if (!reason.empty()) draft.finish_word.append(":").append(reason);
    draft.finish =
        reason == "content_filter" ? finish_reason::content_filter : finish_reason::length;
}

class responses_events final : public event_reader {
   public:
    void read(std::string_view name, const json::element& event, answer_draft& draft) override {
        auto type = word_at(event, "type");
        if (type.empty()) type = name;
        if (type == "response.output_text.delta") return draft.say(word_at(event, "delta"));
        if (type == "response.reasoning_summary_text.delta" ||
            type == "response.reasoning_text.delta")
            return draft.think(word_at(event, "delta"));
        if (type == "response.refusal.delta") draft.refusal += word_at(event, "delta");
        if (type == "response.output_item.done") {
            if (const auto* item = find(event, "item")) items_.push_back(json::to_value(*item));
        }
        if (type == "response.completed" || type == "response.incomplete") close(event, draft);
    }

   private:
    void close(const json::element& event, answer_draft& draft) {
        const auto* response = find(event, "response");
        if (response == nullptr || draft.closed) return;
        // Some tell no items on the way, others none at the end.
        const auto output = items_at(*response, "output");
        read_items(output.size() > items_.size() ? to_values(output) : items_, draft);
        read_frame(*response, draft);
        draft.closed = true;
        draft.ended = true;
    }

    json::array items_;
};

class responses_reader final : public answer_reader {
   public:
    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto* output = find(document, "output");
        if (output == nullptr || !output->is_array() || find_failure(document)) return false;
        const auto status = word_at(document, "status");
        if (!status.empty() && status != "completed" && status != "incomplete") return false;
        read_items(to_values(output->children()), draft);
        read_frame(document, draft);
        return true;
    }

    /// Of an event the failure may lie in the response it carries.
    const json::element* find_failure(const json::element& document) const override {
        const auto has_failed = [](const json::element& v) {
            return reports_failure(v) || word_at(v, "status") == "failed";
        };
        if (has_failed(document)) return &document;
        const auto* response = find(document, "response");
        return response != nullptr && has_failed(*response) ? response : nullptr;
    }

    std::unique_ptr<event_reader> read_events() const override {
        return std::make_unique<responses_events>();
    }
};

}  // namespace

std::shared_ptr<const answer_reader> make_responses_reader() {
    return std::make_shared<responses_reader>();
}

}  // namespace conclave::providers
