// Brings the events of a stream to a port, as many as were asked for.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/stream.hpp>

#include "capi/src/port.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace conclave::capi {

/// Pulls one event at a time. Thread-safe.
class stream_pump : public std::enable_shared_from_this<stream_pump> {
   public:
    /// `done` gets the reply's document, or why there is none; once, after the last event.
    stream_pump(message_stream stream, std::shared_ptr<port> target, std::uint64_t request,
                completion<result<std::string>> done);

    void pull(std::uint32_t count);
    /// The consumer goes away: CANCELLED, unless the end came first.
    void cancel();
    /// The gateway was closed: HANDLE_CLOSED, for a stream that nobody pulls.
    void end_closed();

   private:
    void next();
    void arrive(std::optional<stream_event> e);
    void end(result<std::string> outcome);

    message_stream stream_;
    const std::shared_ptr<port> target_;
    const std::uint64_t request_;
    std::mutex mutex_;
    completion<result<std::string>> done_;
    std::uint64_t wanted_ = 0;
    bool pulling_ = false;
    bool ended_ = false;
};

}  // namespace conclave::capi
