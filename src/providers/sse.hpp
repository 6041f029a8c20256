// Server-sent events: bytes in any split go in, whole events come out.
#pragma once

#include "base/limits.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::providers {

struct sse_event {
    std::string_view name;  ///< empty if the event has none
    std::string_view data;  ///< its lines with a line feed between them
    std::string_view id;    ///< of the last event that had one
};

struct sse_limits {
    std::size_t line_bytes = limits::sse_line_bytes;
    std::size_t event_bytes = limits::sse_event_bytes;  ///< of the data of one event
};

/// Reads an event stream as the HTML standard has it, with any of its line ends. An event without
/// data is none. Does no I/O and keeps only what belongs to an unfinished event.
///
///     parser.feed(bytes);
///     while (const auto event = parser.next()) ...
class sse_parser {
   public:
    explicit sse_parser(sse_limits limits = {}) : limits_(limits) {}

    /// Gives the next piece, after next() has given nothing. The bytes must stay as they are until
    /// it does so again.
    void feed(std::string_view bytes) { input_ = bytes; }

    /// The peer has nothing more to say: an event that lacks its last line ends is whole now.
    void finish();

    /// The next event, nothing until there is more input. Its texts are valid until the next call.
    std::optional<sse_event> next();

    /// A line or an event was too long; no more events come.
    bool overflowed() const { return overflowed_; }

   private:
    std::optional<std::string_view> next_line();
    bool take_field(std::string_view line);
    bool take_data(std::string_view value);
    void keep_line(std::string_view part);
    void begin_event();

    sse_limits limits_;
    std::string_view input_;
    std::string line_;           ///< the beginning of a line whose end has not come
    bool line_ended_ = false;    ///< line_ was given out
    bool after_return_ = false;  ///< a line feed would belong to the line before
    bool at_start_ = true;       ///< nothing but a byte order mark was read
    bool finished_ = false;
    bool overflowed_ = false;

    std::string name_;
    std::string id_;
    std::string data_;
    std::string_view data_in_input_;  ///< in place of data_ while one line has it all
    bool has_data_ = false;
    bool given_ = false;  ///< the event was given out
};

}  // namespace conclave::providers
