// The oracle of SEMANTICS section 6: three witnesses, and the rules that they must agree on.
#pragma once

#include <conclave/gateway.hpp>

#include "faults/crash_world.hpp"

#include <map>
#include <string>
#include <vector>

namespace conclave::faults {

/// Names the rule, the key and the facts: "O1 t0-k17: ...".
using findings = std::vector<std::string>;

struct witnesses {
    std::string journal_file;  ///< P: what vendors received
    std::string client_file;   ///< C: what callers were told
    std::string database;      ///< D
    bool strict = false;
    /// Every key that appears anywhere has come to its end.
    bool finished = false;
    /// Strict: calls that were allowed by hand, by resolve(retry).
    std::map<world_key, int> allowed_again = {};
};

/// O1 to O5, O7, O9 and O10, and T: tools have run as often as they may. Reads the database with a
/// connection of its own, which may be done beside open gateways. In the strict profile vendor-a is
/// taken for one that refuses every call.
findings judge(const witnesses& w);

/// O6: the invariants that do not hold.
findings broken_invariants(const gateway& gw);

/// O9 alone, of any database file.
findings unsound(const std::string& database);

/// Prints the first of them.
void show(const findings& found);

/// One text for all that a recovery must leave alone when it runs a second time.
std::string ledger_text(const std::string& database);

}  // namespace conclave::faults
