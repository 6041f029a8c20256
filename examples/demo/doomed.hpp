// A second process of the demo that dies in the middle of a send.
#pragma once

#include <conclave/conclave.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace demo {

/// What the doomed process is to send, and where.
struct doomed_send {
    std::string store;
    std::string simulator;
    std::string tenant;
    std::string session;
    std::string content;
    std::string key;
};

/// This program again, as another process on the same file, that sends.
class doomed_process {
   public:
    explicit doomed_process(const doomed_send& what);
    ~doomed_process();
    doomed_process(const doomed_process&) = delete;
    doomed_process& operator=(const doomed_process&) = delete;

    pid_t pid() const { return pid_; }
    /// kill -9, and waits until it is gone. Returns the signal it died of, 0 if it had ended
    /// before.
    int kill();

   private:
    pid_t pid_ = -1;
};

/// If these arguments were given by doomed_process: sends, and does not come back.
void be_doomed(const std::vector<std::string>& arguments);

}  // namespace demo
