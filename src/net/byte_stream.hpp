// Bytes over one connected socket, plain or in TLS, without ever waiting.
#pragma once

#include "net/tls_context.hpp"

#include <asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace conclave::net {

/// Every call does what can be done at once and says what to wait for. Holds no buffers of its own
/// while it waits. Not thread-safe.
class byte_stream {
   public:
    enum class state {
        ok,
        want_read,   ///< repeat when the socket is readable
        want_write,  ///< repeat when the socket is writable
        closed,      ///< the peer has closed in order
        failed       ///< reset, or a TLS error: problem() says which
    };
    struct outcome {
        state now;
        std::size_t bytes = 0;
    };

    explicit byte_stream(asio::ip::tcp::socket socket);
    /// Says goodbye where TLS stands, then closes.
    ~byte_stream();
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;

    /// From now on all bytes go through `tls`. Then repeat handshake() until it is ok.
    bool start_tls(std::unique_ptr<SSL, tls_deleter> tls);
    outcome handshake();

    outcome read(char* buffer, std::size_t size);
    /// May take fewer bytes than given. Never raises SIGPIPE.
    outcome write(std::string_view bytes);

    /// True when a read may succeed although the socket is not readable.
    bool holds_bytes() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }
    /// Bytes handed to the kernel so far, TLS's own included.
    std::uint64_t bytes_sent() const { return bytes_sent_; }
    /// Why TLS failed, in our words.
    const std::string& problem() const { return problem_; }

    asio::ip::tcp::socket& socket() { return socket_; }

   private:
    static BIO_METHOD* bio_method();
    static int bio_read(BIO* bio, char* buffer, int size);
    static int bio_write(BIO* bio, const char* bytes, int size);

    outcome receive(char* buffer, std::size_t size);
    outcome transmit(const char* bytes, std::size_t size);
    outcome tls_outcome(int returned, std::size_t bytes);
    void note_problem();

    asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, tls_deleter> tls_;
    std::uint64_t bytes_sent_ = 0;
    bool tls_usable_ = false;
    std::string problem_;
};

}  // namespace conclave::net
