// Usage: what was billed and what was spent.
#pragma once

#include <conclave/page.hpp>
#include <conclave/usage.hpp>

#include "metering/grouping.hpp"
#include "metering/rollup.hpp"
#include "model/tenant_scope.hpp"

#include <vector>

namespace conclave::store {

/// The rows of a range of days, from roll-ups alone.
struct read_rollup {
    tenant_scope scope;
    date from{};
    date to{};             ///< inclusive
    bool grouped = false;  ///< with what groups need to count sessions
    struct answer {
        bool tenant_found = false;
        std::vector<metering::rollup_row> rows;
        metering::session_counts sessions;
        std::vector<metering::session_day> session_days = {};
    };
};

struct list_usage_events {
    tenant_scope scope;
    date from{};
    date to{};
    page_request page;
    struct answer {
        bool tenant_found = false;
        conclave::page<usage_event> events;
    };
};

/// Every attempt that ended in a range of days, exposure included, one page at a time; the sums
/// cover the range.
struct read_spend {
    tenant_scope scope;
    date from{};
    date to{};
    page_request page;
    struct answer {
        bool tenant_found = false;
        spend_report report;
    };
};

}  // namespace conclave::store
