// Pairs tool calls with their results.
#include "request_facts.hpp"

#include <algorithm>
#include <utility>

namespace simulator {

void conversation::refuse_open_calls() {
    if (!open_calls_.empty() && facts_.refusal.empty()) {
        facts_.refusal = "a tool call must be followed by its result: " + open_calls_.front();
    }
}

void conversation::model_speaks() {
    refuse_open_calls();
    facts_.tool_results.clear();
}

void conversation::user_says(std::string text) {
    refuse_open_calls();
    if (!text.empty()) {
        facts_.last_user_content = std::move(text);
        facts_.tool_rounds = 0;
    }
}

void conversation::call(std::string id) { open_calls_.push_back(std::move(id)); }

void conversation::result(std::string id, std::string content) {
    const auto open = std::find(open_calls_.begin(), open_calls_.end(), id);
    if (open != open_calls_.end()) {
        open_calls_.erase(open);
    } else if (facts_.refusal.empty()) {
        facts_.refusal = "a tool result must follow its tool call: " + id;
    }
    facts_.tool_rounds += facts_.tool_results.empty() ? 1 : 0;
    facts_.tool_results.push_back({std::move(id), std::move(content)});
}

void conversation::end() { refuse_open_calls(); }

}  // namespace simulator
