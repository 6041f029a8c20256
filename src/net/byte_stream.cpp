// Bytes over one connected socket, plain or in TLS, without ever waiting.
#include "net/byte_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <cerrno>

namespace conclave::net {
namespace {

bool must_wait(int error_number) { return error_number == EAGAIN || error_number == EWOULDBLOCK; }

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

byte_stream::byte_stream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

byte_stream::~byte_stream() {
    if (tls_usable_) {
        SSL_shutdown(tls_.get());
        ERR_clear_error();
    }
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE on a closed connection.
BIO_METHOD* byte_stream::bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "conclave");
        BIO_meth_set_read(m, bio_read);
        BIO_meth_set_write(m, bio_write);
        BIO_meth_set_ctrl(m, bio_control);
        return m;
    }();
    return method;
}

int byte_stream::bio_read(BIO* bio, char* buffer, int size) {
    auto* stream = static_cast<byte_stream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto done = stream->receive(buffer, static_cast<std::size_t>(size));
    if (done.now == state::want_read) BIO_set_retry_read(bio);
    if (done.now == state::closed) return 0;
    return done.now == state::ok ? static_cast<int>(done.bytes) : -1;
}

int byte_stream::bio_write(BIO* bio, const char* bytes, int size) {
    auto* stream = static_cast<byte_stream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto done = stream->transmit(bytes, static_cast<std::size_t>(size));
    if (done.now == state::want_write) BIO_set_retry_write(bio);
    return done.now == state::ok ? static_cast<int>(done.bytes) : -1;
}

bool byte_stream::start_tls(std::unique_ptr<SSL, tls_deleter> tls) {
    BIO* bio = tls ? BIO_new(bio_method()) : nullptr;
    if (!bio) return false;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls.get(), bio, bio);
    tls_ = std::move(tls);
    return true;
}

byte_stream::outcome byte_stream::handshake() {
    ERR_clear_error();
    const auto done = tls_outcome(SSL_do_handshake(tls_.get()), 0);
    if (done.now == state::ok) tls_usable_ = true;
    return done;
}

byte_stream::outcome byte_stream::read(char* buffer, std::size_t size) {
    if (!tls_) return receive(buffer, size);
    ERR_clear_error();
    std::size_t bytes = 0;
    const int returned = SSL_read_ex(tls_.get(), buffer, size, &bytes);
    return tls_outcome(returned, bytes);
}

byte_stream::outcome byte_stream::write(std::string_view bytes) {
    if (!tls_) return transmit(bytes.data(), bytes.size());
    ERR_clear_error();
    std::size_t written = 0;
    const int returned = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written);
    return tls_outcome(returned, written);
}

byte_stream::outcome byte_stream::receive(char* buffer, std::size_t size) {
    for (;;) {
        const auto bytes = ::recv(socket_.native_handle(), buffer, size, 0);
        if (bytes > 0) return {state::ok, static_cast<std::size_t>(bytes)};
        if (bytes == 0) return {state::closed};
        if (errno == EINTR) continue;
        return {must_wait(errno) ? state::want_read : state::failed};
    }
}

byte_stream::outcome byte_stream::transmit(const char* bytes, std::size_t size) {
    for (;;) {
        const auto sent = ::send(socket_.native_handle(), bytes, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes_sent_ += static_cast<std::uint64_t>(sent);
            return {state::ok, static_cast<std::size_t>(sent)};
        }
        if (errno == EINTR) continue;
        return {must_wait(errno) ? state::want_write : state::failed};
    }
}

byte_stream::outcome byte_stream::tls_outcome(int returned, std::size_t bytes) {
    if (returned == 1) return {state::ok, bytes};
    switch (SSL_get_error(tls_.get(), returned)) {
        case SSL_ERROR_WANT_READ: return {state::want_read};
        case SSL_ERROR_WANT_WRITE: return {state::want_write};
        case SSL_ERROR_ZERO_RETURN: return {state::closed};
        default: break;
    }
    tls_usable_ = false;
    note_problem();
    ERR_clear_error();
    return {state::failed};
}

void byte_stream::note_problem() {
    const long verdict = SSL_get_verify_result(tls_.get());
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    if (verdict != X509_V_OK) {
        problem_ = X509_verify_cert_error_string(verdict);
    } else {
        problem_ = reason ? reason : "the peer closed the connection";
    }
}

}  // namespace conclave::net
