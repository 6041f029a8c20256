// Changes SQLite's default VFS.
#include "faults/default_vfs.hpp"

#include <sqlite3.h>

namespace conclave::faults {

default_vfs::default_vfs(const std::string& name) : before_(sqlite3_vfs_find(nullptr)) {
    sqlite3_vfs_register(sqlite3_vfs_find(name.c_str()), 1);
}

default_vfs::~default_vfs() { sqlite3_vfs_register(static_cast<sqlite3_vfs*>(before_), 1); }

}  // namespace conclave::faults
