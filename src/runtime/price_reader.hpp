// Brings the prices in memory up to those of the store.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"
#include "base/task_pool.hpp"
#include "messaging/configuration.hpp"
#include "store/store.hpp"

namespace conclave::runtime {

/// Reads on one of `readers`; `done` runs once, on the executor, after `config` was changed there.
/// Everything named here outlives it.
void read_prices(store::store& store, task_pool& readers, executor& executor,
                 messaging::configuration& config, completion<result<void>> done);

}  // namespace conclave::runtime
