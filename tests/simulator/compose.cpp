// Puts scripted parts together, and makes up what is not scripted.
#include "compose.hpp"

#include "json_text.hpp"
#include "sample.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::size_t bytes_per_token = 4;
constexpr std::size_t usual_dimensions = 16;

// Letters in lower case, all else a blank: get_weather is found in "Get weather, please".
std::string plain_words(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        out += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : ' ';
    }
    return out;
}

bool mentions(const std::string& words, std::string_view name) {
    return words.find(plain_words(name)) != words.npos;
}

// The tool to call: the one the request demands or the user names, else the first, if the user asks
// for a tool at all.
const offered_tool* find_call(const request_facts& facts) {
    if (facts.tools.empty() || !facts.may_call || !facts.tool_results.empty()) {
        return nullptr;
    }
    const auto words = plain_words(facts.last_user_content);
    const auto named =
        std::find_if(facts.tools.begin(), facts.tools.end(), [&](const offered_tool& tool) {
            return facts.must_call_name.empty() ? mentions(words, tool.name)
                                                : tool.name == facts.must_call_name;
        });
    if (named != facts.tools.end()) {
        return &*named;
    }
    return facts.must_call || mentions(words, "tool") ? &facts.tools.front() : nullptr;
}

std::string told_by_tools(const request_facts& facts) {
    std::string out = "The tool said:";
    for (const auto& result : facts.tool_results) {
        out.append(out.back() == ':' ? " " : "; ").append(result.content);
    }
    return out;
}

// What a model says in a council: to a document with answers a score for each of them, to one with
// a draft an improvement. Nothing for any other text.
std::optional<std::string> council_words(const request_facts& facts, std::uint64_t dice) {
    if (facts.last_user_content.rfind('{', 0) != 0) {
        return std::nullopt;
    }
    const auto document = json::parse(facts.last_user_content, nullptr, false);
    if (const auto draft = text_member(document, "draft"); !draft.empty()) {
        return "Improved: " + draft;
    }
    const auto& answers = member(document, "answers");
    if (!answers.is_array()) {
        return std::nullopt;
    }
    auto assessments = json::array();
    for (const auto& shown : answers) {
        dice = mix(dice);
        assessments.push_back({{"id", text_member(shown, "id")},
                               {"flaws", "It could say more."},
                               {"strengths", "It answers."},
                               {"severity", "minor"},
                               {"score", 1 + dice % 10}});
    }
    const auto best =
        std::max_element(assessments.begin(), assessments.end(),
                         [](const json& a, const json& b) { return a["score"] < b["score"]; });
    if (best == assessments.end()) {
        return std::nullopt;
    }
    return json_text({{"assessments", assessments}, {"best", (*best)["id"]}});
}

// Arguments that fit the tool's schema.
std::string make_up_arguments(const offered_tool& tool, const request_facts& facts,
                              std::uint64_t dice) {
    const auto arguments = sample(tool.parameters, facts.last_user_content, dice);
    return json_text(arguments.is_object() ? arguments : json::object());
}

// A scripted call, with arguments of its own if the script has none.
answer_part scripted_call(answer_part call, const request_facts& facts, std::uint64_t dice) {
    const auto offered =
        std::find_if(facts.tools.begin(), facts.tools.end(),
                     [&](const offered_tool& tool) { return tool.name == call.name; });
    if (call.text.empty()) {
        call.text = offered == facts.tools.end() ? "{}" : make_up_arguments(*offered, facts, dice);
    }
    return call;
}

void make_up(const request_facts& facts, std::uint64_t dice, model_answer& answer) {
    if (const auto words = council_words(facts, dice)) {
        answer.parts.push_back({part_kind::text, *words, "", ""});
    } else if (const auto* tool = find_call(facts)) {
        answer.parts.push_back(
            {part_kind::tool_call, make_up_arguments(*tool, facts, dice), "", tool->name});
    } else if (facts.schema) {
        const auto value = sample(*facts.schema, facts.last_user_content, dice);
        answer.parts.push_back({part_kind::text, json_text(value), "", ""});
    } else if (!facts.tool_results.empty()) {
        answer.parts.push_back({part_kind::text, told_by_tools(facts), "", ""});
    } else {
        answer.parts.push_back({part_kind::text, "You said: " + facts.last_user_content, "", ""});
    }
}

void say(const scenario& act, const request_facts& facts, std::uint64_t dice,
         model_answer& answer) {
    if (act.thinking) {
        answer.parts.push_back({part_kind::thinking, *act.thinking, "", ""});
    }
    if (act.text_after_tools && !facts.tool_results.empty()) {
        answer.parts.push_back({part_kind::text, *act.text_after_tools, "", ""});
        return;
    }
    if (act.text) {
        answer.parts.push_back({part_kind::text, *act.text, "", ""});
    }
    for (const auto& call : act.tool_calls) {
        answer.parts.push_back(scripted_call(call, facts, dice));
    }
    if (!act.text && act.tool_calls.empty()) {
        make_up(facts, dice, answer);
    }
}

// A vector depends on the text and its place alone.
std::vector<float> embed(std::string_view text, std::size_t dimensions) {
    std::uint64_t state = 0;
    for (const unsigned char c : text) {
        state = mix(state + c);
    }
    std::vector<float> out(dimensions);
    for (auto& number : out) {
        state = mix(state);
        number = static_cast<float>(state >> 40) / static_cast<float>(1 << 23) - 1.0f;
    }
    return out;
}

}  // namespace

std::int64_t tokens_of(std::size_t bytes) {
    return static_cast<std::int64_t>((bytes + bytes_per_token - 1) / bytes_per_token);
}

// splitmix64
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

std::string_view error_words(const scenario& act) {
    return act.error_text ? std::string_view(*act.error_text) : reason_phrase(act.error_status);
}

void compose(const scenario& act, const request_facts& facts, std::uint64_t dice,
             model_answer& answer) {
    for (const auto& input : facts.inputs) {
        answer.vectors.push_back(
            embed(input, facts.dimensions > 0 ? facts.dimensions : usual_dimensions));
    }
    if (facts.inputs.empty()) {
        say(act, facts, dice, answer);
    }
    const bool calls = answer.has(part_kind::tool_call);
    answer.finish = act.finish.value_or(calls ? finish_reason::tool_calls : finish_reason::stop);
    answer.tokens.out = act.tokens_out.value_or(tokens_of(answer.size()));
    answer.tokens.cached_in = act.cached_tokens_in.value_or(0);
    answer.tokens.cache_write_in = act.cache_write_tokens_in.value_or(0);
    answer.tokens.reasoning =
        act.reasoning_tokens.value_or(act.thinking ? tokens_of(act.thinking->size()) : 0);
    answer.omits = act.omits;
}

}  // namespace simulator
