// Copies a database while it is in use.
#include "store/sqlite/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace conclave::store::sqlite {

namespace {

constexpr mode_t owner_only = 0600;

error no_backup(const std::string& reason) {
    return fail(errc::store_unavailable, "The backup cannot be written: " + reason);
}

error no_backup(int cause) { return no_backup(std::generic_category().message(cause) + "."); }

error taken() { return fail(errc::conflict, "There is a file at the path of the backup already."); }

/// A file under a provisional name, gone unless it was published.
class provisional_file {
   public:
    explicit provisional_file(std::string path)
        : path_(std::move(path)),
          descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only)) {}
    ~provisional_file() {
        if (!created()) return;
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }
    provisional_file(const provisional_file&) = delete;
    provisional_file& operator=(const provisional_file&) = delete;

    bool created() const { return descriptor_ >= 0; }
    const std::string& path() const { return path_; }
    bool sync() const { return ::fsync(descriptor_) == 0; }
    /// Gives the file its name, if that is free: 0 or the cause.
    int publish(const std::string& name) const {
        if (::link(path_.c_str(), name.c_str()) == 0) return 0;
        if (errno != EPERM && errno != EOPNOTSUPP) return errno;
        // Some file systems have no links.
        if (::access(name.c_str(), F_OK) == 0) return EEXIST;
        return ::rename(path_.c_str(), name.c_str()) == 0 ? 0 : errno;
    }

   private:
    const std::string path_;
    const int descriptor_;
};

void sync_directory(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

void copy_pages(connection& source, connection& target) {
    // A copy that does not end whole is removed: it needs no journal on disk.
    target.execute("PRAGMA journal_mode = MEMORY");
    sqlite3_backup* copy = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (!copy) throw failure_of(target.handle(), sqlite3_extended_errcode(target.handle()));
    sqlite3_backup_step(copy, -1);  // all pages; finish repeats the error
    const int code = sqlite3_backup_finish(copy);
    if (code != SQLITE_OK) throw failure_of(target.handle(), code);
}

}  // namespace

result<void> copy_database(connection& source, const std::string& path, const std::string& vfs,
                           const std::string& mark) {
    std::error_code code;
    const auto name = std::filesystem::absolute(path, code);
    if (path.empty() || code) return invalid("path", "needs the path of a new file");
    if (std::filesystem::exists(std::filesystem::symlink_status(name, code))) return taken();
    const provisional_file file(name.string() + "." + mark);
    if (!file.created()) return errno == EEXIST ? taken() : no_backup(errno);
    {
        connection target({.path = file.path(), .vfs = vfs});
        copy_pages(source, target);
    }
    if (!file.sync()) return no_backup(errno);
    if (const int cause = file.publish(name.string()); cause != 0)
        return cause == EEXIST ? taken() : no_backup(cause);
    sync_directory(name.parent_path().string());
    return {};
}

}  // namespace conclave::store::sqlite
