// A blocking HTTP/1.1 connection for tests that look at the wire itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// One answer as it came.
struct wire_answer {
    int status = 0;  ///< 0 when the connection ended before a whole header block
    std::string head;
    std::string body;       ///< with chunked transfer encoding undone
    bool complete = false;  ///< every announced byte came
    bool reset = false;     ///< the connection ended with RST, not with FIN
};

/// A TCP connection to 127.0.0.1. Not thread-safe. Calls block, at most ten seconds each; then, and
/// when the connection cannot be made, they throw std::runtime_error.
class loopback_connection {
   public:
    explicit loopback_connection(std::uint16_t port);
    ~loopback_connection();
    loopback_connection(const loopback_connection&) = delete;
    loopback_connection& operator=(const loopback_connection&) = delete;

    /// Sends raw bytes; a connection already broken by the peer is not an error here.
    void send(std::string_view bytes);
    /// Reads one answer. Bytes after it stay for the next one.
    wire_answer receive();
    /// Whatever bytes come next, headers and framing included, in `body`.
    wire_answer receive_some();
    /// Closes this side for good.
    void leave();
    /// Sends a request with a body and reads the answer. `headers` are lines ended by CR LF.
    wire_answer request(std::string_view method, std::string_view path, std::string_view body = {},
                        std::string_view headers = {});

    /// True when something arrives within `wait_ms`, be it bytes or the end of the connection.
    bool readable(int wait_ms) const;
    /// Everything up to the end of the connection.
    std::string read_to_end();

   private:
    bool fill(wire_answer& answer);
    bool fill_to(std::size_t bytes, wire_answer& answer);
    bool take_line(std::string& line, wire_answer& answer);
    void receive_chunks(wire_answer& answer);

    int socket_;
    std::string received_;
};

}  // namespace simulator
