// Where the engine meets the repositories: one business transaction or query in, one answer out.
#pragma once

#include "store/batch.hpp"
#include "store/sql/driver.hpp"
#include "store/store.hpp"

namespace conclave::store {

/// Carries out one command inside the transaction that the engine has open. Throws sql::failure,
/// and then the engine rolls back. When the outcome is a refusal it has written nothing: a command
/// decides first and writes afterwards, since the first run of a batch has no savepoint around it.
/// It changes neither the command nor anything outside the connection, because the engine may run
/// the same command again.
///
/// Migration 0001 makes one table for the engine beside those of the repositories:
///
///     CREATE TABLE writer_mark (
///         owner TEXT PRIMARY KEY,   -- the instance that wrote
///         batch INTEGER NOT NULL    -- of its last COMMIT: tells after a failed one what stands
///     ) WITHOUT ROWID;
///
/// The engine writes its own row at the start of each batch, or leaves its number in the row of a
/// send (`batch::number_for`) where all members are steps of sends; `close_owner` deletes the row
/// of the owner it closes. No foreign key: the first batch of an instance is the one that registers
/// it. The table schema_migration belongs to the migration runner, which makes it.
command_outcome apply(batch& c, const command& work);

/// Answers one query inside a read transaction: all its reads see one point in time. Throws
/// sql::failure.
query_answer answer(sql::connection& c, const query& question);

}  // namespace conclave::store
