// Limits of the vendor simulator; simulator_test checks each at the limit and one past it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulator {

/// Bytes of one request body; one more is answered 413.
inline constexpr std::size_t request_body_bytes_max = 8u << 20;
/// Header lines of one request; one more is answered 431.
inline constexpr std::size_t request_headers_max = 100;
/// Bytes of the request target and all header names and values together; one more is answered 431.
inline constexpr std::size_t request_header_bytes_max = 32u << 10;
/// Entries the journal in memory keeps; the oldest goes first. The counts stay exact.
inline constexpr std::size_t journal_entries_max = 10'000;
/// Bytes of request bodies the journal in memory keeps; the oldest entry goes first.
inline constexpr std::size_t journal_body_bytes_max = 32u << 20;
/// Scenarios in one control document.
inline constexpr std::size_t scenarios_max = 10'000;
/// Tool calls in one scenario.
inline constexpr std::size_t scripted_calls_max = 128;
/// Numbers of one embedding vector; more are refused with 400.
inline constexpr std::size_t dimensions_max = 4096;
/// Texts of one embedding request; more are refused with 400.
inline constexpr std::size_t inputs_max = 2048;
/// Largest latency, delay or token count a scenario may ask for.
inline constexpr std::int64_t scenario_number_max = 1'000'000'000;

}  // namespace simulator
