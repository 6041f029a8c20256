// What models and tools say to one another, as JSON.
#pragma once

#include <conclave/tool.hpp>

#include "json/value.hpp"
#include "json/writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace conclave::json {

/// The arguments of a call as a model wrote them, without superfluous space where they are JSON;
/// "{}" for none.
std::string tidy_arguments(std::string_view text);
/// Whether tidy arguments are an object, as those of a tool must be.
bool are_arguments(std::string_view tidy);

/// `{"id", "name", "arguments"}`; arguments that are no object are a string.
void print(writer& w, const tool_call& call);
std::string print_tool_calls(const std::vector<tool_call>& calls);
/// Reads what print_tool_calls wrote; what is no call is left out.
std::vector<tool_call> read_tool_calls(const value& list);
std::vector<tool_call> read_tool_calls(std::string_view text);

/// `[{"tool_call_id", "content"}]`.
std::string print_tool_results(const std::vector<tool_result>& results);
std::vector<tool_result> read_tool_results(std::string_view text);

/// `[{"title", "url", "snippet"}]`; empty for none.
std::string print_sources(const std::vector<source>& sources);
std::vector<source> read_sources(std::string_view text);

}  // namespace conclave::json
