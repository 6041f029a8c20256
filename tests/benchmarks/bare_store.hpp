// The bar to measure against: the two transactions of a send on bare SQLite, with group commit and
// nothing else: no tenants, no errors, no recovery.
#pragma once

#include "measure.hpp"

#include <memory>
#include <string>

namespace bench {

/// Sends per second of `callers` threads, each waiting for its claim and then for its settle.
/// T1: key, user message, hold. T2: answer of 1 KB, usage event, roll-up, session, settled key.
throughput run_bare_store(const std::string& path, int callers, double seconds, bool full);

/// One caller of the same two transactions who has something to do between them.
class bare_send {
   public:
    bare_send(const std::string& path, bool full);
    ~bare_send();

    /// How long the next one took: the caller's wait for the writer and back.
    double claim_us();
    /// Of the send claimed last.
    double settle_us();

   private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Durations of single durable commits of one small row, one at a time.
latencies run_single_commits(const std::string& path, int commits, bool full);

}  // namespace bench
