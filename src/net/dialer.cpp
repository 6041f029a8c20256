// Makes one connection: resolve, connect, tunnel, TLS.
#include "net/dialer.hpp"

#include "net/request_head.hpp"

#include <asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace conclave::net {

using asio::ip::tcp;

dialer::dialer(client_context& context, const url& address, tls_session_slot& slot)
    : context_(context),
      address_(address),
      slot_(slot),
      resolver_(context.io),
      socket_(context.io) {}

void dialer::start(completion<dialled> done) {
    done_ = std::move(done);
    const auto& host = context_.through ? context_.through->host : address_.host;
    const auto port = context_.through ? context_.through->port : address_.port;
    asio::error_code not_an_address;
    const auto literal = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        endpoints_.emplace_back(literal, port);
        asio::post(context_.io, [self = shared_from_this()] { self->connect_next(); });
        return;
    }
    resolver_.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [self = shared_from_this()](asio::error_code failed, const auto& found) {
            if (failed) return self->fail(exchange_failure::resolve, "the host name is not known");
            self->endpoints_.assign(found.begin(), found.end());
            self->connect_next();
        });
}

void dialer::cancel() {
    done_ = {};
    resolver_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
    stream_.reset();
}

void dialer::connect_next() {
    if (!done_) return;
    if (next_ == endpoints_.size()) {
        return fail(exchange_failure::connect, "no connection: " + last_error_.message());
    }
    const auto& endpoint = endpoints_[next_++];
    // Made here because Asio's own sockets are inherited by child processes.
    const int made = ::socket(endpoint.protocol().family(),
                              SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (made < 0) {
        last_error_ = {errno, asio::system_category()};
        return connect_next();
    }
    socket_.assign(endpoint.protocol(), made, last_error_);
    if (last_error_) {
        ::close(made);
        return connect_next();
    }
    socket_.async_connect(endpoint, [self = shared_from_this()](asio::error_code failed) {
        self->on_connect(failed);
    });
}

void dialer::on_connect(asio::error_code failed) {
    if (!done_) return;
    if (failed) {
        last_error_ = failed;
        asio::error_code ignored;
        socket_.close(ignored);
        return connect_next();
    }
    // After a connect Asio's reactor watches a socket for writability for good, which wakes it once
    // more for every wait; a new registration does not.
    const auto protocol = endpoints_[next_ - 1].protocol();
    tcp::socket socket(context_.io);
    const int connected = socket_.release(failed);
    if (!failed) socket.assign(protocol, connected, failed);
    if (failed) return fail(exchange_failure::connect, "no connection: " + failed.message());
    socket.set_option(tcp::no_delay(true), failed);
    socket.set_option(tcp::socket::keep_alive(true), failed);
    stream_ = std::make_unique<byte_stream>(std::move(socket));
    if (address_.tls) return context_.through ? begin_tunnel() : begin_tls();
    done_({std::move(stream_), exchange_failure::none, {}});
}

void dialer::begin_tunnel() {
    append_connect(tunnel_request_, address_, *context_.through);
    tunnel_answer_.begin(*this, response_parser::request_kind::tunnel);
    write_tunnel();
}

void dialer::write_tunnel() {
    while (tunnel_sent_ < tunnel_request_.size()) {
        const auto rest = std::string_view(tunnel_request_).substr(tunnel_sent_);
        const auto done = stream_->write(rest);
        if (done.now == byte_stream::state::want_write) {
            return wait(done.now, &dialer::write_tunnel);
        }
        if (done.now != byte_stream::state::ok) {
            return fail(exchange_failure::connect, "the proxy closed the connection");
        }
        tunnel_sent_ += done.bytes;
    }
    read_tunnel();
}

void dialer::read_tunnel() {
    auto& buffer = context_.read_buffer;
    const auto done = stream_->read(buffer.data(), buffer.size());
    if (done.now == byte_stream::state::want_read) return wait(done.now, &dialer::read_tunnel);
    if (done.now != byte_stream::state::ok) {
        return fail(exchange_failure::connect, "the proxy closed the connection");
    }
    const auto answer = tunnel_answer_.feed({buffer.data(), done.bytes});
    switch (answer.now) {
        case response_parser::state::reading:
            return wait(byte_stream::state::want_read, &dialer::read_tunnel);
        case response_parser::state::complete:
            // TLS servers wait for their client: bytes after the answer are no part of a tunnel.
            if (answer.used == done.bytes) return begin_tls();
            return fail(exchange_failure::connect, "the proxy sent more than its answer");
        case response_parser::state::stopped:
            return fail(exchange_failure::connect, "the proxy refused the tunnel with status " +
                                                       std::to_string(tunnel_answer_.status()));
        case response_parser::state::failed:
            return fail(exchange_failure::connect, "the proxy did not answer in HTTP");
    }
}

bool dialer::on_head(const http_head& head) { return head.status < 300; }

bool dialer::on_body(std::string_view) { return false; }

void dialer::begin_tls() {
    if (!context_.tls) {
        auto opened = tls_context::open(context_.options.trust);
        if (!opened) return fail(exchange_failure::tls, opened.error().message);
        context_.tls = *std::move(opened);
    }
    if (!stream_->start_tls(context_.tls->start(address_.host, slot_))) {
        return fail(exchange_failure::tls, "TLS cannot be set up");
    }
    handshake();
}

void dialer::handshake() {
    const auto done = stream_->handshake();
    switch (done.now) {
        case byte_stream::state::ok: return done_({std::move(stream_), exchange_failure::none, {}});
        case byte_stream::state::want_read:
        case byte_stream::state::want_write: return wait(done.now, &dialer::handshake);
        case byte_stream::state::closed:
            return fail(exchange_failure::tls, "TLS failed: the peer closed the connection");
        case byte_stream::state::failed:
            return fail(exchange_failure::tls, "TLS failed: " + stream_->problem());
    }
}

void dialer::wait(byte_stream::state wanted, step next) {
    const auto what =
        wanted == byte_stream::state::want_write ? tcp::socket::wait_write : tcp::socket::wait_read;
    stream_->socket().async_wait(what, [self = shared_from_this(), next](asio::error_code) {
        if (self->done_) (self.get()->*next)();
    });
}

void dialer::fail(exchange_failure failure, std::string message) {
    done_({nullptr, failure, std::move(message)});
}

}  // namespace conclave::net
