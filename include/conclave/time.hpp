// Points in time and calendar days, always UTC.
#pragma once

#include <conclave/export.hpp>
#include <conclave/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace conclave {

/// Milliseconds since 1970-01-01T00:00:00Z.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// A UTC calendar day.
using date = std::chrono::sys_days;

/// "2026-11-21T08:30:00.123Z".
CONCLAVE_API std::string to_iso8601(timestamp t);
/// "2026-11-21".
CONCLAVE_API std::string to_iso8601(date d);

/// Accepts the forms above (seconds fraction optional, `Z` required for a time). VALIDATION_ERROR
/// naming `field` otherwise, also for days that do not exist.
CONCLAVE_API result<timestamp> parse_timestamp(std::string_view text, std::string_view field);
CONCLAVE_API result<date> parse_date(std::string_view text, std::string_view field);

}  // namespace conclave
