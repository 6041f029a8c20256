// The ledger's invariants, checked by query.
#pragma once

#include <conclave/check.hpp>

namespace conclave::store {

struct check_invariants {
    struct answer {
        check_report report;
    };
};

}  // namespace conclave::store
