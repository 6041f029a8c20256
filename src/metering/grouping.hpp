// Groups the daily sums of a bill by what a user asks for.
#pragma once

#include <conclave/result.hpp>
#include <conclave/usage.hpp>

#include "base/limits.hpp"
#include "metering/rollup.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace conclave::metering {

/// The sessions that became active on `day` in one scope: of the tenant, of a provider, of a model
/// (`name` is then its provider) or of an agent.
struct session_day {
    enum class of { tenant, provider, model, agent } scope = of::tenant;
    date day{};
    std::string name;
    std::string model;
    std::int64_t sessions = 0;
    bool first_in_range = false;  ///< of the days on which they were active
};

/// VALIDATION_ERROR naming group_by when a dimension comes twice.
result<void> check_grouping(std::span<const usage_dimension> group_by);

/// The groups that have rows, in order. VALIDATION_ERROR naming group_by beyond `groups_max`.
result<std::vector<usage_group>> group(std::span<const rollup_row> rows,
                                       std::span<const session_day> sessions,
                                       std::span<const usage_dimension> group_by,
                                       std::size_t groups_max = limits::usage_groups);

}  // namespace conclave::metering
