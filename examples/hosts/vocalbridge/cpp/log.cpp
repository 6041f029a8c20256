// Writes log lines.
#include "log.hpp"

#include <conclave/time.hpp>

#include <chrono>
#include <iostream>

namespace vocalbridge {

object log_line(std::string_view level) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    object line;
    line.text("time", conclave::to_iso8601(now)).text("level", level);
    return line;
}

void log(object line) { std::cout << line.str() + '\n' << std::flush; }

}  // namespace vocalbridge
