// Judges the SQLite version.
#include "store/sqlite/diagnosis.hpp"

#include <sqlite3.h>

namespace conclave::store {

namespace {

constexpr int wal_reset_race_fixed_in = 3'051'003;

}  // namespace

std::vector<std::string> sqlite_warnings() {
    std::vector<std::string> warnings;
    if (sqlite3_libversion_number() < wal_reset_race_fixed_in)
        warnings.push_back(std::string("SQLite ") + sqlite3_libversion() +
                           " has a rare race when the WAL is reset; 3.51.3 mends it");
    return warnings;
}

}  // namespace conclave::store
