// Decides about tools.
#include "messaging/tool_round.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/tool_text.hpp"

#include <algorithm>
#include <utility>

namespace conclave::messaging {

namespace {

using turns = std::vector<provider_request::turn>;

const agent_tool* find_tool(const agent& a, std::string_view name) {
    const auto found = std::find_if(a.tools.begin(), a.tools.end(),
                                    [&](const agent_tool& t) { return t.name == name; });
    return found != a.tools.end() ? &*found : nullptr;
}

/// What may be told to a model.
tool_outcome kept(tool_outcome o) {
    if (o.content.size() > limits::tool_result_bytes)
        return failed_tool("the result of the tool is longer than 64 KiB");
    if (!utf8::valid(o.content)) return failed_tool("the result of the tool is not UTF-8");
    return o;
}

bool is_among(const std::vector<tool_call>& calls, const std::string& id) {
    return std::any_of(calls.begin(), calls.end(),
                       [&](const tool_call& call) { return call.id == id; });
}

bool has_result(const turns& list, std::size_t from, const std::string& id) {
    for (auto i = from; i < list.size() && list[i].role == message_role::tool; ++i)
        if (list[i].tool_call_id == id) return true;
    return false;
}

}  // namespace

tool_outcome failed_tool(std::string_view why) { return {"Error: " + std::string(why), true}; }

result<std::vector<tool_definition>> define_tools(const agent& a, const configuration& config) {
    std::vector<tool_definition> list;
    list.reserve(a.tools.size());
    for (const auto& t : a.tools) {
        if (!t.registered) {
            list.push_back({t.name, t.description, t.parameters});
            continue;
        }
        const auto found = config.tools.find(t.name);
        if (found == config.tools.end())
            return invalid("tools", "names a tool that is not registered").with("tool", t.name);
        list.push_back({t.name, found->second.description, found->second.parameters});
    }
    return list;
}

bool runs_by_itself(const agent& a, const std::vector<tool_call>& calls) {
    return !calls.empty() && std::none_of(calls.begin(), calls.end(), [&](const tool_call& call) {
        const auto* tool = find_tool(a, call.name);
        return tool != nullptr && !tool->registered;
    });
}

std::vector<tool_run> begin_round(tool_rounds& rounds, const std::string& text,
                                  const std::vector<tool_call>& calls, const agent& a,
                                  const configuration& config, std::int64_t limit_ms) {
    rounds.text += text;
    rounds.calls = calls;
    rounds.outcomes.assign(calls.size(), std::nullopt);
    std::vector<tool_run> runs;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto& call = calls[i];
        rounds.steps.push_back(show_call(call, rounds.text.size()));
        // The prompt was made of registered tools; one may have been taken away since.
        const auto tool = config.tools.find(call.name);
        if (find_tool(a, call.name) == nullptr || tool == config.tools.end())
            rounds.outcomes[i] = failed_tool("there is no tool of this name");
        else if (!json::are_arguments(call.arguments))
            rounds.outcomes[i] = failed_tool("the arguments are not a JSON object");
        else
            runs.push_back({call, std::min(tool->second.timeout_ms, limit_ms)});
    }
    return runs;
}

void take_outcomes(tool_rounds& rounds, std::vector<tool_outcome> outcomes) {
    auto next = outcomes.begin();
    for (std::size_t i = 0; i < rounds.calls.size(); ++i) {
        auto& outcome = rounds.outcomes[i];
        if (!outcome) outcome = kept(std::move(*next++));
        rounds.steps.push_back(
            show_result(rounds.calls[i], outcome->content, outcome->failed, rounds.text.size()));
    }
}

std::shared_ptr<provider_request> next_prompt(const tool_rounds& rounds, const std::string& text,
                                              std::shared_ptr<provider_request> before) {
    const bool alone = before.use_count() == 1;
    auto next = alone ? std::move(before) : std::make_shared<provider_request>(*before);
    next->turns.push_back({message_role::assistant, text, rounds.calls});
    for (std::size_t i = 0; i < rounds.calls.size(); ++i)
        next->turns.push_back(
            {message_role::tool, rounds.outcomes[i]->content, {}, rounds.calls[i].id});
    return next;
}

result<void> check_answers(const std::vector<tool_result>& results, const turns& history) {
    const auto last = std::find_if(history.rbegin(), history.rend(), [](const auto& turn) {
        return turn.role == message_role::assistant;
    });
    const auto calls = last != history.rend() ? last->tool_calls : std::vector<tool_call>();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!is_among(calls, results[i].tool_call_id))
            return invalid("tool_results[" + std::to_string(i) + "].tool_call_id",
                           "is not a call of the session's last answer");
    }
    if (results.size() < calls.size())
        return invalid("tool_results", "must answer all calls of the session's last answer");
    return {};
}

void drop_loose_ends(turns& list) {
    std::vector<tool_call> open;  // of the answer before
    turns kept;
    kept.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto& turn = list[i];
        if (turn.role == message_role::tool) {
            if (is_among(open, turn.tool_call_id)) kept.push_back(std::move(turn));
            continue;
        }
        const auto& calls = turn.tool_calls;
        const bool answered = std::all_of(calls.begin(), calls.end(), [&](const tool_call& call) {
            return has_result(list, i + 1, call.id);
        });
        if (!answered) turn.tool_calls.clear();
        open = turn.tool_calls;
        kept.push_back(std::move(turn));
    }
    list = std::move(kept);
}

}  // namespace conclave::messaging
