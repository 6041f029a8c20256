// What all connections of one client share.
#pragma once

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/limits.hpp"
#include "net/http_client.hpp"
#include "net/lazy_timer.hpp"
#include "net/proxy.hpp"
#include "net/tls_context.hpp"

#include <asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

namespace conclave::net {

struct client_context {
    asio::io_context& io;
    executor& times;
    const clock& now;
    http_client_options options;
    std::optional<proxy> through;
    std::unique_ptr<tls_context> tls;  ///< null until the first connection needs it
    /// One buffer serves all reads: what is read is parsed before the next handler runs.
    std::array<char, 64 * 1024> read_buffer;
    /// Lent to the connection that is writing, so that waiting ones hold none.
    std::string write_buffer;

    /// Now plus a timeout; 0 is never.
    instant after(std::int64_t timeout_ms) const {
        if (timeout_ms <= 0) return lazy_timer::never;
        const auto bounded = std::min(timeout_ms, limits::policy_time_ms);
        return now.elapsed() + std::chrono::milliseconds(bounded);
    }
};

}  // namespace conclave::net
