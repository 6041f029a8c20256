// A queue of events that wakes its host by a descriptor, a callback or a wait.
#pragma once

#include <conclave/error.hpp>
#include <conclave/result.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace conclave::capi {

/// What stands behind conclave_event before it is taken.
struct port_event {
    std::uint32_t kind = 0;
    std::uint64_t request = 0;
    std::uint64_t call = 0;
    std::int32_t status = 0;
    std::optional<std::string> document = {};
};

/// Thread-safe. Completions that the engine makes in one go wake the host once.
class port : public std::enable_shared_from_this<port> {
   public:
    port();
    ~port();
    port(const port&) = delete;
    port& operator=(const port&) = delete;

    /// Keeps a place for one completion; false if the port is closed or has too many under way.
    result<void> reserve();
    /// Takes the place that reserve kept.
    void complete(port_event e);
    /// Of a submit that failed after reserve.
    void give_back();
    /// Events that come in between; false, the event dropped, if the port is closed.
    bool push(port_event e);

    /// Nothing when none came in time. HANDLE_CLOSED.
    result<std::optional<port_event>> next(std::int64_t timeout_ms);

    int descriptor();  ///< -1: none
    void on_ready(void (*ready)(void*), void* user_data);
    void close();

    /// True in a child of the process that made it: its locks mean nothing there.
    bool forked() const;

   private:
    bool enqueue(port_event e);  ///< with mutex_ held
    void ring();                 ///< with mutex_ held: wakes the host
    port_event dequeue();        ///< with mutex_ held

    const std::int64_t process_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<port_event> events_;
    std::int64_t under_way_ = 0;
    int descriptor_ = -1;
    bool closed_ = false;
    bool rings_later_ = false;
    void (*ready_)(void*) = nullptr;
    void* user_data_ = nullptr;
};

}  // namespace conclave::capi
