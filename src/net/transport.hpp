// The seam through which bytes reach a provider: one HTTP exchange.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::net {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// One request. Times are milliseconds from the start of the exchange; 0 means no such limit.
struct http_request {
    std::string method = "POST";
    std::string url;  ///< http://host[:port]/path?query or https://...
    header_list headers;
    std::string body;
    std::int64_t connect_timeout_ms = 0;     ///< until the connection (and TLS) stands
    std::int64_t first_byte_timeout_ms = 0;  ///< from the written request to the first byte
    std::int64_t idle_timeout_ms = 0;        ///< between two reads of the answer
    std::int64_t total_timeout_ms = 0;       ///< for the whole exchange
};

struct http_head {
    int status = 0;
    header_list headers;  ///< names in lower case
};

/// Why an exchange ended without a complete answer.
enum class exchange_failure {
    none,
    resolve,
    connect,
    tls,    ///< hand-shake or certificate
    write,  ///< the request could not be written whole
    timeout,
    reset,      ///< the peer closed or reset before the answer was complete
    malformed,  ///< not HTTP
    too_large,  ///< a named limit of the answer was passed
    cancelled,
    bad_request,  ///< the URL or a header of ours cannot be sent
};

/// How an exchange ended.
struct exchange_end {
    exchange_failure failure = exchange_failure::none;
    /// False only if it is certain that not one byte of the request left: a repeat is safe.
    bool request_written = false;
    /// For people and logs, ours alone (never the peer's words).
    std::string message;
};

/// Receives one answer. All calls come on the executor, in order: at most one on_head, then bodies,
/// then exactly one on_end, after which the exchange is gone.
class exchange_sink {
   public:
    virtual ~exchange_sink() = default;
    virtual void on_head(const http_head& head) = 0;
    virtual void on_body(std::string_view bytes) = 0;
    virtual void on_end(const exchange_end& end) = 0;
};

/// A running exchange. Executor only.
class exchange {
   public:
    virtual ~exchange() = default;
    /// Closes the connection; on_end follows later with `cancelled`, never inside this call.
    virtual void cancel() = 0;
};

/// Carries exchanges out. `send` is called on the executor; the sink is never called inside it. The
/// sink is kept alive by the transport until on_end has returned; the returned handle may be
/// dropped at any time without effect on the exchange.
class transport {
   public:
    virtual ~transport() = default;
    virtual std::shared_ptr<exchange> send(http_request request,
                                           std::shared_ptr<exchange_sink> sink) = 0;
};

}  // namespace conclave::net
