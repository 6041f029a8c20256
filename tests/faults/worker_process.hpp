// A kill_worker as its parent sees it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace conclave::faults {

/// What a worker tells its parent, one byte each, in this order of life.
enum class worker_event : char {
    opening = 'o',  ///< from here on it opens the database
    piece = 'p',    ///< a stream gave text
    effect = 'e',   ///< a tool has written its effect down, and has not answered yet
    result = 'r',   ///< a caller was told a result, and it is in the log
    closing = 'c',  ///< from here on it closes
};

/// How one worker is to run.
struct worker_orders {
    std::string world_file;
    std::string client_file;
    std::uint64_t seed = 0;
    int first_key = 0;
    int keys = 0;
    int threads = 0;  ///< 0: opens and closes, nothing else
    int sends = 0;    ///< of each thread
    std::string bug = "none";
};

class worker_process {
   public:
    /// Throws std::runtime_error.
    explicit worker_process(const worker_orders& orders);
    /// Kills it, if it lives.
    ~worker_process();
    worker_process(const worker_process&) = delete;
    worker_process& operator=(const worker_process&) = delete;

    /// Readable when there are events, or at its end.
    int events() const { return events_; }
    /// What it told since the last time. Never blocks.
    std::string take_events();
    /// True once its end of the events is closed.
    bool ended() const { return ended_; }

    /// kill -9, and waits for its end.
    void kill();
    /// Waits for its own end. False if that was anything but a clean exit.
    bool join();

   private:
    pid_t pid_ = -1;
    int events_ = -1;
    bool ended_ = false;
};

}  // namespace conclave::faults
