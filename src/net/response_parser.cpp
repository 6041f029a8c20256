// Bytes of a connection in, one HTTP/1.x answer out.
#include "net/response_parser.hpp"

#include "base/ascii.hpp"
#include "base/limits.hpp"

#include <charconv>
#include <utility>

namespace conclave::net {
namespace {

/// Status line and header lines without their text: "HTTP/1.1 200 " CRLF, and ": " CRLF.
constexpr std::size_t status_line_bytes = 15;
constexpr std::size_t header_line_bytes = 4;

// What on_headers_complete tells http_parser.
constexpr int has_no_body = 1;
constexpr int is_tunnel = 2;

}  // namespace

template <int (response_parser::*member)(std::string_view)>
int response_parser::data(http_parser* parser, const char* at, std::size_t size) {
    return (static_cast<response_parser*>(parser->data)->*member)({at, size});
}

template <int (response_parser::*member)()>
int response_parser::notify(http_parser* parser) {
    return (static_cast<response_parser*>(parser->data)->*member)();
}

const http_parser_settings& response_parser::settings() {
    static const http_parser_settings settings = [] {
        http_parser_settings s{};
        s.on_status = data<&response_parser::on_status>;
        s.on_header_field = data<&response_parser::on_name>;
        s.on_header_value = data<&response_parser::on_value>;
        s.on_headers_complete = notify<&response_parser::on_headers_complete>;
        s.on_body = data<&response_parser::on_body>;
        s.on_message_complete = notify<&response_parser::on_message_complete>;
        return s;
    }();
    return settings;
}

void response_parser::begin(listener& to, request_kind kind) {
    http_parser_init(&parser_, HTTP_RESPONSE);
    parser_.data = this;
    to_ = &to;
    kind_ = kind;
    head_.headers.clear();
    header_bytes_ = header_count_ = body_bytes_ = 0;
    value_seen_ = true;
    head_done_ = interim_ = complete_ = keep_alive_ = false;
    keep_alive_s_.reset();
    failure_ = exchange_failure::none;
    message_.clear();
}

response_parser::progress response_parser::feed(std::string_view bytes) {
    const auto used = http_parser_execute(&parser_, &settings(), bytes.data(), bytes.size());
    return {outcome(), used};
}

response_parser::state response_parser::finish() {
    http_parser_execute(&parser_, &settings(), nullptr, 0);
    const auto now = outcome();
    if (now != state::reading) return now;
    fail(exchange_failure::reset, "the peer closed the connection before it answered");
    return state::failed;
}

response_parser::state response_parser::outcome() {
    if (complete_) return state::complete;
    if (failure_ != exchange_failure::none) return state::failed;
    switch (HTTP_PARSER_ERRNO(&parser_)) {
        case HPE_OK: return state::reading;
        case HPE_CB_headers_complete:
        case HPE_CB_body: return state::stopped;
        case HPE_INVALID_EOF_STATE:
            fail(exchange_failure::reset, "the peer closed the connection within the answer");
            return state::failed;
        case HPE_HEADER_OVERFLOW:
            fail(exchange_failure::too_large, "the headers of the answer are too large");
            return state::failed;
        default:
            fail(exchange_failure::malformed,
                 std::string("the answer is not valid HTTP: ") +
                     http_errno_description(HTTP_PARSER_ERRNO(&parser_)));
            return state::failed;
    }
}

int response_parser::fail(exchange_failure failure, std::string message) {
    failure_ = failure;
    message_ = std::move(message);
    return -1;
}

int response_parser::count_header_bytes(std::size_t bytes) {
    header_bytes_ += bytes;
    if (header_bytes_ <= limits::response_header_bytes) return 0;
    return fail(exchange_failure::too_large, "the headers of the answer are too large");
}

int response_parser::on_status(std::string_view part) { return count_header_bytes(part.size()); }

int response_parser::on_name(std::string_view part) {
    if (value_seen_) {
        value_seen_ = false;
        if (++header_count_ > limits::response_headers) {
            return fail(exchange_failure::too_large, "the answer has too many headers");
        }
        if (count_header_bytes(header_line_bytes)) return -1;
        if (!head_done_) head_.headers.emplace_back();
    }
    if (!head_done_) {
        for (const char c : part) head_.headers.back().first += to_lower(c);
    }
    return count_header_bytes(part.size());
}

int response_parser::on_value(std::string_view part) {
    value_seen_ = true;
    if (!head_done_) head_.headers.back().second += part;
    return count_header_bytes(part.size());
}

int response_parser::on_headers_complete() {
    if (count_header_bytes(status_line_bytes)) return -1;
    if (parser_.http_major != 1 || status() < 100 || status() == 101) {
        return fail(exchange_failure::malformed, "the answer is not valid HTTP/1.1");
    }
    value_seen_ = true;
    interim_ = status() < 200;
    if (interim_) {
        head_.headers.clear();
        return has_no_body;
    }
    head_done_ = true;
    head_.status = status();
    for (auto& [name, value] : head_.headers) {
        value.erase(value.find_last_not_of(" \t") + 1);  // http_parser trims the front only
    }
    note_keep_alive();
    if (!to_->on_head(head_)) return -1;
    head_.headers.clear();
    if (kind_ == request_kind::tunnel && status() < 300) return is_tunnel;
    if (kind_ == request_kind::head || status() == 204 || status() == 304) return has_no_body;
    constexpr std::uint64_t unknown = ~std::uint64_t{0};
    if (parser_.content_length != unknown && parser_.content_length > limits::response_body_bytes) {
        return fail(exchange_failure::too_large, "the body of the answer is too large");
    }
    return 0;
}

int response_parser::on_body(std::string_view part) {
    body_bytes_ += part.size();
    if (body_bytes_ > limits::response_body_bytes) {
        return fail(exchange_failure::too_large, "the body of the answer is too large");
    }
    return to_->on_body(part) ? 0 : -1;
}

int response_parser::on_message_complete() {
    if (interim_) return 0;
    complete_ = true;
    keep_alive_ = http_should_keep_alive(&parser_) != 0;
    // Leaves what follows unread: it does not belong to this answer.
    http_parser_pause(&parser_, 1);
    return 0;
}

void response_parser::note_keep_alive() {
    constexpr std::string_view field = "timeout=";
    for (const auto& [name, value] : head_.headers) {
        if (name != "keep-alive") continue;
        const auto at = value.find(field);
        if (at == std::string::npos) return;
        std::int64_t seconds = 0;
        const char* end = value.data() + value.size();
        const char* begin = value.data() + at + field.size();
        if (std::from_chars(begin, end, seconds).ec == std::errc()) keep_alive_s_ = seconds;
        return;
    }
}

}  // namespace conclave::net
