// Events of a stream that are printed and not yet sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// A step of an answer is told by few events, so few are held at a time.
class event_writer {
   public:
    event_writer() = default;
    /// For a stream that has told `count` events.
    explicit event_writer(std::size_t count) : count_(static_cast<std::int64_t>(count)) {}

    /// An event as it goes over the wire, its blank line included.
    void add(std::string event);
    /// Adds a server-sent event; `name` empty: only data.
    void add(std::string_view name, std::string_view data, std::string_view newline = "\n");

    /// How many were added since the stream began: the next event's sequence number.
    std::int64_t count() const { return count_; }

    /// The oldest event not yet taken.
    std::optional<std::string> take();

   private:
    std::vector<std::string> events_;
    std::size_t next_ = 0;
    std::int64_t count_ = 0;
};

}  // namespace simulator
