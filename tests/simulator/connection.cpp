// Drives one connection.
#include "connection.hpp"

#include "limits.hpp"

#include <asio/buffer.hpp>
#include <asio/write.hpp>

#include <chrono>
#include <climits>
#include <utility>

namespace simulator {
namespace {

connection& owner(http_parser* parser) { return *static_cast<connection*>(parser->data); }

// Where a header's value is kept; null for one that nobody asks for.
std::string* slot_of(std::string& name, http_request& request) {
    for (auto& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return name == "authorization"     ? &request.authorization
           : name == "idempotency-key" ? &request.idempotency_key
           : name == "x-request-id"    ? &request.request_id
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

void connection::read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](asio::error_code error, std::size_t bytes) {
                                if (!error) {
                                    self->begin_ = 0;
                                    self->end_ = bytes;
                                    self->consume();
                                }
                            });
}

void connection::consume() {
    begin_ += http_parser_execute(&parser_, &callbacks, buffer_.data() + begin_, end_ - begin_);
    if (drop_unread_) {
        close();
    } else if (refusal_status_ != 0) {
        endpoints::refuse(refusal_status_, reason_phrase(refusal_status_), reply_);
        deliver();
    } else if (complete_) {
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
    if (reply_.latency_ms == 0) {
        send();
        return;
    }
    timer_.expires_after(std::chrono::milliseconds(reply_.latency_ms));
    timer_.async_wait([self = shared_from_this()](asio::error_code error) {
        if (!error) {
            self->send();
        }
    });
}

// Tries at once; the socket is non-blocking, and an answer nearly always fits its buffer.
void connection::send() {
    asio::error_code error;
    const auto bytes = socket_.write_some(asio::buffer(reply_.wire), error);
    if (bytes == reply_.wire.size()) {
        sent();
    } else if (!error || error == asio::error::would_block) {
        asio::async_write(socket_, asio::buffer(reply_.wire) + bytes,
                          [self = shared_from_this()](asio::error_code failure, std::size_t) {
                              if (!failure) {
                                  self->sent();
                              }
                          });
    }
}

void connection::sent() {
    asio::error_code ignored;
    switch (reply_.after) {
        case ending::keep:
            begin_request();
            begin_ < end_ ? consume() : read();
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
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](asio::error_code error, std::size_t) {
                                if (!error) {
                                    self->discard_until_closed();
                                }
                            });
}

void connection::close() {
    asio::error_code ignored;
    socket_.close(ignored);
}

}  // namespace simulator
