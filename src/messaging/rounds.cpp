// Decides about tools.
#include "messaging/rounds.hpp"

#include "base/limits.hpp"
#include "base/planted_bug.hpp"
#include "base/utf8.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"

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

tool_outcome failed_for(const error& why) { return failed_tool(why.message); }

/// Why these sources cannot be kept; empty if they can.
std::string_view fault_of(const std::vector<source>& sources) {
    if (sources.size() > limits::sources) return "the tool names more than 32 sources";
    for (const auto& s : sources) {
        if (s.title.empty()) return "a source of the tool has no title";
        if (s.title.size() > limits::source_title_bytes || s.url.size() > limits::url_bytes ||
            s.snippet.size() > limits::source_snippet_bytes)
            return "a source of the tool is too long";
        if (!utf8::valid(s.title) || !utf8::valid(s.url) || !utf8::valid(s.snippet))
            return "a source of the tool is not UTF-8";
    }
    return {};
}

/// What may be told to a model.
tool_outcome kept(tool_outcome o) {
    if (o.content.size() > limits::tool_result_bytes)
        return failed_tool("the result of the tool is longer than 64 KiB");
    if (!utf8::valid(o.content)) return failed_tool("the result of the tool is not UTF-8");
    if (const auto fault = fault_of(o.sources); !fault.empty()) return failed_tool(fault);
    return o;
}

void take_outcome(round_call& call, tool_outcome o) {
    const auto duration_ms = o.duration_ms;
    o = kept(std::move(o));
    call.state = o.failed ? tool_state::failed : tool_state::done;
    call.content = std::move(o.content);
    call.sources = std::move(o.sources);
    call.duration_ms = duration_ms;
}

result<void> check_arguments(const tool_call& call, const tool_terms& tool) {
    const auto arguments = json::parse(call.arguments, "arguments");
    if (!arguments || arguments->as_object() == nullptr)
        return fail(errc::tool_failed, "the arguments are not a JSON object");
    return tool.arguments ? tool.arguments->check(*arguments, "arguments") : result<void>();
}

/// The call counts as begun, or has failed at once.
void begin_call(round_call& call, const agent& a, const configuration& config) {
    const auto& asked = call.call;
    // The prompt was made of registered tools; one may have been taken away since.
    const auto tool = config.tools.find(asked.name);
    if (find_tool(a, asked.name) == nullptr || tool == config.tools.end())
        return take_outcome(call, failed_tool("there is no tool of this name"));
    if (auto ok = check_arguments(asked, tool->second); !ok)
        return take_outcome(call, failed_for(ok.error()));
    call.state = tool_state::begun;
    call.repeatable = tool->second.repeatable;
}

/// The model has said something that another call follows.
void say(send_rounds& rounds, const std::string& text) {
    if (rounds.text_is_shown) rounds.text += text;
}

void show_calls(send_rounds& rounds) {
    for (const auto& call : rounds.open->calls)
        rounds.steps.push_back(show_call(call.call, rounds.text.size()));
}

bool is_ended(const round_call& call) {
    return call.state == tool_state::done || call.state == tool_state::failed;
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

void open_round(send_rounds& rounds, const attempt_key& key, const call_result& answer,
                const agent& a, const configuration& config) {
    auto& round = rounds.open.emplace();
    round = {key.round, key.attempt, answer.text, answer.keepsake, {}, {}};
    for (const auto& call : answer.tool_calls) {
        round.calls.push_back({.call = call});
        begin_call(round.calls.back(), a, config);
    }
    ++rounds.of_tools;
    say(rounds, answer.text);
    show_calls(rounds);
}

void open_repair(send_rounds& rounds, const attempt_key& key, const call_result& answer,
                 std::string complaint) {
    rounds.open = {key.round, key.attempt, answer.text, answer.keepsake, std::move(complaint), {}};
    rounds.repaired = true;
}

result<std::string> read_output(const json::schema& schema, std::string_view text) {
    const auto output = json::parse(text, "output");
    if (!output) return output.error();
    if (auto ok = schema.check(*output, "output"); !ok) return std::move(ok).error();
    return json::print(*output);
}

std::string complain(const error& why) {
    return "Error: " + why.message + ". Answer again with nothing but JSON that fits the schema.";
}

std::vector<tool_run> list_runs(const send_round& round, const configuration& config,
                                std::int64_t limit_ms) {
    std::vector<tool_run> runs;
    for (const auto& call : round.calls) {
        if (call.state != tool_state::begun) continue;
        const auto tool = config.tools.find(call.call.name);
        const auto timeout_ms = tool != config.tools.end() ? tool->second.timeout_ms : limit_ms;
        runs.push_back({call.call, std::min(timeout_ms, limit_ms)});
    }
    return runs;
}

void take_outcomes(send_round& round, std::vector<tool_outcome> outcomes) {
    auto next = outcomes.begin();
    for (auto& call : round.calls) {
        if (call.state != tool_state::begun) continue;
        auto& outcome = *next++;
        if (!outcome.cut) take_outcome(call, std::move(outcome));
    }
}

void take_back_calls(send_round& round) {
    for (auto& call : round.calls)
        if (call.state == tool_state::begun) call.state = tool_state::not_begun;
}

const round_call* find_lost_call(const send_round& round) {
    if (planted(planted_bug::lost_calls_repeated)) return nullptr;
    const auto lost = std::find_if(
        round.calls.begin(), round.calls.end(),
        [](const round_call& call) { return call.state == tool_state::begun && !call.repeatable; });
    return lost != round.calls.end() ? &*lost : nullptr;
}

const round_call* find_lost_call(const std::vector<store::stored_round>& rounds) {
    // Only the last one can have calls without outcomes.
    return rounds.empty() ? nullptr : find_lost_call(rounds.back().round);
}

error lost_call_error(const round_call& lost) {
    return fail(errc::outcome_unknown,
                "a tool may have run, and its result is not held: resolve the send")
        .with("tool", lost.call.name)
        .with("tool_call_id", lost.call.id);
}

std::size_t close_round(send_rounds& rounds, std::shared_ptr<provider_request>& prompt) {
    const auto& round = *rounds.open;
    if (prompt.use_count() != 1) prompt = std::make_shared<provider_request>(*prompt);
    auto& turns = prompt->turns;
    const auto before = turns.size();
    auto& answer = turns.emplace_back();
    answer.role = message_role::assistant;
    answer.content = round.text;
    answer.keepsake = round.keepsake;
    for (const auto& call : round.calls) {
        answer.tool_calls.push_back(call.call);
        const bool failed = call.state == tool_state::failed;
        rounds.steps.push_back(show_result(call.call, call.content, failed, rounds.text.size()));
        for (const auto& s : call.sources)
            rounds.sources.push_back({call.call.id, call.call.name, s});
    }
    for (const auto& call : round.calls)
        turns.push_back({message_role::tool, call.content, {}, call.call.id});
    if (!round.complaint.empty()) turns.push_back({message_role::user, round.complaint});
    return turns.size() - before;
}

std::size_t resume_rounds(send_rounds& rounds, std::vector<store::stored_round> stored,
                          std::shared_ptr<provider_request>& prompt, const agent& a,
                          const configuration& config) {
    std::size_t turns = 0;
    for (auto& s : stored) {
        rounds.reused.push_back(std::move(s.answer));
        auto& round = rounds.open.emplace(std::move(s.round));
        if (round.complaint.empty()) {
            ++rounds.of_tools;
            say(rounds, round.text);
        } else {
            rounds.repaired = true;
        }
        show_calls(rounds);
        if (!std::all_of(round.calls.begin(), round.calls.end(), is_ended)) {
            for (auto& call : round.calls)
                if (!is_ended(call)) begin_call(call, a, config);
            return turns;
        }
        turns += close_round(rounds, prompt);
        rounds.open.reset();
    }
    return turns;
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
