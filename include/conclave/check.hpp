// What gateway.check() finds.
#pragma once

#include <string>
#include <vector>

namespace conclave {

/// One invariant of the ledger, for example "I2": the sums of events and roll-ups agree.
struct invariant {
    std::string name;
    std::string statement;
    bool ok = true;
    /// The rows that break it, at most 20, as text without content or secrets.
    std::vector<std::string> offending;
};

struct check_report {
    std::vector<invariant> invariants;
    bool ok() const {
        for (const auto& i : invariants)
            if (!i.ok) return false;
        return true;
    }
};

}  // namespace conclave
