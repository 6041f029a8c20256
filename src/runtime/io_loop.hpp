// The I/O thread: the executor of a real gateway, on Asio.
#pragma once

#include "base/executor.hpp"
#include "runtime/activity.hpp"
#include "runtime/clocks.hpp"
#include "runtime/timer_queue.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace conclave::runtime {

/// Runs tasks, timers and sockets on one thread. With a virtual clock its timers run only inside
/// `advance`; sockets stay real.
class io_loop final : public executor {
   public:
    /// `virtual_time` is the clock to move, or nullptr for the machine's time. `work`, used with
    /// virtual time only, counts the tasks posted.
    io_loop(const clock& clock, virtual_clock* virtual_time, activity& work);
    ~io_loop() override;

    void start();
    /// Ends the thread after the task that runs now; what is queued is dropped. Any thread but its
    /// own.
    void stop();
    bool on_thread() const { return std::this_thread::get_id() == thread_.get_id(); }
    asio::io_context& context() { return context_; }

    void post(completion<void> task) override;
    timer_id run_at(instant at, completion<void> task) override;
    void cancel(timer_id timer) override;

    /// Virtual time only: moves the clock by `ms`, running each timer at its time once all that
    /// came before has ended. Blocks; any thread but the loop's own.
    void advance(std::int64_t ms);

   private:
    void run_posted();
    void run_all(std::vector<completion<void>>& tasks);
    void arm();
    void run_due();
    bool run_next_until(instant target);

    const clock& clock_;
    virtual_clock* virtual_time_;
    activity& work_;
    asio::io_context context_{1};
    asio::steady_timer alarm_{context_};
    std::optional<instant> armed_;
    timer_queue timers_;
    std::mutex mutex_;
    std::vector<completion<void>> posted_;  ///< under mutex_
    bool running_posted_ = false;           ///< under mutex_: an Asio handler will run them all
    std::thread thread_;
};

}  // namespace conclave::runtime
