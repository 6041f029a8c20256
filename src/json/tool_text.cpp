// Prints and reads tool calls and their results.
#include "json/tool_text.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"

#include <utility>

namespace conclave::json {

namespace {

std::string text_at(const value& v, std::string_view key) {
    const auto* found = find(v, key);
    const auto* text = found != nullptr ? found->as_string() : nullptr;
    return text != nullptr ? *text : std::string();
}

std::string arguments_at(const value& v) {
    const auto* found = find(v, "arguments");
    if (found == nullptr) return "{}";
    if (const auto* text = found->as_string()) return *text;
    return print(*found);
}

const array* as_list(const result<value>& parsed) { return parsed ? parsed->as_array() : nullptr; }

}  // namespace

std::string tidy_arguments(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
    auto parsed = parse(text, "arguments");
    if (!parsed || parsed->as_object() == nullptr) return std::string(text);
    return print(*parsed);
}

bool are_arguments(std::string_view tidy) {
    const auto parsed = parse(tidy, "arguments");
    return parsed && parsed->as_object() != nullptr;
}

void print(writer& w, const tool_call& call) {
    w.begin_object().key("id").string(call.id).key("name").string(call.name).key("arguments");
    if (are_arguments(call.arguments))
        w.raw(call.arguments);
    else
        w.string(call.arguments);
    w.end_object();
}

std::string print_tool_calls(const std::vector<tool_call>& calls) {
    writer w(calls.size() * 128 + 2);
    w.begin_array();
    for (const auto& call : calls) print(w, call);
    w.end_array();
    return std::move(w).text();
}

std::vector<tool_call> read_tool_calls(const value& list) {
    std::vector<tool_call> calls;
    const auto* items = list.as_array();
    if (items == nullptr) return calls;
    for (const auto& item : *items)
        if (item.as_object() != nullptr)
            calls.push_back({text_at(item, "id"), text_at(item, "name"), arguments_at(item)});
    return calls;
}

std::vector<tool_call> read_tool_calls(std::string_view text) {
    const auto parsed = parse(text, "tool_calls");
    return parsed ? read_tool_calls(*parsed) : std::vector<tool_call>();
}

std::string print_tool_results(const std::vector<tool_result>& results) {
    writer w;
    w.begin_array();
    for (const auto& r : results) {
        w.begin_object().key("tool_call_id").string(r.tool_call_id);
        w.key("content").string(r.content).end_object();
    }
    w.end_array();
    return std::move(w).text();
}

std::vector<tool_result> read_tool_results(std::string_view text) {
    std::vector<tool_result> results;
    const auto parsed = parse(text, "tool_results");
    const auto* items = as_list(parsed);
    if (items == nullptr) return results;
    for (const auto& item : *items)
        results.push_back({text_at(item, "tool_call_id"), text_at(item, "content")});
    return results;
}

std::string print_sources(const std::vector<source>& sources) {
    if (sources.empty()) return {};
    writer w;
    w.begin_array();
    for (const auto& s : sources) {
        w.begin_object().key("title").string(s.title).key("url").string(s.url);
        w.key("snippet").string(s.snippet).end_object();
    }
    w.end_array();
    return std::move(w).text();
}

std::vector<source> read_sources(std::string_view text) {
    std::vector<source> sources;
    if (text.empty()) return sources;
    const auto parsed = parse(text, "sources");
    const auto* items = as_list(parsed);
    if (items == nullptr) return sources;
    for (const auto& item : *items)
        sources.push_back({text_at(item, "title"), text_at(item, "url"), text_at(item, "snippet")});
    return sources;
}

}  // namespace conclave::json
