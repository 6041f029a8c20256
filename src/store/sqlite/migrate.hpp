// Brings a database to the schema of this version.
#pragma once

#include <conclave/result.hpp>
#include <conclave/time.hpp>

#include "store/migrations.hpp"
#include "store/sqlite/connection.hpp"

#include <span>

namespace conclave::store::sqlite {

/// Runs the migrations that the database lacks, each in its own transaction. The caller holds the
/// right to write. Errors: STORE_SCHEMA_NEWER; STORE_CORRUPT if the file is another program's
/// database, or has had other migrations under the same numbers; what a failing migration gives,
/// and then the database stays at the version before it. Throws sql::failure for all that SQLite
/// itself reports before a migration starts.
result<void> migrate(connection& c, std::span<const migration> known, timestamp now);

}  // namespace conclave::store::sqlite
