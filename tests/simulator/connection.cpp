// Drives one connection.
#include "connection.hpp"

#include "limits.hpp"

#include <asio/buffer.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <optional>
#include <utility>

namespace simulator {
namespace {

constexpr std::int64_t desertion_check_ms = 1000;
constexpr std::size_t turn_bytes_max = 256u << 10;

thread_local std::array<char, 65536> read_buffer;

connection& owner(http_parser* parser) { return *static_cast<connection*>(parser->data); }

// Where a header's value is kept; null for one that nobody asks for.
std::string* slot_of(std::string& name, http_request& request) {
    for (auto& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return name == "authorization"       ? &request.authorization
           : name == "idempotency-key"   ? &request.idempotency_key
           : name == "x-request-id"      ? &request.request_id
           : name == "x-api-key"         ? &request.api_key
           : name == "x-goog-api-key"    ? &request.api_key
           : name == "anthropic-version" ? &request.api_version
                                         : nullptr;
}

}  // namespace

const http_parser_settings connection::callbacks = [] {
    http_parser_settings out;
    http_parser_settings_init(&out);
    out.on_url = on_url;
    out.on_header_field = on_header_field;
    out.on_header_value = on_header_value;
    out.on_headers_complete = on_headers_complete;
    out.on_body = on_body;
    out.on_message_complete = on_message_complete;
    return out;
}();

connection::connection(asio::ip::tcp::socket socket, const endpoints& handler, std::uint64_t id)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), handler_(handler) {
    http_parser_init(&parser_, HTTP_REQUEST);
    parser_.data = this;
    request_.connection_id = id;
}

void connection::start() {
    asio::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    begin_request();
    read();
}

// Strings keep their capacity: after the first request of a connection nothing is allocated.
void connection::begin_request() {
    request_.url.clear();
    request_.body.clear();
    request_.authorization.clear();
    request_.idempotency_key.clear();
    request_.request_id.clear();
    request_.api_key.clear();
    request_.api_version.clear();
    header_name_.clear();
    in_header_value_ = false;
    headers_ = 0;
    header_bytes_ = 0;
    complete_ = false;
}

int connection::refuse(int status) {
    refusal_status_ = status;
    return 1;
}

bool connection::count_header_bytes(std::size_t bytes) {
    header_bytes_ += bytes;
    return header_bytes_ <= request_header_bytes_max;
}

int connection::on_url(http_parser* parser, const char* at, std::size_t length) {
    auto& self = owner(parser);
    self.request_.url.append(at, length);
    return self.count_header_bytes(length) ? 0 : self.refuse(431);
}

int connection::on_header_field(http_parser* parser, const char* at, std::size_t length) {
    auto& self = owner(parser);
    if (self.in_header_value_ || self.headers_ == 0) {
        self.in_header_value_ = false;
        self.header_name_.clear();
        ++self.headers_;
    }
    self.header_name_.append(at, length);
    const bool fits = self.count_header_bytes(length) && self.headers_ <= request_headers_max;
    return fits ? 0 : self.refuse(431);
}

int connection::on_header_value(http_parser* parser, const char* at, std::size_t length) {
    auto& self = owner(parser);
    if (!self.in_header_value_) {
        self.in_header_value_ = true;
        self.header_value_ = slot_of(self.header_name_, self.request_);
    }
    if (self.header_value_ != nullptr) {
        self.header_value_->append(at, length);
    }
    return self.count_header_bytes(length) ? 0 : self.refuse(431);
}

int connection::on_headers_complete(http_parser* parser) {
    auto& self = owner(parser);
    self.request_.method = http_method_str(static_cast<http_method>(parser->method));
    const bool has_length = parser->content_length != ULLONG_MAX;
    if (has_length && parser->content_length > request_body_bytes_max) {
        return self.refuse(413);
    }
    self.drop_unread_ = self.handler_.drops_unread(self.request_);
    return self.drop_unread_ ? -1 : 0;  // 1 would mean "no body follows"
}

int connection::on_body(http_parser* parser, const char* at, std::size_t length) {
    auto& self = owner(parser);
    if (self.request_.body.size() + length > request_body_bytes_max) {
        return self.refuse(413);
    }
    self.request_.body.append(at, length);
    return 0;
}

int connection::on_message_complete(http_parser* parser) {
    auto& self = owner(parser);
    self.complete_ = true;
    self.request_.keep_alive = http_should_keep_alive(parser) != 0;
    http_parser_pause(parser, 1);  // one request at a time; the rest waits in the buffer
    return 0;
}

// Waits without a buffer: a connection that is silent holds none.
void connection::read() {
    socket_.async_wait(
        asio::ip::tcp::socket::wait_read, [self = shared_from_this()](asio::error_code error) {
            if (error) {
                return;
            }
            const auto bytes = self->socket_.read_some(asio::buffer(read_buffer), error);
            if (!error) {
                self->consume({read_buffer.data(), bytes});
            } else if (error == asio::error::would_block) {
                self->read();
            }
        });
}

void connection::consume(std::string_view received) {
    const auto parsed = http_parser_execute(&parser_, &callbacks, received.data(), received.size());
    if (drop_unread_) {
        close();
    } else if (refusal_status_ != 0) {
        endpoints::refuse(refusal_status_, reason_phrase(refusal_status_), reply_);
        deliver();
    } else if (complete_) {
        unparsed_ = std::string(received.substr(parsed));
        http_parser_pause(&parser_, 0);
        handler_.answer(request_, reply_);
        deliver();
    } else if (const auto error = HTTP_PARSER_ERRNO(&parser_);
               error != HPE_OK || parser_.upgrade != 0) {
        endpoints::refuse(error == HPE_HEADER_OVERFLOW ? 431 : 400, http_errno_description(error),
                          reply_);
        deliver();
    } else {
        read();
    }
}

void connection::deliver() {
    position_ = 0;
    in_wire_ = 0;
    if (reply_.rest) {
        request_.body = {};  // a stream may last, and there may be many
    }
    reply_.latency_ms == 0 ? send() : send_after(reply_.latency_ms);
}

// Long waits are cut in pieces, so that a client that has left is noticed and its place is free.
void connection::send_after(std::int64_t delay_ms) {
    const auto slice_ms = std::min(delay_ms, desertion_check_ms);
    timer_.expires_after(std::chrono::milliseconds(slice_ms));
    timer_.async_wait(
        [self = shared_from_this(), left_ms = delay_ms - slice_ms](asio::error_code error) {
            if (error || (left_ms > 0 && self->is_deserted())) {
                return;
            }
            left_ms > 0 ? self->send_after(left_ms) : self->send();
        });
}

bool connection::is_deserted() {
    char byte = 0;
    asio::error_code error;
    socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error && error != asio::error::would_block;
}

// Gets the next piece once all is written. True when sending is to go on later, or is over.
bool connection::refill() {
    if (in_wire_ < reply_.wire.size() && position_ != reply_.cut_at) {
        return false;
    }
    const bool is_cut = position_ == reply_.cut_at;
    reply_.wire.clear();
    in_wire_ = 0;
    const auto pause_ms =
        reply_.rest && !is_cut ? reply_.rest->next(reply_.wire) : std::optional<std::int64_t>();
    if (!pause_ms) {
        reply_.rest.reset();
        sent();
        return true;
    }
    if (*pause_ms > 0) {
        send_after(*pause_ms);
        return true;
    }
    return false;
}

// How many bytes the next write may have.
std::size_t connection::due() const {
    auto bytes = reply_.wire.size() - in_wire_;
    if (reply_.bytes_per_write > 0) {
        bytes = std::min(bytes, reply_.bytes_per_write);
    }
    for (const auto& stop : {reply_.cut_at, reply_.stall_at}) {
        if (stop && *stop > position_) {
            bytes = std::min(bytes, *stop - position_);
        }
    }
    return bytes;
}

// Tries at once; the socket is non-blocking, and an answer nearly always fits its buffer. False
// when sending is to go on later.
bool connection::write_due(std::size_t bytes) {
    asio::error_code error;
    const auto written =
        socket_.write_some(asio::buffer(reply_.wire.data() + in_wire_, bytes), error);
    if (error && error != asio::error::would_block) {
        return false;  // the client has left, and with it the last holder of this connection
    }
    in_wire_ += written;
    position_ += written;
    if (error) {
        socket_.async_wait(asio::ip::tcp::socket::wait_write,
                           [self = shared_from_this()](asio::error_code failure) {
                               if (!failure) {
                                   self->send();
                               }
                           });
        return false;
    }
    return true;
}

void connection::send() {
    for (std::size_t turn = 0; turn < turn_bytes_max;) {
        if (refill()) {
            return;
        }
        if (position_ == reply_.stall_at) {
            reply_.stall_at.reset();
            send_after(reply_.stall_ms);
            return;
        }
        const auto bytes = due();
        if (!write_due(bytes)) {
            return;
        }
        turn += bytes;
        if (reply_.write_delay_ms > 0) {
            send_after(reply_.write_delay_ms);
            return;
        }
    }
    // An answer without end leaves room for the others.
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->send(); });
}

void connection::sent() {
    asio::error_code ignored;
    switch (reply_.after) {
        case ending::keep:
            begin_request();
            unparsed_.empty() ? read() : consume(std::exchange(unparsed_, {}));
            return;
        case ending::finish:
            // Closing with unread bytes would send RST and could destroy the answer on its way.
            socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
            discard_until_closed();
            return;
        case ending::hang: discard_until_closed(); return;
        case ending::reset:
            socket_.set_option(asio::socket_base::linger(true, 0), ignored);
            close();
            return;
        case ending::cut: close(); return;
    }
}

void connection::discard_until_closed() {
    socket_.async_wait(asio::ip::tcp::socket::wait_read,
                       [self = shared_from_this()](asio::error_code error) {
                           if (!error) {
                               self->socket_.read_some(asio::buffer(read_buffer), error);
                           }
                           if (!error || error == asio::error::would_block) {
                               self->discard_until_closed();
                           }
                       });
}

void connection::close() {
    asio::error_code ignored;
    socket_.close(ignored);
}

}  // namespace simulator
