// The bar to measure against: the two transactions of a send on bare SQLite, with group commit and
// nothing else: no tenants, no errors, no recovery.
#pragma once

#include "measure.hpp"

#include <string>

namespace bench {

/// Sends per second of `callers` threads, each waiting for its claim and then for its settle.
/// T1: key, user message, hold. T2: answer of 1 KB, usage event, roll-up, session, settled key.
throughput run_bare_store(const std::string& path, int callers, double seconds, bool full);

/// Durations of single durable commits of one small row, one at a time.
latencies run_single_commits(const std::string& path, int commits, bool full);

}  // namespace bench
