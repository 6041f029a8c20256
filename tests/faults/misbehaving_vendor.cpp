// Blocking sockets and a thread for each of them: there are few.
#include "faults/misbehaving_vendor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace faults {

bool vendor_wire::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void vendor_wire::half_close() const { ::shutdown(socket_, SHUT_WR); }

void vendor_wire::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void vendor_wire::close() {
    const std::lock_guard lock(closing_);
    if (socket_ >= 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

void vendor_wire::hang_up() {
    const std::lock_guard lock(closing_);
    ::shutdown(socket_, SHUT_RDWR);
}

void vendor_wire::wait_for_goodbye() const {
    while (!is_left_within(-1)) {
    }
}

bool vendor_wire::is_left_within(int wait_ms) const {
    pollfd waiting{socket_, POLLIN, 0};
    char ignored[4096];
    return ::poll(&waiting, 1, wait_ms) > 0 && ::recv(socket_, ignored, sizeof ignored, 0) <= 0;
}

bool vendor_wire::read_request(std::string& request) {
    constexpr std::string_view length = "content-length: ";
    for (;;) {
        if (const auto head = received_.find("\r\n\r\n"); head != received_.npos) {
            const auto at = received_.find(length);
            const auto body =
                at < head ? std::strtoul(received_.c_str() + at + length.size(), nullptr, 10) : 0;
            if (received_.size() >= head + 4 + body) {
                request = received_.substr(0, head + 4 + body);
                received_.erase(0, request.size());
                return true;
            }
        }
        char bytes[65536];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) {
            return false;
        }
        received_.append(bytes, static_cast<std::size_t>(got));
    }
}

misbehaving_vendor::misbehaving_vendor(behaviour answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

misbehaving_vendor::~misbehaving_vendor() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
        const std::lock_guard lock(mutex_);
        for (const auto& wire : wires_) {
            wire->hang_up();
        }
    }
    for (auto& server : servers_) {
        server.join();
    }
}

void misbehaving_vendor::accept_all() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) {
            return;
        }
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        auto& wire = *wires_.emplace_back(std::make_unique<vendor_wire>(socket));
        servers_.emplace_back([this, &wire] { serve(wire); });
    }
}

void misbehaving_vendor::serve(vendor_wire& wire) {
    std::string request;
    while (wire.is_open() && wire.read_request(request)) {
        answer_(wire, request, ++requests_);
    }
    wire.close();
}

}  // namespace faults
