// A vendor that sends exactly the bytes it is told to, whatever they are.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace faults {

/// The vendor's end of one connection. Used by the thread of that connection, but for hang_up.
class vendor_wire {
   public:
    explicit vendor_wire(int socket) : socket_(socket) {}
    ~vendor_wire() { close(); }
    vendor_wire(const vendor_wire&) = delete;
    vendor_wire& operator=(const vendor_wire&) = delete;

    /// False once the client has left.
    bool send(std::string_view bytes) const;
    /// Ends this side; the client may go on sending.
    void half_close() const;
    void reset();
    void close();
    /// Until the client leaves. What it says meanwhile is dropped.
    void wait_for_goodbye() const;
    /// True when the client leaves within that time.
    bool is_left_within(int wait_ms) const;

    /// Head and body of the next request; false when the client has left.
    bool read_request(std::string& request);

    bool is_open() const { return socket_ >= 0; }

    /// From any thread: wakes the one that waits here.
    void hang_up();

   private:
    int socket_;
    std::mutex closing_;  // the number may belong to somebody else at once
    std::string received_;
};

/// Listens on loopback, one thread per connection. A connection is kept as long as its answers
/// leave it open.
class misbehaving_vendor {
   public:
    /// Answers one request; `number` counts those of all connections, from 1.
    using behaviour =
        std::function<void(vendor_wire& to, const std::string& request, std::uint64_t number)>;

    explicit misbehaving_vendor(behaviour answer);
    ~misbehaving_vendor();
    misbehaving_vendor(const misbehaving_vendor&) = delete;
    misbehaving_vendor& operator=(const misbehaving_vendor&) = delete;

    std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::uint64_t requests() const { return requests_; }

   private:
    void accept_all();
    void serve(vendor_wire& wire);

    const behaviour answer_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<std::uint64_t> requests_{0};
    std::thread acceptor_;
    std::mutex mutex_;  // guards both below
    std::vector<std::thread> servers_;
    std::vector<std::unique_ptr<vendor_wire>> wires_;
};

}  // namespace faults
