// A council's options as the contract's JSON document, and back.
#pragma once

#include <conclave/council.hpp>
#include <conclave/result.hpp>

#include "json/value.hpp"
#include "json/writer.hpp"

#include <string>

namespace conclave::json {

/// Reads the form alone; what the values may be is judged elsewhere (agents/council_rule.hpp).
/// VALIDATION_ERROR naming the field below `path`, also for a council inside a council.
result<council_options> read_council(const value& document, const std::string& path);

/// All options, the same text for equal ones.
void print(writer& w, const council_options& o);
std::string print_council(const council_options& o);

}  // namespace conclave::json
