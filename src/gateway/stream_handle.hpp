// One consumer of a stream: its place at the engine and its wait.
#pragma once

#include <conclave/stream.hpp>

#include "gateway/handle.hpp"
#include "messaging/order.hpp"
#include "messaging/stream_log.hpp"
#include "runtime/stream_reader.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace conclave::gateway_detail {

/// Shared by all copies of a stream; keeps the gateway open. Thread-safe.
class stream_handle {
   public:
    static result<std::shared_ptr<stream_handle>> open(
        gateway_handle gateway, messaging::send_order order,
        std::optional<std::int64_t> deadline_ms,
        std::optional<messaging::stream_position> resume_after);
    ~stream_handle() { close(); }
    stream_handle(const stream_handle&) = delete;
    stream_handle& operator=(const stream_handle&) = delete;

    std::optional<stream_event> next();
    void start_next(completion<std::optional<stream_event>> done);
    void close();

   private:
    explicit stream_handle(gateway_handle g) : gateway_(std::move(g)) {}

    const gateway_handle gateway_;
    std::shared_ptr<runtime::stream_reader> reader_;
    runtime::engine::ticket ticket_ = 0;
};

}  // namespace conclave::gateway_detail
