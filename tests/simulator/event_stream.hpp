// A streamed answer: which event comes next, after which pause, and where it goes wrong.
#pragma once

#include "dialect.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace simulator {

/// Makes each event only when it is due, so a stream that waits holds its answer and little else.
class event_stream final : public body_stream {
   public:
    /// Counts itself in `open` as long as it lives; both must outlive it.
    event_stream(const dialect& shape, model_answer answer, scenario_ptr act,
                 std::atomic<std::int64_t>& open);
    ~event_stream() override;
    event_stream(const event_stream&) = delete;
    event_stream& operator=(const event_stream&) = delete;

    std::optional<std::int64_t> next(std::string& wire) override;

   private:
    std::optional<std::string> take();
    std::optional<std::string> take_scripted();
    bool tell_next();
    std::int64_t pause();

    const dialect& shape_;
    const model_answer answer_;
    const scenario_ptr act_;
    std::atomic<std::int64_t>& open_;
    answer_steps steps_;
    event_writer writer_;
    std::size_t taken_ = 0;     // events
    std::size_t scripted_ = 0;  // bytes of a scripted body
    bool is_delta_ = false;     // the latest event
    bool had_delta_ = false;    // some event
    bool has_failed_ = false;
    bool is_malformed_ = false;
    bool is_over_ = false;
};

}  // namespace simulator
