// The transport over real sockets: HTTP/1.1 and TLS with kept connections.
#pragma once

#include <conclave/result.hpp>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/limits.hpp"
#include "net/transport.hpp"
#include "net/trusted_authorities.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace asio {
class io_context;
}

namespace conclave::net {

/// How a client reaches its peers.
struct http_client_options {
    trusted_authorities trust = {};
    /// http://[user:password@]host[:port]; empty: direct. Plain requests are forwarded by it, TLS
    /// goes through a tunnel.
    std::string proxy = {};
    /// Connections to one scheme, host and port; further exchanges wait in order of arrival.
    std::size_t max_connections_per_host = limits::connections_per_host;
    /// Of these, how many may be kept idle.
    std::size_t max_idle_per_host = 256;
    /// How long an idle connection is kept, less where the peer announces less; 0 keeps none.
    std::int64_t idle_keep_ms = 30'000;
};

/// Sends HTTP/1.1 requests, verifies every certificate, follows no redirect, asks for no
/// compression, and never sends a request twice. Bytes flow on `io`; timeouts are measured by
/// `now` and fired by `times`, so that a virtual clock drives them too. The thread that runs `io`
/// must be the one that runs the tasks of `times`, and every call belongs there. All three must
/// outlive the client and the calls of on_end that it posted.
class http_client final : public transport {
   public:
    /// Hosts remembered with their TLS sessions; beyond that those without connections are
    /// forgotten.
    static constexpr std::size_t remembered_hosts = 256;

    /// VALIDATION_ERROR naming `proxy` or the option of `trust`. Reads files, touches no network.
    static result<std::unique_ptr<http_client>> open(asio::io_context& io, executor& times,
                                                     const clock& now, http_client_options options);
    /// As close().
    ~http_client() override;

    std::shared_ptr<exchange> send(http_request request,
                                   std::shared_ptr<exchange_sink> sink) override;

    /// Ends all exchanges with `cancelled` (posted, not within this call) and closes all
    /// connections; later sends end at once in the same way. May be called twice.
    void close();

   private:
    class core;
    explicit http_client(std::unique_ptr<core> c);

    std::unique_ptr<core> core_;
};

}  // namespace conclave::net
