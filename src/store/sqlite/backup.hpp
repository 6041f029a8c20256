// Copies a database while it is in use.
#pragma once

#include <conclave/result.hpp>

#include "store/sqlite/connection.hpp"

#include <string>

namespace conclave::store::sqlite {

/// Copies what `source` sees at one point in time into a new file at `path`, for its owner alone
/// (0600) and synced. The name appears once the copy is whole. `mark` tells apart the half-done
/// copies of several engines. Errors: CONFLICT if the path is taken, STORE_UNAVAILABLE,
/// STORE_BUSY; then no file is left. Throws sql::failure for what SQLite reports.
result<void> copy_database(connection& source, const std::string& path, const std::string& vfs,
                           const std::string& mark);

}  // namespace conclave::store::sqlite
