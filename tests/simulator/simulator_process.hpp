// Starts the vendor simulator for a test and stops it with the test.
#pragma once

#include "simulator/loopback_connection.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// A running vendor_simulator. Methods block, may be called from any thread, and throw
/// std::runtime_error when the simulator does not answer or refuses a control document.
///
/// The simulator leaves when this object is destroyed, and also when this process dies in any way.
class simulator_process {
   public:
    /// Returns once the simulator accepts connections. `arguments` are added to its command line,
    /// for example {"--seed", "7", "--no-quirks", "--journal-file", path}.
    explicit simulator_process(std::vector<std::string> arguments = {});
    ~simulator_process();
    simulator_process(const simulator_process&) = delete;
    simulator_process& operator=(const simulator_process&) = delete;

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return pid_; }
    /// "http://127.0.0.1:PORT", without a slash at the end.
    std::string base_url() const;

    /// Applies a control document (README.md lists its fields).
    void control(std::string_view document) const;
    /// Clears scenarios, journal, counts and the journal file; requests are numbered from 1 again.
    void reset() const;
    /// JSON array of the requests received.
    std::string journal_text() const;
    /// Requests received by one vendor, by its name in README.md.
    std::uint64_t count(std::string_view target) const;

   private:
    void start(const std::vector<std::string>& arguments, const std::string& port_file);
    void await_port(const std::string& port_file);
    void stop();
    std::string call(std::string_view method, std::string_view path,
                     std::string_view body = {}) const;

    pid_t pid_ = -1;
    int lifeline_ = -1;  // the simulator's stdin; it leaves when this end is gone
    std::uint16_t port_ = 0;
};

}  // namespace simulator
