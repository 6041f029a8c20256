// Writes the log in few large pieces.
#pragma once

#include <string>

namespace conclave::store::sqlite {

/// The name of a VFS that is `base` (empty: the default one) but for the write-ahead log. SQLite
/// writes each frame of the log with two system calls; here the frames of a transaction are
/// gathered and written together, at the latest when its last frame is there. So all of a commit is
/// in the file before any process can learn of it, as ever; what was not committed may be missing.
///
/// For the one connection that writes. Thread-safe; what it registers stays for ever.
std::string gathering_vfs(const std::string& base);

}  // namespace conclave::store::sqlite
