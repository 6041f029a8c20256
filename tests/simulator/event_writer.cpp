// Frames server-sent events.
#include "event_writer.hpp"

#include <utility>

namespace simulator {

void event_writer::add(std::string event) {
    events_.push_back(std::move(event));
    ++count_;
}

void event_writer::add(std::string_view name, std::string_view data, std::string_view newline) {
    std::string event;
    event.reserve(name.size() + data.size() + 20);
    if (!name.empty()) {
        event.append("event: ").append(name).append(newline);
    }
    add(std::move(event.append("data: ").append(data).append(newline).append(newline)));
}

std::optional<std::string> event_writer::take() {
    if (next_ == events_.size()) {
        events_.clear();
        next_ = 0;
        return std::nullopt;
    }
    return std::move(events_[next_++]);
}

}  // namespace simulator
