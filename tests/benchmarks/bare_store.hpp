// The bar to measure against: the two transactions of a send on bare SQLite, with group commit and
// nothing else: no tenants, no errors, no recovery.
#pragma once

#include "measure.hpp"

#include <memory>
#include <string>

namespace bench {

/// A store of the two transactions. T1: key, user message, hold. T2: answer of 1 KB, usage event,
/// roll-up, session, settled key.
class bare_store {
   public:
    /// In a new file.
    bare_store(const std::string& path, bool full);
    ~bare_store();

    /// Sends per second of `callers` threads, each waiting for its claim and then for its settle.
    throughput run(int callers, double seconds);

    /// How long the next claim of a single caller took, and then its settle, on his own thread.
    double claim_us();
    double settle_us();

   private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Durations of single durable commits of one small row, one at a time.
latencies run_single_commits(const std::string& path, int commits, bool full);

}  // namespace bench
