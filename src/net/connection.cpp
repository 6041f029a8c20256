// One connection to a host: carries one exchange at a time.
#include "net/connection.hpp"

#include "net/host_pool.hpp"
#include "net/request_head.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <utility>

namespace conclave::net {
namespace {

/// Bodies up to this size are copied behind the head and leave in one write with it.
constexpr std::size_t joined_body_bytes = 16 * 1024;
/// Reads in a row before other connections get their turn.
constexpr int reads_in_a_row = 16;
/// How much earlier than the peer announces an idle connection is closed: a request that crosses
/// the peer's close on its way is lost, and may not be repeated.
constexpr std::int64_t keep_margin_ms = 1'000;

}  // namespace

connection::connection(client_context& context, host_pool& pool)
    : context_(context),
      pool_(pool),
      timer_(context.times, context.now, [this] { on_deadline(); }) {}

void connection::open(std::shared_ptr<http_exchange> first) {
    exchange_ = std::move(first);
    exchange_->set_holder(this);
    enter(phase::dialing, exchange_->connect_at);
    dialer_ = std::make_shared<dialer>(context_, pool_.address(), pool_.session());
    dialer_->start([this](dialled d) { on_dialled(std::move(d)); });
}

void connection::on_dialled(dialled d) {
    const auto self = shared_from_this();
    dialer_.reset();
    if (!d.stream) return fail(d.failure, std::move(d.message));
    stream_ = std::move(d.stream);
    run(std::move(exchange_));
}

bool connection::still_idle() {
    // Not into the shared buffer: the bytes of another connection may be under the parser.
    char byte = 0;
    return stream_->read(&byte, 1).now == byte_stream::state::want_read;
}

void connection::run(std::shared_ptr<http_exchange> next) {
    exchange_ = std::move(next);
    exchange_->set_holder(this);
    sent_before_ = stream_->bytes_sent();
    const bool head = exchange_->request.method == "HEAD";
    parser_.begin(
        *this, head ? response_parser::request_kind::head : response_parser::request_kind::usual);
    serialise();
    wait_readable();
    flush();
}

void connection::serialise() {
    const auto& request = exchange_->request;
    const bool forward = context_.through && !exchange_->address.tls;
    head_.swap(context_.write_buffer);
    head_.clear();
    append_head(head_, request, exchange_->address, forward ? &*context_.through : nullptr);
    written_ = 0;
    to_write_ = head_.size() + request.body.size();
    if (request.body.size() <= joined_body_bytes) head_ += request.body;
    write_failed_ = false;
}

void connection::flush() {
    while (written_ < to_write_) {
        const auto rest =
            written_ < head_.size()
                ? std::string_view(head_).substr(written_)
                : std::string_view(exchange_->request.body).substr(written_ - head_.size());
        const auto done = stream_->write(rest);
        switch (done.now) {
            case byte_stream::state::ok: written_ += done.bytes; continue;
            case byte_stream::state::want_write: wait_writable(); [[fallthrough]];
            case byte_stream::state::want_read:
                return enter(phase::writing,
                             context_.after(exchange_->request.first_byte_timeout_ms));
            case byte_stream::state::closed:
            case byte_stream::state::failed:
                // The peer may have answered before it closed: that answer comes first.
                write_failed_ = true;
                enter(phase::writing, lazy_timer::never);
                asio::post(context_.io, [self = shared_from_this()] { self->on_readable(); });
                return;
        }
    }
    on_written();
}

void connection::on_written() {
    head_.swap(context_.write_buffer);
    std::string().swap(exchange_->request.body);
    enter(phase::awaiting, context_.after(exchange_->request.first_byte_timeout_ms));
}

void connection::wait_readable() {
    if (std::exchange(read_awaited_, true)) return;
    stream_->socket().async_wait(asio::ip::tcp::socket::wait_read,
                                 [self = shared_from_this()](asio::error_code) {
                                     self->read_awaited_ = false;
                                     self->on_readable();
                                 });
}

void connection::wait_writable() {
    if (std::exchange(write_awaited_, true)) return;
    stream_->socket().async_wait(asio::ip::tcp::socket::wait_write,
                                 [self = shared_from_this()](asio::error_code) {
                                     self->write_awaited_ = false;
                                     if (self->phase_ == phase::writing) self->flush();
                                 });
}

void connection::on_readable() {
    switch (phase_) {
        case phase::dialing:
        case phase::closed: return;
        case phase::idle: return on_idle_readable();
        case phase::writing:
            if (!write_failed_) flush();
            break;
        case phase::awaiting:
        case phase::reading: break;
    }
    read_answer();
}

void connection::on_idle_readable() {
    if (!still_idle()) return close();
    wait_readable();
}

void connection::read_answer() {
    auto& buffer = context_.read_buffer;
    for (int i = 0; i < reads_in_a_row; ++i) {
        const auto done = stream_->read(buffer.data(), buffer.size());
        switch (done.now) {
            case byte_stream::state::ok: {
                if (!consume({buffer.data(), done.bytes})) return;
                const bool drained = done.bytes < buffer.size() && !stream_->holds_bytes();
                if (drained && !write_failed_) return wait_readable();
                continue;
            }
            case byte_stream::state::want_read:
            case byte_stream::state::want_write:
                if (write_failed_) return on_broken();
                return wait_readable();
            case byte_stream::state::closed: return on_end_of_stream();
            case byte_stream::state::failed: return on_broken();
        }
    }
    asio::post(context_.io, [self = shared_from_this()] { self->on_readable(); });
}

bool connection::consume(std::string_view bytes) {
    const auto answer = parser_.feed(bytes);
    switch (answer.now) {
        case response_parser::state::stopped: return false;
        case response_parser::state::failed:
            fail(parser_.failure(), parser_.message());
            return false;
        case response_parser::state::complete: complete(answer.used == bytes.size()); return false;
        case response_parser::state::reading: break;
    }
    if (phase_ != phase::writing) {
        enter(phase::reading, context_.after(exchange_->request.idle_timeout_ms));
    }
    return true;
}

bool connection::on_head(const http_head& head) {
    exchange_->sink().on_head(head);
    return exchange_ != nullptr;
}

bool connection::on_body(std::string_view bytes) {
    exchange_->sink().on_body(bytes);
    return exchange_ != nullptr;
}

void connection::on_end_of_stream() {
    switch (parser_.finish()) {
        case response_parser::state::complete: return complete(false);
        case response_parser::state::stopped: return;
        case response_parser::state::reading:
        case response_parser::state::failed: break;
    }
    if (write_failed_) return on_broken();
    fail(parser_.failure(), parser_.message());
}

void connection::on_broken() {
    if (write_failed_) {
        return fail(exchange_failure::write, "the peer closed the connection within the request");
    }
    fail(exchange_failure::reset, "the connection broke before the answer was complete");
}

void connection::complete(bool nothing_left) {
    const auto ended = std::move(exchange_);
    const bool written = request_written();
    const auto idle_ms = keep_ms(nothing_left);
    if (idle_ms > 0) {
        enter(phase::idle, context_.after(idle_ms));
        wait_readable();
        if (!pool_.offer(*this)) shut();
    } else {
        shut();
    }
    ended->finish({exchange_failure::none, written, {}});
}

std::int64_t connection::keep_ms(bool nothing_left) const {
    const bool whole = nothing_left && written_ == to_write_ && parser_.keep_alive();
    if (!whole || stream_->holds_bytes()) return 0;
    const auto own_ms = context_.options.idle_keep_ms;
    const auto peer_s = parser_.keep_alive_s();
    if (!peer_s) return own_ms;
    const auto bounded_s = std::min(*peer_s, limits::policy_time_ms);
    return std::min(own_ms, bounded_s * 1'000 - keep_margin_ms);
}

void connection::fail(exchange_failure failure, std::string message) {
    const auto ended = std::move(exchange_);
    const bool written = request_written();
    shut();
    ended->finish({failure, written, std::move(message)});
}

void connection::cancel(http_exchange&) {
    const auto self = shared_from_this();
    const auto ended = std::move(exchange_);
    const bool written = request_written();
    shut();
    ended->finish_later(exchange_failure::cancelled, written, "the exchange was cancelled");
}

void connection::close() {
    const auto self = shared_from_this();
    if (exchange_) return cancel(*exchange_);
    shut();
}

void connection::shut() {
    if (std::exchange(phase_, phase::closed) == phase::closed) return;
    timer_.cancel();
    if (dialer_) dialer_->cancel();
    dialer_.reset();
    stream_.reset();
    pool_.gone(*this);
}

void connection::enter(phase next, instant ends_at) {
    phase_ = next;
    timer_.set(exchange_ ? std::min(ends_at, exchange_->total_at) : ends_at);
}

void connection::on_deadline() {
    const auto self = shared_from_this();
    if (phase_ == phase::idle) return shut();
    const char* message = "the exchange took too long as a whole";
    if (context_.now.elapsed() < exchange_->total_at) {
        switch (phase_) {
            case phase::dialing: message = "no connection stood in time"; break;
            case phase::reading: message = "the answer paused for too long"; break;
            case phase::writing:
            case phase::awaiting:
            case phase::idle:
            case phase::closed: message = "no byte of the answer came in time"; break;
        }
    }
    fail(exchange_failure::timeout, message);
}

}  // namespace conclave::net
