// Folds the daily sums that the store keeps into the report that users read.
#pragma once

#include <conclave/usage.hpp>

#include "base/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace conclave::metering {

/// One stored row: the sums of a (day, provider, model, agent). A message whose events fall into
/// several rows is counted once for each scope: `messages` in each of its rows,
/// `messages_of_provider` in one row per provider, `messages_of_tenant` in one row.
struct rollup_row {
    date day{};
    std::string provider;
    std::string model;
    conclave::agent_id agent_id;
    std::string agent_name;
    std::int64_t messages = 0;
    std::int64_t messages_of_provider = 0;
    std::int64_t messages_of_tenant = 0;
    token_usage tokens;
    money cost;
    std::int64_t unpriced_tokens = 0;
};

/// Distinct sessions of each scope; what is absent counts as 0.
struct session_counts {
    std::int64_t tenant = 0;
    std::map<std::string, std::int64_t> by_provider;
    std::map<std::pair<std::string, std::string>, std::int64_t> by_model;  ///< (provider, model)
    std::map<conclave::agent_id, std::int64_t> by_agent;
    std::map<date, std::int64_t> by_day;
};

/// Adds a row to sums in which the message counts so often.
void add(usage_totals& sum, const rollup_row& row, std::int64_t messages);

/// Sums the rows, which may come in any order. Agents of equal cost stand in the order of their
/// ids.
usage_rollup fold(date_range range, std::span<const rollup_row> rows,
                  const session_counts& sessions, std::size_t top_agents = limits::top_agents);

}  // namespace conclave::metering
