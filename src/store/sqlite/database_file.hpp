// The database as files of the system: where it may lie, its permissions, whether it was replaced.
#pragma once

#include <conclave/result.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace conclave::store::sqlite {

/// True for the f_type of a file system on which locks or shared memory of different machines, or
/// of a user-space server, cannot be trusted.
bool is_network_file_system(std::int64_t type);

/// Names one file of the kernel.
struct file_identity {
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const file_identity&) const = default;
};

class database_file {
   public:
    /// Creates the file, for its owner alone (0600), unless it exists; an existing one keeps its
    /// permissions. Errors: VALIDATION_ERROR for an empty path, UNSUPPORTED on a network file
    /// system unless allowed, STORE_UNAVAILABLE with the reason.
    static result<database_file> open(const std::string& path, bool allow_network_fs);

    /// Absolute and free of links: a host that changes its directory keeps its database, and all
    /// names of a file lead to the same locks.
    const std::string& path() const { return path_; }
    std::string lock_path() const { return path_ + "-lock"; }
    /// Permissions for what lies beside it.
    mode_t mode() const { return mode_; }

    /// False once the path names another file, or none: someone moved, deleted or replaced it.
    bool same_database() const;
    /// The same for the write-ahead log, since it was first asked about after forget_log().
    bool same_log();
    void forget_log() { log_.reset(); }

   private:
    database_file() = default;

    std::string path_;
    std::string log_path_;
    mode_t mode_ = 0;
    file_identity database_;
    std::optional<file_identity> log_;
};

}  // namespace conclave::store::sqlite
