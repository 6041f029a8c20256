// Structured log lines on standard output, one JSON object each.
#pragma once

#include "json_text.hpp"

#include <string_view>

namespace vocalbridge {

/// Begins a line with its time and level; `line` may add to it.
object log_line(std::string_view level);

/// Writes it.
void log(object line);

}  // namespace vocalbridge
