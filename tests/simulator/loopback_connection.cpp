// Blocking HTTP/1.1 over a POSIX socket.
#include "loopback_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace simulator {
namespace {

constexpr int wait_ms_max = 10'000;

std::string header_value(const std::string& head, std::string_view name) {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    const auto line = lower.find("\r\n" + std::string(name) + ": ");
    if (line == lower.npos) {
        return {};
    }
    const auto from = line + name.size() + 4;
    return lower.substr(from, lower.find("\r\n", from) - from);
}

}  // namespace

loopback_connection::loopback_connection(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

loopback_connection::~loopback_connection() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void loopback_connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return;
        }
        bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
}

bool loopback_connection::readable(int wait_ms) const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, wait_ms) > 0;
}

bool loopback_connection::fill(wire_answer& answer) {
    if (!readable(wait_ms_max)) {
        throw std::runtime_error("nothing arrived in time");
    }
    char bytes[65536];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    answer.reset = got < 0 && errno == ECONNRESET;
    received_.append(bytes, got < 0 ? 0 : static_cast<std::size_t>(got));
    return got > 0;
}

bool loopback_connection::fill_to(std::size_t bytes, wire_answer& answer) {
    while (received_.size() < bytes) {
        if (!fill(answer)) {
            return false;
        }
    }
    return true;
}

bool loopback_connection::take_line(std::string& line, wire_answer& answer) {
    std::size_t end = 0;
    while ((end = received_.find("\r\n")) == received_.npos) {
        if (!fill(answer)) {
            return false;
        }
    }
    line = received_.substr(0, end);
    received_.erase(0, end + 2);
    return true;
}

void loopback_connection::receive_chunks(wire_answer& answer) {
    std::string line;
    while (take_line(line, answer)) {
        const auto bytes = std::strtoul(line.c_str(), nullptr, 16);
        if (!fill_to(bytes + 2, answer)) {
            return;
        }
        answer.body += received_.substr(0, bytes);
        received_.erase(0, bytes + 2);
        if (bytes == 0) {
            answer.complete = true;
            return;
        }
    }
}

wire_answer loopback_connection::receive() {
    wire_answer answer;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == received_.npos) {
        if (!fill(answer)) {
            answer.head = std::move(received_);
            return answer;
        }
    }
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + answer.head.find(' '));
    if (header_value(answer.head, "transfer-encoding") == "chunked") {
        receive_chunks(answer);
        return answer;
    }
    const auto bytes =
        std::strtoul(header_value(answer.head, "content-length").c_str(), nullptr, 10);
    answer.complete = fill_to(bytes, answer);
    answer.body = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return answer;
}

wire_answer loopback_connection::receive_some() {
    wire_answer answer;
    if (received_.empty()) {
        fill(answer);
    }
    answer.body = std::move(received_);
    received_.clear();
    return answer;
}

void loopback_connection::leave() {
    ::close(socket_);
    socket_ = -1;
}

wire_answer loopback_connection::request(std::string_view method, std::string_view path,
                                         std::string_view body, std::string_view headers) {
    std::string bytes(method);
    bytes.append(" ").append(path).append(" HTTP/1.1\r\nhost: 127.0.0.1\r\n").append(headers);
    bytes.append("content-type: application/json\r\ncontent-length: ");
    bytes.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    send(bytes);
    return receive();
}

std::string loopback_connection::read_to_end() {
    wire_answer ignored;
    while (fill(ignored)) {
    }
    return std::move(received_);
}

}  // namespace simulator
