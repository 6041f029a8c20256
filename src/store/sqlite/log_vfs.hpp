// Writes the log in few large pieces.
#pragma once

#include <string>

struct sqlite3;

namespace conclave::store::sqlite {

/// The name of a VFS that is `base` (empty: the default one) but for the write-ahead log. SQLite
/// writes each frame of the log with two system calls; here the frames of a transaction are
/// gathered and written together, at the latest when its last frame is there. So all of a commit is
/// in the file before any process can learn of it, as ever; what was not committed may be missing.
///
/// Whoever rolls back calls `discard_gathered` before, while the lock of the writer is held: SQLite
/// does not tell the file, and frames kept until later could fall on another writer's.
///
/// For the one connection that writes. Thread-safe; what it registers stays for ever.
std::string gathering_vfs(const std::string& base);

/// Forgets the frames that the open transaction of `db` has gathered. Does nothing for a connection
/// with another VFS.
void discard_gathered(sqlite3* db);

}  // namespace conclave::store::sqlite
