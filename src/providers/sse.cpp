// Reads event streams.
#include "providers/sse.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t kept_bytes = 4 * 1024;  ///< of a buffer that is empty

void release(std::string& buffer) {
    if (buffer.capacity() > kept_bytes)
        buffer = {};
    else
        buffer.clear();
}

/// Where the first line of a text ends; npos: not in it.
std::size_t find_line_end(std::string_view text) {
    const auto feed = text.find('\n');
    const auto carriage_return = text.substr(0, feed).find('\r');
    return carriage_return != std::string_view::npos ? carriage_return : feed;
}

}  // namespace

void sse_parser::finish() {
    finished_ = true;
    input_ = {};
}

std::optional<sse_event> sse_parser::next() {
    if (std::exchange(given_, false)) begin_event();
    while (!overflowed_) {
        const auto line = next_line();
        const bool flushed = !line && finished_ && has_data_;
        if (!line && !flushed) break;
        if (!flushed && !line->empty()) {
            overflowed_ = !take_field(*line);
            continue;
        }
        if (!has_data_) {
            begin_event();
            continue;
        }
        given_ = true;
        return sse_event{name_, data_in_input_.empty() ? std::string_view(data_) : data_in_input_,
                         id_};
    }
    // The input goes away now.
    data_ += std::exchange(data_in_input_, {});
    return std::nullopt;
}

std::optional<std::string_view> sse_parser::next_line() {
    if (std::exchange(line_ended_, false)) release(line_);
    if (after_return_ && !input_.empty()) {
        if (input_.front() == '\n') input_.remove_prefix(1);
        after_return_ = false;
    }
    const auto end = find_line_end(input_);
    if (end == std::string_view::npos) {
        keep_line(std::exchange(input_, {}));
        if (!finished_ || line_.empty()) return std::nullopt;
        line_ended_ = true;
        return line_;
    }
    auto line = input_.substr(0, end);
    after_return_ = input_[end] == '\r';
    input_.remove_prefix(end + 1);
    if (!line_.empty()) {
        keep_line(line);
        line_ended_ = true;
        line = line_;
    }
    overflowed_ = overflowed_ || line.size() > limits_.line_bytes;
    if (overflowed_) return std::nullopt;
    if (std::exchange(at_start_, false) && line.starts_with(byte_order_mark))
        line.remove_prefix(byte_order_mark.size());
    return line;
}

void sse_parser::keep_line(std::string_view part) {
    overflowed_ = overflowed_ || part.size() > limits_.line_bytes - line_.size();
    if (!overflowed_) line_ += part;
}

/// False if the event became too long.
bool sse_parser::take_field(std::string_view line) {
    const auto colon = std::min(line.find(':'), line.size());
    const auto field = line.substr(0, colon);
    auto value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") return take_data(value);
    if (field == "event") name_ = value;
    if (field == "id" && value.find('\0') == std::string_view::npos) id_ = value;
    return true;  // A comment has an empty name; what else there may be has no meaning here.
}

bool sse_parser::take_data(std::string_view value) {
    const bool in_input = !line_ended_;
    if (!std::exchange(has_data_, true)) {
        if (value.size() > limits_.event_bytes) return false;
        if (in_input)
            data_in_input_ = value;
        else
            data_ = value;
        return true;
    }
    data_ += std::exchange(data_in_input_, {});
    if (value.size() + 1 > limits_.event_bytes - data_.size()) return false;
    data_ += '\n';
    data_ += value;
    return true;
}

void sse_parser::begin_event() {
    name_.clear();
    release(data_);
    data_in_input_ = {};
    has_data_ = false;
}

}  // namespace conclave::providers
