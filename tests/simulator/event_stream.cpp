// Takes events from the steps of an answer, or from a scripted body.
#include "event_stream.hpp"

#include "compose.hpp"

#include <utility>

namespace simulator {

event_stream::event_stream(const dialect& shape, model_answer answer, scenario_ptr act,
                           std::atomic<std::int64_t>& open)
    : shape_(shape),
      answer_(std::move(answer)),
      act_(std::move(act)),
      open_(open),
      steps_(answer_, act_->chunks, act_->endless) {
    ++open_;
}

event_stream::~event_stream() { --open_; }

// Prints the failure or the next step; false when all is told.
bool event_stream::tell_next() {
    if (has_failed_) {
        return false;
    }
    const auto step = steps_.next();
    if (!step) {
        return false;
    }
    shape_.tell(answer_, *step, writer_);
    is_delta_ = step->kind == step_kind::delta;
    return true;
}

std::optional<std::string> event_stream::take_scripted() {
    const auto& body = *act_->body;
    if (scripted_ == body.size()) {
        return std::nullopt;
    }
    std::size_t end = body.size();
    for (const std::string_view blank : {"\n\n", "\r\n\r\n"}) {
        if (const auto at = body.find(blank, scripted_); at < end) {
            end = at + blank.size();
        }
    }
    is_delta_ = true;
    return body.substr(std::exchange(scripted_, end), end - scripted_);
}

std::optional<std::string> event_stream::take() {
    if (act_->error_after_events && taken_ == *act_->error_after_events && !has_failed_) {
        has_failed_ = true;
        is_delta_ = false;
        writer_ = event_writer(taken_);
        shape_.tell(answer_, {act_->error_status, error_words(*act_), -1}, writer_);
    }
    if (act_->body) {
        return take_scripted();
    }
    auto event = writer_.take();
    while (!event && tell_next()) {
        event = writer_.take();
    }
    if (event && act_->malformed && is_delta_ && !std::exchange(is_malformed_, true)) {
        const auto end = event->find_last_not_of("\r\n") + 1;
        event->erase(end / 2, end - end / 2);
    }
    return event;
}

std::int64_t event_stream::pause() {
    std::int64_t out = 0;
    if (is_delta_) {
        out += std::exchange(had_delta_, true) ? act_->chunk_delay_ms : 0;
    }
    const auto stall_at = act_->stall_after_events.value_or(1);
    return out + (stall_at == taken_ && !act_->stall_after_bytes ? act_->stall_ms : 0);
}

std::optional<std::int64_t> event_stream::next(std::string& wire) {
    if (is_over_) {
        return std::nullopt;
    }
    if (act_->spoilt == fault::drop_after_events && taken_ == act_->drop_after_events) {
        is_over_ = true;
        return std::nullopt;
    }
    const auto event = take();
    const auto wait_ms = event ? pause() : 0;
    append_chunk(wire, event.value_or(""));
    if (event) {
        ++taken_;
    } else {
        is_over_ = true;
        wire += act_->trailing_garbage ? trailing_garbage : "";
    }
    return wait_ms;
}

}  // namespace simulator
